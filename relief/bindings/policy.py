"""The privacy policy (隐私政策) by version, from `seeds/`, checked when it is loaded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeGuard

import seeds
from relief.core import documents

SEED = "reference/mini_policy.yml"
_KEYS = {"version", "valid_from", "zh", "text", "conf", "source"}
_CONFIDENCE = frozenset("VSMD")


class UnsoundPolicy(Exception):
    """The policy cannot be used. One line a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of what people agree to, and the day from which it holds."""

    version: int
    valid_from: date
    title: str
    text: str


@lru_cache(maxsize=1)
def load_all() -> Sequence[Policy]:
    """Return the versions of `seeds/`, the oldest first. Raises UnsoundPolicy."""
    return policies(documents.read(seeds.path(SEED)))


def policies(document: Mapping[str, Any]) -> Sequence[Policy]:
    """Return the versions of a document, the oldest first. Raises UnsoundPolicy."""
    entries = document.get("versions") or []
    faults = list(_faults(entries))
    if faults:
        raise UnsoundPolicy("\n".join(faults))
    return [
        Policy(
            version=int(entry["version"]),
            valid_from=entry["valid_from"],
            title=str(entry["zh"]),
            text=str(entry["text"]).strip(),
        )
        for entry in entries
    ]


def current(on: date) -> Policy:
    """Return the version that holds on a day; before the first one, that one."""
    known = load_all()
    return next((one for one in reversed(known) if one.valid_from <= on), known[0])


def _faults(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not entries:
        yield "versions: 至少须有一个版本"
    for number, entry in enumerate(entries, 1):
        lacking = _KEYS - {key for key, value in entry.items() if value}
        if lacking:
            yield f"第{number}项缺少 " + "、".join(sorted(lacking))
        elif entry["version"] != number or entry["conf"] not in _CONFIDENCE:
            yield f"第{number}项：版本须从 1 起依次编号，并注明可信度"
        elif not _is_day(entry["valid_from"]):
            yield f"第{number}项：valid_from 须是不带引号和时刻的日期，如 2026-01-01"
    days = [day for entry in entries if _is_day(day := entry.get("valid_from"))]
    if days != sorted(set(days)):
        yield "各版本的生效日须依次在后"


def _is_day(value: Any) -> TypeGuard[date]:
    # A moment is a date to Python, and cannot be compared with one.
    return isinstance(value, date) and not isinstance(value, datetime)
