"""The catalogue as it holds on a day: what is to be proved sound, and staffed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.organisation import queries as organisation
from relief.organisation.models import Region
from relief.schemes import queries, regional
from relief.schemes.models import ProcedureEvent, Scheme, StageOwner
from relief.schemes.queries import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The procedures in force, and what they name.

    `plans`: by the procedure's code. `levels`: how many regions there are of each level.
    `closing`: in how many working days after its last day a public notice is ended in the city.
    """

    plans: Mapping[str, Plan]
    schemes: Sequence[Scheme]
    events: Mapping[str, ProcedureEvent]
    owners: Mapping[str, StageOwner]
    departments: frozenset[str]
    closing: int
    levels: Mapping[str, int]


def load(session: Session, *, on: date) -> Catalogue:
    """Return the catalogue as it holds on a day. Eight queries."""
    levels = session.execute(select(Region.level, func.count()).group_by(Region.level)).all()
    return Catalogue(
        plans=queries.plans(session, on=on),
        schemes=queries.schemes(session),
        events=queries.events(session),
        owners=queries.owners(session),
        departments=frozenset(organisation.department_names(session)),
        closing=regional.closing_days(regional.standards(session, on=on), None),
        levels={row[0]: row[1] for row in levels},
    )
