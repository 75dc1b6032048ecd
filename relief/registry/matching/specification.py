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
from relief.core import documents
from relief.registry.matching.parts import BadSpecification, Part

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


_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What we call things in the tables of records ourselves.
_OURS = frozenset({"node", "record", "records", "held", "value", "settled", "disowned", "entity"})


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

    def need_weights(self) -> None:
        """Raise BadSpecification if training has not given every level its weight."""
        levels = [level for comparison in self.comparisons for level in comparison.levels]
        if self.prior is None or any(level.m is None or level.u is None for level in levels):
            raise BadSpecification(
                f"{self.path.name} 还没有权重，请先训练：relief linkage train --spec {self.path}"
            )

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
        data = documents.read(path)
    except yaml.MarkedYAMLError as error:
        # PyYAML always knows where; its types allow for a parser that does not.
        line = getattr(error.problem_mark, "line", 0) + 1
        raise BadSpecification(f"{path.name} 第 {line} 行不合 YAML 格式：{error.problem}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        first = str(error).partition("\n")[0]
        raise BadSpecification(f"{path.name} 无法读取：{first}") from None
    top = Part(data, path.name)
    learned = Part({} if forget else top.mapping("learned", {}), f"{path.name}：learned")
    weights = learned.mapping("weights", {})
    columns = tuple(_columns(top.part("columns")))
    derived = {name: str(value) for name, value in top.mapping("derived", {}).items()}
    collected = {
        name: _collected(Part(value, f"{path.name}：collected：{name}"))
        for name, value in top.mapping("collected", {}).items()
    }
    known = _names([*(column.name for column in columns), *derived, *collected], path.name)
    for name, one in collected.items():
        place = Part({}, f"{path.name}：collected：{name}")
        _check(one.of, known - set(collected), place)
        _check(one.by, known - set(collected), place)
    return Specification(
        name=top.text("name"),
        summary=top.text("summary", ""),
        path=path,
        columns=columns,
        derived=derived,
        exclusive=_exclusive(top, known),
        collected=collected,
        comparisons=_comparisons(top, known, weights),
        blocks=tuple(_block(part, known) for part in top.parts("blocks")),
        thresholds=_thresholds(top.part("thresholds")),
        prior=learned.share("prior") if weights else None,
        training=_training(top.part("training"), known),
        households=bool(top.get("households", default=False)),
        term_frequencies=_term_frequencies(learned),
    )


def _names(names: Sequence[str], file: str) -> set[str]:
    """Return the names of all columns; the specification's SQL uses them as they stand."""
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _OURS:
            raise BadSpecification(f"{file}：不能用“{name}”作列名（小写字母、数字和下划线）")
        if names.count(name) > 1:
            raise BadSpecification(f"{file}：列“{name}”定义了两次")
    return set(names)


def _term_frequencies(learned: Part) -> Mapping[str, Mapping[str, float]]:
    part = Part(learned.mapping("term_frequencies", {}), f"{learned.place}：term_frequencies")
    found = {}
    for column in part.data:
        of_column = part.part(column)
        found[column] = {value: of_column.share(value) for value in of_column.data}
    return found


def _columns(part: Part) -> Iterator[Column]:
    for name, value in part.data.items():
        one = Part(value, f"{part.place}：{name}")
        yield Column(name, (name, *one.texts("from", ())), one.text("clean", "text"))


def _exclusive(top: Part, known: set[str]) -> Exclusive | None:
    if top.get("exclusive") is None:
        return None
    part = top.part("exclusive")
    column = part.text("column")
    _check(column, known, part)
    together = part.texts("together", ())
    for name in together:
        _check(name, known, part)
    return Exclusive(column, part.text("agree", "true"), part.text("sure", "true"), together)


def _collected(part: Part) -> Collected:
    return Collected(part.text("of"), part.text("by"), part.size("largest"))


def _comparisons(top: Part, known: set[str], learned: Mapping[str, Any]) -> tuple[Comparison, ...]:
    found = tuple(_comparison(part, known, learned) for part in top.parts("comparisons"))
    _names([one.name for one in found], f"{top.place}：comparisons")
    return found


def _comparison(part: Part, known: set[str], learned: Mapping[str, Any]) -> Comparison:
    name = part.text("name")
    declared = list(part.parts("levels"))
    weights = learned.get(name) or [(None, None)] * len(declared)
    if not isinstance(weights, list) or len(weights) != len(declared):
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


def _level(part: Part, comparison: str, known: set[str], learned: object) -> Level:
    match = part.text("match")
    if match not in MATCHES:
        raise BadSpecification(f"{part.place}：没有“{match}”这种比较")
    column = part.text("column", comparison) if match not in ("sql", "else") else None
    if column is not None:
        _check(column, known, part)
    m, u = _weights(learned, part)
    return Level(
        match=match,
        label=part.text("label", match),
        column=column,
        limit=part.number("limit") if MATCHES[match] else None,
        sql=part.text("sql") if match == "sql" else None,
        term_frequency=bool(part.get("term_frequency", default=False)),
        expected=part.share("expected") if part.get("expected") is not None else None,
        m=m,
        u=u,
    )


def _weights(learned: object, part: Part) -> tuple[float | None, float | None]:
    if not isinstance(learned, list | tuple) or len(learned) != 2:  # noqa: PLR2004  # m and u
        raise BadSpecification(f"{part.place}：学得的权重应为 m 和 u 两个数，请重新训练")
    if learned[0] is None or learned[1] is None:
        return None, None
    pair = Part({"m": learned[0], "u": learned[1]}, f"{part.place}：学得的权重")
    return pair.share("m"), pair.share("u")


def _block(part: Part, known: set[str]) -> Block:
    equal = part.texts("equal")
    for column in equal:
        _check(column, known, part)
    return Block(part.text("name", "+".join(equal)), equal, part.size("largest"))


def _check(column: str, known: set[str], part: Part) -> None:
    if column not in known:
        raise BadSpecification(f"{part.place}：列“{column}”没有定义")


def _thresholds(part: Part) -> Thresholds:
    found = Thresholds(part.number("link"), part.number("review"), part.number("lead"))
    if found.review > found.link:
        raise BadSpecification(f"{part.place}：review 不能高于 link")
    return found


def _training(part: Part, known: set[str]) -> Training:
    rounds = part.get("em", default=[])
    if not isinstance(rounds, list):
        raise BadSpecification(f"{part.place}：em 应为一列，每项是一列列名")
    found = Training(
        em=tuple(Part({"em": one}, part.place).texts("em") for one in rounds),
        sure=part.texts("sure", ()),
        recall_of_sure=part.share("recall_of_sure") if "recall_of_sure" in part.data else 0.7,
        pairs=float(part.size("pairs")) if "pairs" in part.data else 1e7,
    )
    for names in (*found.em, *(one.split(",") for one in found.sure)):
        for name in names:
            _check(name.strip(), known, part)
    return found
