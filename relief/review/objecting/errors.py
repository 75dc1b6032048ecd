"""What the rules on objections in the notice period refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class ObjectionNotFound(NotFound):
    code = "objection-not-found"
    title = "没有这件公示期异议"


class NoNotice(Conflict):
    code = "no-notice"
    title = "这个申请事项还没有公示，或者依法不公示"


class ReceivedDay(Invalid):
    code = "objection-day"
    title = "收到异议的日期不能早于公示开始之日，也不能晚于今天"


class ObjectionUnanswered(Conflict):
    """A notice without objection goes on; one with objections is surveyed anew first."""

    code = "objection-unanswered"
    title = "还有公示期异议没有处理，不能办结（民发〔2021〕57号第十九条）"


class NothingObjected(Conflict):
    code = "nothing-objected"
    title = "没有待处理的公示期异议"


class InquiryOrdered(Conflict):
    code = "inquiry-ordered"
    title = "已经安排，还没有登记结果"


class InquiryNotOrdered(Conflict):
    code = "inquiry-not-ordered"
    title = "没有待登记结果的重新调查或民主评议"


class InquiryDay(Invalid):
    code = "inquiry-day"
    title = "日期不能早于安排之日，也不能晚于今天"


class TwoInvestigators(Invalid):
    """As in the first survey (民发〔2021〕57号第十六条); who approves is none of them."""

    code = "two-investigators"
    title = (
        "重新入户调查须由承办部门的两名经办人或审核人进行，审批人不参加（民发〔2021〕57号第十六条）"
    )


class NotInquired(Conflict):
    code = "objection-not-inquired"
    title = "对异议作出认定之前，须重新入户调查并登记结果（民发〔2021〕57号第十九条）"


class ObjectionLate(Conflict):
    code = "objection-late"
    title = "这件异议在公示期满后提出，请告知反映人向县级民政部门投诉举报"


class ObjectionAnswered(Conflict):
    code = "objection-answered"
    title = "这件异议已经作出认定"


class ObjectorsEyes(Forbidden):
    """Who entered, surveyed or gave an opinion does not judge what is objected to it."""

    code = "objection-four-eyes"
    title = "录入申请、入户调查、提出初审意见的人不得认定异议（不相容岗位分离）"


class NotAnsweredYet(Conflict):
    code = "objection-not-answered"
    title = "异议还没有作出认定，不能登记告知"


class ToldBefore(Conflict):
    code = "objector-told"
    title = "已经登记过告知"


class ObjectorUnknown(Conflict):
    code = "objector-unknown"
    title = "反映人没有留下姓名和电话"
