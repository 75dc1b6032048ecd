"""Why a row of a file of assignments is rejected, and what else can be wrong with one."""

from relief.core.errors import Invalid, NotFound


class HouseholdUnsaid(Invalid):
    code = "helper-row-no-household"
    title = "户编号和家庭成员身份证号须至少填写一项"


class NumberUnreadable(Invalid):
    code = "helper-row-number"
    title = "户编号或家庭成员身份证号不正确"


class HouseholdUnknown(NotFound):
    code = "helper-row-household"
    title = "您的工作区划内没有这一户"


class HouseholdsDiffer(Invalid):
    code = "helper-row-households-differ"
    title = "户编号和家庭成员身份证号不是同一户"


class DayUnreadable(Invalid):
    code = "helper-row-day"
    title = "日期无法识别"


class FirstUnreadable(Invalid):
    code = "helper-row-first"
    title = "“第一联系人”请填是或否"


class ReasonShort(Invalid):
    code = "helper-row-reason"
    title = "“超过上限的理由”至少写两个字"


class HelperFileNotFound(NotFound):
    code = "helper-file-not-found"
    title = "没有这份帮扶安排文件"
