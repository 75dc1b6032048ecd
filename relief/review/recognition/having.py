"""Who has a scheme's aid already, or asks for it: conditions on `person`, who is not named anew."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from relief.funds.models import Entitlement
from relief.registry.models import Enrolment, Membership, Person
from relief.review.models import Case
from relief.review.types import LIVE
from relief.schemes.models import Scheme
from relief.schemes.recognition import HOUSEHOLD


def under_way(scheme: Scheme) -> ColumnElement[bool]:
    """Return the condition on `person` that they, or their household, apply for it already."""
    asking = select(Case.id).where(Case.scheme_code == scheme.code, Case.status.in_(LIVE))
    return of_theirs(scheme, Case.person_id, asking)


def aided(scheme: Scheme, on: date, told_on: date | None) -> ColumnElement[bool]:
    """Return the condition on `person` that they, or their household, have the aid already.

    `told_on`: the day of which the scheme's list tells; None if it is too old to tell anything.
    """
    listed = select(Enrolment.id).where(
        Enrolment.scheme_code == scheme.code,
        Enrolment.ended_on.is_(None),
        func.upper(Enrolment.spells) > told_on if told_on else false(),
    )
    granted = granted_any(scheme, [scheme.code], on)
    return or_(under_way(scheme), granted, of_theirs(scheme, Enrolment.person_id, listed))


def granted_any(scheme: Scheme, codes: Collection[str], on: date) -> ColumnElement[bool]:
    """Return the condition that they, or their household, were granted one of some schemes here."""
    granted = select(Entitlement.id).where(
        Entitlement.scheme_code.in_(codes),
        or_(func.upper_inf(Entitlement.period), func.upper(Entitlement.period) > on),
    )
    return of_theirs(scheme, Entitlement.person_id, granted)


def of_theirs(
    scheme: Scheme, column: SQLCoreOperations[uuid.UUID], query: Select[*tuple[Any, ...]]
) -> ColumnElement[bool]:
    """Return the condition that a query has a row of the person, or for a household of one of it.

    Asked of the person and of the household apart: what asks of both at once no index serves. Of
    what stands around it the query may name what it does not itself read from.
    """
    mine, others = aliased(Membership), aliased(Membership)
    own = query.where(column == Person.id).correlate_except(mine).exists()
    if scheme.unit != HOUSEHOLD:
        return own
    of_home = (
        query.join(others, others.person_id == column)
        .join(mine, mine.household_id == others.household_id)
        .where(mine.person_id == Person.id)
        .correlate_except(mine, others)
    )
    return or_(own, of_home.exists())
