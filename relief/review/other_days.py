"""The last days that are no stage's: to verify a doubt, and to answer that aid is to be less.

They were counted once, by the calendar of that day, and are counted anew when another comes out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.workdays import Calendar, DueDay
from relief.review.changing.acts import ANSWER_DAYS
from relief.review.changing.models import EntitlementChange
from relief.review.checks.models import CaseFinding
from relief.review.clocks import Move
from relief.review.models import Case
from relief.schemes import check_rules
from relief.schemes import queries as schemes
from relief.schemes.check_rules import CheckRule

ANSWER = "当事人答复"
DOUBT = "疑点“{name}”核实"


class OtherDays:
    """Counts them by one calendar; the rules are those of the day of each event."""

    def __init__(self, session: Session, calendar: Calendar) -> None:
        self._session, self._calendar = session, calendar
        self._rules: dict[date, Mapping[str, CheckRule]] = {}

    def doubts(self, cases: Sequence[Case]) -> Iterator[Move]:
        """Set anew the last days to verify doubts of cases that are held; yield what moved."""
        for row in self._session.scalars(
            select(CaseFinding)
            .where(
                CaseFinding.case_id.in_([case.id for case in cases]),
                CaseFinding.due_on.is_not(None),
                CaseFinding.gone_at.is_(None),
                CaseFinding.verdict.is_(None),
            )
            .order_by(CaseFinding.id)
        ):
            found_on = local_date(row.found_at)
            rule = self._rules_on(found_on).get(row.check_code)
            if row.due_on is None or rule is None or rule.days is None:
                continue
            before = DueDay(row.due_on, row.due_provisional)
            after = self._calendar.add_working_days(found_on, rule.days)
            row.due_on, row.due_provisional = after.day, after.provisional
            if after.day != before.day:
                yield Move(row.case_id, DOUBT.format(name=rule.name), before, after)

    def answers(self, cases: Sequence[Case]) -> Iterator[Move]:
        """Set anew the last days for families of such cases to answer; yield what moved."""
        for row in self._session.scalars(
            select(EntitlementChange)
            .where(EntitlementChange.case_id.in_([case.id for case in cases]), may_be_answered())
            .order_by(EntitlementChange.id)
        ):
            if row.served_on is None or (before := row.answer_due) is None:
                continue
            days = int(schemes.parameter(self._session, ANSWER_DAYS, on=row.served_on))
            after = self._calendar.add_working_days(row.served_on, days)
            row.answer_by, row.answer_provisional = after.day, after.provisional
            if after.day != before.day:
                yield Move(row.case_id, ANSWER, before, after)

    def _rules_on(self, day: date) -> Mapping[str, CheckRule]:
        if day not in self._rules:
            self._rules[day] = check_rules.in_force(self._session, on=day)
        return self._rules[day]


def may_be_answered() -> ColumnElement[bool]:
    """Match the changes of which the family was told, and that nobody heard them on yet."""
    return (
        EntitlementChange.answer_by.is_not(None)
        & EntitlementChange.heard_at.is_(None)
        & EntitlementChange.decided_at.is_(None)
    )


def waits_for_an_answer() -> ColumnElement[bool]:
    """Match the cases with such a change."""
    return (
        select(EntitlementChange.id)
        .where(EntitlementChange.case_id == Case.id, may_be_answered())
        .exists()
    )
