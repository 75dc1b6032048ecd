"""What households are searched by: a member's name, its sound, numbers, and the address."""

import re
import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, false, func, select
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import Function

from relief.core import citizen_id as citizen_ids
from relief.core import pinyin
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.core.scope import Scope, multirange
from relief.organisation import queries as organisation
from relief.registry.intake import values
from relief.registry.models import Household, Membership, Person
from relief.registry.types import Category

# The county's code and a running number; without the line between them, all twelve digits.
_NUMBER = re.compile(r"([1-9][0-9]{5})(?:[-_‐-―−]([0-9]{1,6})|([0-9]{6}))")

_FIRST = (0, uuid.UUID(int=0))  # before every household


@dataclass(frozen=True, slots=True)
class HouseholdFilter:
    """What a list is narrowed to; every member that is given must hold."""

    region: str | None = None  # 12 digits, with all below it, or a functional zone
    scheme: str | None = None
    category: Category | None = None
    number: str | None = None  # 户编号, whole
    name: str | None = None  # part of any member's name
    pinyin: str | None = None  # whole syllables or first letters of any member's name, in letters
    citizen_id: str | None = None  # whole, of any member
    phone: str | None = None  # whole, of any member
    address: str | None = None  # part


def searched(
    session: Session, cipher: Cipher, query: "Select[Household, str]", filters: HouseholdFilter
) -> "Select[Household, str]":
    """Narrow the query to what is searched for.

    A text of which nothing is left, such as a phone without a digit, finds nobody. A number that
    is nowhere is answered by the same statements as one that is out of the reader's sight.
    """
    for text, condition in (
        (filters.number, _numbered),
        (filters.address, _at_address),
        (filters.name, _named),
        (filters.pinyin, _sounding),
    ):
        if text is not None:
            query = query.where(condition(text))
    for column, kind, number in (
        (Person.citizen_id, SecretKind.CITIZEN_ID, _plain_number(filters.citizen_id)),
        (Person.phone, SecretKind.PHONE, _plain_phone(filters.phone)),
    ):
        if number is not None:
            secret_id = store.find(session, cipher, kind, number)
            query = query.where(false() if secret_id is None else _has_member(column == secret_id))
    return query


def page_of_ids(
    session: Session,
    scope: Scope,
    filters: HouseholdFilter,
    *,
    after: tuple[int, uuid.UUID] | None,
    most: int,
) -> "Function[uuid.UUID] | None":
    """Return the function that gives one page of ids in the list's order, if one answers alone.

    Under row security the planner goes through all places in a scheme, and everyone of a name, to
    find fifty; these functions (migration 0007) go along an index until the page is full. One
    query if there is a region. Raises RegionNotFound.
    """
    kind = replace(filters, region=None)
    key = values.name_key(filters.name or ""), pinyin.typed(filters.pinyin or "")
    department = scope.department_code
    of_scheme = HouseholdFilter(scheme=filters.scheme, category=filters.category)
    if filters.scheme and kind == of_scheme:
        asked: tuple[Any, ...] = (filters.scheme, filters.category, department)
    elif key[0] and kind == HouseholdFilter(name=filters.name):
        asked = (key[0], None, department)
    elif key[1] and kind == HouseholdFilter(pinyin=filters.pinyin):
        asked = (None, key[1], department)
    else:
        return None
    regions: ColumnElement[Any] = cast(multirange(scope.ranges), INT8MULTIRANGE)
    if filters.region:
        narrower = organisation.ranges_of(session, codes=[filters.region])
        regions = regions * cast(multirange(narrower), INT8MULTIRANGE)
    found = func.households_of_scheme if filters.scheme else func.households_named
    return found(*asked, regions, *(after or _FIRST), most)


def _at_address(text: str) -> ColumnElement[bool]:
    part = values.words(text, values.ADDRESS_LENGTH)
    return Household.address.ilike(_part(part), escape="\\") if part else false()


def _has_member(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Household.id.in_(
        select(Membership.household_id)
        .join(Person, Person.id == Membership.person_id)
        .where(condition)
    )


def _named(text: str) -> ColumnElement[bool]:
    """Match households with a member whose name holds the text (`households_with_name`, 0002)."""
    part = values.name_key(text)
    return Household.id.in_(select(func.households_with_name(part))) if part else false()


def _sounding(text: str) -> ColumnElement[bool]:
    """Match households with a member whose name sounds so (`households_with_sound`, 0007)."""
    sound = pinyin.typed(text)
    return Household.id.in_(select(func.households_with_sound(sound))) if sound else false()


def _numbered(text: str) -> ColumnElement[bool]:
    number = household_number(text)
    return false() if number is None else Household.number == number


def household_number(text: str) -> str | None:
    """Return a 户编号 in its own form, or None if the text is none.

    >>> [household_number(text) for text in ("２１０３０２－12", "210302000012", "12")]
    ['210302-000012', '210302-000012', None]
    """
    if found := _NUMBER.fullmatch(values.half_width(text)):
        return f"{found[1]}-{found[2] or found[3]:0>6}"
    return None


def _part(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _plain_phone(text: str | None) -> str | None:
    return None if text is None else values.phone(text) or ""


def _plain_number(text: str | None) -> str | None:
    if text is None:
        return None
    number = citizen_ids.normalise(text)
    if len(number) == citizen_ids.OLD_LENGTH and number.isascii() and number.isdigit():
        return citizen_ids.widen(number)
    return number
