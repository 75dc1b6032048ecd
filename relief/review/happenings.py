"""What happens outside the review and starts a clock of it: an emergency is over, a family changes.

A procedure names such events. Those of the entry come with the application; the others are
reported in the case once something is granted, with the day on which they happened: the limit of
what they start runs from that day, and not from the report. Of aid that has ended nothing is
awaited; what was given at once has no end, and is explained however long after.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.review import stages, standing_in, starts, turns
from relief.review.changing.queries import EntitlementRow, entitlements_of
from relief.review.errors import EventDay, EventNotAwaited, EventReported, NotYours
from relief.review.models import CaseStage
from relief.review.stages import Way
from relief.review.types import Outcome, StageStatus, Step
from relief.schemes import owners as ownership
from relief.schemes import queries as schemes
from relief.schemes.models import ProcedureStage, Scheme, StageOwner
from relief.schemes.queries import Plan
from relief.schemes.types import ENTRY_EVENTS, StageKind

_ENDED = "这个申请事项的救助已经结束，不再登记后续情形"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedEvent:
    """An event from outside that may be reported, and the stages that it starts.

    `by`: the offices that may, each a department and the role that acts in one of the stages.
    """

    code: str
    name: str
    starts: Sequence[str]
    by: Collection[tuple[str, Role]]


def awaited(
    session: Session,
    scheme: Scheme,
    plan: Plan,
    rows: Sequence[CaseStage],
    *,
    granted: Sequence[EntitlementRow],
    on: date,
) -> Sequence[AwaitedEvent]:
    """Return what may be reported on a day in a case with these stages. Two queries, or none.

    `granted`: what the case granted.
    """
    waiting = {} if _has_ended(scheme, granted, on) else _waiting(plan, rows)
    if not waiting:
        return ()
    names, owners = schemes.events(session), schemes.owners(session)
    return [
        AwaitedEvent(
            code=code,
            name=names[code].name,
            starts=[one.name for one in started],
            by=_offices(started, owners, scheme, plan),
        )
        for code, started in waiting.items()
    ]


def may_report(event: AwaitedEvent, actor: Actor) -> bool:
    """Tell whether an event is for the actor's office to report, or for whom they stand in for."""
    return any(
        department == actor.department_code and role in actor.roles_in_cases
        for department, role in event.by
    )


def report(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    event: str,
    happened_on: date,
    told: str,
    now: datetime,
) -> None:
    """Report an event, by an office that acts in what it starts: its stages open from that day.

    Raises what `turns.enter` does; EventNotAwaited, also once the aid has ended; EventReported,
    NotYours; EventDay for a day that is still to come or lies before the application.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    rows = stages.rows_of(way)
    started = _later(way.plan).get(event)
    if started is None or not _granted(rows):
        raise EventNotAwaited
    if _has_ended(way.scheme, entitlements_of(session, case_id=case_id), way.today):
        raise EventNotAwaited(_ENDED)
    if _is_told(started, rows):
        raise EventReported
    _take(way, actor, started)
    if not local_date(way.case.submitted_at) <= happened_on <= way.today:
        raise EventDay
    name = schemes.events(session)[event].name
    stages.note(way, Step.EVENT_REPORTED, None, f"{name}（{happened_on.isoformat()}）：{told}")
    stages.raise_events(way, [event], since=happened_on)


def _has_ended(scheme: Scheme, granted: Sequence[EntitlementRow], on: date) -> bool:
    """Tell whether all that was granted for a time is over.

    What was given at once is never over: its explanation is owed afterwards (社会救助法第五十条).
    """
    if scheme.period in starts.ONE_OFF or not granted:
        return False
    return all(one.starts_on is None or _is_over(one.ends_on, on) for one in granted)


def _is_over(ends_on: date | None, on: date) -> bool:
    return ends_on is not None and ends_on <= on


def _waiting(plan: Plan, rows: Sequence[CaseStage]) -> Mapping[str, Sequence[ProcedureStage]]:
    if not _granted(rows):
        return {}
    return {code: started for code, started in _later(plan).items() if not _is_told(started, rows)}


def _later(plan: Plan) -> Mapping[str, Sequence[ProcedureStage]]:
    """Return the events that no stage raises and no entry brings, with what they start."""
    known = {event for stage in plan.stages for event in stage.raises} | set(ENTRY_EVENTS)
    found: dict[str, list[ProcedureStage]] = {}
    for stage in plan.stages:
        if stage.starts_from not in known:
            found.setdefault(stage.starts_from, []).append(stage)
    return found


def _granted(rows: Sequence[CaseStage]) -> bool:
    return any(row.outcome is Outcome.GRANTED for row in rows)


def _is_told(started: Sequence[ProcedureStage], rows: Sequence[CaseStage]) -> bool:
    """Tell whether what an event starts is under way, or is an explanation that was given."""
    codes = {one.code for one in started}
    return any(
        row.status is StageStatus.OPEN or _answers_all(row, rows)
        for row in rows
        if row.code in codes
    )


def _answers_all(row: CaseStage, rows: Sequence[CaseStage]) -> bool:
    """Tell of an explanation whether no second signer objected after it."""
    return row.kind is StageKind.EXPLANATION and not any(
        one.kind is StageKind.COUNTERSIGN
        and one.outcome is Outcome.OBJECTED
        and _ended(one) > _ended(row)
        for one in rows
    )


def _ended(row: CaseStage) -> datetime:
    assert row.ended_at is not None  # noqa: S101  # as the table's own rule says
    return row.ended_at


def _take(way: Way, actor: Actor, started: Sequence[ProcedureStage]) -> None:
    """Let whoever will act in one of the stages report what starts it. Raises NotYours."""
    offices = _offices(started, way.owners, way.scheme, way.plan)
    roles = [role for department, role in offices if department == actor.department_code]
    mine = [role for role in roles if role in actor.roles] or [
        role for role in roles if role in actor.roles_in_cases
    ]
    if not mine:
        raise NotYours
    standing_in.take(way, actor, mine[0])


def _offices(
    started: Sequence[ProcedureStage],
    owners: Mapping[str, StageOwner],
    scheme: Scheme,
    plan: Plan,
) -> Collection[tuple[str, Role]]:
    """Return the departments that act in one of the stages, each with the role that acts."""
    return [
        (department, ownership.role_of(stage, owners[stage.owner]))
        for stage in started
        for department in ownership.departments_of(owners[stage.owner], scheme, plan.procedure)
    ]
