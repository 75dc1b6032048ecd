"""What goes wrong with new standards and rises, and the rule behind it."""

from relief.core.errors import Conflict, Invalid, NotFound


class ParameterNotSettable(Invalid):
    """Only what the rules of one's own schemes ask for is set here."""

    code = "parameter-not-settable"
    title = "这项参数不是本部门项目计算规则使用的标准"


class ParameterNotLater(Invalid):
    """What held is history: a new value holds from a later day than the last one."""

    code = "parameter-not-later"
    title = "新标准的起始日期须晚于现有标准的起始日期"


class NotCityOffice(Conflict):
    """A government of the province or the city sets and publishes it (社会救助暂行办法第十条)."""

    code = "not-city-office"
    title = "全市的标准由市级公布，须由工作区划为全市的人员起草和发布"


class NotCountyOffice(Conflict):
    """A county's own value is set by that county or by the city above it, and by no other."""

    code = "not-county-office"
    title = "区县的标准由本区县或市级公布，须由工作区划包括整个区县的人员起草和发布"


class NotCountyStandard(Invalid):
    """Which parameters counties may set for themselves is reference data (`county_standard`)."""

    code = "not-county-standard"
    title = "这项标准由市级统一规定，区县不能另定"


class ParameterBelowFloor(Invalid):
    """The city's value is a floor for the counties."""

    code = "parameter-below-floor"
    title = "这项标准不得低于市级标准"


class ParameterDrafted(Conflict):
    code = "parameter-drafted"
    title = "这项参数在这一天已有新值"


class DraftNotFound(NotFound):
    code = "parameter-draft-not-found"
    title = "没有这份参数草案"


class DraftEnded(Conflict):
    code = "parameter-draft-ended"
    title = "这份参数草案已经发布或者作废"


class DrafterPublishes(Conflict):
    code = "drafter-publishes"
    title = "起草和发布须由两人办理"


class RiseNotFound(NotFound):
    code = "standard-rise-not-found"
    title = "没有这次提标"


class RiseOffice(Conflict):
    """The lead department of the scheme raises, at the county or the city."""

    code = "rise-office"
    title = "提标由项目牵头部门的县级或市级人员在本人工作区划内办理"


class NotMonthly(Invalid):
    code = "rise-not-monthly"
    title = "只有按月发放、有计算规则的项目可以提标"


class NoNewStandard(Conflict):
    code = "no-new-standard"
    title = "这一天没有这个项目计算规则使用的新标准，请先发布"


class RiseMonths(Invalid):
    """The new standard holds from the first of a month; paid by it is this month or the next."""

    code = "rise-months"
    title = "起始日期须为某月 1 日且不晚于今天，开始按新标准发放的月份须为本月或者下月"


class RiseOpen(Conflict):
    code = "rise-open"
    title = "这个项目、日期和区划的提标正在办理，不能重复开始"


class NothingInPayment(Conflict):
    code = "nothing-in-payment"
    title = "这个区划没有正在发放的这项待遇"


class RiseNotDrawn(Conflict):
    code = "rise-not-drawn"
    title = "差异清单还没有生成，或者已经签署，不能签署"


class RiseNothingListed(Conflict):
    code = "rise-nothing-listed"
    title = "差异清单上没有可以一并提标的待遇"


class RiseDigestDiffers(Conflict):
    """What is signed is what was looked at: the digest shown must come back."""

    code = "rise-digest-differs"
    title = "清单摘要不一致，请重新查看清单后再签署"


class RiseFourEyes(Conflict):
    """Who drew the list does not sign it, nor who stands in for them."""

    code = "rise-four-eyes"
    title = "差异清单须由生成人以外的审批人签署"


class RiseLate(Conflict):
    code = "rise-late"
    title = "开始按新标准发放的月份已过，补发月数已变，请取消后重新生成"


class RiseNotRunning(Conflict):
    code = "rise-not-running"
    title = "这次提标没有在办理，不能停止"


class RiseNotStopped(Conflict):
    code = "rise-not-stopped"
    title = "这次提标没有停止，不需要继续"


class RiseRunning(Conflict):
    code = "rise-running"
    title = "这次提标正在办理或者已经结束，不能取消"
