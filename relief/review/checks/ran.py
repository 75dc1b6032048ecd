"""Which checks were run on a case when it was looked at last, and by which registers.

A finding tells what a check found; that it found nothing is told by nothing that is kept of the
case. But which checks run is data with days, when they run is fixed by the way of a case (when it
is entered, when a stage ends that teaches something new, when it is decided), and which files had
come by then is known: so whoever follows a decision back reads which checks it went through, which
of them found nothing, and which could find nothing since there was no register to ask.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.registers.intake import layouts
from relief.registers.models import RegisterBatch
from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.review.checks.models import CaseFinding
from relief.review.checks.resting import RESTS_ON
from relief.review.checks.running import LOOKS_AGAIN
from relief.review.models import Case, CaseStage
from relief.review.types import StageStatus
from relief.schemes import check_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRegister:
    """A register that a check asks. `data_on`: of the newest file there was; None: there was none.

    `register` is its code, `title` its name in Chinese.
    """

    register: Register
    title: str
    data_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RanCheck:
    """A check that was run. `findings`: how many of its findings stood then."""

    code: str
    name: str
    source: str
    findings: int
    registers: Sequence[AskedRegister]

    @property
    def silent(self) -> bool:
        """Tell whether it found nothing since a register that it asks never came."""
        return not self.findings and any(one.data_on is None for one in self.registers)


@dataclass(frozen=True, slots=True, kw_only=True)
class RanChecks:
    """The checks of the last look at a case; of the decision, once there is one."""

    at: datetime
    checks: Sequence[RanCheck]


def ran(session: Session, case: Case, findings: Iterable[CaseFinding]) -> RanChecks:
    """Return which checks were run when a case was looked at last, in the catalogue's order.

    Three queries at most.
    """
    kept = list(findings)
    at = case.decided_at or _last_look(session, case, kept)
    standing = [
        one.check_code
        for one in kept
        if one.found_at <= at and (one.gone_at is None or one.gone_at > at)
    ]
    rules = check_rules.in_force(session, on=local_date(at))
    files = _files(session, at)
    titles = _titles()
    return RanChecks(
        at=at,
        checks=[
            RanCheck(
                code=code,
                name=rule.name,
                source=rule.source,
                findings=standing.count(code),
                registers=_asked(RESTS_ON.get(code, ()), files, titles),
            )
            for code, rule in rules.items()
        ],
    )


def _last_look(session: Session, case: Case, findings: Sequence[CaseFinding]) -> datetime:
    """Return when a case that is not decided was looked at last, as far as it left a trace."""
    ended = session.scalar(
        select(func.max(CaseStage.ended_at)).where(
            CaseStage.case_id == case.id,
            CaseStage.kind.in_(LOOKS_AGAIN),
            CaseStage.status == StageStatus.ENDED,
        )
    )
    found = [one.found_at for one in findings]
    gone = [one.gone_at for one in findings if one.gone_at is not None]
    traces: list[datetime] = [case.submitted_at, *([ended] if ended else ()), *found, *gone]
    return max(traces)


def _files(session: Session, at: datetime) -> Mapping[Register, date]:
    """Return register → the day of the newest file that counted at a moment."""
    rows = session.execute(
        select(RegisterBatch.register, RegisterBatch.data_on)
        .ext(distinct_on(RegisterBatch.register))
        .where(
            RegisterBatch.created_at <= at,
            RegisterBatch.data_on <= local_date(at),
            or_(
                RegisterBatch.status == RegisterBatchStatus.LOADED,
                RegisterBatch.undone_at > at,
            ),
        )
        .order_by(RegisterBatch.register, RegisterBatch.data_on.desc())
    )
    return {row.register: row.data_on for row in rows if row.data_on is not None}


def _titles() -> Mapping[Register, str]:
    """Return register → its name, as its layout has it."""
    return {
        form.register: form.layout.title
        for form in layouts.load_all().values()
        if form.content is Content.WHOLE
    }


def _asked(
    registers: Collection[Register], files: Mapping[Register, date], titles: Mapping[Register, str]
) -> Sequence[AskedRegister]:
    return [
        AskedRegister(register=one, title=titles[one], data_on=files.get(one)) for one in registers
    ]
