"""Enters what an act has chosen, as a task of the queue: some people in each transaction.

What became of a person is committed with their case. So a worker may be killed at any moment: the
next one goes on with those who are still listed, and nobody is entered twice.
"""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts.permissions import Permission
from relief.core.clock import local_date
from relief.review.lists.authority import signer_now
from relief.review.recognition import rosters
from relief.review.rostering import entering, noting
from relief.review.rostering.entering import Acting
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.types import ActStatus, PlaceStatus
from relief.tasks.worker import TaskContext

AT_ONCE = 100  # people of a transaction: others who enter cases of the county wait so long
_WORDS = "已录入 {done:,} 人，共 {total:,} 人"


def run(context: TaskContext, *, at_once: int = AT_ONCE) -> dict[str, Any]:
    """Handle a task of the kind `roster-entry`: argument `act_id`.

    `at_once`: people of a transaction.
    """
    act_id = uuid.UUID(context.arguments["act_id"])
    while True:
        with context.unit_of_work() as session:
            act = session.get_one(RosterAct, act_id, with_for_update=True, populate_existing=True)
            if act.status is ActStatus.RUNNING:
                _some(session, context, act, at_once)
            counts = counts_of(session, act_id)
            if act.status is not ActStatus.RUNNING:
                result = {"act": str(act.id), "status": act.status.value} | {
                    status.value: count for status, count in counts.items()
                }
                context.complete(session, result)
                return result
            context.fence(session)
        total = sum(counts.values())
        done = total - counts[PlaceStatus.LISTED]
        context.progress(done, total, _WORDS.format(done=done, total=total))


def counts_of(session: Session, act_id: uuid.UUID) -> dict[PlaceStatus, int]:
    """Return how many people of an act stand where. One query."""
    rows = session.execute(
        select(RosterPlace.status, func.count())
        .where(RosterPlace.act_id == act_id)
        .group_by(RosterPlace.status)
    )
    return dict.fromkeys(PlaceStatus, 0) | {row[0]: row[1] for row in rows}


def _some(session: Session, context: TaskContext, act: RosterAct, at_once: int) -> None:
    """Enter the next people, or end the act where there is none, or its clerk may not."""
    now = context.clock()
    clerk = signer_now(
        session,
        account_id=act.begun_by,
        department_code=act.department_code,
        permission=Permission.OPEN_CASES,
    )
    # A version of the procedure that holds since may leave the department out.
    if clerk is None or not rosters.takes_part(
        session, scope=clerk.scope, scheme_code=act.scheme_code, on=local_date(now)
    ):
        act.status = ActStatus.STOPPED
        noting.note(session, act, "stopped", actor_id=None, now=now)
        session.flush()
        return
    places = session.scalars(
        select(RosterPlace)
        .where(RosterPlace.act_id == act.id, RosterPlace.status == PlaceStatus.LISTED)
        .order_by(RosterPlace.position)
        .limit(at_once)
    ).all()
    if places:
        entering.enter(Acting(session, act, clerk, now), places)
        return
    act.status, act.ended_at = ActStatus.DONE, now
    noting.note(session, act, "done", actor_id=None, now=now)
    session.flush()
