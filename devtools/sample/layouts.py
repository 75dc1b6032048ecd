"""Reads the layouts of the department files."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

import seeds
from devtools.sample.schedule import SCHEMES

COMMON = "layouts/_common.yml"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its heading, what it holds, and how that is written."""

    heading: str
    field: str | None
    format: str | None
    words: dict[str, str]  # our code → the file's word
    cell: str | None
    grouped: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """One department file."""

    scheme: str
    title: str
    file_name: str
    is_xlsx: bool
    encoding: str
    delimiter: str
    title_rows: int
    totals_row: str | None
    grain: str
    columns: tuple[Column, ...]

    def column(self, field: str) -> Column | None:
        """Return the column that holds a field, if the file has it."""
        return next((c for c in self.columns if c.field == field), None)

    def has(self, field: str) -> bool:
        """Tell whether the file has the field."""
        return self.column(field) is not None


def load_all() -> tuple[Layout, ...]:
    """Read every layout, in the order of the schemes."""
    common = yaml.safe_load(seeds.path(COMMON).read_text("utf-8"))["codes"]
    return tuple(_load(scheme, common) for scheme in SCHEMES)


def period_words(column: Column, months: range) -> dict[int, str]:
    """Return how a column writes each month (year × 12 + month − 1) it can write."""
    if column.words:
        days = ((date.fromisoformat(day), word) for day, word in column.words.items())
        return {day.year * 12 + day.month - 1: word for day, word in days}
    # Chinese in a pattern would hang on the locale of the machine, so it is written by hand.
    pattern = column.format or "%Y-%m-%d"
    return {
        m: pattern.replace("%Y", f"{m // 12:04d}").replace("%m", f"{m % 12 + 1:02d}")
        for m in months
    }


def is_whole_day(column: Column) -> bool:
    """Tell whether a column of periods names the day."""
    return not column.words and "%d" in (column.format or "")


def _load(scheme: str, common: dict[str, dict[str, str]]) -> Layout:
    raw = yaml.safe_load(seeds.path(f"layouts/{scheme}.yml").read_text("utf-8"))
    return Layout(
        scheme=raw["scheme"], title=raw["title"], file_name=raw["file_name"],
        is_xlsx=raw["format"] == "xlsx", encoding=raw.get("encoding", "utf-8"),
        delimiter=raw.get("delimiter", ","), title_rows=raw["title_rows"],
        totals_row=raw["totals_row"], grain=raw["grain"],
        columns=tuple(_column(entry, common) for entry in raw["columns"]),
    )  # fmt: skip


def _column(entry: dict[str, Any], common: dict[str, dict[str, str]]) -> Column:
    field = entry["field"]
    codes = entry.get("codes") or common.get(field, {})
    words: dict[str, str] = {}
    for word, code in codes.items():
        words.setdefault(code, word)  # the first word of a code is the one that is written
    if field == "relation":
        words = {**_coarser(words), **words}
    return Column(
        heading=entry["heading"], field=field, format=entry.get("format"), words=words,
        cell=entry.get("cell"), grouped=bool(entry.get("grouped")),
    )  # fmt: skip


def _coarser(words: dict[str, str]) -> dict[str, str]:
    """Say 孙辈 for 孙子 and so on, in files that know no finer word."""
    other = words.get("80", "其他")
    return {f"{n:02d}": words.get(f"{n // 10}0", other) for n in range(10, 100)}
