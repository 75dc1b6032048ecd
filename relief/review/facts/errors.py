"""What goes wrong with the facts of a case, and with decisions that differ from the rule."""

from relief.core.errors import Conflict, Invalid


class NoRule(Conflict):
    code = "scheme-without-rule"
    title = "这个救助项目没有计算规则，由审批人说明理由后决定，不登记事实"


class FactNotAsked(Invalid):
    """Only what the rule needs is collected (个人信息保护法第六条)."""

    code = "fact-not-asked"
    title = "计算规则不需要这项事实，不得收集（个人信息保护法第六条）"


class FactOutOfBounds(Invalid):
    code = "fact-out-of-bounds"
    title = "事实的值不在可登记的范围内"


class FactTwice(Invalid):
    code = "fact-twice"
    title = "同一项事实在一次登记中出现了两次"


class DepartureUnexplained(Invalid):
    """Who departs from what the rule says writes why (B17: the amount is not the rule's)."""

    code = "departure-unexplained"
    title = "决定与计算规则的结果不一致，须写明偏离的理由"
