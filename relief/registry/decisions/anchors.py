"""By what a decision names the descriptions it speaks of, so that it holds for later files too."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.orm import Session

from relief.registry.merging.signatures import OF_IDENTITY, POSTGRESQL, signature

_SIGNATURE = signature(POSTGRESQL, "i.")
_SAID = (
    f"SELECT l.identity_id, l.person_id, {_SIGNATURE} AS signature"  # noqa: S608  # ours
    " FROM source_link l JOIN source_identity i ON i.id = l.identity_id WHERE "
)
_OF_PEOPLE = text(f"{_SAID} l.person_id = ANY(CAST(:people AS uuid[]))")
_OF_ANCHORS = text(
    f"{_SAID} {_SIGNATURE} = ANY(CAST(:signatures AS text[]))"
    f" UNION {_SAID} l.identity_id = ANY(CAST(:ids AS uuid[]))"
)
_OF_SIGNATURES = text(
    f"SELECT {_SIGNATURE} AS signature, l.identity_id"  # noqa: S608  # our own expression
    " FROM source_identity i JOIN source_link l ON l.identity_id = i.id"
    f" WHERE {_SIGNATURE} = ANY(CAST(:signatures AS text[]))"
)


@dataclass(frozen=True, slots=True)
class Said:
    """One source identity of a person."""

    identity_id: uuid.UUID
    person_id: uuid.UUID
    signature: str

    @property
    def anchors(self) -> frozenset[str]:
        """By what a decision may name it."""
        return frozenset({self.signature, f"{OF_IDENTITY}{self.identity_id}"})


def said_of(session: Session, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Said]]:
    """Return what is said of each of these people. One query."""
    found: dict[uuid.UUID, list[Said]] = {person: [] for person in people}
    for row in _rows(session, _OF_PEOPLE, people=list(people)):
        found[row["person_id"]].append(Said(**row))
    return found


def found(session: Session, named: Collection[str]) -> Sequence[Said]:
    """Return the live source identities that these anchors speak of. One query."""
    ids = [
        uuid.UUID(anchor.removeprefix(OF_IDENTITY))
        for anchor in named
        if anchor.startswith(OF_IDENTITY)
    ]
    rows = _rows(session, _OF_ANCHORS, signatures=sorted(named), ids=ids)
    return [Said(**row) for row in rows]


def version_of(said: Mapping[uuid.UUID, Iterable[Said]]) -> str:
    """Return a digest of what someone saw of some people: of other records it is another."""
    seen = sorted(f"{person}:{one.identity_id}" for person, group in said.items() for one in group)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


def pairs(
    session: Session, one: Collection[Said], other: Collection[Said]
) -> list[tuple[str, str]]:
    """Return every pair of an anchor of the one side and an anchor of the other, once."""
    mates = _mates(session, [*one, *other])
    left, right = (_anchors(side, mates) for side in (one, other))
    return [(a, b) for a in left for b in right]


def of_person(session: Session, said: Collection[Said]) -> list[str]:
    """Return by what a decision names one person: all that is said of them."""
    return _anchors(said, _mates(session, said))


def _mates(session: Session, said: Collection[Said]) -> Mapping[str, set[uuid.UUID]]:
    """Return who has each of these signatures."""
    mates: dict[str, set[uuid.UUID]] = defaultdict(set)
    for row in _rows(session, _OF_SIGNATURES, signatures=sorted({one.signature for one in said})):
        mates[row["signature"]].add(row["identity_id"])
    return mates


def _anchors(side: Collection[Said], mates: Mapping[str, set[uuid.UUID]]) -> list[str]:
    """Return the signatures of one side; the identity itself, where others share its signature."""
    own = {said.identity_id for said in side}
    return sorted(
        {
            said.signature if mates[said.signature] <= own else f"{OF_IDENTITY}{said.identity_id}"
            for said in side
        }
    )


def _rows(session: Session, query: TextClause, **given: Collection[object]) -> Sequence[RowMapping]:
    return session.execute(query, given).mappings().all()
