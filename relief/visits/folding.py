"""Of what one helper has twice at one household only one counts; the others are folded into it.

The one that lasts longest counts, so that nobody is left without a helper by a double that is over
or runs out sooner. Who ends it ends what is folded into it: that was of the same household.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.visits.days import still, until
from relief.visits.models import HelperAssignment
from relief.visits.placing import any_of


@dataclass(slots=True)
class _Kept:
    """One that counts, and its days: longer than before if it was to come, and another runs."""

    id: uuid.UUID
    days: Range[date]


def fold(
    session: Session,
    freed: Collection[uuid.UUID],
    households: Collection[uuid.UUID],
    *,
    led: Collection[uuid.UUID],
    today: date,
) -> set[uuid.UUID]:
    """Let one count where several of a helper overlap at a household. Two statements.

    Of the pairs of household and helper of which something was `freed`; that one is folded into
    itself, and no first contact. Returns which ones count of those that were first contacts
    (`led`, and what is folded now).
    """
    rows = session.execute(
        select(
            HelperAssignment.id,
            HelperAssignment.household_id,
            HelperAssignment.helper_id,
            HelperAssignment.days,
            HelperAssignment.ended_at,
            HelperAssignment.folded_into,
            HelperAssignment.is_first,
        )
        .where(HelperAssignment.household_id == any_of(households))
        .order_by(HelperAssignment.id)
        .with_for_update()
    ).all()
    doubtful = {(row.household_id, row.helper_id) for row in rows if row.id in freed}
    pairs: dict[tuple[uuid.UUID, uuid.UUID], list[Any]] = {key: [] for key in doubtful}
    for row in rows:
        if (row.household_id, row.helper_id) in doubtful:
            pairs[row.household_id, row.helper_id].append(row)
    values: list[dict[str, Any]] = []
    leading: set[uuid.UUID] = set()
    for pair in pairs.values():
        into = _into(pair, today)
        values += [_value(row, into[row.id]) for row in pair]
        leading |= {into[row.id].id for row in pair if row.is_first or row.id in led}
    # Out of each other's way first.
    values.sort(key=lambda one: one["folded_into"] is None)
    if values:
        session.execute(update(HelperAssignment), values)
    return leading


def end_folded(
    session: Session, ended: Collection[uuid.UUID], values: Mapping[str, Any], *, today: date
) -> None:
    """End what is folded into assignments that end, in the same words. At most two statements."""
    rows = session.execute(
        select(HelperAssignment.id, HelperAssignment.days)
        .where(
            HelperAssignment.folded_into == any_of(ended),
            HelperAssignment.ended_at.is_(None),
        )
        .order_by(HelperAssignment.id)
        .with_for_update()
    ).all()
    if rows:
        session.execute(
            update(HelperAssignment),
            [{"id": row.id, "days": until(row.days, today), **values} for row in rows],
        )


def _into(pair: Sequence[Any], today: date) -> Mapping[uuid.UUID, _Kept]:
    """Return row → the one that counts for it: itself, or another that overlaps."""
    kept: list[_Kept] = []
    found: dict[uuid.UUID, _Kept] = {}
    for row in sorted(pair, key=_rank):
        into = next((one for one in kept if one.days.overlaps(row.days)), None)
        if into is None:
            into = _Kept(row.id, row.days)
            kept.append(into)
        elif row.ended_at is None:
            into.days = _bridged(into.days, row.days, today)
        found[row.id] = into
    return found


def _rank(row: Any) -> tuple[bool, int, bool, uuid.UUID]:
    """Return what comes first: what has not ended, lasts longest, stands already, is oldest."""
    last = row.days.upper or date.max
    return row.ended_at is not None, -last.toordinal(), row.folded_into is not None, row.id


def _bridged(kept: Range[date], folded: Range[date], today: date) -> Range[date]:
    """Return the days of one that counts, and is to come, from where the folded one helps."""
    assert kept.lower is not None and folded.lower is not None  # noqa: S101, PT018  # they overlap
    if kept.lower <= today:
        return kept
    return Range(min(kept.lower, still(folded, today).lower or today), kept.upper)


def _value(row: Any, into: _Kept) -> dict[str, Any]:
    stands = into.id == row.id
    return {
        "id": row.id,
        "folded_into": None if stands else into.id,
        "days": into.days if stands else row.days,
        # With other days it could stand in the way of another first contact.
        "is_first": row.is_first and stands and into.days == row.days,
    }
