"""What the checks refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden, Held, Invalid, NotFound


class CheckBlocked(Held, Conflict):
    """Something is to be mended first; the detail says what, and by which rule."""

    code = "check-blocked"
    title = "核验未通过，请先改正"


class DoubtsOpen(Held, Conflict):
    """A grant waits until every doubt is verified; a refusal does not."""

    code = "doubts-open"
    title = "还有疑点没有核实排除，不能同意救助"


class FindingNotFound(NotFound):
    code = "finding-not-found"
    title = "这个申请事项没有这个疑点"


class NothingToAnswer(Conflict):
    code = "finding-not-open"
    title = "这个疑点已经核实排除或已经消失，或不需要核实"


class VerifierDecides(Forbidden):
    """Who verified a doubt does not decide the case.

    Source: 行政事业单位内部控制规范（试行）, 财会〔2012〕21号, article 12 (1).
    """

    code = "verifier-decides"
    title = (
        "核实疑点的人不得作出审核确认"
        "（不相容岗位分离：行政事业单位内部控制规范（试行）第十二条，财会〔2012〕21号）"
    )


class NotOfFamily(Invalid):
    code = "not-of-family"
    title = "授权人不是申请家庭的成员"


class SignedLater(Invalid):
    code = "signed-later"
    title = "授权书的签署日期不能晚于今天"


class PapersHeld(Conflict):
    """The platform has what the papers say that are asked for; who insists says why."""

    code = "papers-held"
    title = "要求提供的材料系统已有，不得要求申请人提供"
