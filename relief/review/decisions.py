"""Deciding a case: whether one may, what is granted, and what is left to do after it.

In one transaction of the caller's, under the case's lock, like every act (`review/service.py`).
"""

import uuid
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.funds import service as funds
from relief.funds.payees import queries as payees
from relief.notifications.service import Notice, tell
from relief.review import stages, standing_in, starts, turns
from relief.review.checks import running
from relief.review.errors import AmountMissing, FourEyes
from relief.review.facts import computing
from relief.review.kin import locks
from relief.review.kin import queries as kin
from relief.review.models import CaseDecision, CaseStage
from relief.review.objecting import queries as objecting
from relief.review.papers import issuing as papers
from relief.review.rechecking import acts as rechecking
from relief.review.referring import queries as referring
from relief.review.stages import Way
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes.types import Entry, StageKind

# What is left to do when the decision is taken.
_AFTERWARDS = frozenset(
    {
        StageKind.TELLING,
        StageKind.COUNTERSIGN,
        StageKind.ASSIGNMENT,
        StageKind.EXPLANATION,
        StageKind.ASSESSMENT,
    }
)


def decide(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    granted: bool,
    amount_fen: int | None,
    reason: str,
    departs: str | None = None,
    now: datetime,
) -> uuid.UUID:
    """Confirm or refuse, with reasons; what is granted becomes an entitlement at once.

    `departs`: why it differs from what the scheme's rule says, where it does. Who entered anything
    of the application, surveyed, found out facts or gave another opinion may not, nor who stands in
    for them, nor for whom they did it; unless another signs after the decision. Raises what
    `end_stage` does, FourEyes, VerifierDecides, AmountMissing, DepartureUnexplained; Overlapping,
    and then nothing is decided; KinVisitMissing, CheckBlocked, DoubtsOpen, and then what was found
    stays.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, turns.code_of(way, StageKind.CONFIRMATION))
    others = {one.ended_by for one in stages.rows_of(way)} | {way.case.entered_by}
    signed_after = any(one.kind is StageKind.COUNTERSIGN for one in way.plan.stages)
    found = computing.facts_of(session, case_id)
    first = others | standing_in.first_eyes(way) | {one.found_by for one in found}
    first |= objecting.companions(session, case_id=case_id) | _referrers(way)
    first |= kin.visited_by(session, cases=[case_id]).get(case_id, frozenset())
    if standing_in.pair(way, actor) & first and not signed_after:
        raise FourEyes
    objecting.refuse_unanswered(session, case_id=case_id)
    if granted != (amount_fen is not None):
        raise AmountMissing
    with running.keeping(way):
        locks.compare(session, way.case, on=way.today, now=now)
        locks.refuse_unvisited(session, way.case)
        running.before_decision(way, granted=granted)
    settled = computing.settle(
        session,
        way.case,
        facts=found,
        on=way.today,
        amount_fen=amount_fen,
        departs=departs,
    )
    outcome = Outcome.GRANTED if granted else Outcome.REFUSED
    decision = CaseDecision(
        id=new_id(now),
        case_id=case_id,
        outcome=outcome,
        amount_fen=amount_fen,
        reason=reason,
        legal="；".join(way.scheme.legal),
        calculation=settled.calculation,
        departs=settled.departs,
        decided_by=actor.id,
        decided_at=now,
    )
    per = settled.per or way.scheme.amount_per
    period = None if amount_fen is None else _entitle(way, decision, amount_fen, per=per)
    offices = papers.offices_of(session, [way.case], on=way.today)
    conclude(way, row, decision, period=period, offices=offices)
    _tell(way, decision)
    return decision.id


def _tell(way: Way, decision: CaseDecision) -> None:
    """Tell who entered the application that it is decided, in the transaction of the decision."""
    if way.case.entered_by == decision.decided_by:
        return
    notice = Notice(
        recipient_id=way.case.entered_by,
        title="申请事项已作出决定",
        body=f"申请事项 {way.case.number}。请将决定书送达申请人。",
        link=f"/cases/{way.case.id}",
        dedupe_key=f"decided:{decision.id}",
    )
    tell(way.session, [notice], now=way.now)


def _referrers(way: Way) -> set[uuid.UUID]:
    """Return who referred the applicant, of a scheme that is entered so. One query then."""
    if way.scheme.entry is not Entry.REFERRAL:
        return set()
    return referring.referrers(way.session, case_id=way.case.id)


def conclude(
    way: Way,
    row: CaseStage,
    decision: CaseDecision,
    *,
    period: Range[date] | None,
    offices: papers.Offices,
) -> None:
    """Enter a decision that may be taken: what is left of the case ends, and the telling begins.

    `period`: of what it grants. `offices`: what its paper names.
    """
    way.session.add(decision)
    way.case.status, way.case.decided_at = CaseStatus.DECIDED, way.now
    stages.note(way, Step.DECIDED, row, decision.reason)
    stages.leave(way, keep=_AFTERWARDS | {StageKind.CONFIRMATION})
    stages.end(
        way, row, outcome=decision.outcome, opinion=decision.reason, status=StageStatus.ENDED
    )
    if period is not None and period.lower is not None:
        rechecking.plan(way, starts_on=period.lower, ends_on=period.upper)
    papers.decided(
        way, decision, department_code=row.department_code, period=period, offices=offices
    )


def _entitle(way: Way, decision: CaseDecision, amount_fen: int, *, per: str | None) -> Range[date]:
    """Open what is granted; return from when, and up to but without which day."""
    case, scheme = way.case, way.scheme
    starts_on = starts.entitled_from(
        scheme.start, submitted_on=local_date(case.submitted_at), decided_on=way.today
    )
    ends_on = starts.entitled_until(scheme, starts_on)
    funds.open_entitlement(
        way.session,
        decision_id=decision.id,
        person_id=case.person_id,
        identity_id=case.identity_id,
        scheme_code=scheme.code,
        department_code=scheme.department_code,
        region_code=case.region_code,
        amount_fen=amount_fen,
        per=per,
        starts_on=starts_on,
        ends_on=ends_on,
        actor_id=decision.decided_by,
        now=way.now,
        payee_id=payees.in_force(way.session, [case.id]).get(case.id),
    )
    return Range(starts_on, ends_on)
