"""What can go wrong when someone asks for a scheme."""

from relief.core.errors import Conflict, NotFound


class SchemeNotFound(NotFound):
    code = "scheme-not-found"
    title = "没有这个救助项目"


class ProcedureNotFound(NotFound):
    code = "procedure-not-found"
    title = "没有这个办理流程"


class ParameterNotSet(Conflict):
    code = "parameter-not-set"
    title = "这一天没有适用的标准"
