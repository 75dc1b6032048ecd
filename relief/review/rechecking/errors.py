"""What the rules on re-checks refuse, and by which rule."""

from relief.core.errors import Conflict, Invalid


class NoRecheckDue(Conflict):
    code = "no-recheck"
    title = "这个申请事项没有待做的定期核查"


class WrongRhythm(Invalid):
    code = "recheck-rhythm"
    title = "这个救助项目没有这种核查周期"
