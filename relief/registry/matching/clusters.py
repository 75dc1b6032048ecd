"""From scored pairs to groups of records that are one person: a pure function.

Pairs are taken from the heaviest down, ties by the records' numbers, which follow content. Two
different exclusive values (valid identity numbers) never come into one group.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from relief.registry.matching.specification import Thresholds

Edge = tuple[int, int, float]  # record, record, weight


@dataclass(slots=True)
class Groups:
    """Which records are one person, and what a person has to look at."""

    root: dict[int, int]
    doubts: list[tuple[str, int, int, float]] = field(default_factory=list)

    def of(self, record: int) -> int:
        """Return the record that names the group of a record."""
        return _find(self.root, record)


AMBIGUOUS, CONFLICT, SIMILAR = "ambiguous", "conflict", "similar"


def group(edges: Iterable[Edge], values: Mapping[int, int], thresholds: Thresholds) -> Groups:
    """Group records by their edges.

    `values`: record → its exclusive value; records of one value are one group from the start.
    The doubts are (kind, record, record, weight): `ambiguous`, a record that would go with two
    values with nearly the same right and goes with none; `conflict`, a strong pair that two
    values keep apart; `similar`, a pair between the two thresholds.
    """
    ordered = sorted(edges, key=lambda edge: (-edge[2], edge[0], edge[1]))
    root: dict[int, int] = {}
    value_of: dict[int, int] = {}
    first: dict[int, int] = {}
    for record in sorted(values):
        value = values[record]
        root[record] = first.setdefault(value, record)
        value_of[root[record]] = value
    unsure = _ambiguous(ordered, values, thresholds)
    groups = Groups(root)
    for one, other, weight in ordered:
        if weight < thresholds.link:
            break
        if _is_unsure(one, other, unsure, values):
            continue
        _join(groups, one, other, weight, value_of)
    _ask(groups, ordered, unsure, value_of)
    return groups


def _ambiguous(
    ordered: Sequence[Edge], values: Mapping[int, int], thresholds: Thresholds
) -> dict[int, tuple[int, int, float]]:
    """Find the records whose two best values lie closer together than the lead."""
    best: dict[int, dict[int, tuple[float, int]]] = {}
    for one, other, weight in ordered:
        for record, partner in ((one, other), (other, one)):
            if record not in values and partner in values:
                best.setdefault(record, {}).setdefault(values[partner], (weight, partner))
    unsure = {}
    for record, found in best.items():
        ranked = sorted(found.values(), key=lambda one: (-one[0], one[1]))
        if (
            len(ranked) > 1
            and ranked[0][0] >= thresholds.link
            and ranked[0][0] - ranked[1][0] < thresholds.lead
        ):
            unsure[record] = (ranked[0][1], ranked[1][1], ranked[0][0])
    return unsure


def _is_unsure(
    one: int, other: int, unsure: Mapping[int, object], values: Mapping[int, int]
) -> bool:
    return (one in unsure and other in values) or (other in unsure and one in values)


def _join(groups: Groups, one: int, other: int, weight: float, value_of: dict[int, int]) -> None:
    a, b = groups.of(one), groups.of(other)
    if a == b:
        return
    of_a, of_b = value_of.get(a), value_of.get(b)
    if of_a is not None and of_b is not None and of_a != of_b:
        groups.doubts.append((CONFLICT, one, other, weight))
        return
    low, high = min(a, b), max(a, b)
    groups.root[high] = low
    value = of_a if of_a is not None else of_b
    if value is not None:
        value_of[low] = value


def _ask(
    groups: Groups,
    ordered: Sequence[Edge],
    unsure: Mapping[int, tuple[int, int, float]],
    value_of: Mapping[int, int],
) -> None:
    """Ask about what stayed apart: once for each two groups, by their heaviest pair."""
    open_groups = set()
    for record in sorted(unsure):
        group = groups.of(record)
        if value_of.get(group) is None and group not in open_groups:
            open_groups.add(group)
            groups.doubts.append((AMBIGUOUS, record, unsure[record][0], unsure[record][2]))
    asked = {_pair(groups, one, other) for _, one, other, _ in groups.doubts}
    for one, other, weight in ordered:
        pair = _pair(groups, one, other)
        if pair[0] == pair[1] or pair in asked or open_groups.intersection(pair):
            continue
        a, b = value_of.get(pair[0]), value_of.get(pair[1])
        if a is None or b is None:
            asked.add(pair)
            groups.doubts.append((SIMILAR, one, other, weight))


def _pair(groups: Groups, one: int, other: int) -> tuple[int, int]:
    a, b = groups.of(one), groups.of(other)
    return (min(a, b), max(a, b))


def _find(root: dict[int, int], record: int) -> int:
    while (up := root.setdefault(record, record)) != record:
        root[record] = root[up]
        record = up
    return record
