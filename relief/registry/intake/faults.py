"""Why a row is sent back: one small number for each reason of a file, in column order."""

from dataclasses import dataclass, field

LOST_DIGITS = "lost_digits"
MISSING = "missing_value"
UNREADABLE = "unreadable_value"
UNKNOWN_REGION = "unknown_region"
CELL_COUNT = "cell_count"
REPEATED_ROW = "repeated_row"
ALREADY_LOADED = "already_loaded"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason: the heading of the column, a code, and a sentence without the value."""

    column: str | None
    code: str
    reason: str


@dataclass
class Faults:
    """The reasons met in one file. A reason's number is its place, from 1; 0 is none."""

    known: list[Fault] = field(default_factory=list)

    def number(self, column: str, code: str) -> int:
        """Return the number of a reason about a column."""
        fault = Fault(column, code, _sentence(column, code))
        if fault not in self.known:
            self.known.append(fault)
        return self.known.index(fault) + 1


def _sentence(column: str, code: str) -> str:
    if code == MISSING:
        return f"“{column}”为空，这一列必须填写。"
    if code == LOST_DIGITS:
        return f"“{column}”被存成了数字，15 位以后的数字已经丢失，请改为文本格式后重新导出。"
    if code == UNKNOWN_REGION:
        return f"“{column}”不是本市的区划。"
    return f"“{column}”的内容无法识别。"


def cell_count(cells: int, width: int) -> Fault:
    """Return the reason for a row that does not fit under the headings."""
    return Fault(None, CELL_COUNT, f"这一行有 {cells} 个单元格，表头有 {width} 个。")


def repeated(number: int) -> Fault:
    """Return the reason for a row that stands in the file twice."""
    return Fault(None, REPEATED_ROW, f"与第 {number} 行完全相同。")


ALREADY = Fault(None, ALREADY_LOADED, "与以前批次中的一行完全相同，已经在库。")
