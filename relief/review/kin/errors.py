"""What the rules on close relatives refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden, Held, Invalid


class KinOfCase(Held, Forbidden):
    """Nobody acts in a case of their own kin (民发〔2021〕57号第十一条; recusal)."""

    code = "kin-of-case"
    title = "您与申请家庭有近亲属关系，应当回避（民发〔2021〕57号第十一条）"


class StoodBack(Forbidden):
    code = "stood-back"
    title = "您已回避这个申请事项，不能再办理"


class StoodBackBefore(Conflict):
    code = "stood-back-before"
    title = "您已回避这个申请事项"


class KinVisitMissing(Held, Conflict):
    """The county visits every home that is filed as of kin (民发〔2021〕57号第二十条)."""

    code = "kin-visit-missing"
    title = "近亲属单独登记备案的家庭，县级须先入户调查，才能审核确认（民发〔2021〕57号第二十条）"


class VisitedBefore(Conflict):
    code = "kin-visited-before"
    title = "已经登记过县级入户调查"


class NotKin(Conflict):
    code = "not-kin"
    title = "这个申请事项没有近亲属备案，不需要登记县级入户调查"


class TwoVisitors(Invalid):
    """A visit is made by two persons at least (民发〔2021〕57号第十六条)."""

    code = "two-visitors"
    title = "入户调查须有两名县级工作人员（民发〔2021〕57号第十六条）"


class NotYet(Invalid):
    code = "kin-visit-to-come"
    title = "入户日期不能晚于今天"


class BadNumber(Invalid):
    code = "kin-number-invalid"
    title = "身份证号不正确"


class BadRelation(Invalid):
    code = "kin-relation-unknown"
    title = "没有这种亲属关系"
