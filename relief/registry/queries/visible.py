"""Which households and persons a scope covers: the one place that says so in SQL.

Design decision 7: civil affairs, stewards, auditors and leaders see every household of their
regions; another department only those that hold one of its schemes. What a scope does not
cover is as if it did not exist.
"""

import uuid

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from relief.core.scope import Scope, within
from relief.registry.errors import PersonNotFound
from relief.registry.models import Enrolment, Household, Membership, Person


def household_visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `household`."""
    condition = within(Household.region_code, scope.ranges)
    if scope.department_code is None:
        return condition
    return and_(
        condition,
        select(Enrolment.id)
        .where(
            Enrolment.household_id == Household.id,
            Enrolment.department_code == scope.department_code,
        )
        .exists(),
    )


def person_visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `person` outer-joined with its `household`.

    A member goes with the household, even if one file places the member elsewhere.
    """
    in_household = and_(Household.id.is_not(None), household_visible(scope))
    if scope.department_code is not None:
        return in_household
    alone = and_(Household.id.is_(None), within(Person.region_code, scope.ranges))
    return or_(in_household, alone)


def own(scope: Scope, column: SQLCoreOperations[str]) -> ColumnElement[bool]:
    """Return the condition that a row is of the viewer's department, if that is all they see.

    Who works nowhere is of no department and sees none: without a department is not above them.
    """
    if scope.department_code is None:
        return true() if scope.ranges else false()
    return column == scope.department_code


def persons() -> "Select[Person, Membership, Household]":
    """Return the query of persons with their membership and household."""
    return (
        select(Person, Membership, Household)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
    )


def get_person(
    session: Session, scope: Scope, person_id: uuid.UUID
) -> tuple[Person, Membership | None, Household | None]:
    """Return a person in scope with membership and household. Raises PersonNotFound."""
    row = session.execute(
        persons().where(Person.id == person_id, person_visible(scope))
    ).one_or_none()
    if row is None:
        raise PersonNotFound
    person, membership, household = row
    return person, membership, household
