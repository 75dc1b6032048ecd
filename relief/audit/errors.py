"""What goes wrong with access grounds and requests."""

from relief.core.errors import Conflict, Forbidden, NotFound


class NoOpenGround(Forbidden):
    code = "no-open-ground"
    title = "没有有效的查询事由，不能查看完整信息"


class AccessRequestNotFound(NotFound):
    code = "access-request-not-found"
    title = "没有这条查询申请"


class AccessRequestDecided(Conflict):
    code = "access-request-decided"
    title = "这条查询申请已经办结"


class OwnAccessRequest(Forbidden):
    code = "own-access-request"
    title = "不能审批自己的查询申请"
