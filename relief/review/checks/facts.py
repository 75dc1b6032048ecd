"""What checks are given to look at: all that is known of one case. Pure: no database, no clock."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from relief.core.ages import age_on
from relief.core.findings import Evidence, Grade
from relief.registry.types import Category
from relief.review.checks.outside import NOTHING, Outside
from relief.review.checks.types import How
from relief.schemes.held_papers import HeldPaper
from relief.schemes.models import CombinationRule, Scheme

# Relation to the householder, GB/T 4761: oneself, and the householder; and their spouse.
HEADS = frozenset({"01", "02", "03"})
SPOUSES = frozenset({"10", "11", "12"})
MARRIED = frozenset({"20", "21", "22", "23"})  # GB/T 2261.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone of the applicant's household, as the registry has them.

    `contradicted`: schemes whose lists state another birth date than the number has.
    `number_id`, `account_id`: as stored. `unplaced_number`: theirs begins with no known division.
    `shares_number`, `contested_home`: a question to the stewards is open.
    """

    id: uuid.UUID
    name: str
    household_id: uuid.UUID | None
    relation: str | None
    marital: str | None
    born_on: date | None
    died_on: date | None
    has_number: bool
    bad_number: bool
    contradicted: Sequence[str] = ()
    shares_number: bool = False
    contested_home: bool = False
    unplaced_number: bool = False
    number_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An aid that someone has, had, or asks for. `until`: the first day without; None: it goes on.

    `covers`: it is of the whole household, and not only of who applied for it.
    """

    person_id: uuid.UUID
    scheme_code: str
    how: How
    until: date | None
    covers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How many households, the applicant's with them, have the same in common."""

    account: int = 0
    phone: int = 0
    address: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Papers that an office asked the applicant for, in its words."""

    words: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """An identity that the case rests on. `why`: why it stands no longer, if so."""

    category: Category
    checks: Sequence[str]
    stands: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What is the same for all cases of one region looked at on one day.

    `dated`: parameter → from which day on it holds, and by which source.
    """

    on: date
    numbers: Mapping[str, Decimal]
    schemes: Mapping[str, Scheme]
    combinations: Sequence[CombinationRule]
    papers: Sequence[HeldPaper] = ()
    dated: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return a parameter in whole units. Raises KeyError where the seeds set none."""
        return int(self.numbers[name])

    def fen(self, name: str) -> int:
        """Return a parameter in yuan as fen. Raises KeyError where the seeds set none."""
        return int(self.numbers[name] * 100)

    def told(self, name: str, unit: str) -> str:
        """Return a parameter with its unit, first day and source."""
        dated = self.dated.get(name)
        value = f"{self.numbers[name].normalize():f} {unit}"
        return f"{value}（{dated}）" if dated else value


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """All that the checks know of one case.

    `authorised`: who of the family agreed to be checked, and when last. `reported_on`: the day of
    the newest data check. `unfiled`: those who acted in the case and filed no kin this year.
    `asked`: the papers that the applicant was told to bring. `found`: kind of fact → what was found
    out last, money in fen. `outside`: what the registers of other offices say.
    """

    reference: Reference
    scheme: Scheme
    applicant: Member
    family: Sequence[Member]
    holdings: Sequence[Holding] = ()
    authorised: Mapping[uuid.UUID, date] = field(default_factory=dict)
    shared: Shared = Shared()
    reported_on: date | None = None
    unfiled: Mapping[uuid.UUID, str] = field(default_factory=dict)
    asked: Sequence[Asked] = ()
    found: Mapping[str, int] = field(default_factory=dict)
    submitted_on: date | None = None
    region_code: int = 0
    outside: Outside = NOTHING
    recognised: Sequence[Recognised] = ()

    @property
    def applied_on(self) -> date:
        """Return the day of the application; of one that is only looked at, today."""
        return self.submitted_on or self.on

    def spared(self, check: str) -> bool:
        """Tell whether a check is not made, since an identity that stands is recognised."""
        return any(one.stands and check in one.checks for one in self.recognised)

    @property
    def on(self) -> date:
        """Return the day in China on which is looked."""
        return self.reference.on

    @property
    def counted(self) -> Sequence[Member]:
        """Return who of the family counts: those who live."""
        return [one for one in self.family if one.died_on is None]

    @property
    def of_household(self) -> bool:
        """Tell whether the scheme aids the whole household."""
        return self.scheme.unit == "household"

    def is_adult(self, member: Member) -> bool:
        """Tell whether someone is of age; of whom no birth date is known counts as an adult."""
        of_age = self.reference.number("adult_age")
        return member.born_on is None or age_on(member.born_on, self.on) >= of_age

    def member(self, person_id: uuid.UUID) -> Member:
        """Return a member of the family. Raises StopIteration for another."""
        return next(one for one in self.family if one.id == person_id)

    def name_of(self, person_id: uuid.UUID) -> str:
        """Return what a member of the family is called."""
        return next((one.name for one in self.family if one.id == person_id), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a check found. `grade`: if it is another than the rule's."""

    key: str
    message: str
    evidence: Evidence = field(default_factory=dict)
    grade: Grade | None = None


Check = Callable[[CaseFacts], Iterator[Hit]]
