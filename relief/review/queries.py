"""Reading cases: lists, whose turn it is, one case whole. All within the reader's scope."""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Date, func, literal, or_, select, tuple_, union
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.core.paging import BadCursor, Page, cut, id_after, newest_first
from relief.core.scope import Scope, within
from relief.organisation.models import Department
from relief.review import happenings, pausing
from relief.review.changing.queries import changes_of, entitlements_of
from relief.review.checks import queries as checks
from relief.review.enclosures.queries import enclosures_of
from relief.review.extending.queries import extension_of
from relief.review.facts.queries import facts_found
from relief.review.kin.queries import kin_of, visit_to
from relief.review.mandates.queries import mandates_of
from relief.review.models import Case, CaseDecision, CasePause, CaseReminder, CaseStage, CaseStep
from relief.review.numbers import numbered
from relief.review.objecting import queries as objecting
from relief.review.objecting.waiting import waits_for_answer
from relief.review.papers.queries import papers_of
from relief.review.paying.queries import payees_of
from relief.review.rechecking.queries import rechecks_of
from relief.review.recognition.queries import known_before
from relief.review.rows import (
    CaseDetail,
    CaseRow,
    DecisionRow,
    PauseRow,
    ReminderRow,
    StageRow,
    StepRow,
    TurnRow,
)
from relief.review.stages import missing_before
from relief.review.standing_in import stand_in, waits_for
from relief.review.surveying.queries import asked_of, survey_of
from relief.review.types import RUNNING, CaseStatus, StageStatus
from relief.review.visible import case_visible, get_case
from relief.schemes import queries as schemes
from relief.schemes.models import PauseReason, ReminderRule, Scheme
from relief.schemes.types import StageKind

_NEVER = date(9999, 12, 31)


def list_cases(
    session: Session,
    *,
    scope: Scope,
    status: CaseStatus | None = None,
    scheme: str | None = None,
    late_on: date | None = None,
    number: str | None = None,
    limit: int,
    cursor: str | None,
) -> Page[CaseRow]:
    """Return the cases in scope, newest first. One query. Raises BadCursor.

    `late_on`: only those in which, on that day, a limit has passed. `number`: of the case, or of
    one of its papers, whole.
    """
    query = (
        select(Case, Scheme.short_name)
        .join(Scheme, Scheme.code == Case.scheme_code)
        .where(case_visible(scope))
    )
    if status is not None:
        query = query.where(Case.status == status)
    if scheme is not None:
        query = query.where(Case.scheme_code == scheme)
    if late_on is not None:
        query = query.where(_late(late_on))
    if number:
        query = query.where(numbered(number))
    return newest_first(session, query, Case.id, limit=limit, cursor=cursor, make=_case)


def my_turn(session: Session, *, actor: Actor, limit: int, cursor: str | None) -> Page[TurnRow]:
    """Return what waits for the actor, the most urgent first; last, where the clock stands.

    Not what is locked for them: a case of their kin, or one that they stood back from. A notice
    with an unanswered objection waits for those of its office who may answer, too.

    One query. Raises BadCursor.
    """
    due = func.coalesce(CaseStage.due_on, literal(_NEVER, Date()))
    query = (
        select(
            CaseStage,
            Case,
            Scheme.short_name,
            select(CasePause.id)
            .where(CasePause.case_id == Case.id, CasePause.until_on.is_(None))
            .exists(),
            checks.doubts(),
            objecting.unanswered(),
        )
        .join(Case, Case.id == CaseStage.case_id)
        .join(Scheme, Scheme.code == Case.scheme_code)
        .where(
            CaseStage.status == StageStatus.OPEN,
            CaseStage.department_code == actor.department_code,
            or_(waits_for(actor), waits_for_answer(actor)),
            within(CaseStage.region_code, actor.scope.ranges),
        )
        .order_by(due, CaseStage.id)
        .limit(limit + 1)
    )
    if cursor:
        day, _, row_id = cursor.partition(".")
        query = query.where(tuple_(due, CaseStage.id) > tuple_(_day(day), id_after(row_id)))
    rows = session.execute(query).all()
    return cut(
        rows,
        limit=limit,
        key=lambda row: f"{(row[0].due_on or _NEVER).isoformat()}.{row[0].id}",
        make=lambda row: _turn(*row, acting_for=stand_in(actor, row[0].role) or None),
    )


def case_detail(session: Session, *, scope: Scope, case_id: uuid.UUID, on: date) -> CaseDetail:
    """Return one case in scope, with what the scheme's rule says of it on a day.

    Twenty-eight queries at most, however long it is. Raises CaseNotFound.
    """
    case = get_case(session, scope, case_id)
    scheme = schemes.get_scheme(session, code=case.scheme_code)
    plan = schemes.procedure_version(
        session, code=case.procedure_code, version=case.procedure_version
    )
    stages = session.execute(
        select(CaseStage, Department.name, Account.display_name)
        .join(Department, Department.code == CaseStage.department_code)
        .outerjoin(Account, Account.id == CaseStage.ended_by)
        .where(CaseStage.case_id == case_id)
        .order_by(CaseStage.position, CaseStage.turn, CaseStage.department_code)
    ).all()
    rows = [row[0] for row in stages]
    surveyed = survey_of(session, plan, case_id=case_id)
    needed = {one.code: one.papers for one in plan.stages}
    shown = any(row.kind is StageKind.PUBLIC_NOTICE for row in rows)
    pauses = session.execute(
        select(CasePause, Account.display_name, PauseReason.name)
        .join(Account, Account.id == CasePause.asked_by)
        .outerjoin(PauseReason, PauseReason.code == CasePause.reason)
        .where(CasePause.case_id == case_id)
        .order_by(CasePause.id)
    ).all()
    decision = session.execute(
        select(CaseDecision, Account.display_name)
        .join(Account, Account.id == CaseDecision.decided_by)
        .where(CaseDecision.case_id == case_id)
    ).one_or_none()
    granted = entitlements_of(session, case_id=case_id) if decision else ()
    other = aliased(Account)
    steps = session.execute(
        select(CaseStep, Account.display_name, other.display_name)
        .outerjoin(Account, Account.id == CaseStep.actor_id)
        .outerjoin(other, other.id == CaseStep.acting_for_id)
        .where(CaseStep.case_id == case_id)
        .order_by(CaseStep.number)
    )
    reminders = session.execute(
        select(
            CaseReminder,
            CaseStage.code,
            CaseStage.department_code,
            func.coalesce(CaseStage.due_provisional, case.due_provisional),
            ReminderRule.name,
        )
        .join(ReminderRule, ReminderRule.code == CaseReminder.rule_code)
        .outerjoin(CaseStage, CaseStage.id == CaseReminder.stage_id)
        .where(CaseReminder.case_id == case_id)
        .order_by(CaseReminder.at, CaseStage.position, ReminderRule.position)
    )
    return CaseDetail(
        case=_case(case, scheme.short_name),
        person_id=case.person_id,
        need=case.need,
        known_before=known_before(session, case_id=case_id),
        lead=scheme.department_code,
        procedure=f"{case.procedure_code}@{case.procedure_version}",
        stages=[
            _stage(
                *row,
                missing_before(plan, rows, row[0].code) if row[0].ended_at is None else (),
                needed.get(row[0].code, ()),
                0 if row[0].ended_at or surveyed else asked_of(plan, row[0]),
            )
            for row in stages
        ],
        awaited=happenings.awaited(session, scheme, plan, rows, granted=granted, on=on),
        pauses=[_pause(*row) for row in pauses],
        pause_sums=pausing.sums(session, rows, [row[0] for row in pauses], on=on),
        extended_limit=plan.procedure.extended_limit,
        extension=extension_of(session, case_id=case_id),
        objections=objecting.objections_of(session, case_id=case_id) if shown else (),
        inquiries=objecting.inquiries_of(session, case_id=case_id) if shown else (),
        decision=_decision(*decision) if decision else None,
        papers=papers_of(session, case_id=case_id),
        payees=payees_of(session, scope=scope, case_id=case_id, scheme=scheme),
        entitlements=granted,
        changes=changes_of(session, case_id=case_id) if decision else (),
        facts=facts_found(session, case, decision=decision[0] if decision else None, on=on),
        rechecks=rechecks_of(session, case_id=case_id) if decision else (),
        mandates=mandates_of(session, case_id=case_id, on=on),
        enclosures=enclosures_of(session, case_id=case_id),
        kin=kin_of(session, case_id=case_id),
        kin_visit=visit_to(session, case_id=case_id),
        survey=surveyed,
        reminders=[_reminder(*row) for row in reminders],
        timeline=[_step(*row) for row in steps],
    )


def _late(on: date) -> ColumnElement[bool]:
    """Match the late cases, found first by two indexes that hold nothing else.

    Said as a condition of each case, a list with few of them walks through all cases there ever
    were: 153 ms instead of 18 where 43 of 220,000 matched.
    """
    stages = select(CaseStage.case_id).where(
        CaseStage.status == StageStatus.OPEN, CaseStage.due_on < on
    )
    running = select(Case.id).where(Case.status.in_(RUNNING), Case.due_on < on)
    return Case.id.in_(union(stages, running))


def _case(case: Case, scheme_name: str) -> CaseRow:
    return CaseRow(
        id=case.id,
        number=case.number,
        scheme_code=case.scheme_code,
        scheme_name=scheme_name,
        applicant_name=case.applicant_name,
        region_code=case.region_code,
        status=case.status,
        submitted_at=case.submitted_at,
        due_on=case.due_on,
        due_unpaused_on=case.due_unpaused_on,
        due_usual_on=case.due_usual_on,
        due_provisional=case.due_provisional,
        due_unpaused_provisional=case.due_unpaused_provisional,
        due_usual_provisional=case.due_usual_provisional,
    )


def _turn(  # noqa: PLR0917  # the columns
    stage: CaseStage,
    case: Case,
    scheme_name: str,
    paused: bool,  # noqa: FBT001  # a column
    doubts: int,
    objections: int,
    *,
    acting_for: str | None,
) -> TurnRow:
    return TurnRow(
        id=stage.id,
        case=_case(case, scheme_name),
        code=stage.code,
        name=stage.name,
        kind=stage.kind,
        hangs_until=stage.hangs_until,
        hangs_provisional=stage.hangs_provisional,
        due_on=stage.due_on,
        due_unpaused_on=stage.due_unpaused_on,
        due_usual_on=stage.due_usual_on,
        due_provisional=stage.due_provisional,
        due_unpaused_provisional=stage.due_unpaused_provisional,
        due_usual_provisional=stage.due_usual_provisional,
        paused=paused,
        acting_for=acting_for,
        doubts=doubts,
        objections=objections,
    )


def _stage(  # noqa: PLR0917  # the columns, and what follows from the procedure
    stage: CaseStage,
    department_name: str,
    ended_by: str | None,
    waits_for: Sequence[str],
    papers: Sequence[str],
    survey_by: int,
) -> StageRow:
    return StageRow(
        code=stage.code,
        turn=stage.turn,
        name=stage.name,
        kind=stage.kind,
        department_code=stage.department_code,
        department_name=department_name,
        role=stage.role,
        begun_on=stage.begun_on,
        limit=stage.limit,
        unit=stage.unit,
        hangs_until=stage.hangs_until,
        hangs_provisional=stage.hangs_provisional,
        due_on=stage.due_on,
        due_unpaused_on=stage.due_unpaused_on,
        due_usual_on=stage.due_usual_on,
        due_provisional=stage.due_provisional,
        due_unpaused_provisional=stage.due_unpaused_provisional,
        due_usual_provisional=stage.due_usual_provisional,
        status=stage.status,
        outcome=stage.outcome,
        opinion=stage.opinion,
        ended_at=stage.ended_at,
        ended_by=ended_by,
        waits_for=waits_for,
        papers=papers,
        survey_by=survey_by,
    )


def _pause(pause: CasePause, asked_by: str, reason: str | None) -> PauseRow:
    return PauseRow(
        reason=reason,
        since_on=pause.since_on,
        stands_until=pause.stands_until,
        until_on=pause.until_on,
        missing=pause.missing,
        asked_by=asked_by,
    )


def _decision(decision: CaseDecision, decided_by: str) -> DecisionRow:
    return DecisionRow(
        outcome=decision.outcome,
        amount_fen=decision.amount_fen,
        reason=decision.reason,
        legal=decision.legal,
        departs=decision.departs,
        decided_by=decided_by,
        decided_at=decision.decided_at,
        list_id=decision.list_id,
    )


def _reminder(
    reminder: CaseReminder,
    stage: str | None,
    department: str | None,
    provisional: bool,  # noqa: FBT001  # a column
    name: str,
) -> ReminderRow:
    return ReminderRow(
        stage_code=stage,
        department_code=department,
        name=name,
        at=reminder.at,
        provisional=provisional and reminder.told_at is None,
        told_at=reminder.told_at,
        told=reminder.told,
    )


def _step(step: CaseStep, actor: str | None, acting_for: str | None) -> StepRow:
    return StepRow(
        at=step.at,
        step=step.step,
        stage_code=step.stage_code,
        department_code=step.department_code,
        actor=actor,
        acting_for=acting_for,
        note=step.note,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCursor from None
