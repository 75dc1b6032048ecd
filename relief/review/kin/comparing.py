"""Compares a family with what staff filed: whose kin they are, within the circle that holds."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.registrar import registrar
from relief.review.kin.types import SELF, KinSource
from relief.schemes import queries as schemes

# The relation of the householder, and one's own, to a household: it is one's own family.
_OF_THE_HOUSEHOLD = ("01", "02", "03")
_HITS = text("""
WITH home AS (
    SELECT household_id FROM membership WHERE person_id = :person
), family AS (
    SELECT p.citizen_id, m.relation
    FROM person p LEFT JOIN membership m ON m.person_id = p.id
    WHERE (p.id = :person OR m.household_id IN (SELECT household_id FROM home))
        AND p.citizen_id IS NOT NULL
), newest AS (
    SELECT DISTINCT ON (account_id) id, account_id, own_number_id
    FROM kin_filing ORDER BY account_id, id DESC
)
SELECT n.account_id, min(r.relation) AS relation, 'filed' AS source
FROM newest n
JOIN kin_relative r ON r.filing_id = n.id AND r.relation = ANY(:circle)
JOIN family f ON f.citizen_id = r.number_id
WHERE n.account_id = :account OR CAST(:account AS uuid) IS NULL
GROUP BY n.account_id
UNION ALL
SELECT n.account_id, :self, 'registry'
FROM newest n JOIN family f ON f.citizen_id = n.own_number_id
WHERE (n.account_id = :account OR CAST(:account AS uuid) IS NULL)
    AND (f.relation IS NULL OR f.relation = ANY(:circle) OR f.relation = ANY(:household))
ORDER BY 1, 3
""")


@dataclass(frozen=True, slots=True)
class Hit:
    """A member of staff whose kin a family is."""

    account_id: uuid.UUID
    relation: str
    source: KinSource


def hits(
    session: Session, *, person_id: uuid.UUID, on: date, account_id: uuid.UUID | None = None
) -> Sequence[Hit]:
    """Return whose kin someone's family is, of all staff or of one account.

    The family is who shares the person's household in the registry. One query, made as registrar,
    since nobody else sees what others filed. Raises ParameterNotSet.
    """
    circle: Collection[str] = schemes.kin_circle(session, on=on)
    with registrar(session):
        rows = session.execute(
            _HITS,
            {
                "person": person_id,
                "account": account_id,
                "circle": list(circle),
                "household": list(_OF_THE_HOUSEHOLD),
                "self": SELF,
            },
        ).all()
    return [Hit(row.account_id, row.relation, KinSource(row.source)) for row in rows]
