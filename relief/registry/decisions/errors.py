"""Why a steward's decision is not taken."""

from relief.core.errors import Conflict, Forbidden, Invalid, NotFound


class ReviewNotFound(NotFound):
    code = "link-review-not-found"
    title = "没有这个核对事项"


class ActNotFound(NotFound):
    code = "decision-not-found"
    title = "没有这项核定"


class AlreadyDecided(Conflict):
    code = "already-decided"
    title = "已由他人核定"


class ReviewClosed(Conflict):
    code = "link-review-closed"
    title = "这个核对事项已不需要核定"


class AlreadyWithdrawn(Conflict):
    code = "already-withdrawn"
    title = "这项核定已经撤销"


class Contradiction(Conflict):
    code = "contradicts-decisions"
    title = "与已有的核定矛盾，请先撤销那些核定"


class ChangedMeanwhile(Conflict):
    code = "person-changed-meanwhile"
    title = "这些记录刚刚有变化，请重新查看后再核定"


class OtherQuestion(Conflict):
    code = "another-kind-of-question"
    title = "这个核对事项不是这样回答的"


class NoSuchHome(Invalid):
    code = "no-such-home"
    title = "请从列出的户中选择一户"


class RegistryBusy(Conflict):
    code = "registry-busy"
    title = "正在归并数据，请稍后再核定"


class OutOfReach(Forbidden):
    code = "other-person-out-of-reach"
    title = "另一人不在您的工作区划内，请交由市级数据管理员核定"


class HomeOutOfReach(Forbidden):
    code = "home-out-of-reach"
    title = "此人或所选的户不在您的工作区划内，请交由市级数据管理员核定"


class NobodyChosen(Invalid):
    code = "nobody-chosen"
    title = "请选择与哪一人相同"


class NothingToSplit(Invalid):
    code = "nothing-to-split"
    title = "请选择要分出的记录：不能一条不选，也不能全选"


class SamePerson(Invalid):
    code = "already-one-person"
    title = "这已经是同一人"


class ReasonMissing(Invalid):
    code = "decision-reason-missing"
    title = "请写明理由，至少 4 个字，最多 200 个字"
