"""What goes wrong in the registry."""

from relief.core.errors import Conflict, Invalid, NotFound


class HouseholdNotFound(NotFound):
    code = "household-not-found"
    title = "没有这户家庭"


class PersonNotFound(NotFound):
    code = "person-not-found"
    title = "没有这个人"


class RestsOnIt(Conflict):
    code = "something-rests-on-it"
    title = "有待遇、决定或付款以此为依据，不能改变"


class Undecided(Conflict):
    code = "goes-to-nobody"
    title = "有关联事项不能确定归谁，请先处理"


class NothingToUnmask(Invalid):
    code = "nothing-to-unmask"
    title = "请选择要查看的项目"


class UnknownPurpose(Invalid):
    code = "unknown-purpose"
    title = "请选择查询目的"


class RemarkMissing(Invalid):
    code = "remark-missing"
    title = "查询目的选“其他”时，请在备注中写明，至少 4 个字"


class NumberInRemark(Invalid):
    code = "number-in-remark"
    title = "备注中不能填写身份证号、电话、银行账号等 11 位以上的号码"


class NoDay(Invalid):
    code = "no-day"
    title = "请至少选择一个日期"


class DayToCome(Invalid):
    code = "day-to-come"
    title = "不能查看今天以后的日期"
