"""What a steward does about the helpers of a household, and about the load of a helper."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.core.privacy.cipher import Cipher
from relief.core.scope import Scope
from relief.registry.errors import HouseholdNotFound
from relief.registry.models import Household
from relief.registry.queries.visible import household_visible
from relief.visits import helpers
from relief.visits.days import days_of, is_over, until
from relief.visits.errors import (
    AssignmentEnded,
    AssignmentNotBegun,
    AssignmentNotFound,
    ChangedMeanwhile,
)
from relief.visits.folding import end_folded
from relief.visits.helpers import Said
from relief.visits.models import HelperAssignment
from relief.visits.placing import Place, Wish, any_of, place_many
from relief.visits.types import EndKind

# What of a household a place is made of.
PLACED = (Household.id, Household.number, Household.region_code, Household.householder_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From when to when somebody is to help, and how."""

    from_on: date
    until_on: date | None = None
    first: bool | None = None
    over_reason: str | None = None


def assign(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    household_id: uuid.UUID,
    said: Said,
    term: Term,
    now: datetime,
) -> uuid.UUID:
    """Give a household a helper, who is added if new; return the assignment.

    Raises HouseholdNotFound, AssignmentDays and what refuses a wish (`placing.place_many`).
    """
    place = place_of(session, actor.scope, household_id)
    days = days_of(term.from_on, term.until_on, today=local_date(now))
    found = helpers.of_all(session, cipher, [said], actor_id=actor.id, now=now)
    wish = Wish(
        place=place,
        helper_id=found[said.name, said.phone],
        days=days,
        first=term.first,
        over_reason=term.over_reason,
    )
    [made] = place_many(session, [wish], actor_id=actor.id, now=now)
    if isinstance(made, DomainError):
        raise made
    return made


def end(
    session: Session, *, actor: Actor, assignment_id: uuid.UUID, reason: str, now: datetime
) -> uuid.UUID:
    """End an assignment: today is no longer of it. Another helper becomes the first contact.

    Returns the household. Raises AssignmentNotFound, AssignmentEnded.
    """
    row, place = _open(session, actor.scope, assignment_id, now)
    today = local_date(now)
    ended = {
        "ended_by": actor.id, "ended_at": now, "end_kind": EndKind.ENDED, "end_reason": reason,
    }  # fmt: skip
    row.days, row.is_first = until(row.days, today), False
    for name, value in ended.items():
        setattr(row, name, value)
    session.flush()
    end_folded(session, {row.id}, ended, today=today)
    settle_first(session, {place.id}, today=today)
    _note(session, "household:helper_ended", row, place, actor_id=actor.id, now=now)
    return place.id


def make_first(
    session: Session, *, actor: Actor, assignment_id: uuid.UUID, now: datetime
) -> uuid.UUID:
    """Let a helper be the household's first contact, in place of whoever was.

    Returns the household. Raises AssignmentNotFound, AssignmentEnded, AssignmentNotBegun,
    ChangedMeanwhile.
    """
    row, place = _open(session, actor.scope, assignment_id, now)
    if row.days.lower is None or row.days.lower > local_date(now):
        raise AssignmentNotBegun
    session.execute(
        update(HelperAssignment)
        .where(
            HelperAssignment.household_id == place.id,
            HelperAssignment.is_first,
            HelperAssignment.id != row.id,
            HelperAssignment.days.overlaps(row.days),
        )
        .values(is_first=False)
    )
    row.is_first = True
    with _one_first():
        session.flush()
    _note(session, "household:helper_first", row, place, actor_id=actor.id, now=now)
    return place.id


def place_of(session: Session, scope: Scope, household_id: uuid.UUID) -> Place:
    """Return a household in scope. Raises HouseholdNotFound."""
    found = session.execute(
        select(*PLACED).where(Household.id == household_id, household_visible(scope))
    ).one_or_none()
    if found is None:
        raise HouseholdNotFound
    row_id, number, region_code, householder_id = found
    return Place(id=row_id, number=number, region_code=region_code, householder_id=householder_id)


def settle_first(
    session: Session,
    households: "set[uuid.UUID]",
    *,
    today: date,
    preferred: Collection[uuid.UUID] = (),
) -> None:
    """Make the helper of longest standing the first contact where nobody is. Two statements.

    `preferred`: assignments that come before.
    """
    rows = session.execute(
        select(
            HelperAssignment.household_id,
            HelperAssignment.id,
            HelperAssignment.days,
            HelperAssignment.is_first,
        )
        .where(
            HelperAssignment.household_id == any_of(households),
            HelperAssignment.folded_into.is_(None),
            HelperAssignment.ended_at.is_(None),
        )
        .order_by(HelperAssignment.days, HelperAssignment.id)
    ).all()
    led: dict[uuid.UUID, list[Range[date]]] = {}
    for row in rows:
        if row.is_first:
            led.setdefault(row.household_id, []).append(row.days)
    chosen = []
    for row in sorted(rows, key=lambda one: one.id not in preferred):
        taken = led.setdefault(row.household_id, [])
        if is_over(row.days, today) or any(days.overlaps(row.days) for days in taken):
            continue
        taken.append(row.days)
        chosen.append(row.id)
    if chosen:
        with _one_first():
            session.execute(
                update(HelperAssignment)
                .where(HelperAssignment.id == any_of(chosen))
                .values(is_first=True)
            )


@contextmanager
def _one_first() -> Iterator[None]:
    """Name the rule where somebody else made a first contact at the same moment."""
    try:
        yield
    except IntegrityError as error:
        diagnostic = getattr(error.orig, "diag", None)
        if diagnostic is None or diagnostic.constraint_name != "one_first_contact":
            raise
        raise ChangedMeanwhile from error


def _open(
    session: Session, scope: Scope, assignment_id: uuid.UUID, now: datetime
) -> tuple[HelperAssignment, Place]:
    """Return an assignment that is not over, locked, and its household."""
    household = (
        select(HelperAssignment.household_id)
        .where(HelperAssignment.id == assignment_id)
        .scalar_subquery()
    )
    # All of the household, in one order: two who make a first contact wait for each other.
    rows = session.scalars(
        select(HelperAssignment)
        .where(HelperAssignment.household_id == household, HelperAssignment.folded_into.is_(None))
        .order_by(HelperAssignment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = next((one for one in rows.all() if one.id == assignment_id), None)
    if row is None:
        raise AssignmentNotFound
    try:
        place = place_of(session, scope, row.household_id)
    except HouseholdNotFound:
        raise AssignmentNotFound from None
    if row.ended_at is not None or is_over(row.days, local_date(now)):
        raise AssignmentEnded
    return row, place


def _note(
    session: Session,
    action: str,
    row: HelperAssignment,
    place: Place,
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    audit.record(
        session,
        action,
        subject_type="household",
        subject_id=place.id,
        actor_id=actor_id,
        now=now,
        region_code=place.region_code,
        details={"assignment": str(row.id), "helper": str(row.helper_id)},
    )
