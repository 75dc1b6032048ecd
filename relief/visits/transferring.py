"""A whole load goes to a successor: in one transaction, with what there is to know.

What the one who hands over has in other regions stays: a steward there transfers it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.registry.models import Household
from relief.registry.queries.visible import household_visible
from relief.visits import helpers
from relief.visits.assigning import settle_first
from relief.visits.days import most_at_once, still, uncovered, until
from relief.visits.errors import HelperNotFound, NothingToTransfer, SuccessorIsSame
from relief.visits.folding import end_folded
from relief.visits.helpers import Said
from relief.visits.models import Helper, HelperAssignment
from relief.visits.placing import any_of, limit_of, loads, refuse_above, running
from relief.visits.types import EndKind

_MOVED = (
    HelperAssignment.id,
    HelperAssignment.household_id,
    HelperAssignment.identity_id,
    HelperAssignment.days,
    HelperAssignment.is_first,
    Household.region_code,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """What became of a load: who has it now, of how many households, and how many they had."""

    helper_id: uuid.UUID
    households: int
    had_already: int


def transfer(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    helper_id: uuid.UUID,
    to: Said,
    notes: str,
    reason: str,
    now: datetime,
    over_reason: str | None = None,
) -> Transferred:
    """Give all that a helper has in the actor's regions to a successor, who is added if new.

    A fixed number of statements. The successor is first contact where the one before was. Raises
    HelperNotFound, SuccessorIsSame, NothingToTransfer, RatioExceeded, ParameterNotSet.
    """
    today = local_date(now)
    if (
        session.scalar(
            select(Helper.id).where(Helper.id == helper_id, helpers.seen_by(actor.scope))
        )
        is None
    ):
        raise HelperNotFound
    found = helpers.of_all(session, cipher, [to], actor_id=actor.id, now=now)
    successor = found[to.name, to.phone]
    if successor == helper_id:
        raise SuccessorIsSame
    carried = loads(session, {successor}, today).get(successor, [])
    rows = _load(session, actor, helper_id, today)
    if not rows:
        raise NothingToTransfer
    theirs = _theirs(session, successor, {row.household_id for row in rows})
    pieces = [
        (row, days)
        for row in rows
        for days in uncovered(
            still(row.days, today), [one.days for one in theirs.get(row.household_id, ())]
        )
    ]
    from_today = Range(today, None)
    at_once = most_at_once([*carried, *(days for _, days in pieces)], from_today)
    if at_once > most_at_once(carried, from_today):
        refuse_above(limit_of(session, today), at_once, over_reason)
    _end(session, rows, reason, actor_id=actor.id, now=now)
    _hand_over(
        session, pieces, successor, notes=notes, over_reason=over_reason, actor_id=actor.id,
        now=now,
    )  # fmt: skip
    led = {row.household_id for row in rows if row.is_first}
    settle_first(
        session,
        {row.household_id for row in rows},
        today=today,
        preferred={one.id for home in led for one in theirs.get(home, ())},
    )
    _tell(session, rows, helper_id, successor, actor_id=actor.id, now=now)
    homes = {row.household_id for row in rows}
    return Transferred(
        helper_id=successor,
        households=len(homes),
        had_already=len(homes - {row.household_id for row, _ in pieces}),
    )


def _load(session: Session, actor: Actor, helper_id: uuid.UUID, today: date) -> Sequence[Any]:
    """Return what a helper has in the actor's regions, locked."""
    return session.execute(
        select(*_MOVED)
        .join(Household, Household.id == HelperAssignment.household_id)
        .where(
            HelperAssignment.helper_id == helper_id,
            running(today),
            household_visible(actor.scope),
        )
        .order_by(HelperAssignment.id)
        .with_for_update(of=HelperAssignment)
    ).all()


def _theirs(
    session: Session, helper_id: uuid.UUID, households: "set[uuid.UUID]"
) -> dict[uuid.UUID, list[Any]]:
    """Return household → what a helper has there already: id and days."""
    found: dict[uuid.UUID, list[Any]] = {}
    for row in session.execute(
        select(HelperAssignment.household_id, HelperAssignment.id, HelperAssignment.days).where(
            HelperAssignment.helper_id == helper_id,
            HelperAssignment.household_id == any_of(households),
            HelperAssignment.folded_into.is_(None),
        )
    ):
        found.setdefault(row.household_id, []).append(row)
    return found


def _end(
    session: Session, rows: Sequence[Any], reason: str, *, actor_id: uuid.UUID, now: datetime
) -> None:
    today = local_date(now)
    ended = {
        "ended_by": actor_id, "ended_at": now, "end_kind": EndKind.TRANSFERRED,
        "end_reason": reason,
    }  # fmt: skip
    session.execute(
        update(HelperAssignment),
        [
            {"id": row.id, "days": until(row.days, today), "is_first": False, **ended}
            for row in rows
        ],
    )
    end_folded(session, {row.id for row in rows}, ended, today=today)


def _hand_over(
    session: Session,
    pieces: Sequence[tuple[Any, Range[date]]],
    successor: uuid.UUID,
    *,
    notes: str,
    over_reason: str | None,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    if not pieces:
        return
    session.execute(
        insert(HelperAssignment),
        [
            {
                "id": new_id(now),
                "household_id": row.household_id,
                "identity_id": row.identity_id,
                "helper_id": successor,
                "days": days,
                "is_first": row.is_first,
                "over_reason": over_reason,
                "notes": notes,
                "after_id": row.id,
                "made_by": actor_id,
                "made_at": now,
            }
            for row, days in pieces
        ],
    )


def _tell(
    session: Session,
    rows: Sequence[Any],
    helper_id: uuid.UUID,
    successor: uuid.UUID,
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write into the trail of each household, and of the helper, where it went."""
    for row in rows:
        audit.record(
            session,
            "household:helper_transferred",
            subject_type="household",
            subject_id=row.household_id,
            actor_id=actor_id,
            now=now,
            region_code=row.region_code,
            details={"assignment": str(row.id), "from": str(helper_id), "to": str(successor)},
        )
    helpers.note(
        session, "helper:transferred", helper_id, actor_id=actor_id, now=now,
        to=str(successor), households=len({row.household_id for row in rows}),
    )  # fmt: skip
    session.flush()
