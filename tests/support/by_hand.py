"""The clock of a stage, or of the whole, as somebody with a calendar counts it.

To hold the program against: which days are worked is asked of a package that it does not use.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import chinese_calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.models import CaseStep
from relief.review.types import Step
from relief.schemes.types import DayType

# Of the procedure that may be extended (W_DB30): stage → which waits for it.
WAITS = dict.fromkeys(("KIN_FLAG", "INV_START", "CHK_START"), "FIRST_OPN") | {"JOINT": "CONFIRM"}
_DAY = timedelta(days=1)
_ANNOUNCED = 2026  # the last year; of later ones only weekends are known


def works(day: date) -> bool:
    """Offices work on a day."""
    return chinese_calendar.is_workday(day) if day.year <= _ANNOUNCED else day.weekday() < 5


class Spanned(Protocol):
    """What has a limit: a stage, or the whole."""

    @property
    def begun_on(self) -> date: ...
    @property
    def limit(self) -> int: ...
    @property
    def unit(self) -> DayType: ...
    @property
    def rolls(self) -> bool: ...


@dataclass(frozen=True)
class Span:
    """A limit, as a law or a catalogue says it."""

    begun_on: date
    limit: int
    unit: DayType = DayType.WORKING
    rolls: bool = True


def stood_in_for(session: Session, case_id: uuid.UUID) -> dict[Step, set[uuid.UUID]]:
    """For whom others acted in a case, by what they did, up to its decision."""
    found: dict[Step, set[uuid.UUID]] = defaultdict(set)
    for row in session.scalars(
        select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.number)
    ):
        if row.acting_for_id and row.step in (Step.STAGE_ENDED, Step.RETURNED, Step.DECIDED):
            found[row.step].add(row.acting_for_id)
        if row.step is Step.DECIDED:
            break
    return found


@dataclass
class Hand:
    """The days of one stage, as somebody with a calendar counts them."""

    row: Spanned
    waits: list[list[date | None]]
    more: int = 0  # days of an extension

    def is_open(self, day: date) -> bool:
        """Offices work, and nothing is waited for."""
        return works(day) and not self.stands(day)

    def stands(self, day: date) -> bool:
        """Papers were asked for before, and come today or later."""
        return any(since < day and (until is None or day <= until) for since, until in self.waits)

    def known_after(self, day: date) -> date | None:
        """The next day, unless the clock stands from this one on until nobody knows when."""
        for_good = any(until is None and since <= day for since, until in self.waits)
        return None if for_good else day + _DAY

    def counted_after(self, day: date | None) -> date | None:
        """The next day that counts."""
        while day and (day := self.known_after(day)):
            counts = self.row.unit is DayType.CALENDAR or works(day)
            if counts and not self.stands(day):
                break
        return day

    def last_day(self) -> date | None:
        """The last day of the stage; None while nobody knows it."""
        day: date | None = self.row.begun_on
        for _ in range(self.row.limit + self.more):
            day = self.counted_after(day)
        while day and (asked := [until for since, until in self.waits if since == day != until]):
            day = self.counted_after(asked[0])  # who asks on the last day has one more
        rolls = self.row.unit is DayType.CALENDAR and self.row.rolls
        while rolls and day and not self.is_open(day):
            day = self.known_after(day)
        return day
