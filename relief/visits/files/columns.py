"""The columns of a file of assignments, and the template that is filled in."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relief.registry.intake import values
from relief.registry.intake.errors import FileFault, UnreadableFile

# Field → heading, in the order of the template.
HEADINGS: Mapping[str, str] = {
    "number": "户编号",
    "citizen_id": "家庭成员身份证号",
    "name": "帮扶责任人姓名",
    "unit": "所在单位",
    "phone": "联系电话",
    "from_on": "开始日期",
    "until_on": "结束日期",
    "first": "第一联系人",
    "over_reason": "超过上限的理由",
}
_NEEDED = ("name", "unit", "phone", "from_on")
_HOUSEHOLD = ("number", "citizen_id")
MEDIA_TYPE, NAME = "text/csv; charset=utf-8", "帮扶安排模板.csv"


@dataclass(frozen=True, slots=True)
class Found:
    """Where the headings stand, and which column each field is in."""

    row: int
    width: int
    places: Mapping[str, int]


def find(rows: Sequence[Sequence[str]]) -> Found:
    """Find the headings among a file's first rows. Raises UnreadableFile."""
    fields = {heading: field for field, heading in HEADINGS.items()}
    for number, row in enumerate(rows, start=1):
        titles = [values.half_width(cell) for cell in row]
        places = {fields[title]: place for place, title in enumerate(titles) if title in fields}
        named = any(field in places for field in _HOUSEHOLD)
        if named and all(field in places for field in _NEEDED):
            if len(places) < sum(title in fields for title in titles):
                message = "表头有重复的列，请按模板填写。"
                raise UnreadableFile(FileFault.DOUBLE_HEADING, message)
            return Found(number, len(row), places)
    needed = "、".join(f"“{HEADINGS[field]}”" for field in _NEEDED)
    message = f"没有找到表头：须有{needed}，以及“户编号”或“家庭成员身份证号”，请按模板填写。"
    raise UnreadableFile(FileFault.NO_LAYOUT, message)


def template() -> bytes:
    """Return the empty file, as spreadsheets open it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(HEADINGS.values())
    return out.getvalue().encode("utf-8-sig")
