"""What can be wrong with a batch of a register as a whole."""

from relief.core.errors import Conflict, NotFound


class RegisterBatchNotFound(NotFound):
    code = "register-batch-not-found"
    title = "没有这个登记数据批次"


class RegisterBatchNotLive(Conflict):
    code = "register-batch-not-live"
    title = "这个登记数据批次没有在库数据，不能撤销"


class NothingRejectedOfRegister(Conflict):
    code = "register-nothing-rejected"
    title = "这个登记数据批次没有退回的行"
