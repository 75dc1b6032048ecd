"""How a case goes through its procedure: events open stages, the end of a stage raises events.

Everything here is done under the case's lock (`visible.lock_case`), in the caller's transaction.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.workdays import Calendar
from relief.organisation import queries as organisation
from relief.review import clocks
from relief.review.clocks import Law
from relief.review.models import Case, CaseStage, CaseStep
from relief.review.objecting import queries as objecting
from relief.review.recognition import skipping
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes import owners as ownership
from relief.schemes import queries as schemes
from relief.schemes import regional
from relief.schemes.models import ProcedureStage, Scheme, StageOwner
from relief.schemes.queries import Plan
from relief.schemes.types import StageKind

if TYPE_CHECKING:
    from relief.review.recognition.models import CaseRecognition

ACCEPT, DECISION = "accept", "decision"
MINORS = "minors"
_OF_AGE = 18


@dataclass(slots=True)
class Way:
    """A case with what its procedure and the calendar say, as they are under its lock.

    `acting_for`: for whom the actor stands in, once it is known whose turn they take.
    """

    session: Session
    case: Case
    scheme: Scheme
    plan: Plan
    owners: Mapping[str, StageOwner]
    calendar: Calendar
    actor_id: uuid.UUID | None  # None: the platform, which only counts days
    now: datetime
    # Of a case that is one of many: its stages as read with theirs; then whoever gave them writes
    # what changed and counts the clocks, of all at once.
    known: list[CaseStage] | None = None
    acting_for: uuid.UUID | None = None
    # Of an application that is entered just now as one of many: what it rests on. Nothing was found
    # of it and nobody objected yet, so neither is asked.
    fresh: "Sequence[CaseRecognition] | None" = None

    @property
    def today(self) -> date:
        """Return the day in China."""
        return local_date(self.now)

    @property
    def legal(self) -> str:
        """Return what prescribes this way: the source of the procedure, else of the scheme."""
        return self.plan.procedure.legal or "；".join(self.scheme.legal)

    def stage(self, code: str) -> ProcedureStage | None:
        """Return a stage of the procedure."""
        return next((one for one in self.plan.stages if one.code == code), None)


def way_of(session: Session, case: Case, *, actor_id: uuid.UUID | None, now: datetime) -> Way:
    """Return a case with its procedure, in the version that it began under."""
    return Way(
        session=session,
        case=case,
        scheme=schemes.get_scheme(session, code=case.scheme_code),
        plan=schemes.procedure_version(
            session, code=case.procedure_code, version=case.procedure_version
        ),
        owners=schemes.owners(session),
        calendar=organisation.calendar(session),
        actor_id=actor_id,
        now=now,
    )


def rows_of(way: Way) -> Sequence[CaseStage]:
    """Return the stages that the case is in and was in, in their order."""
    if way.known is not None:
        return sorted(way.known, key=lambda row: (row.position, row.turn, row.department_code))
    return way.session.scalars(
        select(CaseStage)
        .where(CaseStage.case_id == way.case.id)
        .order_by(CaseStage.position, CaseStage.turn, CaseStage.department_code)
    ).all()


def write(way: Way) -> None:
    """Write what changed, so that it is read again; of one of many, whoever holds them does."""
    if way.known is None:
        way.session.flush()


def raise_events(way: Way, events: Iterable[str], *, since: date | None = None) -> None:
    """Open the stages that events start, and begin to count the whole where it starts.

    `since`: the day of the events, where it is not today.
    """
    waiting = list(events)
    while waiting:
        event = waiting.pop(0)
        if event == way.plan.procedure.total_from:
            way.case.counted_from = since or way.today
        if event == ACCEPT:
            way.case.status = CaseStatus.ACCEPTED
            way.case.accepted_at = way.now
        for stage in way.plan.stages:
            if stage.starts_from == event:
                waiting.extend(_open(way, stage, since=since or way.today))
    write(way)
    if way.known is None:
        count(way)


def open_again(way: Way, stage: ProcedureStage) -> None:
    """Open a stage once more, from today, beside what the case is in."""
    raise_events(way, _open(way, stage, since=way.today))


def end(
    way: Way, row: CaseStage, *, outcome: Outcome, opinion: str | None, status: StageStatus
) -> None:
    """End one row of a stage; when it was the last of its stage, raise what its end raises."""
    row.status = status
    row.outcome = outcome
    row.opinion = opinion
    row.ended_at = way.now
    row.ended_by = way.actor_id
    note(way, Step.STAGE_ENDED, row, opinion)
    write(way)
    stage = way.stage(row.code)
    alike = [one for one in rows_of(way) if (one.code, one.turn) == (row.code, row.turn)]
    ended = all(one.status is not StageStatus.OPEN for one in alike)
    raise_events(way, stage.raises if stage is not None and ended else ())


def leave(way: Way, *, keep: frozenset[StageKind] = frozenset()) -> None:
    """Close what is open and has no longer anything to do; the caller counts the clocks anew."""
    for row in rows_of(way):
        if row.status is StageStatus.OPEN and row.kind not in keep:
            row.status, row.ended_at = StageStatus.VOID, way.now
    write(way)


def missing_before(plan: Plan, rows: Sequence[CaseStage], code: str) -> Sequence[str]:
    """Return the names of the stages that must have ended before one may end, and have not."""
    stages = {one.code: one for one in plan.stages}
    names = []
    for other in stages[code].after if code in stages else ():
        of_other = [row for row in rows if row.code == other]
        if not of_other or any(row.status is StageStatus.OPEN for row in of_other):
            names.append(stages[other].name)
    return names


def before_begin(plan: Plan, rows: Sequence[CaseStage], code: str, *, ended: bool) -> Sequence[str]:
    """Return the names of the stages that must end before one begins or ends, and have not.

    `ended`: the case has, so that only what is still under way will ever end.
    """
    [stage] = [one for one in plan.stages if one.code == code]
    names = []
    for other in plan.stages:
        of_other = [row for row in rows if row.code == other.code]
        is_before = other.code in stage.after or stage.starts_from in other.raises
        waits = any(row.status is StageStatus.OPEN for row in of_other)
        if is_before and (waits or (not ended and not any(map(_is_done, of_other)))):
            names.append(other.name)
    return names


def raised(plan: Plan, stage: ProcedureStage) -> bool:
    """Tell whether a stage begins by what another raises, and not by something from outside."""
    return any(stage.starts_from in other.raises for other in plan.stages)


def _is_done(row: CaseStage) -> bool:
    """Tell whether a row ended so that its stage is over; what was returned begins again."""
    is_over = row.status in (StageStatus.ENDED, StageStatus.LEFT_OUT)
    return is_over and row.outcome is not Outcome.RETURNED


def count(way: Way) -> None:
    """Set the due days of what is open, and of the whole, by the pauses that there are."""
    procedure = way.plan.procedure
    law = Law(
        way.calendar,
        {(procedure.code, procedure.version): procedure},
        schemes.reminder_rules(way.session),
    )
    clocks.count(way.session, [way.case], law=law, now=way.now)


def note(way: Way, step: Step, row: CaseStage | None, text: str | None) -> None:
    """Add to the timeline, and to the trail what changed."""
    way.case.steps += 1
    way.session.add(
        CaseStep(
            id=new_id(way.now),
            case_id=way.case.id,
            number=way.case.steps,
            at=way.now,
            actor_id=way.actor_id,
            acting_for_id=way.acting_for,
            step=step,
            stage_code=row.code if row else None,
            department_code=row.department_code if row else None,
            note=text,
        )
    )
    audit.record(
        way.session,
        f"case:{step.value}",
        subject_type="case",
        subject_id=way.case.id,
        actor_id=way.actor_id,
        now=way.now,
        details={
            "number": way.case.number,
            "scheme": way.case.scheme_code,
            **({"acting_for": str(way.acting_for)} if way.acting_for else {}),
            **({"stage": row.code, "department": row.department_code} if row else {}),
            **({"outcome": row.outcome.value} if row and row.outcome else {}),
        },
        region_code=way.case.region_code,
    )


def _open(way: Way, stage: ProcedureStage, *, since: date) -> Sequence[str]:
    """Open a stage for each department that acts in it; return the events that follow at once."""
    turn = 1 + max((one.turn for one in rows_of(way) if one.code == stage.code), default=0)
    # What is opened again is looked at anew, whatever was recognised.
    left_out = _no_notice(way, stage) or (skipping.spared(way, stage) if turn == 1 else None)
    owner = way.owners[stage.owner]
    for department in ownership.departments_of(owner, way.scheme, way.plan.procedure):
        row = CaseStage(
            id=new_id(way.now),
            case_id=way.case.id,
            code=stage.code,
            turn=turn,
            position=stage.position,
            name=stage.name,
            kind=stage.kind,
            owner=stage.owner,
            department_code=department,
            role=ownership.role_of(stage, owner),
            region_code=way.case.region_code,
            begun_on=since,
            limit=stage.limit,
            unit=stage.day_type,
            rolls=way.plan.procedure.rolls and stage.kind is not StageKind.PUBLIC_NOTICE,
            closing=_closing(way) if stage.kind is StageKind.PUBLIC_NOTICE else None,
            due_provisional=False,
            status=StageStatus.LEFT_OUT if left_out else StageStatus.OPEN,
            ended_at=way.now if left_out else None,
            opinion=left_out,
        )
        way.session.add(row)
        if way.known is not None:
            way.known.append(row)
        note(way, Step.STAGE_LEFT_OUT if left_out else Step.STAGE_OPENED, row, left_out)
    write(way)
    return stage.raises if left_out else ()


def _closing(way: Way) -> int:
    """Return in how many working days after its last day a notice is to be ended there."""
    values = regional.standards(way.session, on=way.today)
    return regional.closing_days(values, way.case.region_code)


def _no_notice(way: Way, stage: ProcedureStage) -> str | None:
    """Return the law by which a notice may not be given in this case."""
    rule = way.scheme.extra.get("no_notice")
    if stage.kind is not StageKind.PUBLIC_NOTICE:
        return None
    if way.fresh is None and (
        shown := objecting.not_again(way.session, case_id=way.case.id, on=way.today)
    ):
        return shown
    if not rule or rule["who"] != MINORS:
        return None
    born, today = way.case.applicant_born_on, way.today
    if born is None:
        return None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"依法不公示：{rule['legal']}" if age < _OF_AGE else None
