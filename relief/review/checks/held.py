"""What people have of aid, had, or ask for: by the lists, by entitlements, by open cases."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.funds.models import Entitlement
from relief.registry import periods
from relief.registry.models import Enrolment
from relief.registry.queries import spells
from relief.registry.queries.lists import scheme_lists
from relief.review.checks.facts import Holding, Reference
from relief.review.checks.types import How
from relief.review.models import Case
from relief.review.types import LIVE

_HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Found:
    """A holding. `case_id`: the application that it is."""

    holding: Holding
    case_id: uuid.UUID | None = None


def of(
    session: Session, reference: Reference, people: Collection[uuid.UUID], *, now: datetime
) -> Sequence[Found]:
    """Return what people hold, and had of aid that is given once. Four queries."""
    return [
        *_listed(session, reference, people, now),
        *_entitled(session, reference, people),
        *_asked_for(session, reference, people),
    ]


def _listed(
    session: Session, reference: Reference, people: Collection[uuid.UUID], now: datetime
) -> Iterator[Found]:
    """Yield places on lists that go on, and when someone last got what is given once.

    A list names each person whom it covers.
    """
    lists = scheme_lists(session, before=now)
    rows = session.scalars(
        select(Enrolment).where(Enrolment.person_id.in_(people)).order_by(Enrolment.id)
    )
    for row in rows:
        list_ = lists[row.scheme_code]
        if row.ended_on is not None and row.ended_on <= reference.on:
            continue
        if periods.is_standing(list_.period):
            if not spells.standing(spells.of_ranges(row.spells), reference.on, list_):
                continue
            until = None
        elif row.last_on is None:
            continue
        else:
            until = row.last_on
        yield Found(
            Holding(
                person_id=row.person_id,
                scheme_code=row.scheme_code,
                how=How.LIST,
                until=until,
                covers=False,
            )
        )


def _entitled(
    session: Session, reference: Reference, people: Collection[uuid.UUID]
) -> Iterator[Found]:
    """Yield of each scheme the entitlement that ends last; what has no end sorts last too."""
    rows = session.execute(
        select(Entitlement.person_id, Entitlement.scheme_code, Entitlement.period)
        .ext(distinct_on(Entitlement.person_id, Entitlement.scheme_code))
        # What was replaced before it ran has an empty period, which has no end either.
        .where(Entitlement.person_id.in_(people), ~func.isempty(Entitlement.period))
        .order_by(
            Entitlement.person_id,
            Entitlement.scheme_code,
            func.upper(Entitlement.period).desc().nulls_first(),
        )
    )
    for row in rows:
        scheme = reference.schemes[row.scheme_code]
        until = row.period.upper
        if until is not None and until <= reference.on and periods.is_standing(scheme.period):
            continue
        yield Found(
            Holding(
                person_id=row.person_id,
                scheme_code=row.scheme_code,
                how=How.ENTITLEMENT,
                until=until,
                covers=scheme.unit == _HOUSEHOLD,
            )
        )


def _asked_for(
    session: Session, reference: Reference, people: Collection[uuid.UUID]
) -> Iterator[Found]:
    rows = session.execute(
        select(Case.id, Case.person_id, Case.scheme_code)
        .where(Case.person_id.in_(people), Case.status.in_(LIVE))
        .order_by(Case.id)
    )
    for row in rows:
        yield Found(
            Holding(
                person_id=row.person_id,
                scheme_code=row.scheme_code,
                how=How.CASE,
                until=None,
                covers=reference.schemes[row.scheme_code].unit == _HOUSEHOLD,
            ),
            row.id,
        )
