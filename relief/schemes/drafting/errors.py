"""What can go wrong with a draft of a procedure."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class DraftNotFound(NotFound):
    code = "procedure-draft-not-found"
    title = "没有这份流程草稿"


class BadContent(Invalid):
    """What was filled in is no procedure at all; whether it is a sound one is proved later."""

    code = "bad-procedure-content"
    title = "填写的流程内容不正确"


class DraftExists(Conflict):
    code = "procedure-draft-exists"
    title = "这个办理流程已有一份未发布的草稿，请在原草稿上修改，或先作废"


class DraftEditedMeanwhile(Conflict):
    """Somebody else saved first; nothing of the later edit was kept."""

    code = "procedure-draft-edited-meanwhile"
    title = "别人刚刚改过这份草稿，您的修改没有保存，请看过最新内容后再改"


class DraftClosed(Conflict):
    code = "procedure-draft-closed"
    title = "这份草稿已经发布或作废，不能再改动"


class DraftProposed(Conflict):
    code = "procedure-draft-proposed"
    title = "这份草稿已提交签署，退回之后才能修改"


class DraftNotProposed(Conflict):
    code = "procedure-draft-not-proposed"
    title = "这份草稿还没有提交签署"


class DraftUnsound(Conflict):
    """`relief schemes check` finds faults; `conflicts` has each with its rule and source."""

    code = "procedure-draft-unsound"
    title = "流程检查没有通过，不能发布"


class DraftUnchanged(Conflict):
    code = "procedure-draft-unchanged"
    title = "草稿与现行版本没有差别，不需要发布"


class DateInPast(Invalid):
    code = "procedure-date-in-past"
    title = "施行日期不能早于今天：已经开始的申请事项适用开始时的版本"


class BaseSuperseded(Conflict):
    """Another version holds on that day: signing would undo what was not looked at."""

    code = "procedure-base-superseded"
    title = "施行之日的现行版本不是草稿所依据的版本，请作废后从那一天的版本重新起草"


class SecondPersonNeeded(Forbidden):
    code = "procedure-second-person-needed"
    title = "起草、修改或提交过这份草稿的人不能签署，须由另一人签署"


class SignedOther(Conflict):
    """What is signed is what was looked at: the digest shown must come back."""

    code = "procedure-digest-differs"
    title = "摘要不一致：草稿在您查看之后有过变动，请重新查看后再签署"
