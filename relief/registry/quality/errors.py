"""What can go wrong with the file of a department's faults."""

from relief.core.errors import Conflict


class FaultFileNotReady(Conflict):
    code = "quality-fault-file-not-ready"
    title = "问题清单还没有生成，或已超过保存期限"
