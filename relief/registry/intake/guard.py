"""What a file is, told by its content: a name can say anything."""

from pathlib import Path

from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.limits import Limits

XLSX, CSV = "xlsx", "csv"
MEDIA_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv",
}
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
HEAD = 4096
_OLE_SEEN = 16 << 20  # where the list of an OLE file's parts is looked for
_LOCKED_PART = "EncryptedPackage".encode("utf-16-le")
_OLD_PARTS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<meta", b"<table")
_ANOTHER_FORM = "请在表格软件中打开后另存为 xlsx 或 csv 再导入。"


def kind_of(path: Path, limits: Limits) -> str:
    """Return what a file is. Raises UnreadableFile for anything that cannot be a table."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(FileFault.EMPTY, "文件是空的，没有任何内容。")
    if size > limits.file_bytes:
        message = f"文件超过 {limits.file_bytes >> 20} MB 的上限，请拆分后分别导入。"
        raise UnreadableFile(FileFault.TOO_LARGE, message)
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(_ZIP):
        return XLSX
    if head.startswith(_OLE):
        raise UnreadableFile(FileFault.OLD_OR_LOCKED, _why_not_ole(path))
    _refuse_other_kinds(head)
    return CSV


def check_start(head: bytes) -> None:
    """Refuse by its first bytes what cannot be a table, before it is kept. Raises UnreadableFile.

    What passes may still turn out to be none when it is read whole (`kind_of`).
    """
    if not head:
        raise UnreadableFile(FileFault.EMPTY, "文件是空的，没有任何内容。")
    if head.startswith(_OLE):
        message = f"文件设有打开密码，或是旧版 Office 格式，无法读取；{_ANOTHER_FORM}"
        raise UnreadableFile(FileFault.OLD_OR_LOCKED, message)
    if not head.startswith(_ZIP):
        _refuse_other_kinds(head)


def _why_not_ole(path: Path) -> str:
    """Tell a workbook under a password from one of the old kind; both are OLE containers."""
    with path.open("rb") as file:
        seen = file.read(_OLE_SEEN)
    if _LOCKED_PART in seen:
        return "文件设有打开密码，无法读取；请去掉密码后重新导入。"
    if any(part in seen for part in _OLD_PARTS):
        return f"文件是旧版 xls 格式，无法读取；{_ANOTHER_FORM}"
    return f"文件设有打开密码，或是旧版 Office 格式，无法读取；{_ANOTHER_FORM}"


def _refuse_other_kinds(head: bytes) -> None:
    """Refuse what is no text, or text of another kind. Raises UnreadableFile."""
    if head.startswith(_UTF_16):
        message = "文件是 UTF-16 编码（“Unicode 文本”），请另存为 UTF-8 编码的 csv 后导入。"
        raise UnreadableFile(FileFault.ENCODING, message)
    if head.startswith(b"%PDF"):
        message = "文件是 PDF，不是 xlsx 或 csv 表格，无法读取。"
        raise UnreadableFile(FileFault.NOT_A_TABLE, message)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_PAGE_STARTS):
        message = f"文件是网页（HTML），只是名字像表格；{_ANOTHER_FORM}"
        raise UnreadableFile(FileFault.NOT_A_TABLE, message)
    if start.startswith(b"<?xml"):
        message = f"文件是 XML，不是 xlsx 或 csv 表格；{_ANOTHER_FORM}"
        raise UnreadableFile(FileFault.NOT_A_TABLE, message)
    if b"\0" in head:
        raise UnreadableFile(FileFault.NOT_A_TABLE, "文件不是 xlsx 或 csv 表格，无法读取。")
