"""What people do in a case: apply, end their stage, ask for papers, decide, withdraw.

Each is one transaction of the caller's, under the case's lock; each writes what happened into the
timeline and the audit trail.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.funds import service as funds
from relief.registry.models import SourceIdentity, SourceLink
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import get_person
from relief.review import deadlines, stages, standing_in, starts, turns
from relief.review.errors import (
    AmountMissing,
    ApplicantDead,
    CaseClosed,
    CaseOpen,
    CasePaused,
    FourEyes,
    NoticeRuns,
    NotPaused,
    NotYours,
    OtherForm,
    PauseReasonUnknown,
    ReturnedBefore,
    WordsMissing,
)
from relief.review.kin import locks
from relief.review.models import Case, CaseCounter, CaseDecision, CasePause
from relief.review.rechecking import acts as rechecking
from relief.review.stages import Way
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes import owners as ownership
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.schemes.queries import Plan
from relief.schemes.types import StageKind

# What is left to do when the decision is taken.
_AFTERWARDS = frozenset(
    {StageKind.TELLING, StageKind.ASSIGNMENT, StageKind.EXPLANATION, StageKind.ASSESSMENT}
)
_SAY_WHY = "有异议的，请写明意见"
_NOT_REFUSED_AT_THE_DOOR = "材料不齐的，请一次性告知补正；不予救助由审核确认机关决定"


def submit(
    session: Session,
    *,
    actor: Actor,
    person_id: uuid.UUID,
    scheme_code: str,
    need: str,
    now: datetime,
) -> uuid.UUID:
    """Enter an application of someone in scope for a scheme; return the id of the case.

    It begins under the version of the procedure that holds today. Raises PersonNotFound,
    SchemeNotFound, ProcedureNotFound, ApplicantDead; NotYours for a department that takes no part;
    CaseOpen if the same is under way.
    """
    person, _, household = get_person(session, actor.scope, person_id)
    if person.died_on is not None:
        raise ApplicantDead
    scheme = schemes.get_scheme(session, code=scheme_code)
    plan = schemes.procedure(session, code=scheme.procedure_code, on=local_date(now))
    departments = _departments(session, plan, scheme)
    if actor.scope.department_code not in (None, *departments):
        raise NotYours
    locks.refuse_kin(session, person_id=person.id, account_id=actor.id, on=local_date(now))
    region = place_of(person, household)
    case_id: uuid.UUID | None = session.scalar(
        insert(Case)
        .values(
            id=new_id(now),
            number=_number(session, region // 10**6, local_date(now).year),
            scheme_code=scheme.code,
            procedure_code=plan.procedure.code,
            procedure_version=plan.procedure.version,
            person_id=person.id,
            identity_id=_known_by(session, person.id),
            applicant_name=person.name,
            applicant_born_on=person.born_on,
            county_code=region // 10**6,
            region_code=region,
            departments=departments,
            need=need,
            status=CaseStatus.SUBMITTED,
            entered_by=actor.id,
            submitted_at=now,
            due_provisional=False,
            steps=0,
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(Case.id)
    )
    if case_id is None:
        raise CaseOpen
    way = turns.hold(session, actor=actor, case_id=case_id, now=now)
    locks.compare(session, way.case, on=way.today, now=now)
    stages.note(way, Step.SUBMITTED, None, None)
    stages.raise_events(way, stages.ENTRY_EVENTS)
    return case_id


def end_stage(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    code: str,
    outcome: Outcome,
    opinion: str | None,
    now: datetime,
) -> None:
    """End the actor's part of a stage with an opinion: what it starts begins today.

    Silence never ends one. Raises CaseNotFound, StageNotFound, NotYours, StageNotOpen, CasePaused,
    StageTooEarly with what comes first, NoticeRuns, OtherForm; WordsMissing for an objection that
    does not say why.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, code)
    if row.kind is StageKind.CONFIRMATION or outcome not in (Outcome.PASSED, Outcome.OBJECTED):
        raise OtherForm
    if row.kind is StageKind.ACCEPTANCE and outcome is not Outcome.PASSED:
        raise OtherForm(_NOT_REFUSED_AT_THE_DOOR)
    if row.kind is StageKind.PUBLIC_NOTICE and row.due_on and now < deadlines.ends_at(row.due_on):
        until = f"公示至 {row.due_on.isoformat()} 24 时止，期满后才能办结"
        raise NoticeRuns(until)
    if outcome is Outcome.OBJECTED and not opinion:
        raise WordsMissing(_SAY_WHY)
    stages.end(way, row, outcome=outcome, opinion=opinion, status=StageStatus.ENDED)


def return_once(
    session: Session, *, actor: Actor, case_id: uuid.UUID, missing: str, now: datetime
) -> None:
    """Give an application back with the whole list of what is missing. Raises ReturnedBefore."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, turns.code_of(way, StageKind.ACCEPTANCE))
    if way.case.returned_at is not None:
        raise ReturnedBefore
    way.case.returned_at = now
    way.case.status = CaseStatus.RETURNED
    row.status, row.outcome, row.opinion = StageStatus.ENDED, Outcome.RETURNED, missing
    row.ended_at, row.ended_by = now, actor.id
    _leave(way)
    stages.count(way)
    stages.note(way, Step.RETURNED, row, missing)


def resubmit(session: Session, *, actor: Actor, case_id: uuid.UUID, now: datetime) -> None:
    """Enter what was missing: the acceptance begins again today. Raises CaseClosed."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    if way.case.status is not CaseStatus.RETURNED:
        raise CaseClosed
    way.case.status = CaseStatus.SUBMITTED
    stages.note(way, Step.RESUBMITTED, None, None)
    stages.raise_events(way, stages.ENTRY_EVENTS)


def pause(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    reason: str,
    missing: str,
    now: datetime,
) -> None:
    """Wait for what is missing: every clock of the case stands until it comes.

    For each reason there is a longest wait, after which the clocks run on (`expiring`). Raises
    CasePaused, PauseReasonUnknown.
    """
    known = {one.code: one for one in schemes.pause_reasons(session)}
    if reason not in known:
        raise PauseReasonUnknown
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    turns.own_turn(way, actor)
    asked = session.scalar(
        insert(CasePause)
        .values(
            id=new_id(now),
            case_id=case_id,
            reason=reason,
            since_on=way.today,
            stands_until=way.today + timedelta(days=known[reason].longest),
            missing=missing,
            asked_by=actor.id,
        )
        .on_conflict_do_nothing()
        .returning(CasePause.id)
    )
    if asked is None:
        raise CasePaused
    stages.note(way, Step.PAUSED, None, f"{known[reason].name}：{missing}")
    stages.count(way)


def resume(session: Session, *, actor: Actor, case_id: uuid.UUID, now: datetime) -> None:
    """Take in the papers: the clocks run on from the day after. Raises NotPaused."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    open_one = turns.open_pause(way)
    if open_one is None:
        raise NotPaused
    open_one.until_on = way.today
    open_one.resumed_by = actor.id
    session.flush()
    stages.note(way, Step.RESUMED, None, None)
    stages.count(way)


def decide(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    granted: bool,
    amount_fen: int | None,
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Confirm or refuse, with reasons; what is granted becomes an entitlement at once.

    Who entered the application, surveyed or gave another opinion may not, nor who stands in for
    them, nor for whom they did it. Raises what `end_stage`
    does, FourEyes, AmountMissing; Overlapping, and then nothing is decided.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, turns.code_of(way, StageKind.CONFIRMATION))
    others = {one.ended_by for one in stages.rows_of(way)} | {way.case.entered_by}
    if standing_in.pair(way, actor) & (others | standing_in.first_eyes(way)):
        raise FourEyes
    if granted != (amount_fen is not None):
        raise AmountMissing
    locks.compare(session, way.case, on=way.today, now=now)
    locks.refuse_unvisited(session, way.case)
    outcome = Outcome.GRANTED if granted else Outcome.REFUSED
    decision = CaseDecision(
        id=new_id(now),
        case_id=case_id,
        outcome=outcome,
        amount_fen=amount_fen,
        reason=reason,
        legal="；".join(way.scheme.legal),
        decided_by=actor.id,
        decided_at=now,
    )
    session.add(decision)
    way.case.status, way.case.decided_at = CaseStatus.DECIDED, now
    if amount_fen is not None:
        _entitle(way, decision, amount_fen)
    stages.note(way, Step.DECIDED, row, reason)
    _leave(way, keep=_AFTERWARDS | {StageKind.CONFIRMATION})
    stages.end(way, row, outcome=outcome, opinion=reason, status=StageStatus.ENDED)
    return decision.id


def withdraw(
    session: Session, *, actor: Actor, case_id: uuid.UUID, reason: str, now: datetime
) -> None:
    """End a case at the applicant's wish, before it is decided. Raises CaseClosed."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    way.case.status = CaseStatus.WITHDRAWN
    if open_one := turns.open_pause(way):
        open_one.until_on = way.today
    _leave(way)
    stages.count(way)
    stages.note(way, Step.WITHDRAWN, None, reason)


def _leave(way: Way, *, keep: frozenset[StageKind] = frozenset()) -> None:
    """Close what is open and has no longer anything to do; the caller counts the clocks anew."""
    for row in stages.rows_of(way):
        if row.status is StageStatus.OPEN and row.kind not in keep:
            row.status, row.ended_at = StageStatus.VOID, way.now
    way.session.flush()


def _entitle(way: Way, decision: CaseDecision, amount_fen: int) -> None:
    case, scheme = way.case, way.scheme
    way.session.flush()
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
        per=scheme.amount_per,
        starts_on=starts_on,
        ends_on=ends_on,
        actor_id=decision.decided_by,
        now=way.now,
    )
    rechecking.plan(way, starts_on=starts_on, ends_on=ends_on)


def _departments(session: Session, plan: Plan, scheme: Scheme) -> list[str]:
    """Return everyone who acts in a stage, and the scheme's own."""
    owners = schemes.owners(session)
    acting = {
        department
        for stage in plan.stages
        for department in ownership.departments_of(owners[stage.owner], scheme)
    }
    return sorted(acting | {scheme.department_code})


def _known_by(session: Session, person_id: uuid.UUID) -> uuid.UUID | None:
    """Return the newest source record of a person."""
    return session.scalar(
        select(SourceIdentity.id)
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .where(SourceLink.person_id == person_id)
        .order_by(SourceIdentity.last_on.desc().nulls_last(), SourceIdentity.id)
        .limit(1)
    )


def _number(session: Session, county: int, year: int) -> str:
    last = session.scalar(
        insert(CaseCounter)
        .values(county_code=county, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[CaseCounter.county_code, CaseCounter.year],
            set_={"last": CaseCounter.last + 1},
        )
        .returning(CaseCounter.last)
    )
    return f"SL{county}{year}-{last:06d}"
