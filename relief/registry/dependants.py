"""What hangs on people and households in other rooms, when the people change.

A split, a merge by hand, a withdrawal and an undone batch change who is who. Each room that keeps
a person's or household's id answers here for its columns: whether something of its own forbids
the change (a decision or a payment rests on it), and where its rows go. A row goes with its source
record where it has one; where a room cannot tell, it says so, and the steward must.

`relief/wiring.py` fills this. Without it nothing here may be written: what hangs on a person would
be forgotten in silence.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.registry.errors import RestsOnIt, Undecided
from relief.registry.models import Person


@dataclass(frozen=True, slots=True)
class Move:
    """A source identity that speaks of another person than before."""

    identity_id: uuid.UUID
    before: uuid.UUID
    after: uuid.UUID


@dataclass(frozen=True, slots=True)
class Homes:
    """Who lives in another household than before.

    `moves`: source identities, each with the household it was of and is of now. `gone`: households
    that are no more, each with the one that has most of their records; None: nobody is left.
    """

    moves: Sequence[Move] = ()
    gone: Mapping[uuid.UUID, uuid.UUID | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that forbids a change, in words for the steward."""

    what: str
    id: uuid.UUID


class Dependants(Protocol):
    """One room's answers."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns it answers for, as `table.column`."""

    def on_batch(self, session: Session, *, batch_id: uuid.UUID) -> Sequence[Obstacle]:
        """Return what rests on the records of a batch, and forbids that it is taken back."""

    def on_people(self, session: Session, *, people: Collection[uuid.UUID]) -> Sequence[Obstacle]:
        """Return what forbids that these people are taken apart or put together."""

    def follow(
        self,
        session: Session,
        *,
        moves: Sequence[Move],
        gone: Mapping[uuid.UUID, uuid.UUID],
        homes: Homes,
        now: datetime,
    ) -> Sequence[Obstacle]:
        """Move what goes with its source record; return what only a steward can decide.

        `gone`: people who are no more, each with the one who has most of their records now.
        """


class _Wired:
    answers: Sequence[Dependants] | None = None


def wire(answers: Sequence[Dependants]) -> None:
    """Say who answers; done once, by `relief.wiring`."""
    _Wired.answers = tuple(answers)


def wired() -> Sequence[Dependants]:
    """Return who answers. Raises RuntimeError before anyone was named."""
    if _Wired.answers is None:
        message = "nobody was asked what hangs on people: import relief.wiring first"
        raise RuntimeError(message)
    return _Wired.answers


def refuse_batch(session: Session, *, batch_id: uuid.UUID) -> None:
    """Raise RestsOnIt if something forbids that a batch is taken back."""
    _refuse([each for room in wired() for each in room.on_batch(session, batch_id=batch_id)])


def refuse_people(session: Session, *, people: Collection[uuid.UUID]) -> None:
    """Raise RestsOnIt if something forbids that these people change."""
    _refuse([each for room in wired() for each in room.on_people(session, people=people)])


def follow(
    session: Session,
    *,
    moves: Sequence[Move],
    now: datetime,
    moved_homes: Sequence[Move] = (),
    gone_homes: Collection[uuid.UUID] = (),
) -> Sequence[Obstacle]:
    """Let every room move what it has on people and households whose records went elsewhere.

    `moved_homes`: the same of households; `gone_homes`: those that are no more.

    Returns what no room could place, for the steward.
    """
    rooms = wired()
    if not (moves or moved_homes or gone_homes):
        return ()
    gone = _gone(session, moves)
    heirs = _heirs(moved_homes)
    homes = Homes(moved_homes, {home: heirs.get(home) for home in gone_homes})
    return [
        each
        for room in rooms
        for each in room.follow(session, moves=moves, gone=gone, homes=homes, now=now)
    ]


def refuse_left(left: Sequence[Obstacle]) -> None:
    """Raise Undecided if something was left: who decides must place it first."""
    if left:
        raise Undecided(_words(left), conflicts=_members(left))


def _gone(session: Session, moves: Sequence[Move]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return who is no more, and who has the larger part of each one's records."""
    heirs = _heirs(moves)
    alive = set(session.scalars(select(Person.id).where(Person.id.in_(heirs)))) if heirs else ()
    return {person: heir for person, heir in heirs.items() if person not in alive}


def _heirs(moves: Sequence[Move]) -> dict[uuid.UUID, uuid.UUID]:
    """Return who has the larger part of the records that each one lost."""
    shares: dict[uuid.UUID, Counter[uuid.UUID]] = {}
    for move in moves:
        shares.setdefault(move.before, Counter())[move.after] += 1
    return {
        before: max(heirs.items(), key=lambda share: (share[1], share[0].int))[0]
        for before, heirs in shares.items()
    }


def _refuse(obstacles: Sequence[Obstacle]) -> None:
    if obstacles:
        raise RestsOnIt(_words(obstacles), conflicts=_members(obstacles))


def _words(obstacles: Sequence[Obstacle]) -> str:
    return "；".join(dict.fromkeys(obstacle.what for obstacle in obstacles))


def _members(obstacles: Sequence[Obstacle]) -> list[dict[str, str]]:
    return [{"what": obstacle.what, "id": str(obstacle.id)} for obstacle in obstacles]
