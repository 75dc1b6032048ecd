"""What the rules on extension refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden


class NotExtendable(Conflict):
    """The procedure names no extended limit, or the stage runs its full days as it is."""

    code = "not-extendable"
    title = "这个办理流程没有规定可以延长办理期限"


class ExtensionAsked(Conflict):
    code = "extension-asked-before"
    title = "已经提出过延长办理期限；每个申请事项只能提出一次"


class ExtensionLate(Conflict):
    """What has passed is late, and is not mended by an extension."""

    code = "extension-late"
    title = "期限已过，不能再延长；逾期的如实记为逾期"


class NothingToAnswer(Conflict):
    code = "extension-not-asked"
    title = "没有待批准的延长申请"


class OwnExtension(Forbidden):
    """Who asks does not agree (不相容岗位分离)."""

    code = "own-extension"
    title = "提出延长的人不得自己批准（不相容岗位分离）"


class NotSuperior(Forbidden):
    code = "not-superior"
    title = "延长办理期限须由承办部门的上一级审批人批准"
