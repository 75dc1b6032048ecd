"""What goes wrong in a review, and the rule behind it."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class CaseNotFound(NotFound):
    code = "case-not-found"
    title = "没有这个申请事项"


class PaperNotFound(NotFound):
    code = "paper-not-found"
    title = "没有这份文书"


class StageNotFound(NotFound):
    code = "stage-not-found"
    title = "办理流程中没有这个环节"


class CaseOpen(Conflict):
    code = "case-open"
    title = "此人的这项申请正在办理，不能重复提交"


class EnteredByReferral(Conflict):
    code = "entered-by-referral"
    title = (
        "这个救助项目不在窗口申请，由转介进入："
        "请在“转介”中登记发现的情况，由主管部门的接收单位接收后办理"
    )


class ApplicantDead(Conflict):
    code = "applicant-dead"
    title = "登记显示此人已去世，不能提交申请"


class CaseClosed(Conflict):
    code = "case-closed"
    title = "申请事项的状态不允许这样办理"


class CasePaused(Conflict):
    code = "case-paused"
    title = "正在等待补充材料，计时已暂停；收到材料后才能继续办理"


class PauseReasonUnknown(Invalid):
    code = "pause-reason-unknown"
    title = "没有这种暂停计时的原因"


class PauseSpent(Conflict):
    """All waits for one reason have a sum within a stage (parameters `pause_days_…`)."""

    code = "pause-spent"
    title = "这个环节因此暂停计时已达累计上限，不能再暂停"


class NotPaused(Conflict):
    code = "case-not-paused"
    title = "没有等待中的材料"


class StageNotOpen(Conflict):
    code = "stage-not-open"
    title = "这个环节已经办结，或因申请事项已经结束而不再开始"


class StageTooEarly(Conflict):
    """A stage may not end before those that it waits for: none is ever skipped."""

    code = "stage-too-early"
    title = "还有应当先办结的环节，不能跳过"


class NoticeRuns(Conflict):
    """A public notice runs its full days (民发〔2021〕57号第十九条)."""

    code = "notice-runs"
    title = "公示期未满"


class OtherForm(Invalid):
    """Acceptance, confirmation and the rest have ways of their own to end."""

    code = "other-form"
    title = "这个环节不能这样办结"


class ReturnedBefore(Conflict):
    """What is missing is told once, and whole (民发〔2021〕57号第十条)."""

    code = "returned-before"
    title = "已经一次性告知过补正，不能再次退回（民发〔2021〕57号第十条）"


class NotYours(Forbidden):
    code = "not-yours"
    title = "这个环节由其他部门或岗位承办"


class FourEyes(Forbidden):
    """Who entered, surveyed or gave an opinion does not confirm.

    Source: 行政事业单位内部控制规范（试行）, 财会〔2012〕21号, article 12 (1).
    """

    code = "four-eyes"
    title = (
        "经办人、调查人、审核人不得同时作出审核确认"
        "（不相容岗位分离：行政事业单位内部控制规范（试行）第十二条，财会〔2012〕21号）"
    )


class AmountMissing(Invalid):
    code = "amount-missing"
    title = "同意救助的须写明金额；不予救助的不写金额"


class EventNotAwaited(Conflict):
    code = "event-not-awaited"
    title = "这个申请事项没有需要登记的这种情形，或者还没有同意救助"


class EventReported(Conflict):
    code = "event-reported"
    title = "这种情形已经登记，由它开始的环节正在办理或已经办结"


class EventDay(Invalid):
    code = "event-day"
    title = "发生的日期不能早于提交申请之日，也不能晚于今天"


class WordsMissing(Invalid):
    code = "words-missing"
    title = "请写明内容，至少 2 个字"
