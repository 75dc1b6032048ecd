"""Gives helpers to households: one by hand, thousands by file, by the same rules.

All at once: five statements, however many wishes. The helpers' rows are locked first, so that two
who give the same person one household more each see each other; of one household, the exclusion
constraints decide.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Uuid, any_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, Range, distinct_on, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CollectionAggregate

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.core.ids import new_id
from relief.core.registrar import registrar
from relief.registry.models import SourceLink
from relief.schemes import queries as schemes
from relief.schemes.errors import ParameterNotSet
from relief.schemes.models import Parameter
from relief.visits.days import most_at_once, still
from relief.visits.errors import (
    AssignmentOverlaps,
    ChangedMeanwhile,
    FirstLater,
    HelperNotFound,
    RatioExceeded,
)
from relief.visits.models import Helper, HelperAssignment

LIMIT = "helper_households_max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A household to be helped: where it is, and whose record the assignment goes with."""

    id: uuid.UUID
    number: str
    region_code: int
    householder_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A helper for a household. `first` None: the first contact if the household has none yet."""

    place: Place
    helper_id: uuid.UUID
    days: Range[date]
    first: bool | None = None
    over_reason: str | None = None
    notes: str | None = None
    after_id: uuid.UUID | None = None


# Helper → the days of what they have, of each household as often as it was given for other days.
Loads = dict[uuid.UUID, list[Range[date]]]


@dataclass(slots=True)
class _Standing:
    """What there is already, and what is added on the way."""

    limit: Parameter
    today: date
    loads: Loads
    mine: dict[tuple[uuid.UUID, uuid.UUID], list[Range[date]]] = field(default_factory=dict)
    led: dict[uuid.UUID, list[tuple[uuid.UUID, Range[date]]]] = field(default_factory=dict)
    yielded: set[uuid.UUID] = field(default_factory=set)


def place_many(
    session: Session, wishes: Sequence[Wish], *, actor_id: uuid.UUID, now: datetime
) -> Sequence[uuid.UUID | DomainError]:
    """Return the assignment of each wish, or the rule that refuses it; the others are made.

    Who calls has looked that the actor sees the households. Refused by HelperNotFound,
    AssignmentOverlaps, RatioExceeded, FirstLater, ChangedMeanwhile. Raises ParameterNotSet.
    """
    if not wishes:
        return ()
    today = local_date(now)
    standing = _standing(session, wishes, today)
    answers: list[uuid.UUID | DomainError] = []
    rows: dict[uuid.UUID, tuple[Wish, bool]] = {}
    for wish in wishes:
        try:
            leads = _allow(standing, wish)
        except DomainError as refused:
            answers.append(refused)
            continue
        row_id = new_id(now)
        rows[row_id] = (wish, leads)
        answers.append(row_id)
        _note(standing, wish, row_id, leads=leads)
    _give_way(session, standing, rows)
    made = _insert(session, rows, actor_id=actor_id, now=now)
    for row_id in made:
        wish, leads = rows[row_id]
        audit.record(
            session,
            "household:helper_assigned",
            subject_type="household",
            subject_id=wish.place.id,
            actor_id=actor_id,
            now=now,
            region_code=wish.place.region_code,
            details={
                "assignment": str(row_id),
                "helper": str(wish.helper_id),
                "first": leads,
                "over": wish.over_reason is not None,
            },
        )
    session.flush()
    return [
        answer if isinstance(answer, DomainError) or answer in made else ChangedMeanwhile()
        for answer in answers
    ]


def running(today: date) -> ColumnElement[bool]:
    """Return the condition on `helper_assignment` that it counts, today or from a day to come."""
    return (
        HelperAssignment.folded_into.is_(None)
        & HelperAssignment.ended_at.is_(None)
        & or_(func.upper_inf(HelperAssignment.days), func.upper(HelperAssignment.days) > today)
    )


def any_of(ids: Iterable[uuid.UUID]) -> CollectionAggregate[bool]:
    """Return the other side of a condition: one parameter, however many ids."""
    return any_(literal(list(ids), ARRAY(Uuid())))


def limit_of(session: Session, today: date) -> Parameter:
    """Return how many households one helper stands by at most. Raises ParameterNotSet."""
    found = schemes.parameters(session, on=today).get(LIMIT)
    if found is None:
        raise ParameterNotSet(name=LIMIT, on=today.isoformat())
    return found


def loads(session: Session, helpers: Iterable[uuid.UUID], today: date) -> Loads:
    """Return what each helper has, wherever: as registrar, their row locked.

    What they have at one household never overlaps, so that on any day it is one for each household.
    Who is not in post is not among them.
    """
    with registrar(session):
        in_post = session.scalars(
            select(Helper.id)
            .where(Helper.id == any_of(helpers), Helper.left_on.is_(None))
            .order_by(Helper.id)
            .with_for_update()
        ).all()
        found: Loads = {helper_id: [] for helper_id in in_post}
        for helper_id, days in session.execute(
            select(HelperAssignment.helper_id, HelperAssignment.days).where(
                HelperAssignment.helper_id == any_of(in_post), running(today)
            )
        ):
            found[helper_id].append(days)
    return found


def refuse_above(limit: Parameter, households: int, over_reason: str | None) -> None:
    """Raise RatioExceeded for so many households of one helper at once, unless with a reason."""
    if households <= limit.value or over_reason:
        return
    words = (
        f"此人将同时联系 {households} 户，超过每名帮扶责任人联系户数的上限 {int(limit.value)} 户"
        f"（{limit.source}），确需安排的请写明理由"
    )
    raise RatioExceeded(words)


def _standing(session: Session, wishes: Sequence[Wish], today: date) -> _Standing:
    found = _Standing(
        limit_of(session, today), today, loads(session, {one.helper_id for one in wishes}, today)
    )
    rows = session.execute(
        select(
            HelperAssignment.id,
            HelperAssignment.household_id,
            HelperAssignment.helper_id,
            HelperAssignment.days,
            HelperAssignment.is_first,
        ).where(
            HelperAssignment.household_id == any_of({one.place.id for one in wishes}),
            HelperAssignment.folded_into.is_(None),
        )
    )
    for row_id, household_id, helper_id, days, is_first in rows:
        found.mine.setdefault((household_id, helper_id), []).append(days)
        if is_first:
            found.led.setdefault(household_id, []).append((row_id, days))
    return found


def _allow(standing: _Standing, wish: Wish) -> bool:
    """Tell whether the wish makes a first contact. Raises what forbids it."""
    if wish.helper_id not in standing.loads:
        raise HelperNotFound
    there = standing.mine.get((wish.place.id, wish.helper_id), ())
    if any(days.overlaps(wish.days) for days in there):
        raise AssignmentOverlaps
    if not wish.over_reason:
        beside = most_at_once(standing.loads[wish.helper_id], still(wish.days, standing.today))
        refuse_above(standing.limit, beside + 1, None)
    if wish.first:
        assert wish.days.lower is not None  # noqa: S101  # of `days_of`
        if wish.days.lower > standing.today:
            raise FirstLater
        return True
    led = standing.led.get(wish.place.id, ())
    return wish.first is None and not any(days.overlaps(wish.days) for _, days in led)


def _note(standing: _Standing, wish: Wish, row_id: uuid.UUID, *, leads: bool) -> None:
    standing.loads[wish.helper_id].append(wish.days)
    standing.mine.setdefault((wish.place.id, wish.helper_id), []).append(wish.days)
    if leads:
        led = standing.led.setdefault(wish.place.id, [])
        standing.yielded |= {one for one, days in led if days.overlaps(wish.days)}
        standing.led[wish.place.id] = [
            *((one, days) for one, days in led if one not in standing.yielded),
            (row_id, wish.days),
        ]


def _give_way(
    session: Session, standing: _Standing, rows: dict[uuid.UUID, tuple[Wish, bool]]
) -> None:
    """Let the first contacts give way to those that are made now, also of one file."""
    for row_id in standing.yielded & rows.keys():
        rows[row_id] = (rows[row_id][0], False)
    before = standing.yielded - rows.keys()
    if before:
        session.execute(
            update(HelperAssignment)
            .where(HelperAssignment.id == any_of(before))
            .values(is_first=False)
        )


def _insert(
    session: Session,
    rows: Mapping[uuid.UUID, tuple[Wish, bool]],
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> set[uuid.UUID]:
    if not rows:
        return set()
    records = _records(session, (wish.place for wish, _ in rows.values()))
    values: list[dict[str, Any]] = [
        {
            "id": row_id,
            "household_id": wish.place.id,
            "identity_id": records.get(wish.place.householder_id),
            "helper_id": wish.helper_id,
            "days": wish.days,
            "is_first": leads,
            "over_reason": wish.over_reason,
            "notes": wish.notes,
            "after_id": wish.after_id,
            "made_by": actor_id,
            "made_at": now,
        }
        for row_id, (wish, leads) in rows.items()
    ]
    return set(
        session.scalars(
            insert(HelperAssignment).on_conflict_do_nothing().returning(HelperAssignment.id),
            values,
        )
    )


def _records(session: Session, places: Iterable[Place]) -> Mapping[uuid.UUID | None, uuid.UUID]:
    """Return householder → the source record of theirs that was made first."""
    people = {place.householder_id for place in places if place.householder_id}
    rows = session.execute(
        select(SourceLink.person_id, SourceLink.identity_id)
        .ext(distinct_on(SourceLink.person_id))
        .where(SourceLink.person_id == any_of(people))
        .order_by(SourceLink.person_id, SourceLink.identity_id)
    )
    return dict(rows.all())
