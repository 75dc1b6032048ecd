"""Keeps that a case is of kin, though what brought it to light was refused and undone.

Else the county would never know that it has a home to visit, and the case would stand still.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.core.errors import Held
from relief.review import stages
from relief.review.kin import locks
from relief.review.kin.models import CaseKin
from relief.review.models import Case
from relief.review.stages import Way
from relief.review.types import LIVE, Step


@contextmanager
def keeping(way: Way) -> Iterator[None]:
    """Let what is refused in the block keep whose kin the family is, as filed by now."""
    try:
        yield
    except Held as refusal:
        refusal.keep = partial(
            keep,
            case_id=way.case.id,
            actor_id=way.actor_id,
            acting_for=way.acting_for,
            now=way.now,
        )
        raise


def keep(
    session: Session,
    *,
    case_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    acting_for: uuid.UUID | None,
    now: datetime,
) -> None:
    """Keep whose kin the family of an open case is; what is kept already stays as it is."""
    way = hold(session, case_id=case_id, actor_id=actor_id, acting_for=acting_for, now=now)
    if way is not None:
        with telling(way):
            locks.compare(session, way.case, on=way.today, now=now)


def hold(
    session: Session,
    *,
    case_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    acting_for: uuid.UUID | None,
    now: datetime,
) -> Way | None:
    """Take hold of a case that the actor was refused to act in; None if it has ended meanwhile."""
    case = session.scalars(
        select(Case)
        .where(Case.id == case_id, Case.status.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        return None
    way = stages.way_of(session, case, actor_id=actor_id, now=now)
    way.acting_for = acting_for
    return way


@contextmanager
def telling(way: Way) -> Iterator[None]:
    """Tell the timeline and the trail if the block finds kin that was not known before."""
    before = _known(way)
    yield
    if _known(way) > before:
        stages.note(way, Step.KIN_FOUND, None, None)


def _known(way: Way) -> int:
    counting = select(func.count()).select_from(CaseKin).where(CaseKin.case_id == way.case.id)
    return way.session.scalars(counting).one()
