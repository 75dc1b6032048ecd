"""What goes wrong where a known value is corrected, or a roster is asked for."""

from relief.core.errors import Conflict, Forbidden, Invalid


class NoRoster(Conflict):
    code = "no-roster"
    title = "这个救助项目不是按名单录入的"


class NoDepartment(Forbidden):
    code = "account-no-department"
    title = "您的账号没有指定部门，不能按名单录入申请，请联系安全管理员"


class NothingKnown(Invalid):
    code = "nothing-to-correct"
    title = "没有可以更正的已知值，请按新情况登记"


class WrongCorrection(Invalid):
    code = "wrong-correction"
    title = "更正的内容不符合要求"
