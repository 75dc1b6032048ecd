"""Whether a file is whole: how many rows its own last line or its sender says there are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from relief.registry.intake import values
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.tabular import OddRow

# Written for Python and for DuckDB alike. People and households are no rows: 共3户 counts none.
_COUNT = r"共\s*(?:计|有)?\s*[:：]?\s*([0-9]{1,9})\s*(?:条|行|笔)"
WITHIN = _COUNT
ALONE = rf"[\s　]*(?:合计|总计)?[\s:：,，]*{_COUNT}(?:记录|数据|信息)?[\s。　]*"


@dataclass(frozen=True, slots=True)
class Said:
    """What the line of a file's own totals says."""

    row_number: int
    count: int


def is_totals(cells: Sequence[str], totals: str | None) -> bool:
    """Tell whether a row that does not fit under the headings is one of totals."""
    if totals and values.clean(cells[0]).startswith(totals):
        return True
    return re.fullmatch(ALONE, "".join(cells)) is not None


def in_odd_rows(rows: Sequence[OddRow], totals: str | None) -> Said | None:
    """Return what the last of such rows says."""
    for row in reversed(rows):
        if row.cells and is_totals(row.cells, totals) and (found := _count(row)):
            return found
    return None


def check(received: int, *, said: Said | None, expected: int | None) -> None:
    """Refuse a file that has more or fewer rows than it should. Raises UnreadableFile."""
    if said is not None and said.count != received:
        message = (
            f"第 {said.row_number} 行写明共 {said.count} 条，实际读到 {received} 条，"
            "文件可能不完整，请重新导出后导入。"
        )
        raise UnreadableFile(FileFault.ROW_COUNT, message)
    if expected is not None and expected != received:
        message = (
            f"导入时填写的数据行数是 {expected}，文件里实际有 {received} 行"
            "（不含表头、空行和合计行），文件可能不完整，请核对。"
        )
        raise UnreadableFile(FileFault.ROW_COUNT, message)


def _count(row: OddRow) -> Said | None:
    found = re.search(WITHIN, "".join(row.cells))
    return Said(row.number, int(found[1])) if found else None
