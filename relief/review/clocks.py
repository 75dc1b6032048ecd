"""The clocks of cases: when each open stage and the whole are due, and when somebody is told.

For one case after each thing that happens in it, and for all of them when the calendar changes.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.core.ids import new_id
from relief.core.workdays import Calendar, DueDay
from relief.review import deadlines, reminders
from relief.review.deadlines import Clock, Limit, Pause
from relief.review.extending import queries as extending
from relief.review.extending.models import CaseExtension
from relief.review.models import Case, CasePause, CaseReminder, CaseStage
from relief.review.types import RUNNING, StageStatus
from relief.schemes.models import Procedure, ReminderRule
from relief.schemes.types import StageKind


@dataclass(frozen=True, slots=True)
class Law:
    """By what is counted: the calendar, the procedures by code and version, whom to tell when."""

    calendar: Calendar
    procedures: Mapping[tuple[str, int], Procedure]
    rules: Sequence[ReminderRule]


@dataclass(frozen=True, slots=True)
class Move:
    """A last day that is another one now. `stage`: its name; None for the whole."""

    case_id: uuid.UUID
    stage: str | None
    before: DueDay | None
    after: DueDay | None


class Planned(NamedTuple):
    """That somebody is to be told by a rule at an instant of a stage, or of the whole."""

    case_id: uuid.UUID
    stage_id: uuid.UUID | None
    rule_code: str
    at: datetime


def count(session: Session, cases: Sequence[Case], *, law: Law, now: datetime) -> Sequence[Move]:
    """Set the due days of what is open in some cases, plan what is to be told, say what moved.

    Four queries, however many cases there are, and what they change.
    """
    ids = [case.id for case in cases]
    pauses: dict[uuid.UUID, list[Pause]] = defaultdict(list)
    for pause in session.scalars(select(CasePause).where(CasePause.case_id.in_(ids))):
        pauses[pause.case_id].append(Pause(pause.since_on, pause.until_on))
    extended = extending.agreed(session, ids)
    open_rows: dict[uuid.UUID, list[CaseStage]] = defaultdict(list)
    for row in session.scalars(
        select(CaseStage)
        .where(CaseStage.case_id.in_(ids), CaseStage.status == StageStatus.OPEN)
        .order_by(CaseStage.position, CaseStage.department_code)
    ):
        open_rows[row.case_id].append(row)
    moves: list[Move] = []
    planned: set[Planned] = set()
    for case in cases:
        for target, usual in _clocks(case, open_rows[case.id], pauses[case.id], law):
            more = _more_days(target, extended.get(case.id))
            clock = usual.longer(more)
            due = deadlines.due(law.calendar, clock)
            _set_beside(target, law.calendar, clock, usual if more else None)
            moves += _set(case, target, due)
            if due is None or (target is case and case.status not in RUNNING):
                continue
            stage_id = None if target is case else target.id
            planned.update(
                Planned(case.id, stage_id, rule, at)
                for rule, at in reminders.moments(law.calendar, clock, due.day, law.rules)
            )
    session.flush()
    _plan(session, ids, planned, now)
    return moves


def _clock_of(row: CaseStage, pauses: Sequence[Pause], calendar: Calendar) -> Clock:
    """Return the clock of one row of a stage; of a notice, also set until when it hangs."""
    clock = Clock(row.begun_on, Limit(row.limit, row.unit, row.rolls), pauses)
    if row.kind is not StageKind.PUBLIC_NOTICE:
        return clock
    # A notice hangs where it hangs, whatever papers are asked for meanwhile.
    hangs = deadlines.due(calendar, clock.without_pauses())
    assert hangs is not None  # noqa: S101  # without pauses no clock stands
    row.hangs_until, row.hangs_provisional = hangs.day, hangs.provisional
    return deadlines.after_notice(hangs, row.closing or 0, pauses)


def _clocks(
    case: Case, rows: Sequence[CaseStage], pauses: Sequence[Pause], law: Law
) -> Iterator[tuple[Case | CaseStage, Clock]]:
    for row in rows:
        yield row, _clock_of(row, pauses, law.calendar)
    procedure = law.procedures[case.procedure_code, case.procedure_version]
    if case.counted_from and procedure.total_limit is not None and procedure.total_day_type:
        # A city's own version may be shorter still.
        total = min(procedure.total_limit, case.shorter_limit or procedure.total_limit)
        limit = Limit(total, procedure.total_day_type, procedure.rolls)
        yield case, Clock(case.counted_from, limit, pauses)


def _more_days(target: Case | CaseStage, extension: CaseExtension | None) -> int:
    """Return how many days a limit has more than its usual ones."""
    if extension is None:
        return 0
    is_meant = isinstance(target, Case) or target.code in extension.stages
    return extension.days if is_meant else 0


def due_day(target: Case | CaseStage) -> DueDay | None:
    """Return the last day that stands with a stage or the whole."""
    return DueDay(target.due_on, target.due_provisional) if target.due_on else None


def hangs_until(row: CaseStage) -> DueDay | None:
    """Return the last day of a notice, as it stands with it."""
    return DueDay(row.hangs_until, row.hangs_provisional) if row.hangs_until else None


def _parts(due: DueDay | None) -> tuple[date | None, bool]:
    return (due.day, due.provisional) if due else (None, False)


def _set_beside(
    target: Case | CaseStage, calendar: Calendar, clock: Clock, usual: Clock | None
) -> None:
    """Set what is shown beside a last day. `usual`: the clock of one that was extended."""
    unpaused = _parts(deadlines.due(calendar, clock.without_pauses()))
    target.due_unpaused_on, target.due_unpaused_provisional = unpaused
    before = _parts(deadlines.due(calendar, usual) if usual else None)
    target.due_usual_on, target.due_usual_provisional = before


def _set(case: Case, target: Case | CaseStage, due: DueDay | None) -> Iterator[Move]:
    day, provisional = _parts(due)
    if target.due_on != day:
        name = target.name if isinstance(target, CaseStage) else None
        yield Move(case.id, name, due_day(target), due)
        target.due_on = day
    if target.due_provisional != provisional:
        target.due_provisional = provisional


def _plan(session: Session, ids: Sequence[uuid.UUID], wanted: set[Planned], now: datetime) -> None:
    """Plan what is to be told, and leave what stands; what was told once is not told again."""
    known: set[Planned] = set()
    vain: list[uuid.UUID] = []
    for row in session.execute(
        select(
            CaseReminder.id,
            CaseReminder.told_at,
            CaseReminder.case_id,
            CaseReminder.stage_id,
            CaseReminder.rule_code,
            CaseReminder.at,
        ).where(CaseReminder.case_id.in_(ids))
    ):
        one = Planned(row.case_id, row.stage_id, row.rule_code, row.at)
        known.add(one)
        if row.told_at is None and one not in wanted:
            vain.append(row.id)
    if vain:
        session.execute(
            delete(CaseReminder).where(CaseReminder.id.in_(vain), CaseReminder.told_at.is_(None))
        )
    if new := wanted - known:
        session.execute(
            insert(CaseReminder).on_conflict_do_nothing(),
            [{"id": new_id(now), "told": 0, **one._asdict()} for one in sorted(new, key=_at)],
        )


def _at(planned: Planned) -> datetime:
    return planned.at
