"""The clocks of the state machine's case, counted beside the program from what it remembers."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from relief.review.models import Case, CaseReminder, CaseStage
from relief.review.types import StageStatus
from relief.schemes.types import DayType, StageKind
from tests.support.by_hand import Hand, Span
from tests.support.case_memory import Memory

if TYPE_CHECKING:
    from tests.support.case_machine import CaseMachine

LONGER = 15  # days of an extension
_Whole = Callable[[Memory], Span | None]


def _accepted(limit: int) -> _Whole:
    """So many working days from the acceptance."""
    return lambda memory: Span(memory.accepted_on, limit) if memory.accepted_on else None


def _entered(limit: int, unit: DayType = DayType.WORKING, *, rolls: bool = True) -> _Whole:
    """So many days from the application, or from when it came again."""
    return lambda memory: Span(memory.entered_on, limit, unit, rolls) if memory.entered_on else None


# How long the whole may take, by hand from the catalogue; S02 has no total. Fast aid waits for no
# office to open.
_FAST = _entered(3, DayType.CALENDAR, rolls=False)
WHOLE: dict[str, _Whole] = {
    "S01": _accepted(30),
    "S02": lambda _memory: None,
    "S03": _FAST,
    "S05": _accepted(30),
    "S09": _accepted(20),
    "S12": _FAST,
    "S19": _entered(30),
    "S22": _accepted(60),
}


def clocks_are_right(machine: "CaseMachine", case: Case, rows: Sequence[CaseStage]) -> None:
    """Count each open stage's last day and that of the whole; while the case waits, none runs."""
    memory = machine.memory
    waits = any(until is None for _, until in memory.waits)
    planned = {
        row.stage_id
        for row in machine.session.scalars(
            select(CaseReminder).where(
                CaseReminder.case_id == case.id, CaseReminder.told_at.is_(None)
            )
        )
    }
    open_ids = {None}
    for row in rows:
        if row.status is not StageStatus.OPEN:
            continue
        open_ids.add(row.id)
        more = LONGER if row.code in memory.extended else 0
        due = Hand(row, memory.waits, more).last_day()
        if row.kind is StageKind.PUBLIC_NOTICE:
            # It hangs whatever is waited for, and is ended on the working day after.
            hung = Hand(row, []).last_day()
            assert row.hangs_until == hung, row.begun_on
            due = Hand(Span(hung, 1), memory.waits).last_day() if hung else None
        assert row.due_on == due, (row.code, row.begun_on, memory.waits)
        if waits and row.due_on is None:
            assert row.id not in planned
    assert planned <= open_ids
    assert case.due_on == _whole(machine.scheme, memory), (machine.scheme, memory)


def _whole(scheme: str, memory: Memory) -> date | None:
    """The last day of the whole; None before it is counted, or while nobody knows it."""
    span = WHOLE[scheme](memory)
    return Hand(span, memory.waits, LONGER if memory.extended else 0).last_day() if span else None
