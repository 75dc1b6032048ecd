"""What changed in a household from year to year (历年变化), as the records say."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.scope import Scope
from relief.registry import periods
from relief.registry.queries import spells
from relief.registry.queries.lists import SchemeList, scheme_lists
from relief.registry.queries.rows import EnrolmentRow, HouseholdDetail, MemberRow, SchemeTag, Spell
from relief.registry.types import Category


@dataclass(frozen=True, slots=True)
class YearPerson:
    """A member to whom something happened in a year."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class YearPlace:
    """A place in a scheme that began or ended in a year."""

    person_id: uuid.UUID
    person_name: str
    scheme: SchemeTag


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """One year of a household.

    `joined`: whom a list names for the first time; `left`: whom the lists go on without;
    `moved`: whom the registry placed elsewhere in that year, because newer records say so.
    `category` is that of the end of the year, or of today; None where the reader sees one
    department's only.
    """

    year: int
    joined: Sequence[YearPerson]
    left: Sequence[YearPerson]
    died: Sequence[YearPerson]
    moved: Sequence[YearPerson]
    begun: Sequence[YearPlace]
    ended: Sequence[YearPlace]
    category: Category | None
    times: int
    amount_fen: int


def household_years(
    session: Session, *, scope: Scope, detail: HouseholdDetail, now: datetime
) -> Sequence[YearRow]:
    """Return the years of a household that was read, the newest first. Two queries more."""
    lists = scheme_lists(session, before=now)
    former = func.former_members(detail.household.id).table_valued("person_id", "name", "left_at")
    moved = [
        (local_date(row.left_at), YearPerson(row.person_id, row.name))
        for row in session.execute(
            select(former.c.person_id, former.c.name, former.c.left_at).order_by(
                former.c.left_at, former.c.person_id
            )
        )
    ]
    rows = by_year(detail, lists, today=local_date(now), moved=moved)
    if scope.department_code is None:
        return rows
    return [replace(row, category=None) for row in rows]


def by_year(
    detail: HouseholdDetail,
    lists: Mapping[str, SchemeList],
    *,
    today: date,
    moved: Sequence[tuple[date, YearPerson]] = (),
) -> Sequence[YearRow]:
    """Put what is known of a household into years, from the first that a record speaks of."""
    years = {spell.from_on.year for place in detail.enrolments for spell in place.spells}
    years |= {aid.year for aid in detail.aid} | {on.year for on, _ in moved}
    if not years:
        return []
    joined, left = _named(detail, lists)
    began, ended = _places(detail.enrolments, lists)
    return [
        YearRow(
            year=year,
            joined=[person for on, person in joined if on.year == year],
            left=[person for on, person in left if on.year == year],
            died=[
                _person(member)
                for member in detail.members
                if member.died_on and member.died_on.year == year
            ],
            moved=[person for on, person in moved if on.year == year],
            begun=[place for on, place in began if on.year == year],
            ended=[place for on, place in ended if on.year == year],
            category=_category(detail.enrolments, lists, min(date(year, 12, 31), today)),
            times=sum(aid.times for aid in detail.aid if aid.year == year),
            amount_fen=sum(aid.amount_fen for aid in detail.aid if aid.year == year),
        )
        for year in range(max(*years, today.year), min(years) - 1, -1)
    ]


def _named(
    detail: HouseholdDetail, lists: Mapping[str, SchemeList]
) -> tuple[list[tuple[date, YearPerson]], list[tuple[date, YearPerson]]]:
    """Return when each member was first named, and when the lists went on without them."""
    joined, left = [], []
    for member in detail.members:
        own = [
            (spell, lists[place.scheme.code])
            for place in detail.enrolments
            if place.person_id == member.id
            for spell in place.spells
        ]
        if not own:
            continue
        joined.append((min(spell.from_on for spell, _ in own), _person(member)))
        if member.died_on is None and _all_ended(own):
            left.append((max(spell.last_on for spell, _ in own), _person(member)))
    return joined, left


def _all_ended(own: Sequence[tuple[Spell, SchemeList]]) -> bool:
    standing = [(spell, list_) for spell, list_ in own if periods.is_standing(list_.period)]
    return bool(standing) and all(spells.has_ended(spell, list_) for spell, list_ in standing)


def _places(
    enrolments: Sequence[EnrolmentRow], lists: Mapping[str, SchemeList]
) -> tuple[list[tuple[date, YearPlace]], list[tuple[date, YearPlace]]]:
    """Return when places began and ended; aid that is given once is no place to be in."""
    began, ended = [], []
    for place, list_, spell in _standing(enrolments, lists):
        found = YearPlace(place.person_id, place.person_name, place.scheme)
        began.append((spell.from_on, found))
        if spells.has_ended(spell, list_):
            ended.append((spell.last_on, found))
    return began, ended


def _standing(
    enrolments: Sequence[EnrolmentRow], lists: Mapping[str, SchemeList]
) -> Iterator[tuple[EnrolmentRow, SchemeList, Spell]]:
    for place in enrolments:
        list_ = lists[place.scheme.code]
        if periods.is_standing(list_.period):
            yield from ((place, list_, spell) for spell in place.spells)


def _category(
    enrolments: Sequence[EnrolmentRow], lists: Mapping[str, SchemeList], day: date
) -> Category:
    return spells.strongest(
        lists[place.scheme.code]
        for place in enrolments
        if spells.standing(place.spells, day, lists[place.scheme.code])
    )


def _person(member: MemberRow) -> YearPerson:
    return YearPerson(member.id, member.name)
