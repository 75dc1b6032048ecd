"""What is read of cases: lines of lists, and one case whole."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.review.changing.queries import ChangeRow, EntitlementRow
from relief.review.enclosures.queries import EnclosureRow
from relief.review.extending.queries import ExtensionRow
from relief.review.facts.queries import FactsFound
from relief.review.happenings import AwaitedEvent
from relief.review.kin.queries import KinRow, KinVisitRow
from relief.review.mandates.queries import MandateRow
from relief.review.objecting.queries import InquiryRow, ObjectionRow
from relief.review.papers.queries import PaperRow
from relief.review.pausing import PauseSum
from relief.review.paying.queries import PayeesOfCase
from relief.review.rechecking.queries import RecheckRow
from relief.review.recognition.queries import KnownBefore
from relief.review.surveying.queries import SurveyRow
from relief.review.types import CaseStatus, Outcome, StageStatus, Step
from relief.schemes.types import DayType, StageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of a list of cases."""

    id: uuid.UUID
    number: str
    scheme_code: str
    scheme_name: str
    applicant_name: str
    region_code: int
    status: CaseStatus
    submitted_at: datetime
    due_on: date | None
    due_unpaused_on: date | None
    due_usual_on: date | None
    due_provisional: bool
    due_unpaused_provisional: bool
    due_usual_provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """A stage that waits for the reader, with its case. `paused`: no clock runs.

    `acting_for`: it waits for them because they stand in for somebody. `doubts`: how many of the
    case are not cleared. `objections`: how many of the case are not answered.
    `hangs_until`: the last day of a notice.
    """

    id: uuid.UUID
    case: CaseRow
    code: str
    name: str
    kind: StageKind
    hangs_until: date | None
    hangs_provisional: bool
    due_on: date | None
    due_unpaused_on: date | None
    due_usual_on: date | None
    due_provisional: bool
    due_unpaused_provisional: bool
    due_usual_provisional: bool
    paused: bool
    acting_for: str | None
    doubts: int
    objections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """A stage that a case is in or was in.

    `hangs_until`: the last day of a notice; before it is over nobody may end it. Of an open one
    `waits_for` names the stages that must have ended before it may. `papers`: what the procedure
    says is needed. `survey_by`: how many must be at the home before it may end, and were not yet.
    """

    code: str
    turn: int
    name: str
    kind: StageKind
    department_code: str
    department_name: str
    role: Role
    begun_on: date
    limit: int
    unit: DayType
    hangs_until: date | None
    hangs_provisional: bool
    due_on: date | None
    due_unpaused_on: date | None
    due_usual_on: date | None
    due_provisional: bool
    due_unpaused_provisional: bool
    due_usual_provisional: bool
    status: StageStatus
    outcome: Outcome | None
    opinion: str | None
    ended_at: datetime | None
    ended_by: str | None
    waits_for: Sequence[str]
    papers: Sequence[str]
    survey_by: int

    @property
    def ended_late(self) -> bool:
        """Tell whether it ended after its last day."""
        return self.status is StageStatus.ENDED and _after(self.ended_at, self.due_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """Papers that were asked for. `stands_until`: the last day for which the clock may stand."""

    reason: str | None
    since_on: date
    stands_until: date | None
    until_on: date | None
    missing: str
    asked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What was decided, why and by what law."""

    outcome: Outcome
    amount_fen: int | None
    reason: str
    legal: str
    departs: str | None
    decided_by: str
    decided_at: datetime
    list_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """That a limit runs out or has passed: to be told, or told to so many accounts.

    `provisional`: it is to be told by a last day that a calendar still to come may move.
    """

    stage_code: str | None
    department_code: str | None
    name: str
    at: datetime
    provisional: bool
    told_at: datetime | None
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One line of the timeline."""

    at: datetime
    step: Step
    stage_code: str | None
    department_code: str | None
    actor: str | None
    acting_for: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail:
    """A case with everything that happened in it."""

    case: CaseRow
    person_id: uuid.UUID
    need: str
    known_before: KnownBefore
    procedure: str
    lead: str
    stages: Sequence[StageRow]
    awaited: Sequence[AwaitedEvent]
    pauses: Sequence[PauseRow]
    pause_sums: Sequence[PauseSum]
    extended_limit: int | None
    extension: ExtensionRow | None
    objections: Sequence[ObjectionRow]
    inquiries: Sequence[InquiryRow]
    decision: DecisionRow | None
    papers: Sequence[PaperRow]
    payees: PayeesOfCase
    entitlements: Sequence[EntitlementRow]
    changes: Sequence[ChangeRow]
    facts: FactsFound | None
    rechecks: Sequence[RecheckRow]
    mandates: Sequence[MandateRow]
    enclosures: Sequence[EnclosureRow]
    kin: Sequence[KinRow]
    kin_visit: KinVisitRow | None
    survey: SurveyRow | None
    reminders: Sequence[ReminderRow]
    timeline: Sequence[StepRow]

    @property
    def decided_late(self) -> bool:
        """Tell whether it was decided after the last day of the whole."""
        return self.decision is not None and _after(self.decision.decided_at, self.case.due_on)


def _after(at: datetime | None, last: date | None) -> bool:
    return at is not None and last is not None and local_date(at) > last
