"""Asking that a case take longer, and answering it (民发〔2021〕57号第二十二条).

A procedure may name a longer limit of the whole. What it is longer by goes to the whole, to the
stage that needs the time, and to the stages that wait for that one, so that none of them is late
for another's sake. Both acts are done under the case's lock.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor, scope_of
from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.core.scope import Scope
from relief.core.workdays import DueDay
from relief.notifications.service import Notice, tell
from relief.review import clocks, stages, standing_in, turns
from relief.review.errors import CaseClosed, NotYours, StageNotFound, StageNotOpen
from relief.review.extending import queries
from relief.review.extending.errors import (
    ExtensionAsked,
    ExtensionLate,
    NotExtendable,
    NothingToAnswer,
    NotSuperior,
    OwnExtension,
)
from relief.review.extending.models import CaseExtension
from relief.review.models import CaseStage
from relief.review.stages import Way
from relief.review.types import CaseStatus, StageStatus, Step
from relief.schemes import queries as schemes
from relief.schemes.queries import Plan
from relief.schemes.types import StageKind

WHEN_LATE = "extension_when_late"
_FULL_DAYS = "公示须满规定的天数，不能延长；可以由其他环节提出"


def ask(
    session: Session, *, actor: Actor, case_id: uuid.UUID, stage: str, reason: str, now: datetime
) -> None:
    """Ask for the longer limit that a procedure allows, since a stage of one's own needs it.

    Nothing changes until somebody higher agrees. Raises what `turns.enter` does; CaseClosed,
    NotExtendable, StageNotFound, NotYours, StageNotOpen, ExtensionLate, ExtensionAsked.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    days = _more_days(way)
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    row = _own_row(way, actor, stage)
    if row.kind is StageKind.PUBLIC_NOTICE or row.unit is not way.plan.procedure.total_day_type:
        raise NotExtendable(_FULL_DAYS)
    _refuse_late(way, row)
    asked = session.scalar(
        insert(CaseExtension)
        .values(
            case_id=case_id,
            stage_code=stage,
            stages=with_waiting(way.plan, stage),
            department_code=row.department_code,
            role=row.role,
            days=days,
            reason=reason,
            asked_by=actor.id,
            asked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseExtension.case_id)
    )
    if asked is None:
        raise ExtensionAsked
    stages.note(way, Step.EXTENSION_ASKED, row, reason)
    above = queries.approvers(
        session, department_code=row.department_code, region_code=way.case.region_code
    )
    _tell(way, [one for one in above if one != actor.id], "请审批延长办理期限")


def answer(
    session: Session, *, actor: Actor, case_id: uuid.UUID, agreed: bool, reason: str, now: datetime
) -> None:
    """Agree to an extension, or refuse it: if agreed, the clocks run to the extended limit.

    Raises what `turns.enter` does; CaseClosed, NothingToAnswer, OwnExtension, NotSuperior;
    ExtensionLate for agreeing when the limit has passed meanwhile.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    asked = session.get(CaseExtension, case_id, populate_existing=True)
    if asked is None or asked.agreed is not None:
        raise NothingToAnswer
    if way.case.status is not CaseStatus.ACCEPTED:
        raise CaseClosed
    if not _is_superior(way, asked, actor):
        raise NotSuperior
    standing_in.take(way, actor, Role.APPROVER)
    asking = {asked.asked_by} | standing_in.first_eyes(way, Step.EXTENSION_ASKED)
    if standing_in.pair(way, actor) & asking:
        raise OwnExtension
    row = _row(way, asked)
    if agreed:
        _refuse_late(way, row)
    asked.agreed, asked.answer = agreed, reason
    asked.answered_by, asked.answered_at = actor.id, now
    session.flush()
    if agreed:
        before = clocks.due_day(way.case)
        stages.count(way)
        moved = f"总时限的最后一日由 {_day(before)} 延至 {_day(clocks.due_day(way.case))}：{reason}"
        stages.note(way, Step.EXTENDED, row, moved)
    else:
        stages.note(way, Step.EXTENSION_REFUSED, row, reason)
    said = "已同意延长办理期限" if agreed else "未同意延长办理期限，请按原期限办理"
    _tell(way, [asked.asked_by], said)


def with_waiting(plan: Plan, code: str) -> Sequence[str]:
    """Return a stage and all that may not end before it, one through another."""
    found = {code}
    while more := {
        one.code for one in plan.stages if one.code not in found and found & set(one.after)
    }:
        found |= more
    return [one.code for one in plan.stages if one.code in found]


def _more_days(way: Way) -> int:
    """Return by how much the extended limit is longer. Raises NotExtendable."""
    procedure = way.plan.procedure
    if procedure.extended_limit is None or procedure.total_limit is None:
        by = f"（{procedure.legal}）" if procedure.legal else ""
        no_such_rule = f"“{procedure.name}”没有规定可以延长办理期限{by}，须在规定的期限内办结"
        raise NotExtendable(no_such_rule)
    return procedure.extended_limit - procedure.total_limit


def _own_row(way: Way, actor: Actor, code: str) -> CaseStage:
    """Return the actor's open row of a stage, though it may not end yet."""
    if way.stage(code) is None:
        raise StageNotFound
    still = [
        row for row in stages.rows_of(way) if row.code == code and row.status is StageStatus.OPEN
    ]
    if not still:
        raise StageNotOpen
    mine = [row for row in still if turns.is_theirs(row, actor)]
    if not mine:
        raise NotYours
    standing_in.take(way, actor, mine[0].role)
    return mine[0]


def _row(way: Way, asked: CaseExtension) -> CaseStage:
    """Return the newest row of the stage that needs the time."""
    return [
        row
        for row in stages.rows_of(way)
        if (row.code, row.department_code) == (asked.stage_code, asked.department_code)
    ][-1]


def _refuse_late(way: Way, row: CaseStage) -> None:
    """Raise ExtensionLate if the limit of the stage or of the whole has passed."""
    passed = [due for due in (row.due_on, way.case.due_on) if due is not None and due < way.today]
    if passed and not schemes.parameter(way.session, WHEN_LATE, on=way.today):
        raise ExtensionLate


def _is_superior(way: Way, asked: CaseExtension, actor: Actor) -> bool:
    """Tell whether someone approves for the department above who asked.

    The approver of the same office is above its clerks and reviewers; above an approver is who
    approves for a wider region.
    """
    if Role.APPROVER not in actor.roles_in_cases or actor.department_code != asked.department_code:
        return False
    asker = scope_of(way.session, way.session.get_one(Account, asked.asked_by))
    theirs, mine = (_width(scope, way.case.region_code) for scope in (asker, actor.scope))
    return mine > theirs or (mine == theirs and asked.role is not Role.APPROVER)


def _width(scope: Scope, region_code: int) -> int:
    """Return how many codes the widest region of a scope spans that holds a place."""
    spans = [part.hi - part.lo for part in scope.ranges if part.lo <= region_code < part.hi]
    return max(spans, default=0)


def _tell(way: Way, accounts: Sequence[uuid.UUID], title: str) -> None:
    tell(
        way.session,
        [
            Notice(
                recipient_id=account,
                title=title,
                body=f"申请事项 {way.case.number}。未批准之前按原期限计时。",
                link=f"/cases/{way.case.id}",
                dedupe_key=f"extension:{way.case.id}:{title}:{account}",
            )
            for account in accounts
        ],
        now=way.now,
    )


def _day(day: DueDay | None) -> str:
    return str(day or "（计时暂停，待恢复后确定）")
