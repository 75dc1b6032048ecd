"""What a file is, by its content, and whether it is safe to unpack."""

import zipfile
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
_HEAD = 4096
_WORKBOOK = "xl/workbook.xml"


def kind_of(path: Path, limits: Limits) -> str:
    """Return what a file is. Raises UnreadableFile for anything that cannot be a table."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(FileFault.EMPTY, "文件是空的，没有任何内容。")
    if size > limits.file_bytes:
        message = f"文件超过 {limits.file_bytes >> 20} MB 的上限，请拆分后分别导入。"
        raise UnreadableFile(FileFault.TOO_LARGE, message)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _kind_by(head)


def _kind_by(head: bytes) -> str:
    if head.startswith(_ZIP):
        return XLSX
    if head.startswith(_OLE):
        message = "文件设有打开密码，或是旧版 xls 格式；请去掉密码并另存为 xlsx 或 csv 后导入。"
        raise UnreadableFile(FileFault.OLD_OR_LOCKED, message)
    if head.startswith(_UTF_16):
        message = "文件是 UTF-16 编码（“Unicode 文本”），请另存为 UTF-8 编码的 csv 后导入。"
        raise UnreadableFile(FileFault.ENCODING, message)
    if b"\0" in head:
        raise UnreadableFile(FileFault.NOT_A_TABLE, "文件不是 xlsx 或 csv 表格，无法读取。")
    return CSV


def check_zip(path: Path, limits: Limits) -> None:
    """Refuse what would unpack to far more than it should, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError):
        message = "xlsx 文件不完整或已损坏，请重新导出后导入。"
        raise UnreadableFile(FileFault.BROKEN_WORKBOOK, message) from None
    size = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if (
        len(entries) > limits.zip_entries
        or size > limits.unzipped_bytes
        or size / packed > limits.unzipped_ratio
    ):
        message = "xlsx 文件展开后的内容大得不正常，为保护系统未予读取。"
        raise UnreadableFile(FileFault.ZIP_BOMB, message)
    if _WORKBOOK not in {entry.filename for entry in entries}:
        message = "压缩文件里没有工作簿，不是 xlsx 表格。"
        raise UnreadableFile(FileFault.NOT_A_TABLE, message)
