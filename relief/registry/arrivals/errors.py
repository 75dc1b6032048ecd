"""Why records are not taken."""

from relief.core.errors import Conflict, Invalid


class RowsRefused(Invalid):
    code = "records-refused"
    title = "没有一条记录能够入库"


class RollByRecords(Invalid):
    code = "records-are-a-roll"
    title = "名册须整份导入：逐条报送无法说明谁已不在名册上"


class SchemeBusy(Conflict):
    code = "scheme-is-being-imported"
    title = "正在导入这个项目的文件，请稍后再报送"
