"""What is told of a household or person as of a day (`relief.registry.queries.as_of`)."""

import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from relief.core.clock import CHINA
from relief.registry.queries.lists import SchemeList
from relief.registry.queries.rows import SchemeTag, Spell
from relief.registry.types import Category


class Presence(enum.StrEnum):
    """What the lists say of a person on the day asked about."""

    NAMED = "named"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"
    UNBORN = "unborn"
    DEAD = "dead"
    NEVER = "never"


class Untold(enum.StrEnum):
    """What a view cannot tell, and says so."""

    ORIGINS = "origins"  # the row history keeps values, and not where they came from
    ADDRESS = "address"
    RELATION = "relation"
    FORMER_MEMBERS = "former_members"
    UNNAMED = "unnamed"
    CATEGORY = "category"
    OTHERS_LISTS = "others_lists"  # a department knows by its own lists only


@dataclass(frozen=True, slots=True)
class Days:
    """The day asked about, and the day on whose knowledge; at least one is given."""

    believed_on: date | None
    true_on: date | None
    today: date

    @property
    def before(self) -> datetime:
        """Return the moment at which the day of the knowledge had ended, in China."""
        day = self.believed_on or self.today
        return datetime.combine(day + timedelta(days=1), time(), CHINA)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAsOf:
    """A person's place in a scheme. `spell`: the one that holds the day, if a day was asked.

    `once`: aid that is given once, which covers its month and is no place to be in.
    """

    person_id: uuid.UUID
    person_name: str
    scheme: SchemeTag
    department_code: str
    department_name: str
    first_on: date | None
    last_on: date | None
    record_count: int
    total_fen: int
    spell: Spell | None
    assumed: bool
    once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAsOf:
    """A member. `named`: from the first to the last day of which a list speaks of them."""

    id: uuid.UUID
    name: str
    relation: str | None
    sex: str | None
    born_on: date | None
    died_on: date | None
    named: Spell | None
    presence: Presence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdAsOf:
    """A household on a day; `known` False: the registry had no such household then."""

    id: uuid.UUID
    place_code: int  # where it is now, or was last
    days: Days
    known: bool
    number: str | None = None
    householder_name: str | None = None
    region_code: int | None = None
    region_name: str = ""
    address: str | None = None
    category: Category | None = None
    members: Sequence[MemberAsOf] = ()
    enrolments: Sequence[PlaceAsOf] = ()
    late: Sequence[SchemeList] = ()  # lists that do not reach the day
    untold: Sequence[Untold] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAsOf:
    """A person on a day. `registered`: which personal values the registry had, by their fields."""

    id: uuid.UUID
    place_code: int
    days: Days
    known: bool
    member: MemberAsOf | None = None
    ethnicity: str | None = None
    region_code: int | None = None
    region_name: str = ""
    address: str | None = None
    registered: Sequence[str] = ()
    household_id: uuid.UUID | None = None
    household_number: str | None = None
    householder_name: str | None = None
    enrolments: Sequence[PlaceAsOf] = ()
    late: Sequence[SchemeList] = ()
    untold: Sequence[Untold] = ()
