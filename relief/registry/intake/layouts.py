"""Layouts: how each department's file looks (seeds/layouts), and which one a file has."""

import dataclasses
import functools
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import seeds
from relief.core import documents
from relief.core.cells import unguarded
from relief.registry.intake.errors import FileFault, UnknownScheme, UnreadableFile
from relief.registry.types import ChangeAction, FileContent

IDENTITY_FIELDS = (
    "name",
    "citizen_id",
    "sex",
    "born_on",
    "ethnicity",
    "marital",
    "phone",
    "account",
    "health",
    "address",
    "household_number",
    "householder_name",
    "relation",
    "died_on",
    "county",
    "township",
    "village",
    "region_code",
)
RECORD_FIELDS = ("period", "amount", "item", "action")
FIELDS = frozenset(IDENTITY_FIELDS + RECORD_FIELDS)
DATE_FIELDS = frozenset({"born_on", "died_on", "period"})
CODED_FIELDS = frozenset({"sex", "ethnicity", "marital", "relation", "action"})
MONEY_FORMS = frozenset({"yuan", "yuan_cn", "fen"})
GRAINS = frozenset({"month", "year", "term", "event", "day"})

# Written behind the last column of a file of rejected rows; ignored when it comes back.
REASON_HEADING = "退回原因"
SHEET_NAME = "退回行"


class BadLayout(Exception):
    """A layout file is wrong. The message names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and the field it fills (none: only kept in the original)."""

    heading: str
    field: str | None
    aliases: tuple[str, ...] = ()
    required: bool = False
    format: str | None = None
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return every form in which the heading is known."""
        return tuple(heading_key(text) for text in (self.heading, *self.aliases))


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file of a scheme; `name` is that of its own file in seeds/layouts."""

    name: str
    scheme: str
    version: int
    title: str
    columns: tuple[Column, ...]
    delimiter: str
    totals_row: str | None
    grain: str
    constants: Mapping[str, str]
    content: FileContent

    @property
    def id(self) -> str:
        """Return the layout and its version, as a batch keeps it."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Match:
    """A layout found in a file: the heading row (from 1), and each field's column (from 0)."""

    layout: Layout
    heading_row: int
    headings: tuple[str, ...]
    places: Mapping[str, int]

    def heading_of(self, name: str) -> str:
        """Return the heading under which the file has a field."""
        return self.headings[self.places[name]]


def heading_key(text: str) -> str:
    """Return a heading as it is compared: half-width, without any white space."""
    plain = unicodedata.normalize("NFKC", unguarded(text))
    return "".join(plain.split()).removeprefix("\ufeff")


@functools.cache
def load_all() -> Mapping[str, Layout]:
    """Return every layout by its name: S01, S01-roll … Raises BadLayout."""
    folder = seeds.path("layouts")
    words = documents.read(folder / "_common.yml")["codes"]
    layouts = [load(file, words) for file in sorted(folder.glob("S*.yml"), key=_stem)]
    return {layout.name: layout for layout in layouts}


def _stem(file: Path) -> str:
    return file.stem  # S01 before S01-roll


def of_scheme(scheme: str | None) -> list[Layout]:
    """Return the layouts of one scheme, or all. Raises UnknownScheme."""
    found = [one for one in load_all().values() if scheme is None or one.scheme == scheme]
    if not found:
        raise UnknownScheme(scheme=scheme)
    return found


def content_of(layout_id: str) -> FileContent:
    """Return what the rows of a layout's files say together; it is named as a batch names it."""
    return load_all()[layout_id.partition("@")[0]].content


def headings_of(layout_id: str) -> frozenset[str]:
    """Return the keys of every heading that a layout knows; it is named as a batch names it."""
    columns = load_all()[layout_id.partition("@")[0]].columns
    return frozenset(key for column in columns for key in column.keys)


def load(file: Path, words: Mapping[str, Mapping[str, str]]) -> Layout:
    """Read and check one layout. Raises BadLayout."""
    data = documents.read(file)
    try:
        layout = Layout(
            name=file.stem,
            scheme=data["scheme"],
            version=data["version"],
            title=data["title"],
            columns=tuple(column_of(entry, words) for entry in data["columns"]),
            delimiter=data.get("delimiter") or ",",
            totals_row=data.get("totals_row"),
            grain=data["grain"],
            constants=data.get("constants") or {},
            content=FileContent(data.get("content") or FileContent.HISTORY),
        )
    except ValueError as error:
        message = f"{file.name}: {error}"
        raise BadLayout(message) from None
    except KeyError as error:
        message = f"{file.name}: {error.args[0]} is missing"
        raise BadLayout(message) from None
    if faults := list(_faults(layout)):
        message = f"{file.name}: " + "; ".join(faults)
        raise BadLayout(message)
    return layout


def column_of(entry: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> Column:
    """Return one column as a layout's file describes it; its own words come first."""
    name = entry["field"]
    codes = {**words.get(name or "", {}), **(entry.get("codes") or {})}
    return Column(
        heading=entry["heading"],
        field=name,
        aliases=tuple(entry.get("aliases") or ()),
        required=bool(entry.get("required")) or name == "name",
        format=entry.get("format"),
        codes={heading_key(str(word)): str(code) for word, code in codes.items()},
    )


def _faults(layout: Layout) -> list[str]:
    fields = [column.field for column in layout.columns if column.field]
    keys = [key for column in layout.columns for key in set(column.keys)]
    checks = {
        "no column for the name": "name" not in fields,
        "a field has two columns": len(set(fields)) < len(fields),
        "two columns share a heading": len(set(keys)) < len(keys),
        "unknown field": not FIELDS.issuperset([*fields, *layout.constants]),
        "unknown grain": layout.grain not in GRAINS,
    }
    if layout.content is not FileContent.HISTORY:
        checks |= _faults_of_standing(layout)
    faults = [fault for fault, is_wrong in checks.items() if is_wrong]
    return faults + [fault for column in layout.columns if (fault := _column_fault(column))]


def _faults_of_standing(layout: Layout) -> dict[str, bool]:
    """Return what a file that says who is on a roll must have, and may not have."""
    required = {column.field for column in layout.columns if column.required}
    fields = {column.field for column in layout.columns}
    actions = {code for c in layout.columns if c.field == "action" for code in c.codes.values()}
    says_what = layout.content is FileContent.CHANGES
    return {
        "no required day": "period" not in required,
        # The same money would count again with each roll; files of what was paid tell of it.
        "an amount": "amount" in fields,
        "no required action": says_what and "action" not in required,
        "an action on a roll": not says_what and "action" in fields,
        "unknown action": not actions.issubset(set(ChangeAction)),
    }


def _column_fault(column: Column) -> str | None:
    if column.field in DATE_FIELDS and not (column.format or column.codes):
        return f"{column.heading}: no date format"
    if column.field == "amount" and column.format not in MONEY_FORMS:
        return f"{column.heading}: unknown form of money"
    if column.field in CODED_FIELDS and not column.codes:
        return f"{column.heading}: no codes"
    return None


@dataclass(frozen=True, slots=True)
class Words:
    """What a refusal calls that of which a file may be: the templates of `which`, one `chosen`.

    `name`: how the one is called whose layout it is, as it stands within a sentence.
    """

    which: str
    chosen: str
    name: Callable[[Layout], str]


SCHEMES = Words("项目", "救助项目", lambda layout: f" {layout.scheme} ")


def find(rows: Sequence[Sequence[str]], scheme: str | None) -> Match:
    """Find the heading row among a file's first rows, and the layout it belongs to.

    With `scheme` only that layout is tried. Raises UnknownScheme, UnreadableFile.
    """
    return find_among(of_scheme(scheme), rows, scheme)


def find_among(
    candidates: Sequence[Layout],
    rows: Sequence[Sequence[str]],
    scheme: str | None,
    words: Words = SCHEMES,
) -> Match:
    """Find the heading row and the layout it belongs to; `scheme`: whose layouts they all are.

    `words`: in which a file is refused. Raises UnreadableFile.
    """
    matches = [
        (_score(match, rows), match)
        for number, row in enumerate(rows, start=1)
        for layout in candidates
        if (match := _match(layout, number, row)) is not None
    ]
    if not matches:
        raise UnreadableFile(FileFault.NO_LAYOUT, _no_layout(rows, scheme, candidates, words))
    best = max(score for score, _ in matches)
    winners = [match for score, match in matches if score == best]
    if len(winners) > 1:
        names = "、".join(sorted({words.name(match.layout).strip() for match in winners}))
        message = f"表头同时符合多个{words.which}（{names}），请指定{words.chosen}后再导入。"
        raise UnreadableFile(FileFault.AMBIGUOUS_LAYOUT, message)
    _refuse_double_headings(winners[0])
    return winners[0]


def _match(layout: Layout, number: int, row: Sequence[str]) -> Match | None:
    """Return the layout's match with one row, if all required headings are there."""
    place_of: dict[str, int] = {}
    for place, text in enumerate(row):
        place_of.setdefault(heading_key(text), place)
    places: dict[str, int] = {}
    for column in layout.columns:
        found = next((place_of[key] for key in column.keys if key in place_of), None)
        if found is not None and column.field:
            places[column.field] = found
        elif found is None and column.required:
            return None
    return Match(layout, number, tuple(text.strip() for text in row), places)


def _score(match: Match, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return how well a layout fits: its headings found less those not, then the title."""
    layout = match.layout
    present = {heading_key(text) for text in match.headings} - {"", heading_key(REASON_HEADING)}
    known = {key for column in layout.columns for key in column.keys}
    missing = sum(present.isdisjoint(column.keys) for column in layout.columns)
    title = heading_key(layout.title)
    above = rows[: match.heading_row - 1]
    titled = any(title in heading_key(cell) for row in above for cell in row)
    return len(present & known) - len(present - known) - missing, int(titled)


def _no_layout(
    rows: Sequence[Sequence[str]],
    scheme: str | None,
    candidates: Sequence[Layout],
    words: Words,
) -> str:
    """Say why no layout fits; with a scheme, name the columns that are missing."""
    if scheme is None:
        return (
            f"前 {max(len(rows), 1)} 行里没有找到任何{words.which}的表头，"
            f"请使用本{words.which}的模板，或指定{words.chosen}后再导入。"
        )
    # Of the row and the layout that have most headings in common; of the first layout if none has.
    layout, row = max(
        ((layout, row) for layout in candidates for row in rows),
        key=lambda pair: _in_common(*pair),
        default=(candidates[0], ()),
    )
    missing = _missing(layout, row)
    return f"缺少必需的列：{'、'.join(missing)}。请对照{words.name(layout)}的模板检查表头。"


def _in_common(layout: Layout, row: Sequence[str]) -> int:
    keys = {heading_key(text) for text in row}
    return sum(not keys.isdisjoint(column.keys) for column in layout.columns)


def _missing(layout: Layout, row: Sequence[str]) -> list[str]:
    keys = {heading_key(text) for text in row}
    return [c.heading for c in layout.columns if c.required and keys.isdisjoint(c.keys)]


def _refuse_double_headings(match: Match) -> None:
    """Refuse a mapped heading that stands twice: it is open which column is meant."""
    keys = [heading_key(text) for text in match.headings]
    for column in match.layout.columns:
        if column.field and sum(key in column.keys for key in keys) > 1:
            message = f"第 {match.heading_row} 行表头中“{column.heading}”出现了不止一次。"
            raise UnreadableFile(FileFault.DOUBLE_HEADING, message)
