"""Tells who is to act, and after them their superiors, that limits run out or have passed.

Set work: what is due is marked and grouped by whom it is for in one statement, however many cases.
A case that cannot be told of is left for the next time and never holds up the others.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from relief.accounts.delegation import DELEGABLE
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.review.models import CaseReminder
from relief.schemes import queries as schemes

logger = logging.getLogger(__name__)

AT_ONCE = 5_000  # cases
NAMED = 3  # so many cases are named in a notice
_ROLES = [Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.LEADER]
_MARK = text("""
WITH held AS (
    SELECT account_id, role FROM account_role WHERE role = ANY(:roles)
    UNION  -- who stands in for somebody is told in their place
    SELECT d.delegate_id, o.role
    FROM delegation d JOIN account_role o ON o.account_id = d.delegator_id
        AND o.role = ANY(:delegable)
    WHERE d.withdrawn_at IS NULL AND d.days @> CAST(:today AS date)
), seat AS (
    SELECT a.id, a.department_code, o.role, r.code AS lo, r.code_end AS hi, r.level
    FROM account a
    JOIN held o ON o.account_id = a.id
    JOIN account_region g ON g.account_id = a.id
    JOIN region r ON r.code::text = g.code
    WHERE a.disabled_at IS NULL
    UNION  -- a zone stands beside the counties
    SELECT a.id, a.department_code, o.role, r.code, r.code_end, 'county'
    FROM account a
    JOIN held o ON o.account_id = a.id
    JOIN account_region g ON g.account_id = a.id
    JOIN functional_zone_part p ON p.zone_code = g.code
    JOIN region r ON r.code = p.region_code
    WHERE a.disabled_at IS NULL
), ripe AS (
    SELECT m.id, m.rule_code, u.whom, u.level, c.number, c.region_code, m.case_id, m.stage_id
    FROM case_reminder m
    JOIN reminder_rule u ON u.code = m.rule_code
    JOIN aid_case c ON c.id = m.case_id
    WHERE m.id = ANY(:ids)
), due AS (  -- of a stage, its office; of the whole, everyone whose turn it is
    SELECT r.*, s.department_code, s.role
    FROM ripe r LEFT JOIN case_stage s ON s.id = r.stage_id AND s.status = 'open'
    WHERE r.stage_id IS NOT NULL
    UNION ALL
    SELECT r.*, s.department_code, s.role
    FROM ripe r LEFT JOIN case_stage s ON s.case_id = r.case_id AND s.status = 'open'
    WHERE r.stage_id IS NULL
), reached AS (
    SELECT d.id, d.rule_code, d.number, t.id AS account, d.whom = 'office' AS own
    FROM due d JOIN seat t ON t.department_code = d.department_code AND t.role = d.role
        AND d.region_code >= t.lo AND d.region_code < t.hi
    WHERE d.whom = 'office'
    UNION
    SELECT d.id, d.rule_code, d.number, t.id, false
    FROM due d JOIN seat t ON t.department_code = d.department_code AND t.role = 'approver'
        AND d.region_code >= t.lo AND d.region_code < t.hi
    WHERE d.whom = 'superior'
    UNION
    SELECT d.id, d.rule_code, d.number, t.id, false
    FROM due d JOIN seat t ON t.role = 'leader' AND t.level = d.level
        AND d.region_code >= t.lo AND d.region_code < t.hi
    WHERE d.whom = 'leader'
), told AS (
    SELECT * FROM reached
    UNION  -- where nobody is, the leaders of the city are
    SELECT d.id, d.rule_code, d.number, t.id, false
    FROM due d JOIN seat t ON t.role = 'leader' AND t.level = 'city'
        AND d.region_code >= t.lo AND d.region_code < t.hi
    WHERE NOT EXISTS (SELECT FROM reached r WHERE r.id = d.id)
), marked AS (
    UPDATE case_reminder m SET told_at = :now, told = coalesce(n.accounts, 0)
    FROM case_reminder x
    LEFT JOIN (SELECT id, count(*) AS accounts FROM told GROUP BY id) n USING (id)
    WHERE x.id = m.id AND m.id = ANY(:ids) AND m.told_at IS NULL
    RETURNING m.id, m.told
)
SELECT t.account, t.rule_code, t.own, count(DISTINCT t.number) AS cases,
    (array_agg(DISTINCT t.number ORDER BY t.number))[1:3] AS first
FROM told t JOIN marked USING (id) GROUP BY t.account, t.rule_code, t.own
UNION ALL
SELECT NULL, '', false, count(*), NULL FROM marked WHERE marked.told = 0 HAVING count(*) > 0
""")


@dataclass(frozen=True, slots=True, order=True)
class Addressee:
    """Whom a rule tells. `own`: it is their own turn, and not that of others below them."""

    account_id: uuid.UUID
    rule: str
    own: bool


@dataclass(slots=True)
class Due:
    """Of how many cases somebody is told, and the numbers of some."""

    cases: int = 0
    numbers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What a sweep did. `unreached`: limits of which nobody could be told; `left`: failed."""

    told: Mapping[Addressee, Due]
    reminders: int = 0
    unreached: int = 0
    left: int = 0


def mark_due(session: Session, *, now: datetime) -> Report:
    """Mark all that is due as told, and return whom of what; the caller tells them, with it."""
    told: dict[Addressee, Due] = defaultdict(Due)
    report = Report(told)
    by_case = session.scalars(
        select(func.array_agg(CaseReminder.id))
        .where(CaseReminder.told_at.is_(None), CaseReminder.at <= now)
        .group_by(CaseReminder.case_id)
        .order_by(CaseReminder.case_id)
    ).all()
    for first in range(0, len(by_case), AT_ONCE):
        for row in _mark(session, by_case[first : first + AT_ONCE], now, report):
            if row.account is None:
                report.unreached += row.cases
                continue
            due = told[Addressee(row.account, row.rule_code, row.own)]
            due.cases += row.cases
            due.numbers = sorted([*due.numbers, *row.first])[:NAMED]
    report.reminders = sum(map(len, by_case)) - report.left
    return report


def words(session: Session) -> Mapping[str, str]:
    """Return rule → what its notice says."""
    return {rule.code: rule.name for rule in schemes.reminder_rules(session)}


def _mark(
    session: Session, by_case: Sequence[Sequence[uuid.UUID]], now: datetime, report: Report
) -> Iterator[Any]:
    """Mark what is due in some cases; if one of them cannot be, all the others, by halving."""
    ids = [one for of_case in by_case for one in of_case]
    try:
        with session.begin_nested():
            given = {"today": local_date(now), "roles": _ROLES, "delegable": list(DELEGABLE)}
            rows = session.execute(_MARK, {"ids": ids, "now": now, **given}).all()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        if len(by_case) == 1:
            report.left += len(ids)
            logger.exception("limits could not be told of", extra={"reminder": str(ids[0])})
            return
        middle = len(by_case) // 2
        yield from _mark(session, by_case[:middle], now, report)
        yield from _mark(session, by_case[middle:], now, report)
        return
    yield from rows
