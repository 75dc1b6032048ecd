"""How the stages of a procedure follow one another: by the events they raise, and by waiting."""

from collections.abc import Sequence
from dataclasses import dataclass

from relief.schemes.models import ProcedureStage
from relief.schemes.types import DayType, StageKind


@dataclass(frozen=True, slots=True)
class Span:
    """The most that may pass between two events, if every limit is used up, in days of each kind.

    How many working days a calendar day is, depends on the calendar: none, or one.
    """

    working: int = 0
    calendar: int = 0

    def and_then(self, stage: ProcedureStage, closing: int) -> "Span":
        """Return what it is together with a stage's limit, and after a notice that to end it."""
        more = closing if stage.kind is StageKind.PUBLIC_NOTICE else 0
        if stage.day_type is DayType.WORKING:
            return Span(self.working + stage.limit + more, self.calendar)
        return Span(self.working + more, self.calendar + stage.limit)

    def as_long_as_can_be(self, unit: DayType) -> "Span":
        """Return it for a comparison with a limit in `unit`: days of a notice may all be worked."""
        if unit is DayType.WORKING:
            return Span(working=self.working + self.calendar)
        return self

    def fits(self, other: "Span") -> bool:
        """Tell whether it can never be longer than another, whatever the calendar."""
        spare = other.working - self.working
        return spare >= 0 and self.calendar <= other.calendar + spare


class Paths:
    """The stages of one procedure, and in which order they can be reached.

    `outside`: the events that come from outside, at any time. `closing`: in how many working days
    after its last day a public notice is ended.
    """

    def __init__(
        self, stages: Sequence[ProcedureStage], *, outside: frozenset[str], closing: int
    ) -> None:
        self._stages = {stage.code: stage for stage in stages}
        self._outside = outside
        self._closing = closing
        self._raiser = {event: stage.code for stage in stages for event in stage.raises}
        self.reached = self._reach()

    def before(self, code: str) -> set[str]:
        """Return the stages that must have ended before one can end."""
        found: set[str] = set()
        waiting = list(self._needs(code))
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting.extend(self._needs(other))
        return found

    def longest(self, event: str, *, since: str) -> Span | None:
        """Return the longest time from one event to another; None if the one is not before it.

        A stage lasts as long as its limit says; those it waits for end within it, which is for
        `ends_in_time` to prove. Events that one stage raises happen together.
        """
        if self._same(event, since):
            return Span()
        code = self._raiser.get(event)
        if code is None:
            return None
        stage = self._stages[code]
        start = self.longest(stage.starts_from, since=since)
        return None if start is None else start.and_then(stage, self._closing)

    def ends_in_time(self, code: str, *, before: str) -> bool:
        """Tell whether a stage's limit can never end later than another's.

        Both are counted from the last event that lies before both of them.
        """
        first, second = self._stages[code], self._stages[before]
        for since in self._back(second):
            until = self.longest(first.starts_from, since=since)
            limit = self.longest(second.starts_from, since=since)
            if until is not None and limit is not None:
                return until.and_then(first, self._closing).fits(
                    limit.and_then(second, self._closing)
                )
        return False

    def _reach(self) -> set[str]:
        reached: set[str] = set()
        while True:
            events = set(self._outside)
            events.update(event for code in reached for event in self._stages[code].raises)
            more = {
                code
                for code, stage in self._stages.items()
                if stage.starts_from in events and set(stage.after) <= reached
            }
            if more <= reached:
                return reached
            reached |= more

    def _needs(self, code: str) -> set[str]:
        stage = self._stages[code]
        raiser = self._raiser.get(stage.starts_from)
        return {*stage.after, *([raiser] if raiser else [])}

    def _same(self, event: str, other: str) -> bool:
        raiser = self._raiser.get(event)
        return event == other or (raiser is not None and raiser == self._raiser.get(other))

    def _back(self, stage: ProcedureStage) -> list[str]:
        """Return the event that starts a stage, the one that starts its raiser's, and so on."""
        events = [stage.starts_from]
        while code := self._raiser.get(events[-1]):
            events.append(self._stages[code].starts_from)
        return events
