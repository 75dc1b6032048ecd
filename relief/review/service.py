"""What people do in a case: apply, end their stage, ask for papers, decide, withdraw.

Each is one transaction of the caller's, under the case's lock; each writes what happened into the
timeline and the audit trail.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.registry.models import SourceIdentity, SourceLink
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import get_person
from relief.review import deadlines, pausing, second_objections, stages, standing_in, turns
from relief.review.checks import acts as checks
from relief.review.checks import asking, running
from relief.review.checks.acts import Signed
from relief.review.clocks import hangs_until
from relief.review.errors import (
    ApplicantDead,
    CaseClosed,
    CaseOpen,
    CasePaused,
    EnteredByReferral,
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
from relief.review.models import Case, CaseCounter, CasePause, CaseStage
from relief.review.objecting import queries as objecting
from relief.review.papers import issuing as papers
from relief.review.recognition import acts as recognition
from relief.review.recognition import taking_over
from relief.review.recognition.taking_over import Correction
from relief.review.shown import Referred, Shown
from relief.review.stages import Way
from relief.review.surveying import acts as surveying
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes import owners as ownership
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.schemes.queries import Plan
from relief.schemes.types import ENTRY_EVENTS, Entry, StageKind

_SECOND = (
    "先行救助的决定须由作出决定以外的人签字"
    "（不相容岗位分离：行政事业单位内部控制规范（试行）第十二条，财会〔2012〕21号）"
)
_SAY_WHY = "有异议的，请写明意见"
_SAY_WHAT = "请写明补充说明的内容：当时的情形、救助的理由和使用情况；有人提出异议的，一并答复"
_EXPLAINED = "补充说明不提异议，写明内容后办结"
_OBJECTED_ONE_BY_ONE = "公示期内有异议的，请逐件登记并处理（民发〔2021〕57号第十九条）"
_NOT_REFUSED_AT_THE_DOOR = "材料不齐的，请一次性告知补正；不予救助由审核确认机关决定"


def submit(
    session: Session,
    *,
    actor: Actor,
    person_id: uuid.UUID,
    scheme_code: str,
    need: str,
    now: datetime,
    authorisations: Sequence[Signed] = (),
    corrections: Sequence[Correction] = (),
    mandated: Callable[[uuid.UUID], None] | None = None,
    shown: Shown | None = None,
    referred: Referred | None = None,
) -> uuid.UUID:
    """Enter an application of someone in scope for a scheme; return the id of the case.

    It begins under the version of the procedure that holds today. `mandated`: records by whose
    mandate it is made, before what the agent signed is looked at. `shown`: who was found by their
    identity number, of whom nothing that is known is taken over. `referred`: by what they came to
    a scheme that is entered by referral, and by nothing else. Raises PersonNotFound,
    SchemeNotFound, ProcedureNotFound, ApplicantDead, EnteredByReferral; NotYours for a department
    that takes no part; CaseOpen if the same is under way; CheckBlocked, NotOfFamily, SignedLater;
    NothingKnown and WrongCorrection for `corrections` of what is filled in from what is known.
    """
    shown_before = shown is not None
    if shown is None:
        person, _, household = get_person(session, actor.scope, person_id)
        shown = Shown(person, household, known_by(session, person_id))
    person, household = shown.person, shown.household
    if person.died_on is not None:
        raise ApplicantDead
    scheme = schemes.get_scheme(session, code=scheme_code)
    _refuse_unreferred(scheme, referred)
    plan = schemes.procedure(session, code=scheme.procedure_code, on=local_date(now))
    departments = departments_of(session, plan, scheme)
    if actor.scope.department_code not in (None, *departments):
        raise NotYours
    locks.refuse_kin(session, person_id=person.id, account_id=actor.id, on=local_date(now))
    region = referred.region_code if referred else place_of(person, household)
    case_id: uuid.UUID | None = session.scalar(
        insert(Case)
        .values(
            id=new_id(now),
            number=_number(session, region // 10**6, local_date(now).year),
            scheme_code=scheme.code,
            procedure_code=plan.procedure.code,
            procedure_version=plan.procedure.version,
            person_id=person.id,
            identity_id=shown.identity_id,
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
    identities = recognition.accept(way)
    _begin(way, referred)
    if not shown_before:
        taking_over.take_over(
            way,
            actor.scope,
            identities=identities,
            corrections=corrections,
            signed={one.person_id for one in authorisations},
        )
    if mandated is not None:
        mandated(case_id)
    checks.admit(way, authorisations)
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
    StageTooEarly with what comes first, NoticeRuns, ObjectionUnanswered, SurveyMissing, OtherForm;
    WordsMissing for an objection that does not say why, and for an explanation without words;
    CheckBlocked.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, code)
    if row.kind is StageKind.CONFIRMATION or outcome not in (Outcome.PASSED, Outcome.OBJECTED):
        raise OtherForm
    if row.kind is StageKind.ACCEPTANCE and outcome is not Outcome.PASSED:
        raise OtherForm(_NOT_REFUSED_AT_THE_DOOR)
    _refuse_objected(way, row, outcome)
    if row.kind is StageKind.COUNTERSIGN:
        _refuse_decider(way, actor)
    _refuse_wordless(row, outcome, opinion)
    surveying.refuse_unsurveyed(way, row)
    running.again(way, row.kind)
    stages.end(way, row, outcome=outcome, opinion=opinion, status=StageStatus.ENDED)
    second_objections.tell(way, row)
    if row.kind is StageKind.ACCEPTANCE:
        papers.accepted(way, department_code=row.department_code)


def return_once(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    missing: str,
    now: datetime,
    nonetheless: str | None = None,
) -> None:
    """Give an application back with the whole list of what is missing.

    `nonetheless`: why a paper is needed that the platform has. Raises ReturnedBefore, PapersHeld.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    row = turns.turn(way, actor, turns.code_of(way, StageKind.ACCEPTANCE))
    if way.case.returned_at is not None:
        raise ReturnedBefore
    missing = asking.refuse_held(way, missing, nonetheless=nonetheless)
    way.case.returned_at = now
    way.case.status = CaseStatus.RETURNED
    row.status, row.outcome, row.opinion = StageStatus.ENDED, Outcome.RETURNED, missing
    row.ended_at, row.ended_by = now, actor.id
    stages.leave(way)
    stages.count(way)
    stages.note(way, Step.RETURNED, row, missing)
    papers.returned(way, department_code=row.department_code, missing=missing)
    if nonetheless:
        running.look_again(way)


def resubmit(session: Session, *, actor: Actor, case_id: uuid.UUID, now: datetime) -> None:
    """Enter what was missing: the acceptance begins again today. Raises CaseClosed."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    if way.case.status is not CaseStatus.RETURNED:
        raise CaseClosed
    way.case.status = CaseStatus.SUBMITTED
    stages.note(way, Step.RESUBMITTED, None, None)
    stages.raise_events(way, ENTRY_EVENTS)


def pause(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    reason: str,
    missing: str,
    now: datetime,
    nonetheless: str | None = None,
) -> None:
    """Wait for what is missing: every clock of the case stands until it comes.

    For each reason there is a longest wait, after which the clocks run on (`expiring`), and a sum
    of all waits in a stage (`pausing`). `nonetheless`: why a paper is needed that the platform has.
    Raises CasePaused, PauseReasonUnknown, PauseSpent, PapersHeld.
    """
    known = {one.code: one for one in schemes.pause_reasons(session)}
    if reason not in known:
        raise PauseReasonUnknown
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    turns.own_turn(way, actor)
    if turns.open_pause(way) is not None:
        raise CasePaused
    missing = asking.refuse_held(way, missing, nonetheless=nonetheless)
    longest = min(known[reason].longest, pausing.days_left(way, known[reason]))
    asked = session.scalar(
        insert(CasePause)
        .values(
            id=new_id(now),
            case_id=case_id,
            reason=reason,
            since_on=way.today,
            stands_until=way.today + timedelta(days=longest),
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
    if nonetheless:
        running.look_again(way)


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


def withdraw(
    session: Session, *, actor: Actor, case_id: uuid.UUID, reason: str, now: datetime
) -> None:
    """End a case at the applicant's wish, before it is decided. Raises CaseClosed."""
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    way.case.status = CaseStatus.WITHDRAWN
    if open_one := turns.open_pause(way):
        open_one.until_on = way.today
    stages.leave(way)
    stages.count(way)
    stages.note(way, Step.WITHDRAWN, None, reason)


def _refuse_unreferred(scheme: Scheme, referred: Referred | None) -> None:
    """Raise EnteredByReferral at a window, for a scheme that somebody else must refer to."""
    if scheme.entry is Entry.REFERRAL and referred is None:
        raise EnteredByReferral


def _begin(way: Way, referred: Referred | None) -> None:
    """Raise what an application raises, as of the day on which the case counts from."""
    if referred is not None:
        stages.note(way, Step.REFERRED, None, referred.told)
    stages.raise_events(way, ENTRY_EVENTS, since=referred.since if referred else None)


def _refuse_objected(way: Way, row: CaseStage, outcome: Outcome) -> None:
    """Raise NoticeRuns or OtherForm for a notice; ObjectionUnanswered for it and what follows."""
    if row.kind is StageKind.PUBLIC_NOTICE:
        hangs = hangs_until(row)
        if hangs and way.now < deadlines.ends_at(hangs.day):
            until = f"公示至 {hangs} 24 时止，期满后才能办结（依据：{way.legal}）"
            raise NoticeRuns(until)
        if outcome is not Outcome.PASSED:
            raise OtherForm(_OBJECTED_ONE_BY_ONE)
    if row.kind is StageKind.PUBLIC_NOTICE or row.turn > 1:
        objecting.refuse_unanswered(way.session, case_id=way.case.id)


def _refuse_wordless(row: CaseStage, outcome: Outcome, opinion: str | None) -> None:
    """Raise WordsMissing where there is nothing but words; OtherForm for objecting to one's own."""
    if row.kind is StageKind.EXPLANATION and outcome is not Outcome.PASSED:
        raise OtherForm(_EXPLAINED)
    if opinion or (row.kind is not StageKind.EXPLANATION and outcome is not Outcome.OBJECTED):
        return
    raise WordsMissing(_SAY_WHAT if row.kind is StageKind.EXPLANATION else _SAY_WHY)


def _refuse_decider(way: Way, actor: Actor) -> None:
    """Raise FourEyes for who decided the case, or stands in for them, or for whom they did."""
    if standing_in.pair(way, actor) & standing_in.first_eyes(way, Step.DECIDED):
        raise FourEyes(_SECOND)


def departments_of(session: Session, plan: Plan, scheme: Scheme) -> list[str]:
    """Return everyone who acts in a stage, and the scheme's own."""
    return ownership.acting_in(plan, scheme, schemes.owners(session))


def known_by(session: Session, person_id: uuid.UUID) -> uuid.UUID | None:
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
