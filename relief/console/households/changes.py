"""The changes of a household in words: one entry for each time something changed."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from relief.console import formats
from relief.console.labels import LABELS, label
from relief.registry.queries import ChangeRow, history

_WHAT = {"household": "户", "person": "人员", "membership": "家庭成员", "enrolment": "在册项目"}
_VERB = {"I": "登记", "D": "移出"}
_COUNTED = {
    "household": "户",
    "person": "人",
    "membership": "名家庭成员",
    "enrolment": "个在册项目",
}
_MONTHS = frozenset({"first_on", "last_on"})
_MONEY = frozenset({"total_fen", "last_fen"})
_CODES = {"sex": "sex", "ethnicity": "ethnicity", "marital": "marital", "relation": "relation"}
_DULL = frozenset(
    {"householder_id", "household_id", "record_count", "last_fen", "first_on", "ended_by"}
)
_LINES = 12
NOTHING = "空"


@dataclass(frozen=True, slots=True)
class Change:
    """All that changed at one moment, for one reason."""

    at: datetime
    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Words:
    """What ids and codes stand for: names of members, regions and code tables."""

    members: Mapping[uuid.UUID, str]
    regions: Mapping[int, str]
    codes: Mapping[str, Mapping[str, str]]
    actors: Mapping[uuid.UUID, str]


def told(rows: Sequence[ChangeRow], words: Words) -> list[Change]:
    """Put changes into words, newest first."""
    entries = [
        _change(at, actor_id, list(group), words)
        for (at, actor_id), group in groupby(rows, key=lambda row: (row.changed_at, row.actor_id))
    ]
    if len(rows) >= history.NEWEST:  # older rows were left off, so the last entry is not whole
        entries[-1] = replace(entries[-1], title=f"{entries[-1].title}等")
    return entries


def regions_named(rows: Sequence[ChangeRow]) -> set[int]:
    """Return the region codes that the changes speak of."""
    return {
        int(value)
        for row in rows
        for value in row.fields.get("region_code", ())
        if value is not None
    }


def _change(
    at: datetime, actor_id: uuid.UUID | None, rows: Sequence[ChangeRow], words: Words
) -> Change:
    counts = Counter((row.op, row.table) for row in rows if row.op != "U")
    counted = [
        f"{_VERB[op]} {number} {_COUNTED.get(table, '条记录')}"
        for (op, table), number in sorted(counts.items(), key=lambda item: item[0][0] == "D")
    ]
    lines = [line for row in rows if row.op == "U" and (line := _updates(row, words))]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"另有 {len(lines) - _LINES} 处变化"]
    who = words.actors.get(actor_id) if actor_id else None
    title = "，".join(counted) or "信息变更"
    return Change(at, f"{title}（{who}）" if who else title, lines)


def _updates(row: ChangeRow, words: Words) -> str:
    """Return one line for all the fields of one row, or nothing if none is of interest."""
    whose = words.members.get(row.row_id) or _WHAT.get(row.table, "")
    parts = [
        _part(name, before, after, words)
        for name, (before, after) in row.fields.items()
        if name in LABELS["field"] and name not in _DULL
    ]
    return f"{whose}：{'；'.join(parts)}" if parts else ""


def _part(name: str, before: Any, after: Any, words: Words) -> str:
    title = label(name, "field")
    if history.HIDDEN in {before, after}:
        return f"{title}{'已清空' if after is None else '已登记' if before is None else '已更换'}"
    return f"{title}由“{_shown(name, before, words)}”改为“{_shown(name, after, words)}”"


def _shown(name: str, value: Any, words: Words) -> str:
    if value is None or value == "":
        return NOTHING
    if name == "region_code":
        return words.regions.get(int(value), str(value))
    if name in _CODES:
        return words.codes.get(_CODES[name], {}).get(str(value), str(value))
    if name == "category":
        return label(value, "category")
    if name in _MONEY:
        return f"{formats.yuan(int(value))} 元"
    return formats.month(date.fromisoformat(value)) if name in _MONTHS else str(value)
