"""Assigns what the rows of a file say, each or none, and tells why of every one that is not.

received = assigned + rejected, always. A fixed number of statements, however many rows.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core import citizen_id
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind, SecretValue
from relief.core.scope import Scope
from relief.registry.intake import values
from relief.registry.models import Household, IdentityRegistry, Membership
from relief.registry.queries.searching import household_number
from relief.registry.queries.visible import household_visible
from relief.visits import helpers
from relief.visits.assigning import PLACED
from relief.visits.days import days_of
from relief.visits.files.columns import HEADINGS
from relief.visits.files.errors import (
    DayUnreadable,
    FirstUnreadable,
    HouseholdsDiffer,
    HouseholdUnknown,
    HouseholdUnsaid,
    NumberUnreadable,
    ReasonShort,
)
from relief.visits.placing import Place, Wish, place_many

_YES, _NO = frozenset({"是", "1", "y", "yes"}), frozenset({"否", "0", "n", "no"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not assigned, by its number in the file, and why: never what it says."""

    row: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """How a file fared."""

    received: int
    assigned: int
    rejected: int
    rows: Sequence[Rejected]

    def as_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a row says, read."""

    row: int
    number: str | None
    citizen_id: str | None
    said: helpers.Said
    days: Any
    first: bool | None
    over_reason: str | None


def assign(
    session: Session,
    cipher: Cipher,
    found: Mapping[str, Any],
    *,
    scope: Scope,
    actor_id: uuid.UUID,
    now: datetime,
) -> FileReport:
    """Assign the rows that `reading` found, within a scope.

    A household outside it is as unknown as one that is not there.
    """
    today = local_date(now)
    rejected = [Rejected(row, why) for row, why in found["odd"]]
    rows: list[_Row] = []
    for cells in found["rows"]:
        try:
            rows.append(_read(cells, today))
        except DomainError as fault:
            rejected.append(Rejected(cells["row"], str(fault)))
    places = _places(session, cipher, scope, rows)
    placed: list[tuple[_Row, Place]] = []
    for row in rows:
        try:
            placed.append((row, places.of(row)))
        except DomainError as fault:
            rejected.append(Rejected(row.row, str(fault)))
    known = helpers.of_all(
        session, cipher, [row.said for row, _ in placed], actor_id=actor_id, now=now
    )
    wishes = [
        Wish(
            place=place,
            helper_id=known[row.said.name, row.said.phone],
            days=row.days,
            first=row.first,
            over_reason=row.over_reason,
        )
        for row, place in placed
    ]
    answers = place_many(session, wishes, actor_id=actor_id, now=now)
    for (row, _), answer in zip(placed, answers, strict=True):
        if isinstance(answer, DomainError):
            rejected.append(Rejected(row.row, str(answer)))
    received = len(found["rows"]) + len(found["odd"])
    return FileReport(
        received=received,
        assigned=received - len(rejected),
        rejected=len(rejected),
        rows=sorted(rejected, key=lambda one: one.row),
    )


def _read(cells: Mapping[str, Any], today: date) -> _Row:
    """Return what a row says. Raises the rule that refuses it."""
    number, citizen = cells.get("number", ""), cells.get("citizen_id", "")
    if not (number or citizen):
        raise HouseholdUnsaid
    read_number = household_number(number) if number else None
    parsed = citizen_id.parse(values.half_width(citizen), today=today) if citizen else None
    if (number and read_number is None) or (citizen and parsed is None):
        raise NumberUnreadable
    from_on = _day(cells, "from_on")
    if from_on is None:
        raise DayUnreadable(_unreadable("from_on"))
    return _Row(
        row=cells["row"],
        number=read_number,
        citizen_id=parsed.number if parsed else None,
        said=helpers.read(name=cells["name"], unit=cells["unit"], phone=cells["phone"]),
        days=days_of(from_on, _day(cells, "until_on"), today=today),
        first=_first(cells.get("first", "")),
        over_reason=_reason(cells.get("over_reason", "")),
    )


_SHORTEST, _LONGEST = 2, 500  # as by hand
_LAST = date(2200, 12, 31)


def _day(cells: Mapping[str, Any], field: str) -> date | None:
    """Return a day; None: nothing stands there. Raises DayUnreadable."""
    text = cells.get(field, "")
    if not text:
        return None
    day = values.day(text, "%Y/%m/%d", today=_LAST, codes={})
    if day is None:
        raise DayUnreadable(_unreadable(field))
    return day


def _unreadable(field: str) -> str:
    return f"“{HEADINGS[field]}”无法识别，请写成 2026-11-22 的形式"


def _first(text: str) -> bool | None:
    """Tell whether the helper is to be first contact; None: nothing is said, if there is none."""
    plain = values.half_width(text).lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    if not plain:
        return None
    raise FirstUnreadable


def _reason(text: str) -> str | None:
    """Return the reason for one household more, if any. Raises ReasonShort."""
    reason = values.words(text, _LONGEST)
    if reason is not None and len(reason) < _SHORTEST:
        raise ReasonShort
    return reason


@dataclass(frozen=True, slots=True)
class _Places:
    """The households in scope, by their own number and by the numbers of their members."""

    by_number: Mapping[str, Place]
    by_citizen: Mapping[str, Place]

    def of(self, row: _Row) -> Place:
        """Return a row's household. Raises HouseholdUnknown, HouseholdsDiffer."""
        found = [
            places.get(said)
            for places, said in (
                (self.by_number, row.number), (self.by_citizen, row.citizen_id),
            )
            if said
        ]  # fmt: skip
        first = found[0]
        if first is None or None in found:
            raise HouseholdUnknown
        if any(other != first for other in found):
            raise HouseholdsDiffer
        return first


def _places(session: Session, cipher: Cipher, scope: Scope, rows: Sequence[_Row]) -> _Places:
    """Return the households that rows name. Three queries."""
    numbers = {row.number for row in rows if row.number}
    by_number = {
        place.number: place
        for place in map(
            _place,
            session.execute(
                select(*PLACED).where(Household.number.in_(numbers), household_visible(scope))
            ),
        )
    }
    return _Places(
        by_number, _by_citizen(session, cipher, scope, {r.citizen_id for r in rows if r.citizen_id})
    )


def _by_citizen(
    session: Session, cipher: Cipher, scope: Scope, numbers: Collection[str]
) -> Mapping[str, Place]:
    """Return identity number → the household of whoever holds it. No number is stored for it."""
    said = {
        cipher.blind_index(SecretKind.CITIZEN_ID, number, key_id=key_id): number
        for number in numbers
        for key_id in cipher.index_keys
    }
    stored = {
        row.id: said[bytes(row.blind_index)]
        for row in session.execute(
            select(SecretValue.id, SecretValue.blind_index).where(
                SecretValue.kind == SecretKind.CITIZEN_ID,
                SecretValue.blind_index.in_(list(said)),
            )
        )
    }
    rows = session.execute(
        select(IdentityRegistry.citizen_id, *PLACED)
        .join(Membership, Membership.person_id == IdentityRegistry.person_id)
        .join(Household, Household.id == Membership.household_id)
        .where(IdentityRegistry.citizen_id.in_(list(stored)), household_visible(scope))
    )
    return {stored[secret]: _place(place) for secret, *place in rows}


def _place(row: Sequence[Any]) -> Place:
    row_id, number, region_code, householder_id = row
    return Place(id=row_id, number=number, region_code=region_code, householder_id=householder_id)
