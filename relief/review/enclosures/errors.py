"""What the rules on what is handed in with a case refuse."""

from relief.core.errors import Conflict, Invalid, NotFound


class EnclosureNotFound(NotFound):
    code = "enclosure-not-found"
    title = "没有这份材料，或者它已经撤下"


class EnclosureIdTaken(Conflict):
    """An id made by a client stands for one file of one case, for ever."""

    code = "enclosure-id-taken"
    title = "这个编号已用于另一份材料，请刷新页面后重新上传"


class EnclosureRepeated(Conflict):
    code = "enclosure-repeated"
    title = "同一个文件已经收存在本申请事项中，不必重复上传"


class EnclosureUntitled(Invalid):
    code = "enclosure-untitled"
    title = "请写明材料名称（2 至 80 个字），例如“残疾人证首页”"
