"""Decides a signed list, as a task of the queue: some cases in each transaction.

What became of a case is committed with its decision. So a worker may be killed at any moment: the
next one goes on with those that are still listed, and none is decided twice.
"""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.review.lists import deciding, service
from relief.review.lists.authority import signer_now
from relief.review.lists.deciding import Signed
from relief.review.lists.digest import digest_of
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.types import EntryStatus, ListStatus, StopReason
from relief.tasks.worker import TaskContext

AT_ONCE = 100  # cases of a transaction: a stop is heard, and others' acts wait, so long
_WORDS = "已办理 {done:,} 件，共 {total:,} 件"


def run(context: TaskContext, *, at_once: int = AT_ONCE) -> dict[str, Any]:
    """Handle a task of the kind `decision-list`: argument `list_id`.

    `at_once`: cases of a transaction.
    """
    list_id = uuid.UUID(context.arguments["list_id"])
    checked = False
    while True:
        with context.unit_of_work() as session:
            # Who stops or resumes the list waits for this, so that neither is ever lost.
            drawn = session.get_one(
                DecisionList, list_id, with_for_update=True, populate_existing=True
            )
            if not checked:
                _check_digest(session, context, drawn)
                checked = True
            if drawn.status is ListStatus.SIGNED:
                _some(session, context, drawn, at_once)
            counts = counts_of(session, list_id)
            if drawn.status is not ListStatus.SIGNED:
                result = _result(drawn, counts)
                context.complete(session, result)
                return result
            context.fence(session)
        total = sum(counts.values()) - counts[EntryStatus.LEFT_OUT]
        done = total - counts[EntryStatus.LISTED]
        context.progress(done, total, _WORDS.format(done=done, total=total))


def counts_of(session: Session, list_id: uuid.UUID) -> dict[EntryStatus, int]:
    """Return how many cases of a list stand where. One query."""
    rows = session.execute(
        select(DecisionListEntry.status, func.count())
        .where(DecisionListEntry.list_id == list_id)
        .group_by(DecisionListEntry.status)
    )
    return dict.fromkeys(EntryStatus, 0) | {row[0]: row[1] for row in rows}


def _check_digest(session: Session, context: TaskContext, drawn: DecisionList) -> None:
    """Stop a list whose cases are not those that were signed for."""
    if digest_of(drawn, service.signed_entries(session, drawn)) != drawn.digest:
        _stop(session, context, drawn, StopReason.DIGEST)


def _some(session: Session, context: TaskContext, drawn: DecisionList, at_once: int) -> None:
    """Decide the next cases, or end the list where there is none, or its signer may not."""
    now = context.clock()
    signer = signer_now(session, account_id=drawn.drawn_by, department_code=drawn.department_code)
    if signer is None:
        _stop(session, context, drawn, StopReason.AUTHORITY)
        return
    entries = session.scalars(
        select(DecisionListEntry)
        .where(
            DecisionListEntry.list_id == drawn.id,
            DecisionListEntry.status == EntryStatus.LISTED,
        )
        .order_by(DecisionListEntry.position)
        .limit(at_once)
    ).all()
    if entries:
        deciding.decide(Signed(session, drawn, signer, now), entries)
        return
    drawn.status, drawn.ended_at = ListStatus.DONE, now
    counts = counts_of(session, drawn.id)
    told = {
        "decided": counts[EntryStatus.DECIDED],
        "not_decided": counts[EntryStatus.NOT_DECIDED],
    }
    service.note(session, drawn, "done", told, actor_id=None, now=now)


def _stop(session: Session, context: TaskContext, drawn: DecisionList, why: StopReason) -> None:
    if drawn.status is not ListStatus.SIGNED:
        return
    drawn.status, drawn.stopped_for = ListStatus.STOPPED, why
    service.note(session, drawn, "stopped", {"for": why.value}, actor_id=None, now=context.clock())


def _result(drawn: DecisionList, counts: dict[EntryStatus, int]) -> dict[str, Any]:
    return {
        "list": str(drawn.id),
        "status": drawn.status.value,
        "stopped_for": drawn.stopped_for.value if drawn.stopped_for else None,
        **{status.value: counts[status] for status in EntryStatus},
    }
