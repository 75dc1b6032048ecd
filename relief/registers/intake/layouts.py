"""How the files of each register look (seeds/registers), whole and of changes."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import seeds
from relief.core import documents
from relief.registers.types import Content, Register
from relief.registry.intake import layouts
from relief.registry.intake.layouts import (
    MONEY_FORMS,
    BadLayout,
    Column,
    Layout,
    Match,
    Words,
)
from relief.registry.types import FileContent

PLACE_FIELDS = ("county", "township", "village")
DATE_FIELDS = frozenset({"data_on", "from_on", "to_on"})
CODED_FIELDS = frozenset({"action", "kind", "relation", "state"})
SECRET_FIELDS = frozenset({"number", "other_number", "account", "group", "thing", "certificate"})
FIELDS = frozenset(
    {*PLACE_FIELDS, *DATE_FIELDS, *CODED_FIELDS, *SECRET_FIELDS}
    | {"amount", "area", "name", "other_name", "place"}
)
_CHANGES = "-changes"
_WORDS = Words("登记库", "登记库", lambda layout: f"“{layout.title}”")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLayout:
    """One kind of file of a register.

    `department`: which of ours receives it; `office`: whose register it is; `key`: the fields
    that say, from file to file, what an entry is of.
    """

    layout: Layout
    register: Register
    content: Content
    department: str
    office: str
    file_name: str
    encoding: str
    key: tuple[str, ...]


@functools.cache
def load_all() -> Mapping[str, RegisterLayout]:
    """Return every layout by its name: R01, R01-changes … Raises BadLayout."""
    folder = seeds.path("registers")
    common = documents.read(folder / "_common.yml")
    words = documents.read(seeds.path("layouts/_common.yml"))["codes"] | common["codes"]
    files = sorted(folder.glob("R*.yml"))
    made = [
        load(file, common, words, content)
        for file in files
        for content in (Content.WHOLE, Content.CHANGES)
    ]
    return {one.layout.name: one for one in made}


def of_register(register: Register | None) -> Sequence[RegisterLayout]:
    """Return the layouts of one register, or all."""
    return [one for one in load_all().values() if register in (None, one.register)]


def find(rows: Sequence[Sequence[str]], register: Register | None) -> Match:
    """Find the heading row among a file's first rows, and its layout. Raises UnreadableFile."""
    candidates = [one.layout for one in of_register(register)]
    scheme = candidates[0].scheme if register is not None else None
    return layouts.find_among(candidates, rows, scheme, _WORDS)


def load(
    file: Path, common: Mapping[str, Any], words: Mapping[str, Mapping[str, str]], content: Content
) -> RegisterLayout:
    """Read and check one layout. Raises BadLayout."""
    data = documents.read(file)
    is_whole = content is Content.WHOLE
    try:
        entries = [*common["whole" if is_whole else "changes"], *data["columns"]]
        made = RegisterLayout(
            layout=Layout(
                name=file.stem + ("" if is_whole else _CHANGES),
                scheme=file.stem,
                version=data["version"],
                title=data["title"],
                columns=tuple(layouts.column_of(entry, words) for entry in entries),
                delimiter=",",
                totals_row=data.get("totals_row"),
                grain="day",
                constants={},
                content=FileContent.ROLL if is_whole else FileContent.CHANGES,
            ),
            register=Register(data["register"]),
            content=content,
            department=data["department"],
            office=data["office"],
            file_name=data["file_name"],
            encoding=data.get("encoding") or "utf-8",
            key=tuple(data["key"]),
        )
    except (KeyError, ValueError) as error:
        message = f"{file.name}: {error}"
        raise BadLayout(message) from None
    if faults := list(_faults(made)):
        message = f"{file.name}: " + "; ".join(faults)
        raise BadLayout(message)
    return made


def _faults(made: RegisterLayout) -> Iterable[str]:
    columns = made.layout.columns
    fields = [column.field for column in columns if column.field]
    required = {column.field for column in columns if column.required}
    keys = [key for column in columns for key in set(column.keys)]
    checks = {
        "no required number, or no name": not {"number", "name"} <= required,
        "a field has two columns": len(set(fields)) < len(fields),
        "two columns share a heading": len(set(keys)) < len(keys),
        "unknown field": not FIELDS.issuperset(fields),
        "a part of the key may be missing": not required.issuperset(made.key),
    }
    yield from (fault for fault, is_wrong in checks.items() if is_wrong)
    yield from (fault for column in columns if (fault := _column_fault(column)))


def _column_fault(column: Column) -> str | None:
    if column.field in DATE_FIELDS and not column.format:
        return f"{column.heading}: no date format"
    if column.field == "amount" and column.format not in MONEY_FORMS:
        return f"{column.heading}: unknown form of money"
    if column.field in CODED_FIELDS and not column.codes:
        return f"{column.heading}: no codes"
    return None
