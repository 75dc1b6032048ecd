"""Places in schemes and aid by scheme and year, of a person or a household."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.organisation.models import Department
from relief.registry.models import AidYear, Enrolment, Person
from relief.registry.queries import spells
from relief.registry.queries.months import unpack
from relief.registry.queries.rows import AidMonthRow, AidRow, EnrolmentRow, SchemeTag
from relief.registry.queries.visible import own
from relief.schemes.models import Scheme


def enrolments(
    session: Session, scope: Scope, condition: ColumnElement[bool]
) -> Sequence[EnrolmentRow]:
    """Return places in schemes: of all departments, or of the viewer's own. One query."""
    rows = session.execute(
        select(Enrolment, Person.name, Scheme.short_name, Department.name)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Scheme, Scheme.code == Enrolment.scheme_code)
        .join(Department, Department.code == Enrolment.department_code)
        .where(condition, own(scope, Enrolment.department_code))
        .order_by(Enrolment.scheme_code, Person.name, Person.id)
    )
    return [
        EnrolmentRow(
            person_id=place.person_id,
            person_name=person_name,
            scheme=SchemeTag(place.scheme_code, scheme_name),
            department_code=place.department_code,
            department_name=department_name,
            first_on=place.first_on,
            last_on=place.last_on,
            record_count=place.record_count,
            total_fen=place.total_fen,
            last_fen=place.last_fen,
            spells=spells.of_ranges(place.spells),
            ended_on=place.ended_on,
            ended_by=place.ended_by,
        )
        for place, person_name, scheme_name, department_name in rows
    ]


def aid_by_year(
    session: Session,
    scope: Scope,
    *,
    household_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
) -> Sequence[AidRow]:
    """Return aid by scheme and year, of a household or one person. One query."""
    condition = (
        AidYear.household_id == household_id
        if person_id is None
        else AidYear.person_id == person_id
    )
    rows = session.execute(
        select(
            AidYear.scheme_code,
            Scheme.short_name,
            AidYear.year,
            func.sum(AidYear.times),
            func.sum(AidYear.amount_fen),
        )
        .join(Scheme, Scheme.code == AidYear.scheme_code)
        .where(condition, own(scope, Scheme.department_code))
        .group_by(AidYear.scheme_code, Scheme.short_name, AidYear.year)
        .order_by(AidYear.scheme_code, AidYear.year)
    )
    return [
        AidRow(scheme=SchemeTag(code, name), year=year, times=int(times), amount_fen=int(fen))
        for code, name, year, times, fen in rows
    ]


def aid_by_month(
    session: Session,
    scope: Scope,
    *,
    household_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
    year: int | None = None,
) -> Sequence[AidMonthRow]:
    """Return aid by person, scheme and month, of a household or one person. One query."""
    query = (
        select(AidYear, Person.name, Scheme.short_name)
        .join(Person, Person.id == AidYear.person_id)
        .join(Scheme, Scheme.code == AidYear.scheme_code)
        .where(
            AidYear.household_id == household_id
            if person_id is None
            else AidYear.person_id == person_id,
            own(scope, Scheme.department_code),
        )
        .order_by(AidYear.year, AidYear.scheme_code, Person.name, Person.id)
    )
    if year is not None:
        query = query.where(AidYear.year == year)
    return [
        AidMonthRow(
            person_id=row.person_id,
            person_name=person_name,
            scheme=SchemeTag(row.scheme_code, scheme_name),
            year=row.year,
            month=month.month,
            times=month.times,
            amount_fen=month.amount_fen,
        )
        for row, person_name, scheme_name in session.execute(query)
        for month in unpack(
            row.months, amount_fen=row.amount_fen, times=row.month_times, fen=row.month_fen
        )
    ]
