"""What goes wrong with exports."""

from relief.core.errors import Conflict, Forbidden, NotFound


class ExportNotFound(NotFound):
    code = "export-not-found"
    title = "没有这个导出"


class ExportNotAllowed(Forbidden):
    code = "export-not-allowed"
    title = "您的角色没有导出额度，请联系系统管理员"


class ExportNotReady(Conflict):
    code = "export-not-ready"
    title = "文件还没有生成"


class ExportExpired(Conflict):
    code = "export-expired"
    title = "文件已过期并删除，请重新导出"


class ExportOutOfScope(Conflict):
    code = "export-out-of-scope"
    title = "名单中有的困难户已不在您的查看范围内，请重新导出"
