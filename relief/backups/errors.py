"""What can be wrong with a backup."""

from relief.core.errors import Conflict, Invalid, NotFound


class NoBackup(NotFound):
    code = "no-backup"
    title = "没有找到完整的备份"


class BackupDamaged(Invalid):
    code = "backup-damaged"
    title = "备份已损坏或不完整，不能使用"


class BackupFailed(Conflict):
    code = "backup-failed"
    title = "备份没有完成"


class TargetNotEmpty(Conflict):
    code = "restore-target-not-empty"
    title = "恢复的目标不是空的"


class RolesMissing(Conflict):
    code = "restore-roles-missing"
    title = "目标服务器缺少数据库角色"


class RestoreFailed(Conflict):
    code = "restore-failed"
    title = "恢复没有完成"
