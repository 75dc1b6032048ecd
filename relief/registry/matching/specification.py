"""What a linkage is to do, read from a YAML file: columns, comparisons, blocks, weights.

`docs/linkage.md` describes the format. A specification is data: training writes its weights into
the file, and linking only reads them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import seeds
from relief.core.errors import Invalid

_SIDES = re.compile(r"\b(\w+)_[lr]\b")
OTHERS = "*"  # among term frequencies: that of any value not listed
FOLDER = Path(seeds.__file__).parent / "linkage"
# Which matches a level may name, and whether each takes `limit`.
MATCHES = {
    "exact": False,
    "levenshtein": True,
    "damerau_levenshtein": True,
    "jaro_winkler": True,
    "shared": True,
    "sql": False,
    "else": False,
}


class BadSpecification(Invalid):
    """The file does not keep to the format; `detail` names the place."""

    code = "bad-linkage-specification"
    title = "比对规格文件有误"


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is compared: the headings it may have in a file, and how it is cleaned."""

    name: str
    sources: tuple[str, ...]
    cleaning: str


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of agreement. `m`: how often true pairs show it; `u`: how often others do.

    `expected` is the least that training may make of `m`.
    """

    match: str
    label: str
    column: str | None
    limit: float | None
    sql: str | None
    term_frequency: bool
    expected: float | None
    m: float | None
    u: float | None


@dataclass(frozen=True, slots=True)
class Exclusive:
    """A column of which two values are never one person, and equal values are one person.

    A record stays with its value's owner if `agree` holds (`_l` the record, `_r` the owner);
    the owner is what most records say, those for which `sure` holds first. Descriptions that are
    equal in the columns of `together` say the same.
    """

    column: str
    agree: str
    sure: str
    together: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """The values of `of` that the other records with the same `by` have, at most `largest`."""

    of: str
    by: str
    largest: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Levels from the strongest to the weakest. `needs`: null columns that make it say nothing."""

    name: str
    label: str
    needs: tuple[str, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Records with equal values here are compared; a block above `largest` records is left out."""

    name: str
    equal: tuple[str, ...]
    largest: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In match weights (log2 of the odds): link from, ask from, and the lead a link must have."""

    link: float
    review: float
    lead: float


@dataclass(frozen=True, slots=True)
class Training:
    """How the weights are learned: `em` are the blocks of each round, `sure` are sure matches."""

    em: tuple[tuple[str, ...], ...]
    sure: tuple[str, ...]
    recall_of_sure: float
    pairs: float


@dataclass(frozen=True, slots=True)
class Specification:
    """One declared linkage."""

    name: str
    summary: str
    path: Path
    columns: tuple[Column, ...]
    derived: Mapping[str, str]
    exclusive: Exclusive | None
    collected: Mapping[str, Collected]
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    thresholds: Thresholds
    prior: float | None
    training: Training
    households: bool
    term_frequencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def compared_columns(self) -> tuple[str, ...]:
        """Return the columns that comparisons read: of the node, and of the two sides in SQL."""
        found: dict[str, None] = {}
        for comparison in self.comparisons:
            found |= dict.fromkeys(comparison.needs)
            for level in comparison.levels:
                named = [level.column] if level.column else _SIDES.findall(level.sql or "")
                found |= dict.fromkeys(named)
        return tuple(found)

    def frequency_columns(self) -> tuple[str, ...]:
        """Return the columns whose common values count less."""
        return tuple(
            dict.fromkeys(
                level.column
                for comparison in self.comparisons
                for level in comparison.levels
                if level.term_frequency and level.column
            )
        )


def find(name_or_file: str) -> Path:
    """Return the file of a specification: one of ours by its name, or any by its path."""
    ours = FOLDER / f"{name_or_file}.yml"
    path = ours if ours.is_file() else Path(name_or_file)
    if not path.is_file():
        known = "、".join(sorted(file.stem for file in FOLDER.glob("*.yml")))
        raise BadSpecification(f"找不到比对规格“{name_or_file}”（自带的有：{known}）")
    return path


def load(path: Path, *, forget: bool = False) -> Specification:
    """Read a specification. Raises BadSpecification, which names the first fault.

    With `forget`, what was learned before does not count: it may not fit what is declared now.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSpecification(f"{path.name} 无法读取：{error}") from None
    top = _Part(data, path.name)
    learned = _Part({} if forget else top.mapping("learned", {}), f"{path.name}：learned")
    weights = learned.mapping("weights", {})
    columns = tuple(_columns(top.part("columns")))
    derived = {name: str(value) for name, value in top.mapping("derived", {}).items()}
    collected = {
        name: _collected(_Part(value, f"{path.name}：collected：{name}"))
        for name, value in top.mapping("collected", {}).items()
    }
    known = {column.name for column in columns} | set(derived) | set(collected)
    return Specification(
        name=top.text("name"),
        summary=top.text("summary", ""),
        path=path,
        columns=columns,
        derived=derived,
        exclusive=_exclusive(top, known),
        collected=collected,
        comparisons=tuple(_comparison(part, known, weights) for part in top.parts("comparisons")),
        blocks=tuple(_block(part, known) for part in top.parts("blocks")),
        thresholds=_thresholds(top.part("thresholds")),
        prior=learned.number("prior") if weights else None,
        training=_training(top.part("training")),
        households=bool(top.get("households", default=False)),
        term_frequencies=learned.mapping("term_frequencies", {}),
    )


class _Part:
    """A piece of the file that knows where it stands, for messages."""

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise BadSpecification(f"{place}：应为键值对")
        self.data: Mapping[str, Any] = data
        self.place = place

    def get(self, key: str, *, default: Any = None) -> Any:
        return self.data.get(key, default)

    def need(self, key: str) -> Any:
        if self.data.get(key) is None:
            raise BadSpecification(f"{self.place}：缺少 {key}")
        return self.data[key]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.get(key, default=default) if default is not None else self.need(key)
        if not isinstance(value, str):
            raise BadSpecification(f"{self.place}：{key} 应为文字")
        return value

    def number(self, key: str) -> float:
        value = self.need(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadSpecification(f"{self.place}：{key} 应为数字")
        return float(value)

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        value = self.get(key, default=default) if default is not None else self.need(key)
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise BadSpecification(f"{self.place}：{key} 应为一列文字")
        return tuple(value)

    def mapping(self, key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, dict):
            raise BadSpecification(f"{self.place}：{key} 应为键值对")
        return value

    def part(self, key: str) -> "_Part":
        return _Part(self.need(key), f"{self.place}：{key}")

    def parts(self, key: str) -> Iterator["_Part"]:
        value = self.need(key)
        if not isinstance(value, list) or not value:
            raise BadSpecification(f"{self.place}：{key} 应为非空的列表")
        for number, one in enumerate(value, start=1):
            yield _Part(one, f"{self.place}：{key} 第 {number} 项")


def _columns(part: _Part) -> Iterator[Column]:
    for name, value in part.data.items():
        one = _Part(value, f"{part.place}：{name}")
        yield Column(name, (name, *one.texts("from", ())), one.text("clean", "text"))


def _exclusive(top: _Part, known: set[str]) -> Exclusive | None:
    if top.get("exclusive") is None:
        return None
    part = top.part("exclusive")
    column = part.text("column")
    _check(column, known, part)
    together = part.texts("together", ())
    for name in together:
        _check(name, known, part)
    return Exclusive(column, part.text("agree", "true"), part.text("sure", "true"), together)


def _collected(part: _Part) -> Collected:
    return Collected(part.text("of"), part.text("by"), int(part.number("largest")))


def _comparison(part: _Part, known: set[str], learned: Mapping[str, Any]) -> Comparison:
    name = part.text("name")
    declared = list(part.parts("levels"))
    weights = learned.get(name) or [(None, None)] * len(declared)
    if len(weights) != len(declared):
        raise BadSpecification(f"{part.place}：级数与学得的权重不符，请重新训练")
    levels = tuple(
        _level(one, name, known, weight) for one, weight in zip(declared, weights, strict=True)
    )
    if levels[-1].match != "else":
        raise BadSpecification(f"{part.place}：最后一级应为 else")
    needs = part.texts("needs", [name])
    for column in needs:
        _check(column, known, part)
    return Comparison(name, part.text("label", name), needs, levels)


def _level(part: _Part, comparison: str, known: set[str], learned: Sequence[float | None]) -> Level:
    match = part.text("match")
    if match not in MATCHES:
        raise BadSpecification(f"{part.place}：没有“{match}”这种比较")
    column = part.text("column", comparison) if match not in ("sql", "else") else None
    if column is not None:
        _check(column, known, part)
    m, u = learned
    return Level(
        match=match,
        label=part.text("label", match),
        column=column,
        limit=part.number("limit") if MATCHES[match] else None,
        sql=part.text("sql") if match == "sql" else None,
        term_frequency=bool(part.get("term_frequency", default=False)),
        expected=part.number("expected") if part.get("expected") is not None else None,
        m=None if m is None else float(m),
        u=None if u is None else float(u),
    )


def _block(part: _Part, known: set[str]) -> Block:
    equal = part.texts("equal")
    for column in equal:
        _check(column, known, part)
    return Block(part.text("name", "+".join(equal)), equal, int(part.number("largest")))


def _check(column: str, known: set[str], part: _Part) -> None:
    if column not in known:
        raise BadSpecification(f"{part.place}：列“{column}”没有定义")


def _thresholds(part: _Part) -> Thresholds:
    found = Thresholds(part.number("link"), part.number("review"), part.number("lead"))
    if found.review > found.link:
        raise BadSpecification(f"{part.place}：review 不能高于 link")
    return found


def _training(part: _Part) -> Training:
    rounds = part.get("em", default=[])
    return Training(
        em=tuple(tuple(one) for one in rounds),
        sure=part.texts("sure", ()),
        recall_of_sure=float(part.get("recall_of_sure", default=0.7)),
        pairs=float(part.get("pairs", default=1e7)),
    )
