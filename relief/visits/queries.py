"""Reading who helps whom: at a household, and the load of one helper.

A helper is named there, and where households are listed. No list sorts helpers by what they have
or do (design decision 8; 国办函〔2026〕12号).
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.dialects.postgresql import Range, distinct_on
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.accounts.permissions import Permission
from relief.core.paging import Page, cut, number_and_id_after
from relief.core.scope import Scope
from relief.organisation.models import Region
from relief.registry.models import Household
from relief.registry.queries.rows import HouseholdRow
from relief.registry.queries.visible import household_visible
from relief.registry.types import Category
from relief.visits.errors import HelperNotFound
from relief.visits.helpers import seen_by
from relief.visits.models import Helper, HelperAssignment
from relief.visits.placing import any_of, running
from relief.visits.types import EndKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow:
    """A helper of a household.

    `until_on`: the last day; None: without end. `from_on` None: it ended before it began.
    `in_post`: the helper has not left, and the account is not disabled. `helps`: today, in post.
    """

    id: uuid.UUID
    helper_id: uuid.UUID
    name: str
    unit: str
    phone: str
    in_post: bool
    helps: bool
    is_first: bool
    from_on: date | None
    until_on: date | None
    over_reason: str | None
    notes: str | None
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    end_kind: EndKind | None
    end_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperDetail:
    """One helper, and how many households they stand by that the reader may see."""

    id: uuid.UUID
    name: str
    unit: str
    phone: str
    username: str | None
    account_disabled: bool
    left_on: date | None
    left_why: str | None
    households: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """A household of one helper's load."""

    id: uuid.UUID
    assignment_id: uuid.UUID
    number: str
    householder_name: str
    region_name: str
    address: str | None
    member_count: int
    category: Category
    is_first: bool
    from_on: date | None
    until_on: date | None
    notes: str | None


def in_post() -> ColumnElement[bool]:
    """Return the condition on `helper` outer-joined with `account` that somebody can help."""
    return and_(Helper.left_on.is_(None), Account.disabled_at.is_(None))


def of_household(session: Session, *, household_id: uuid.UUID, on: date) -> Sequence[AssignmentRow]:
    """Return the helpers of a household, present ones first, then the newest. One query.

    Who calls has looked that the reader sees the household.
    """
    maker, ender = aliased(Account), aliased(Account)
    now_down = and_(running(on), HelperAssignment.days.contains(on))
    rows = session.execute(
        select(
            HelperAssignment, Helper, in_post(), now_down, maker.display_name, ender.display_name
        )
        .join(Helper, Helper.id == HelperAssignment.helper_id)
        .outerjoin(Account, Account.id == Helper.account_id)
        .join(maker, maker.id == HelperAssignment.made_by)
        .outerjoin(ender, ender.id == HelperAssignment.ended_by)
        .where(
            HelperAssignment.household_id == household_id, HelperAssignment.folded_into.is_(None)
        )
        .order_by(now_down.desc(), HelperAssignment.is_first.desc(), HelperAssignment.id.desc())
    )
    return [_assignment(row) for row in rows]


def helper_detail(
    session: Session, *, scope: Scope, helper_id: uuid.UUID, on: date
) -> HelperDetail:
    """Return a helper of whom the reader sees a household. Two queries. Raises HelperNotFound."""
    found = session.execute(
        select(Helper, Account.username, Account.disabled_at)
        .outerjoin(Account, Account.id == Helper.account_id)
        .where(Helper.id == helper_id, seen_by(scope))
    ).one_or_none()
    if found is None:
        raise HelperNotFound
    helper, username, disabled_at = found
    households = session.scalar(
        _load(scope, helper_id, on).with_only_columns(func.count(Household.id.distinct()))
    )
    return HelperDetail(
        id=helper.id,
        name=helper.name,
        unit=helper.unit,
        phone=helper.phone_masked,
        username=username,
        account_disabled=disabled_at is not None,
        left_on=helper.left_on,
        left_why=helper.left_why,
        households=households or 0,
        version=helper.version,
    )


def load_of(
    session: Session,
    *,
    scope: Scope,
    helper_id: uuid.UUID,
    on: date,
    limit: int,
    cursor: str | None = None,
) -> Page[LoadRow]:
    """Return a page of the households that a helper stands by, by place. One query.

    Each once: with what the helper has there first of all that is not over. Raises BadCursor.
    """
    place = (Household.region_code, Household.id)
    query = _load(scope, helper_id, on).ext(distinct_on(*place))
    if cursor:
        query = query.where(tuple_(*place) > number_and_id_after(cursor))
    rows = session.execute(query.order_by(*place, HelperAssignment.days).limit(limit + 1)).all()
    return cut(
        rows,
        limit=limit,
        key=lambda row: f"{row[1].region_code}.{row[1].id}",
        make=lambda row: _loaded(*row),
    )


def first_contacts(
    session: Session, households: Collection[uuid.UUID], *, on: date
) -> Mapping[uuid.UUID, str]:
    """Return household → the name of the helper to turn to first, in post today. One query."""
    rows = session.execute(
        select(HelperAssignment.household_id, Helper.name)
        .ext(distinct_on(HelperAssignment.household_id))
        .join(Helper, Helper.id == HelperAssignment.helper_id)
        .outerjoin(Account, Account.id == Helper.account_id)
        .where(
            HelperAssignment.household_id == any_of(households),
            running(on),
            HelperAssignment.days.contains(on),
            in_post(),
        )
        .order_by(
            HelperAssignment.household_id,
            HelperAssignment.is_first.desc(),
            HelperAssignment.id,
        )
    )
    return dict(rows.all())


def name_helpers(
    session: Session, rows: Sequence[HouseholdRow], *, reader: Actor, on: date
) -> Sequence[HouseholdRow]:
    """Return households with their first contacts, for who may see helpers. One query, or none."""
    if not (rows and reader.may(Permission.SEE_HELPERS)):
        return rows
    names = first_contacts(session, [row.id for row in rows], on=on)
    return [replace(row, helper=names.get(row.id)) for row in rows]


def _load(
    scope: Scope, helper_id: uuid.UUID, on: date
) -> "Select[HelperAssignment, Household, str]":
    return (
        select(HelperAssignment, Household, func.coalesce(Region.full_name, ""))
        .join(Household, Household.id == HelperAssignment.household_id)
        .outerjoin(Region, Region.code == Household.region_code)
        .where(HelperAssignment.helper_id == helper_id, running(on), household_visible(scope))
    )


def _term(days: Range[date]) -> tuple[date | None, date | None]:
    """Return the first and the last day."""
    if days.isempty:
        return None, None
    return days.lower, days.upper - timedelta(days=1) if days.upper else None


def _assignment(found: Any) -> AssignmentRow:
    row, helper, able, down, made_by, ended_by = found
    from_on, until_on = _term(row.days)
    return AssignmentRow(
        id=row.id,
        helper_id=helper.id,
        name=helper.name,
        unit=helper.unit,
        phone=helper.phone_masked,
        in_post=able,
        helps=able and down,
        is_first=row.is_first,
        from_on=from_on,
        until_on=until_on,
        over_reason=row.over_reason,
        notes=row.notes,
        made_by=made_by,
        made_at=row.made_at,
        ended_by=ended_by,
        ended_at=row.ended_at,
        end_kind=row.end_kind,
        end_reason=row.end_reason,
    )


def _loaded(row: HelperAssignment, household: Any, region_name: str) -> LoadRow:
    from_on, until_on = _term(row.days)
    return LoadRow(
        id=household.id,
        assignment_id=row.id,
        number=household.number,
        householder_name=household.householder_name,
        region_name=region_name,
        address=household.address,
        member_count=household.member_count,
        category=household.category,
        is_first=row.is_first,
        from_on=from_on,
        until_on=until_on,
        notes=row.notes,
    )
