"""Compares a family with what staff filed: whose kin they are, within the circle that holds."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
WITH asked AS (
    SELECT unnest(CAST(:people AS uuid[])) AS person
), family AS (  -- who is asked about, and who shares their household
    SELECT a.person, p.citizen_id, m.relation
    FROM asked a JOIN person p ON p.id = a.person LEFT JOIN membership m ON m.person_id = p.id
    UNION
    SELECT a.person, p.citizen_id, m.relation
    FROM asked a
    JOIN membership home ON home.person_id = a.person
    JOIN membership m ON m.household_id = home.household_id
    JOIN person p ON p.id = m.person_id
), newest AS (
    SELECT DISTINCT ON (account_id) id, account_id, own_number_id
    FROM kin_filing ORDER BY account_id, id DESC
)
SELECT f.person, n.account_id, min(r.relation) AS relation, 'filed' AS source
FROM newest n
JOIN kin_relative r ON r.filing_id = n.id AND r.relation = ANY(:circle)
JOIN family f ON f.citizen_id = r.number_id
WHERE n.account_id = :account OR CAST(:account AS uuid) IS NULL
GROUP BY f.person, n.account_id
UNION ALL
SELECT f.person, n.account_id, :self, 'registry'
FROM newest n JOIN family f ON f.citizen_id = n.own_number_id
WHERE (n.account_id = :account OR CAST(:account AS uuid) IS NULL)
    AND (f.relation IS NULL OR f.relation = ANY(:circle) OR f.relation = ANY(:household))
ORDER BY 2, 4
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

    The family is who shares the person's household in the registry. Raises ParameterNotSet.
    """
    return hits_of(session, people=[person_id], on=on, account_id=account_id).get(person_id, ())


def hits_of(
    session: Session,
    *,
    people: Collection[uuid.UUID],
    on: date,
    account_id: uuid.UUID | None = None,
) -> Mapping[uuid.UUID, Sequence[Hit]]:
    """Return person → whose kin the family is, for those of whom somebody's it is.

    One query however many there are, made as registrar, since nobody else sees what others filed.
    Raises ParameterNotSet.
    """
    circle: Collection[str] = schemes.kin_circle(session, on=on)
    with registrar(session):
        rows = session.execute(
            _HITS,
            {
                "people": list(people),
                "account": account_id,
                "circle": list(circle),
                "household": list(_OF_THE_HOUSEHOLD),
                "self": SELF,
            },
        ).all()
    found: dict[uuid.UUID, list[Hit]] = defaultdict(list)
    for row in rows:
        found[row.person].append(Hit(row.account_id, row.relation, KinSource(row.source)))
    return found
