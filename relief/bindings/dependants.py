"""Codes and bindings when the people change (`relief.registry.dependants`)."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    column,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.bindings.models import HouseholdBinding, HouseholdCode
from relief.bindings.types import Ending
from relief.registry.dependants import Homes, Move, Obstacle
from relief.registry.models import Person

MOVED = "person:mini_moved"


class Bindings:
    """Whoever is put together with another keeps the phone; of who is taken apart it ends.

    After a split nobody can tell whose telephone it was: it is bound anew, by whose it is.
    """

    columns = frozenset({"household_code.person_id", "household_binding.person_id"})

    def on_batch(self, _session: Session, *, batch_id: uuid.UUID) -> Sequence[Obstacle]:  # noqa: ARG002  # the protocol's
        """Return nothing: a binding forbids no change."""
        return ()

    def on_people(
        self,
        _session: Session,
        *,
        people: Collection[uuid.UUID],  # noqa: ARG002  # the protocol's
    ) -> Sequence[Obstacle]:
        """Return nothing: a binding forbids no change."""
        return ()

    def follow(
        self,
        session: Session,
        *,
        moves: Sequence[Move],
        gone: Mapping[uuid.UUID, uuid.UUID],
        homes: Homes,  # noqa: ARG002  # the protocol's
        now: datetime,
    ) -> Sequence[Obstacle]:
        """Move what is open of who is no more; end what is open of who lost records and remains.

        Who is no more but fell to several is taken apart too. A fixed number of statements, however
        many people changed.
        """
        heirs: dict[uuid.UUID, set[uuid.UUID]] = {}
        for move in moves:
            heirs.setdefault(move.before, set()).add(move.after)
        whole = {one: heir for one, heir in gone.items() if len(heirs[one]) == 1}
        notes = _end(session, heirs.keys() - whole.keys(), gone, now)
        _record(session, [*notes, *_move(session, whole)], now)
        return ()


@dataclass(frozen=True, slots=True)
class _Note:
    """What happened to what is of a person, for the trail; `at`: whose place it is noted at."""

    action: str
    person_id: uuid.UUID
    at: uuid.UUID
    details: Mapping[str, object]


def _move(session: Session, whole: Mapping[uuid.UUID, uuid.UUID]) -> list[_Note]:
    """Give what is of who is no more to the one heir, in one statement a table."""
    if not whole:
        return []
    moved: dict[uuid.UUID, Counter[str]] = {}
    for kind, table in (("codes", HouseholdCode), ("bindings", HouseholdBinding)):
        pairs = (
            func.unnest(_ids(whole.keys()), _ids(whole.values()))
            .table_valued(column("before", Uuid), column("heir", Uuid), name="pair")
            .render_derived()
        )
        lost = session.scalars(
            update(table)
            .where(table.person_id == pairs.c.before)
            .values(person_id=pairs.c.heir)
            .returning(pairs.c.before)
            .execution_options(synchronize_session=False)
        )
        for before in lost:
            moved.setdefault(before, Counter())[kind] += 1
    return [
        _Note(MOVED, whole[before], whole[before], {"from": str(before), **counts})
        for before, counts in moved.items()
    ]


def _end(
    session: Session,
    people: Collection[uuid.UUID],
    gone: Mapping[uuid.UUID, uuid.UUID],
    now: datetime,
) -> list[_Note]:
    if not people:
        return []
    session.execute(
        update(HouseholdCode)
        .where(
            HouseholdCode.person_id == any_(_ids(people)),
            HouseholdCode.used_at.is_(None),
            HouseholdCode.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    ended = session.execute(
        update(HouseholdBinding)
        .where(
            HouseholdBinding.person_id == any_(_ids(people)), HouseholdBinding.ended_at.is_(None)
        )
        .values(ended_at=now, ending=Ending.REGISTRY)
        .returning(HouseholdBinding.id, HouseholdBinding.person_id)
        .execution_options(synchronize_session=False)
    )
    return [
        _Note(
            "person:mini_unbound",
            person_id,
            gone.get(person_id, person_id),
            {"binding": str(binding_id), "ending": Ending.REGISTRY.value},
        )
        for binding_id, person_id in ended
    ]


def _record(session: Session, notes: Sequence[_Note], now: datetime) -> None:
    if not notes:
        return
    places = dict(
        session.execute(
            select(Person.id, Person.home_region_code).where(
                Person.id == any_(_ids(note.at for note in notes))
            )
        ).all()
    )
    for note in notes:
        audit.record(
            session,
            note.action,
            subject_type="person",
            subject_id=note.person_id,
            actor_id=None,
            now=now,
            details=note.details,
            region_code=places.get(note.at),
        )


def _ids(ids: Iterable[uuid.UUID]) -> ColumnElement[Sequence[uuid.UUID]]:
    """Return ids as one parameter, however many."""
    return literal(list(ids), ARRAY(Uuid()))
