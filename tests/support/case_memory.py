"""What the state machine of cases remembers, and who may have confirmed a case of it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit.models import AuditEvent
from relief.funds.models import BackPay, Entitlement
from relief.review.changing.models import EntitlementChange
from relief.review.extending.models import CaseExtension
from relief.review.facts.models import CaseFact
from relief.review.models import (
    Case,
    CaseDecision,
    CasePause,
    CaseReminder,
    CaseStage,
    CaseStep,
)
from relief.review.objecting.models import CaseInquiry, CaseObjection
from relief.review.papers.models import CasePaper
from relief.review.rechecking.models import CaseRecheck
from relief.review.rising.models import ParameterDraft, StandardRise
from relief.review.surveying.models import CaseSurvey
from relief.review.types import Outcome, StageStatus, Step
from relief.schemes.types import StageKind
from relief.tasks.models import Task
from tests.support.by_hand import stood_in_for

# Of which nothing may be added or lost when something is refused.
COUNTED = (
    CaseStep, CasePause, CaseDecision, CaseExtension, CaseFact, CaseObjection, CaseInquiry,
    CaseSurvey,
    Entitlement, EntitlementChange, BackPay, CaseRecheck, ParameterDraft, StandardRise, CasePaper,
    Task, AuditEvent,
)  # fmt: skip


# What a family is told, is owed or is looked at for, once it was granted something.
_AFTERWARDS = (
    StageKind.TELLING, StageKind.ASSIGNMENT, StageKind.EXPLANATION, StageKind.ASSESSMENT,
)  # fmt: skip


@dataclass
class Memory:
    """What was done, as the machine remembers it."""

    entered_on: date | None = None  # or again, after what was missing came
    accepted_on: date | None = None
    # Of which stage and office, what was said and with what words, by whom.
    opinions: list[tuple[str, ...]] = field(default_factory=list)
    waits: list[list[date | None]] = field(default_factory=list)  # since, until
    stands_until: date | None = None  # the last of them
    decisions: list[tuple[object, ...]] = field(default_factory=list)  # outcome, fen, reason, who
    asked: str | None = None
    extended: tuple[str, ...] = ()
    finders: set[uuid.UUID] = field(default_factory=set)
    surveyors: set[uuid.UUID] = field(default_factory=set)  # anew, of what was objected
    unanswered: int = 0  # objections

    def ask(self, today: date, rows: Sequence[CaseStage]) -> None:
        """Remember a wait for papers: of 30 days, and of 60 in all within an open stage."""
        stood = [
            sum(max((until - max(since, row.begun_on)).days, 0) for since, until in self.waits)
            for row in rows
            if row.kind is not StageKind.PUBLIC_NOTICE
        ]
        left = 60 - max(stood, default=0)
        assert left > 0
        self.waits.append([today, None])
        self.stands_until = today + timedelta(days=min(30, left))

    def give(
        self, code: str, actor: Actor, department: str | None, outcome: Outcome, words: object
    ) -> None:
        """Remember an opinion, whose it is and what it came to."""
        opinion = (code, department, outcome.value, words or "", actor.id)
        self.opinions.append(tuple(map(str, opinion)))

    def decide(self, actor: Actor, outcome: Outcome, amount: int | None, reason: str) -> None:
        """Remember a decision."""
        self.decisions.append((outcome, amount, reason, actor.id))


def opinions_are_whole(memory: Memory, rows: Sequence[CaseStage]) -> None:
    """Fail unless every opinion is there: what it came to, its words, and who gave it."""
    kept = [
        (row.code, row.department_code, row.outcome.value, row.opinion or "", row.ended_by)
        for row in rows
        if row.status is StageStatus.ENDED and row.outcome in (Outcome.PASSED, Outcome.OBJECTED)
    ]
    assert sorted(tuple(map(str, one)) for one in kept) == sorted(memory.opinions)


def decisions_are_whole(session: Session, memory: Memory, rows: Sequence[CaseStage]) -> None:
    """Fail unless the decision is the one that was made, and its stage says the same."""
    made = session.scalars(
        select(CaseDecision).where(CaseDecision.case_id.in_([row.case_id for row in rows]))
    ).all()
    told = [(one.outcome, one.amount_fen, one.reason, one.decided_by) for one in made]
    assert told == memory.decisions
    ended = [
        (row.outcome, row.opinion, row.ended_by)
        for row in rows
        if row.kind is StageKind.CONFIRMATION and row.status is StageStatus.ENDED
    ]
    assert ended == [(outcome, reason, who) for outcome, _, reason, who in memory.decisions]


def four_eyes(
    session: Session,
    case: Case,
    rows: Sequence[CaseStage],
    confirmed: CaseStage,
    *,
    finders: Collection[uuid.UUID],
) -> None:
    """Fail if who confirmed had another part in the case, or stands in for who had one."""
    for_whom = stood_in_for(session, case.id)
    confirming = {confirmed.ended_by, *for_whom.pop(Step.DECIDED, ())}
    signed = [row for row in rows if row.kind is StageKind.COUNTERSIGN]
    if signed:  # who grants fast aid may have entered it; but another signs
        assert not confirming & {row.ended_by for row in signed}, "four eyes"
        return
    before = [row for row in rows if row is not confirmed and row.kind not in _AFTERWARDS]
    acted = {row.ended_by for row in before} | {case.entered_by, *finders}
    assert not confirming & acted.union(*for_whom.values()), "four eyes"


def standing(session: Session, case: Case, rows: Sequence[CaseStage]) -> tuple[Any, ...]:
    """What only people change: the case's standing, opinions, decisions, and what is granted."""
    opinions = [(row.id, row.status, row.outcome, row.opinion) for row in rows]
    decided = session.scalar(select(func.count()).select_from(CaseDecision))
    return (case.status, opinions, decided, *_granted(session, case))


def content_of(session: Session, case: Case, rows: Sequence[CaseStage]) -> tuple[Any, ...]:
    """What a refusal leaves as it is."""
    told = [
        (row.id, row.status, row.outcome, row.opinion, row.due_on, row.ended_by) for row in rows
    ]
    planned = select(func.count()).where(
        CaseReminder.case_id == case.id, CaseReminder.told_at.is_(None)
    )
    everything = [select(func.count()).select_from(model) for model in COUNTED] + [planned]
    counts = session.execute(select(*(one.scalar_subquery() for one in everything))).one()
    granted = _granted(session, case)
    return (case.status, case.due_on, case.steps, told, tuple(counts), *granted)


def _granted(session: Session, case: Case) -> tuple[Any, ...]:
    pieces = session.execute(
        select(Entitlement.id, Entitlement.amount_fen, Entitlement.period, Entitlement.closed_by)
        .where(Entitlement.person_id == case.person_id)
        .order_by(Entitlement.id)
    ).all()
    if not pieces:  # then there is nothing to change or to look at again
        return ()
    changes = session.execute(
        select(
            EntitlementChange.id, EntitlementChange.served_on, EntitlementChange.heard_at,
            EntitlementChange.carried,
        )
        .where(EntitlementChange.case_id == case.id)
        .order_by(EntitlementChange.id)
    ).all()  # fmt: skip
    rechecks = session.execute(
        select(CaseRecheck.id, CaseRecheck.due_on, CaseRecheck.found)
        .where(CaseRecheck.case_id == case.id)
        .order_by(CaseRecheck.id)
    ).all()
    return (pieces, changes, rechecks)
