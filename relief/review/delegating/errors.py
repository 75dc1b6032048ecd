"""What the rules on delegation refuse, and by which rule."""

from relief.core.errors import Conflict, Invalid, NotFound


class DelegationNotFound(NotFound):
    code = "delegation-not-found"
    title = "没有这项委托"


class NotColleague(Invalid):
    """Who stands in does not see or decide more than an office of the same place may."""

    code = "not-colleague"
    title = "只能委托本部门、工作区划相同、参与办理申请事项的在用账号，不能委托本人"


class BadDays(Invalid):
    code = "delegation-days"
    title = "委托的起止日期不正确"


class DelegatedBefore(Conflict):
    code = "delegated-before"
    title = "这一时段已经委托他人，请先撤回"


class DelegationChain(Conflict):
    """What is delegated is not delegated on."""

    code = "delegation-chain"
    title = "委托不能转委托：这一时段受托人已委托他人，或您正受他人委托"


class DelegationOver(Conflict):
    code = "delegation-over"
    title = "这项委托已经撤回或已经到期"
