"""Lets the clocks of cases run on when they have stood as long as they may (暂停期满)."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.review import stages
from relief.review.models import Case, CasePause
from relief.review.types import Step

logger = logging.getLogger(__name__)


def run_on(session: Session, *, now: datetime) -> int:
    """End the waits that have lasted as long as they may; return how many.

    Each in a savepoint of its own: one case that cannot go on never holds up the others.
    """
    waits = session.execute(
        select(CasePause.id, CasePause.case_id)
        .where(CasePause.until_on.is_(None), CasePause.stands_until < local_date(now))
        .order_by(CasePause.id)
    ).all()
    ended = 0
    for wait in waits:
        try:
            with session.begin_nested():
                ended += _end(session, wait.case_id, now)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            logger.exception("a clock could not run on", extra={"case": str(wait.case_id)})
    return ended


def _end(session: Session, case_id: object, now: datetime) -> bool:
    """End the wait of a case under its lock, unless it has ended meanwhile."""
    case = session.scalars(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    wait = session.scalars(
        select(CasePause)
        .where(CasePause.case_id == case_id, CasePause.until_on.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if wait is None or wait.stands_until is None:
        return False
    wait.until_on = wait.stands_until
    session.flush()
    way = stages.way_of(session, case, actor_id=None, now=now)
    days = (wait.stands_until - wait.since_on).days
    stages.note(way, Step.RESUMED, None, f"已等待 {days} 天，达到最长期限，恢复计时")
    stages.count(way)
    return True
