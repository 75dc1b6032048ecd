"""What goes wrong with a signed list, and the rule behind it."""

from relief.core.errors import Conflict, Invalid, NotFound


class ListNotFound(NotFound):
    code = "decision-list-not-found"
    title = "没有这份审批清单"


class NotByList(Invalid):
    """Only schemes that give the same to many are decided by list (`signed_list`)."""

    code = "scheme-not-by-list"
    title = "这个救助项目须逐件审批，不能用清单"


class AmountOutside(Invalid):
    """The amount is not one that the scheme gives (`amount` of the catalogue)."""

    code = "amount-outside"
    title = "金额不在项目目录规定的范围内"


class NothingWaits(Conflict):
    code = "nothing-waits"
    title = "没有等待您审批的这类申请"


class NothingListed(Conflict):
    code = "nothing-listed"
    title = "清单上没有可以一并审批的申请，请逐件办理"


class NotListed(Conflict):
    code = "not-listed"
    title = "这件申请不在清单上"


class ListSigned(Conflict):
    code = "list-signed"
    title = "这份清单已经签署，不能再改动或再次签署"


class DigestDiffers(Conflict):
    """What is signed is what was looked at: the digest shown must come back."""

    code = "digest-differs"
    title = "清单摘要不一致，请重新查看清单后再签署"


class ListNotRunning(Conflict):
    code = "list-not-running"
    title = "这份清单没有在办理，不能停止"


class ListNotStopped(Conflict):
    code = "list-not-stopped"
    title = "这份清单没有停止，不需要继续"


class NotYourOffice(Conflict):
    """Who signs decides for the department in which the list was drawn."""

    code = "list-of-other-office"
    title = "您已不在生成清单时的部门，不能签署或继续"
