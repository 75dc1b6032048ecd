"""Writes the cases of many people at once, with numbers as if each were entered by itself."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.registry.models import SourceIdentity, SourceLink
from relief.review.models import Case, CaseCounter
from relief.review.recognition.rosters import Confirmed
from relief.review.rostering.models import RosterAct
from relief.review.service import departments_of
from relief.review.types import CaseStatus
from relief.schemes.models import Scheme
from relief.schemes.queries import Plan

_COUNTY = 10**6


def open_all(
    session: Session,
    act: RosterAct,
    scheme: Scheme,
    plan: Plan,
    chosen: Sequence[Confirmed],
    *,
    now: datetime,
) -> Mapping[uuid.UUID, Case]:
    """Return person → the case that is opened; who has one already, however lately, is left out.

    Five statements, however many there are; in the order of their ids, so that two who enter the
    same people wait for each other and neither for ever.
    """
    people = sorted(chosen, key=lambda one: one.person.id)
    departments = departments_of(session, plan, scheme)
    known_by = _known_by(session, [one.person.id for one in people])
    numbers = _numbers(session, [one.place // _COUNTY for one in people], local_date(now).year)
    made = session.scalars(
        insert(Case)
        .values(
            [
                {
                    "id": new_id(now),
                    "number": number,
                    "scheme_code": scheme.code,
                    "procedure_code": plan.procedure.code,
                    "procedure_version": plan.procedure.version,
                    "person_id": one.person.id,
                    "identity_id": known_by.get(one.person.id),
                    "applicant_name": one.person.name,
                    "applicant_born_on": one.person.born_on,
                    "county_code": one.place // _COUNTY,
                    "region_code": one.place,
                    "departments": departments,
                    "need": act.need,
                    "status": CaseStatus.SUBMITTED,
                    "entered_by": act.begun_by,
                    "submitted_at": now,
                    "due_provisional": False,
                    "steps": 0,
                    "version": 1,
                }
                for one, number in zip(people, numbers, strict=True)
            ]
        )
        .on_conflict_do_nothing()
        .returning(Case.id)
    ).all()
    rows = session.scalars(select(Case).where(Case.id.in_(made)))
    return {row.person_id: row for row in rows}


def _known_by(session: Session, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return person → their newest source record. One query."""
    rows = session.execute(
        select(SourceLink.person_id, SourceIdentity.id)
        .ext(distinct_on(SourceLink.person_id))
        .join(SourceIdentity, SourceIdentity.id == SourceLink.identity_id)
        .where(SourceLink.person_id.in_(people))
        .order_by(
            SourceLink.person_id, SourceIdentity.last_on.desc().nulls_last(), SourceIdentity.id
        )
    )
    return {row[0]: row[1] for row in rows}


def _numbers(session: Session, counties: Sequence[int], year: int) -> list[str]:
    """Return a number for each case, in the order given. One statement."""
    wanted = Counter(counties)
    put = insert(CaseCounter).values(
        [{"county_code": one, "year": year, "last": wanted[one]} for one in sorted(wanted)]
    )
    rows = session.execute(
        put.on_conflict_do_update(
            index_elements=[CaseCounter.county_code, CaseCounter.year],
            set_={"last": CaseCounter.last + put.excluded.last},
        ).returning(CaseCounter.county_code, CaseCounter.last)
    )
    following = {row.county_code: row.last - wanted[row.county_code] + 1 for row in rows}
    numbers = []
    for county in counties:
        numbers.append(f"SL{county}{year}-{following[county]:06d}")
        following[county] += 1
    return numbers
