"""What the registry's queries return: plain values, masked, ready to be shown."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from relief.registry.types import Category


@dataclass(frozen=True, slots=True)
class SchemeTag:
    """A scheme by its code and short name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Spell:
    """The days from `from_on`, inclusive, to `to_on`, exclusive, that the records cover."""

    from_on: date
    to_on: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.from_on <= day < self.to_on

    @property
    def last_on(self) -> date:
        """Return the last day of it."""
        return self.to_on - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """One line of the household list."""

    id: uuid.UUID
    number: str
    region_code: int
    region_name: str
    address: str | None
    householder_id: uuid.UUID | None
    householder_name: str
    phone: str | None
    member_count: int
    category: Category
    schemes: Sequence[SchemeTag]
    helper: str | None = None  # the first contact; `visits.queries.name_helpers` knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member of a household."""

    id: uuid.UUID
    name: str
    relation: str | None
    sex: str | None
    born_on: date | None
    died_on: date | None
    citizen_id: str | None
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRow:
    """A person's place in a scheme."""

    person_id: uuid.UUID
    person_name: str
    scheme: SchemeTag
    department_code: str
    department_name: str
    first_on: date | None
    last_on: date | None
    record_count: int
    total_fen: int
    last_fen: int | None
    spells: Sequence[Spell]
    ended_on: date | None
    ended_by: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AidRow:
    """What came from one scheme in one year."""

    scheme: SchemeTag
    year: int
    times: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AidMonthRow:
    """What one person got from one scheme in one month."""

    person_id: uuid.UUID
    person_name: str
    scheme: SchemeTag
    year: int
    month: int
    times: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One department file that speaks of a household or person."""

    batch_id: uuid.UUID
    scheme: SchemeTag
    department_code: str
    department_name: str
    file_name: str
    data_on: date | None
    loaded_at: datetime
    descriptions: int
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change of a row: `fields` holds [before, after], personal values hidden."""

    id: int
    changed_at: datetime
    table: str
    row_id: uuid.UUID
    op: str
    actor_id: uuid.UUID | None
    reason: str | None
    fields: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the value of a field came from."""

    scheme: SchemeTag
    department_code: str
    department_name: str
    batch_id: uuid.UUID
    file_name: str
    data_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdDetail:
    """All that the household page shows."""

    household: HouseholdRow
    origins: Mapping[str, Origin]
    members: Sequence[MemberRow]
    enrolments: Sequence[EnrolmentRow]
    aid: Sequence[AidRow]
    sources: Sequence[SourceRow]
    changes: Sequence[ChangeRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field of a person: its winning value, masked where personal, and its origin."""

    name: str
    value: str | None
    masked: bool
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetail:
    """All that the person page shows."""

    id: uuid.UUID
    name: str
    region_code: int
    region_name: str
    place_code: int
    household_id: uuid.UUID | None
    household_number: str | None
    relation: str | None
    fields: Sequence[FieldRow]
    enrolments: Sequence[EnrolmentRow]
    aid: Sequence[AidRow]
    sources: Sequence[SourceRow]
    changes: Sequence[ChangeRow]
