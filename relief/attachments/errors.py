"""What can be wrong with a file given to us."""

from relief.core.errors import Invalid, NotFound


class FileTooLarge(Invalid):
    code = "attachment-too-large"
    title = "文件超过大小上限"


class FileNotFound(NotFound):
    code = "attachment-not-found"
    title = "没有这个文件"
