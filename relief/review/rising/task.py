"""Draws the list of a rise, and decides it when it is signed: some lines in each transaction.

What was worked out or decided commits with its line. So a worker may be killed at any moment: the
next one goes on behind the last line, and nothing is given twice.
"""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.funds.models import Entitlement
from relief.review.facts import computing
from relief.review.lists.authority import signer_now
from relief.review.lists.types import EntryStatus
from relief.review.rising import deciding, service, standing
from relief.review.rising.deciding import Signed
from relief.review.rising.digest import digest_of
from relief.review.rising.models import RiseEntry, StandardRise
from relief.review.rising.standing import Standing
from relief.review.rising.types import RiseStatus, RiseStop
from relief.tasks.worker import TaskContext

DRAW_AT_ONCE = 500
AT_ONCE = 100  # of a transaction that decides: a stop is heard, and others' acts wait, so long
_DRAWING = "已测算 {done:,} 份，共 {total:,} 份"
_DECIDING = "已办理 {done:,} 份，共 {total:,} 份"


def run(
    context: TaskContext, *, draw_at_once: int = DRAW_AT_ONCE, at_once: int = AT_ONCE
) -> dict[str, Any]:
    """Handle a task of the kind `standard-rise`: argument `rise_id`.

    It draws what is being drawn, and decides what is signed; else there is nothing to do.
    """
    rise_id = uuid.UUID(context.arguments["rise_id"])
    checked = False
    while True:
        with context.unit_of_work() as session:
            # Who stops or cancels waits for this, so that neither is ever lost.
            rise = session.get_one(
                StandardRise, rise_id, with_for_update=True, populate_existing=True
            )
            drawing = rise.status is RiseStatus.DRAWING
            if drawing:
                _draw_some(session, context, rise, draw_at_once)
            elif rise.status is RiseStatus.SIGNED:
                _decide_some(session, context, rise, at_once, checked=checked)
                checked = True
            counts = counts_of(session, rise_id)
            over = rise.status is not (RiseStatus.DRAWING if drawing else RiseStatus.SIGNED)
            if over:
                result = _result(rise, counts)
                context.complete(session, result)
                return result
            context.fence(session)
        _tell(context, rise, counts, drawing=drawing)


def counts_of(session: Session, rise_id: uuid.UUID) -> dict[EntryStatus, int]:
    """Return how many entitlements of a rise stand where. One query."""
    rows = session.execute(
        select(RiseEntry.status, func.count())
        .where(RiseEntry.rise_id == rise_id)
        .group_by(RiseEntry.status)
    )
    return dict.fromkeys(EntryStatus, 0) | {row[0]: row[1] for row in rows}


def _draw_some(session: Session, context: TaskContext, rise: StandardRise, at_once: int) -> None:
    """Work out the next entitlements, or close the list where there is none."""
    now = context.clock()
    last = session.scalars(
        select(RiseEntry)
        .where(RiseEntry.rise_id == rise.id)
        .order_by(RiseEntry.position.desc())
        .limit(1)
    ).one_or_none()
    book = computing.book_of(session, scheme_code=rise.scheme_code, on=rise.effective_on)
    there = standing.in_payment(scheme_code=rise.scheme_code, region_code=rise.region_code, now=now)
    found = standing.held(
        session, there, *([Entitlement.id > last.entitlement_id] if last else []), limit=at_once
    )
    if book is not None and found:
        looked = standing.look(session, rise, book, found=found, account_id=rise.drawn_by, now=now)
        first = last.position + 1 if last else 1
        session.add_all(
            _entry(rise, position, looked[one.entitlement.id])
            for position, one in enumerate(found, start=first)
        )
        session.flush()
        return
    rise.digest = digest_of(rise, _signed_for(session, rise))
    rise.status, rise.drawn_at = RiseStatus.DRAWN, now
    counts = counts_of(session, rise.id)
    told = {"entitlements": counts[EntryStatus.LISTED], "left_out": counts[EntryStatus.LEFT_OUT]}
    service.note(session, rise, "drawn", told, actor_id=None, now=now)
    session.flush()


def _entry(rise: StandardRise, position: int, one: Standing) -> RiseEntry:
    difference = one.difference
    why = one.why
    return RiseEntry(
        rise_id=rise.id,
        position=position,
        case_id=one.held.case.id,
        entitlement_id=one.held.entitlement.id,
        number=one.held.case.number,
        region_code=one.held.entitlement.region_code,
        old_fen=one.held.entitlement.amount_fen,
        new_fen=difference.new_fen,
        starts_on=difference.starts_on,
        back_months=difference.back_months if why is None else 0,
        back_fen=difference.back_fen if why is None else 0,
        status=EntryStatus.LISTED if why is None else EntryStatus.LEFT_OUT,
        reason=why[0] if why else None,
        note=why[1] if why else None,
    )


def _signed_for(session: Session, rise: StandardRise) -> Any:
    """Return what stands on the list, whatever became of it, by position."""
    return session.scalars(
        select(RiseEntry)
        .where(RiseEntry.rise_id == rise.id, RiseEntry.status != EntryStatus.LEFT_OUT)
        .order_by(RiseEntry.position)
        .execution_options(yield_per=1000)
    )


def _decide_some(
    session: Session, context: TaskContext, rise: StandardRise, at_once: int, *, checked: bool
) -> None:
    """Decide the next entitlements, or end the rise where there is none, or it may not go on."""
    now = context.clock()
    if not checked and digest_of(rise, _signed_for(session, rise)) != rise.digest:
        _stop(session, rise, RiseStop.DIGEST, now)
        return
    if service.is_late(rise, now=now):
        _stop(session, rise, RiseStop.LATE, now)
        return
    assert rise.signed_by is not None  # noqa: S101  # it is signed
    signer = signer_now(session, account_id=rise.signed_by, department_code=rise.department_code)
    if signer is None or not service.covers(
        signer, department_code=rise.department_code, region_code=rise.region_code
    ):
        _stop(session, rise, RiseStop.AUTHORITY, now)
        return
    entries = session.scalars(
        select(RiseEntry)
        .where(RiseEntry.rise_id == rise.id, RiseEntry.status == EntryStatus.LISTED)
        .order_by(RiseEntry.position)
        .limit(at_once)
    ).all()
    if entries:
        deciding.decide(Signed(session, rise, signer.id, now), entries)
        return
    rise.status, rise.ended_at = RiseStatus.DONE, now
    counts = counts_of(session, rise.id)
    told = {
        "decided": counts[EntryStatus.DECIDED],
        "not_decided": counts[EntryStatus.NOT_DECIDED],
    }
    service.note(session, rise, "done", told, actor_id=None, now=now)
    session.flush()


def _stop(session: Session, rise: StandardRise, why: RiseStop, now: Any) -> None:
    rise.status, rise.stopped_for = RiseStatus.STOPPED, why
    service.note(session, rise, "stopped", {"for": why.value}, actor_id=None, now=now)
    session.flush()


def _tell(
    context: TaskContext, rise: StandardRise, counts: dict[EntryStatus, int], *, drawing: bool
) -> None:
    everything = sum(counts.values())
    if drawing:
        done, total, words = everything, max(rise.total, everything), _DRAWING
    else:
        total = everything - counts[EntryStatus.LEFT_OUT]
        done, words = total - counts[EntryStatus.LISTED], _DECIDING
    context.progress(done, total, words.format(done=done, total=total))


def _result(rise: StandardRise, counts: dict[EntryStatus, int]) -> dict[str, Any]:
    return {
        "rise": str(rise.id),
        "status": rise.status.value,
        "stopped_for": rise.stopped_for.value if rise.stopped_for else None,
        **{status.value: counts[status] for status in EntryStatus},
    }
