"""Tells the office that re-checks are overdue, each once; set work, and it stops nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.core.clock import local_date

_ROLES = [Role.CLERK, Role.REVIEWER, Role.APPROVER]
# What nothing is granted in any more is not re-checked, and nobody is told of it.
_MARK = text("""
WITH late AS (
    UPDATE case_recheck k SET told_at = :now
    FROM aid_case c JOIN scheme s ON s.code = c.scheme_code
    WHERE c.id = k.case_id AND k.done_at IS NULL AND k.told_at IS NULL AND k.due_on < :today
        AND EXISTS (
            SELECT FROM entitlement e
            WHERE (upper_inf(e.period) OR upper(e.period) > :today) AND e.decision_id IN (
                SELECT d.id FROM case_decision d WHERE d.case_id = c.id
                UNION ALL
                SELECT x.id FROM entitlement_change x WHERE x.case_id = c.id
                UNION ALL
                SELECT r.decision_id FROM standard_rise_entry r WHERE r.case_id = c.id
            )
        )
    RETURNING c.number, c.region_code, s.department_code
), told AS (
    SELECT l.number, a.id AS account
    FROM late l
    JOIN account a ON a.department_code = l.department_code AND a.disabled_at IS NULL
    WHERE EXISTS (SELECT FROM account_role o WHERE o.account_id = a.id AND o.role = ANY(:roles))
        AND EXISTS (
            SELECT FROM account_region g
            LEFT JOIN functional_zone_part p ON p.zone_code = g.code
            JOIN region r ON r.code = p.region_code OR r.code::text = g.code
            WHERE g.account_id = a.id AND l.region_code >= r.code AND l.region_code < r.code_end
        )
)
SELECT t.account, count(*) AS cases, (array_agg(t.number ORDER BY t.number))[1:3] AS first,
    (SELECT count(*) FROM late) AS late
FROM told t GROUP BY t.account
UNION ALL
SELECT NULL, count(*), NULL, count(*) FROM late l
WHERE l.number NOT IN (SELECT t.number FROM told t) HAVING count(*) > 0
""")


@dataclass(frozen=True, slots=True)
class Late:
    """How many re-checks an office is late with, and the numbers of some of the cases."""

    cases: int
    numbers: Sequence[str]


def mark_overdue(session: Session, *, now: datetime) -> tuple[Mapping[uuid.UUID, Late], int]:
    """Mark what is overdue as told; return whom of what, and of how many nobody is. One query."""
    rows = session.execute(_MARK, {"now": now, "today": local_date(now), "roles": _ROLES}).all()
    told = {row.account: Late(row.cases, row.first) for row in rows if row.account is not None}
    return told, sum(row.cases for row in rows if row.account is None)
