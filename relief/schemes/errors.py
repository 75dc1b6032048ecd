"""What can go wrong when someone asks for a scheme."""

from relief.core.errors import Conflict, Invalid, NotFound


class SchemeNotFound(NotFound):
    code = "scheme-not-found"
    title = "没有这个救助项目"


class ProcedureNotFound(NotFound):
    code = "procedure-not-found"
    title = "没有这个办理流程"


class UnsoundCatalogue(Invalid):
    code = "unsound-catalogue"
    title = "办理流程有误"


class ParameterNotSet(Conflict):
    code = "parameter-not-set"
    title = "这一天没有适用的标准"
