"""Takes one person apart where stewards decided that two descriptions are not the same.

What was decided to be the same, and what has the same signature, stays together; such a block
goes to the first side in which nothing contradicts it, or opens a new one. So a split, which
says *different* of each record that stays and each that goes, gives exactly its two sides.

Blocks of which nothing was decided go where they resemble someone most: the same number, then
name, birth date, household number, phone, address, village. What the old person was known by,
the number above all, stays with the side that has records of the number; of several with the one
that no split took away, then the one whose birth date the number confirms, that more departments
and more records speak of; at last by content.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from relief.registry.merging.groups import Groups
from relief.registry.merging.signatures import OF_IDENTITY
from relief.registry.types import LinkRule


@dataclass(frozen=True, slots=True)
class Description:
    """One source identity, as far as it matters here; `content` is all it says."""

    id: str
    signature: str
    cluster: str
    rule: str
    content: str
    number: str | None
    confirmed: bool | None
    name: str
    born_on: date | None
    department: str
    household: str | None
    phone: str | None
    address: str | None
    region: int
    records: int


@dataclass(frozen=True, slots=True)
class Different:
    """Two anchors that are not one person, and which of them a split took away, if one did."""

    one: str
    other: str
    moved: str | None


@dataclass(frozen=True, slots=True)
class TakenApart:
    """The cluster of each identity, and who goes on as each cluster of before."""

    of_identity: Mapping[str, str]
    of_cluster: Mapping[str, str]


_Block = Sequence[Description]


def take_apart(
    descriptions: Sequence[Description],
    *,
    same: Iterable[tuple[str, str]],
    different: Sequence[Different],
) -> TakenApart:
    """Return the sides of one person; `descriptions` in the order of their content."""
    found = _by_anchor(descriptions)
    blocks, block_of = _blocks(descriptions, found, same, different)
    apart = _contradictions(found, block_of, different)
    sides: list[list[str]] = []
    for block in sorted(apart, key=lambda name: blocks[name][0].content):
        free = [side for side in sides if not apart[block] & set(side)]
        if free:
            max(free, key=lambda side: _likeness(blocks[block], _all(blocks, side))).append(block)
        else:
            sides.append([block])
    decided = [_all(blocks, side) for side in sides]
    taken = {one.id for each in different if each.moved for one in found.get(each.moved, ())}
    order = sorted(range(len(sides)), key=lambda place: _standing(decided[place], taken))
    for name in sorted(set(blocks) - set(apart), key=lambda name: blocks[name][0].content):
        best = max(
            order, key=lambda place: (_likeness(blocks[name], decided[place]), -order.index(place))
        )
        sides[best].append(name)
    return _named([_all(blocks, sides[place]) for place in order], taken)


def _by_anchor(descriptions: Sequence[Description]) -> Mapping[str, list[Description]]:
    found: dict[str, list[Description]] = defaultdict(list)
    for one in descriptions:
        found[one.signature].append(one)
        found[f"{OF_IDENTITY}{one.id}"].append(one)
    return found


def _blocks(
    descriptions: Sequence[Description],
    found: Mapping[str, list[Description]],
    same: Iterable[tuple[str, str]],
    different: Sequence[Different],
) -> tuple[Mapping[str, _Block], Mapping[str, str]]:
    """Return what must stay together, by a name, and the block of each identity."""
    single = {anchor for each in different for anchor in (each.one, each.other)}
    together: Groups[str] = Groups()
    for one in descriptions:
        if f"{OF_IDENTITY}{one.id}" not in single:
            mates = [
                mate.id for mate in found[one.signature] if f"{OF_IDENTITY}{mate.id}" not in single
            ]
            together.join([one.id, mates[0]])
    for anchor, other in same:
        if anchor in found and other in found:
            together.join([one.id for one in (*found[anchor], *found[other])])
    block_of = {one.id: together.find(one.id) for one in descriptions}
    blocks: dict[str, list[Description]] = defaultdict(list)
    for one in descriptions:
        blocks[block_of[one.id]].append(one)
    return blocks, block_of


def _contradictions(
    found: Mapping[str, list[Description]],
    block_of: Mapping[str, str],
    different: Sequence[Different],
) -> Mapping[str, set[str]]:
    apart: dict[str, set[str]] = defaultdict(set)
    for each in different:
        pairs = product(found.get(each.one, ()), found.get(each.other, ()))
        for left, right in ((block_of[a.id], block_of[b.id]) for a, b in pairs):
            if left != right:
                apart[left].add(right)
                apart[right].add(left)
    return apart


def _all(blocks: Mapping[str, _Block], names: Iterable[str]) -> list[Description]:
    return [one for name in names for one in blocks[name]]


def _likeness(some: Collection[Description], others: Collection[Description]) -> int:
    return max(_alike(one, other) for one in some for other in others)


def _alike(one: Description, other: Description) -> int:
    """Weigh what two descriptions have in common; a heavier line outweighs all lighter ones."""
    common = (
        one.number is not None and one.number == other.number,
        one.name == other.name,
        one.born_on is not None and one.born_on == other.born_on,
        one.household is not None and one.household == other.household,
        one.phone is not None and one.phone == other.phone,
        one.address is not None and one.address == other.address,
        one.region == other.region,
    )
    return sum(weight << place for place, weight in enumerate(reversed(common)))


def _standing(side: Collection[Description], taken: Collection[str]) -> tuple[object, ...]:
    """Return the sort key by which the first side goes on as the person there was."""
    numbered = [one for one in side if one.rule == LinkRule.NUMBER]
    return (
        not numbered,
        any(one.id in taken for one in side),
        not any(one.confirmed for one in numbered),
        -len({one.department for one in side}),
        -sum(one.records for one in side),
        min(one.content for one in side),
        min(one.id for one in side),
    )


def _named(sides: Sequence[Sequence[Description]], taken: Collection[str]) -> TakenApart:
    """Name each side: by the cluster whose person it goes on as, or else by its content."""
    parts: dict[str, dict[int, list[Description]]] = defaultdict(lambda: defaultdict(list))
    for place, side in enumerate(sides):
        for one in side:
            parts[one.cluster][place].append(one)
    heirs = {
        cluster: min(by_side, key=lambda place: _standing(by_side[place], taken))
        for cluster, by_side in parts.items()
    }
    names: list[str] = []
    for place, side in enumerate(sides):
        kept = [cluster for cluster, heir in heirs.items() if heir == place]
        name = min(kept) if kept else _by_content(side)
        # Only where all that two sides say is the same, an id has to tell them apart.
        names.append(f"{name}|{side[0].id}" if name in names else name)
    return TakenApart(
        of_identity={one.id: names[place] for place, side in enumerate(sides) for one in side},
        of_cluster={cluster: names[heir] for cluster, heir in heirs.items()},
    )


def _by_content(side: Sequence[Description]) -> str:
    said = sorted({one.cluster for one in side}) + sorted(one.content for one in side)
    return "d" + hashlib.md5("\n".join(said).encode(), usedforsecurity=False).hexdigest()
