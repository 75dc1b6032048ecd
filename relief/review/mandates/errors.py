"""What the rules on mandates refuse, and by which rule."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class MandateNotFound(NotFound):
    code = "mandate-not-found"
    title = "没有这项授权委托"


class MandateEnded(Conflict):
    """It has run out, was revoked, has not begun, or one of the two has died."""

    code = "mandate-ended"
    title = "授权委托不在有效期内"


class NotMandated(Forbidden):
    code = "not-mandated"
    title = "授权委托书没有写明可以代为办理这一项"


class MandateRevoked(Conflict):
    code = "mandate-revoked-before"
    title = "这项授权委托已经撤销"


class MandateOverlaps(Conflict):
    code = "mandate-overlaps"
    title = "此人在这一期间已有授权委托，须先撤销"


class AgentNumber(Invalid):
    code = "agent-number"
    title = "受托人的身份证号不正确"


class AgentIsApplicant(Invalid):
    code = "agent-is-applicant"
    title = "受托人不能是申请人本人"


class MandateDays(Invalid):
    code = "mandate-days"
    title = "请写明委托的期限，截止日期不得早于开始日期和今日"


class MandateActs(Invalid):
    code = "mandate-acts"
    title = "请选择委托的事项；委托不包括登记和变更收款账户"


class WitnessMissing(Invalid):
    """What was not signed was recorded before two of the staff, of whom neither is the agent."""

    code = "witness-missing"
    title = "口述委托须由两名工作人员在场记录，另一名须是本单位在职人员；书面委托不填另一名工作人员"


class AgentHandles(Forbidden):
    """Who acts for the applicant has no part in deciding about them."""

    code = "agent-handles"
    title = "您是申请人的受托人，不得办理这个申请事项（不相容岗位分离）"


class OthersAuthorisation(Forbidden):
    """Each adult of the family authorises for themselves (社会救助法第四十条、第四十一条)."""

    code = "others-authorisation"
    title = "委托书写明的，受托人可以代申请人本人签署核对授权；其他家庭成员须各自签署"
