"""What the rules on reducing and stopping refuse, and by which rule."""

from relief.core.errors import Conflict, Invalid


class NothingRuns(Conflict):
    code = "nothing-runs"
    title = "这个申请事项没有正在享受的待遇"


class ChangeOpen(Conflict):
    code = "change-open"
    title = "已有一项减发或停发正在办理"


class NoChangeOpen(Conflict):
    code = "change-not-open"
    title = "没有正在办理的减发或停发"


class NotReduced(Invalid):
    code = "not-reduced"
    title = "减发后的金额须大于零并低于现在的金额；停发不写金额"


class WrongExcuse(Invalid):
    """Nobody need be heard on death or on one's own written wish, and that is to be shown."""

    code = "wrong-excuse"
    title = "不听取意见的，须写明死亡或者本人书面意愿的凭据；因死亡的只能停发"


class ServedBefore(Conflict):
    code = "served-before"
    title = "已经登记过送达"


class ServiceDay(Invalid):
    code = "service-day"
    title = "送达日期不能早于提出之日，也不能晚于今天"


class NotServed(Conflict):
    """Silence counts only after a notice that is proved to have arrived."""

    code = "notice-not-served"
    title = "须先送达听取意见通知书并登记凭据，才能登记意见（社会救助法第四十八条）"


class StillTime(Conflict):
    code = "time-to-answer"
    title = "答复期限未满，不能登记为逾期未答复"


class HeardBefore(Conflict):
    code = "heard-before"
    title = "已经登记过意见"


class ViewsNotHeard(Conflict):
    """Who is to get less, or nothing, is heard before (社会救助法第四十八条)."""

    code = "views-not-heard"
    title = "减发、停发之前须听取当事人的意见并作记录（社会救助法第四十八条）"
