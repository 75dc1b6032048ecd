"""Whether a new decision agrees with those that are open.

*Same* goes on from one pair to the next: who is the same as B and as C lets B and C be no others.
So a new *different* must not stand between two that decisions already join, and a new *same* must
not join two that a decision keeps apart. Only decisions that hang together with the new ones are
read.
"""

import uuid
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from relief.registry.merging.groups import Groups
from relief.registry.merging.signatures import OF_IDENTITY, POSTGRESQL, signature
from relief.registry.models import LinkDecision
from relief.registry.types import Verdict

_SIGNATURE = signature(POSTGRESQL)
_SIGNATURES_OF = text(
    f"SELECT id, {_SIGNATURE} FROM source_identity"  # noqa: S608  # our own expression
    " WHERE id = ANY(CAST(:ids AS uuid[]))"
)
_NAMED_BESIDE = text(
    f"SELECT '{OF_IDENTITY}' || id FROM source_identity"  # noqa: S608  # our own expression
    f" WHERE {_SIGNATURE} = ANY(CAST(:signatures AS text[]))"
)

Pair = tuple[str, str]


def contradicted(
    session: Session, pairs: Collection[Pair], verdict: Verdict
) -> Sequence[LinkDecision]:
    """Return the open decisions that do not go together with a new one about these pairs."""
    known, signature_of = _neighbours(session, {anchor for pair in pairs for anchor in pair})
    joins = [(row.one_anchor, row.other_anchor) for row in known if row.verdict is Verdict.SAME]
    if verdict is Verdict.SAME:
        joins += pairs
    # What is the same as a signature is the same as each identity that has it.
    named = {anchor for pair in joins for anchor in pair}
    joins += [(own, sign) for own, sign in signature_of.items() if sign in named]
    groups: Groups[str] = Groups()
    for pair in joins:
        groups.join(pair)

    def joined(one: str, other: str) -> bool:
        return any(groups.find(a) == groups.find(b) for a in _all(one) for b in _all(other))

    def _all(anchor: str) -> list[str]:
        return [anchor, *(own for own, sign in signature_of.items() if sign == anchor)]

    if verdict is Verdict.SAME:
        return [
            row
            for row in known
            if row.verdict is Verdict.DIFFERENT and joined(row.one_anchor, row.other_anchor)
        ]
    between = [pair for pair in pairs if joined(*pair)]
    return _paths(known, signature_of, between)


def _neighbours(
    session: Session, anchors: Collection[str]
) -> tuple[list[LinkDecision], Mapping[str, str]]:
    """Return the open decisions that hang together with anchors, and identities' signatures."""
    found: dict[uuid.UUID, LinkDecision] = {}
    signature_of: dict[str, str] = {}
    seen: set[str] = set()
    fresh = set(anchors)
    while fresh:
        signature_of |= _kin(session, fresh)
        fresh |= {each for pair in signature_of.items() for each in pair} - seen
        rows = session.scalars(
            select(LinkDecision).where(
                LinkDecision.withdrawn_at.is_(None),
                LinkDecision.verdict != Verdict.LIVES,  # two who live together are two
                or_(LinkDecision.one_anchor.in_(fresh), LinkDecision.other_anchor.in_(fresh)),
            )
        ).all()
        found |= {row.id: row for row in rows}
        seen |= fresh
        ends = {end for row in rows for end in (row.one_anchor, row.other_anchor)}
        fresh = ends - seen
    return sorted(found.values(), key=lambda row: row.id), signature_of


def _kin(session: Session, anchors: Collection[str]) -> dict[str, str]:
    """Return the signature of each identity among the anchors, and of those named beside one."""
    signs = {anchor for anchor in anchors if not anchor.startswith(OF_IDENTITY)}
    own = {anchor for anchor in anchors if anchor.startswith(OF_IDENTITY)}
    if signs:
        beside = session.scalars(_NAMED_BESIDE, {"signatures": sorted(signs)}).all()
        for column in (LinkDecision.one_anchor, LinkDecision.other_anchor):
            named = select(column).where(column.in_(beside), LinkDecision.withdrawn_at.is_(None))
            own |= set(session.scalars(named))
    if not own:
        return {}
    ids = [uuid.UUID(anchor.removeprefix(OF_IDENTITY)) for anchor in own]
    rows = session.execute(_SIGNATURES_OF, {"ids": ids}).all()
    return {f"{OF_IDENTITY}{identity}": sign for identity, sign in rows}


def _paths(
    known: Sequence[LinkDecision], signature_of: Mapping[str, str], between: Collection[Pair]
) -> list[LinkDecision]:
    """Return the decisions that join the two ends of each pair, one shortest way for each."""
    steps: dict[str, list[tuple[str, LinkDecision | None]]] = defaultdict(list)
    for row in known:
        if row.verdict is Verdict.SAME:
            steps[row.one_anchor].append((row.other_anchor, row))
            steps[row.other_anchor].append((row.one_anchor, row))
    for own, sign in signature_of.items():
        steps[own].append((sign, None))
        steps[sign].append((own, None))
    met: dict[uuid.UUID, LinkDecision] = {}
    for one, other in between:
        # Two identities of a signature that is the same as something else: no decision lies on
        # the way, and those about the signature forbid to tell its identities apart.
        way = _way(steps, one, other) or [
            row for _end, row in steps[signature_of.get(one, one)] if row is not None
        ]
        met |= {row.id: row for row in way}
    return list(met.values())


def _way(
    steps: Mapping[str, list[tuple[str, LinkDecision | None]]], start: str, end: str
) -> list[LinkDecision]:
    came: dict[str, tuple[str, LinkDecision | None]] = {}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, row in steps.get(here, ()):
            if there not in came and there != start:
                came[there] = (here, row)
                waiting.append(there)
    way = []
    while end != start and end in came:
        end, row = came[end]
        if row is not None:
            way.append(row)
    return way
