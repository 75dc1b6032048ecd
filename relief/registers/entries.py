"""What each register says of a person, as values for the checks. Money is fen, days are days.

`person_id` is who was asked about, None where the registry knows nobody of that number;
`number_id` is the stored identity number (`Person.citizen_id` of whoever has it), never its text.
None in any other field: the register does not say.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from relief.registers.types import (
    AssetKind,
    BusinessRole,
    DeathSource,
    HouseUse,
    InsuranceKind,
    MonitoredKind,
    PensionKind,
    Register,
    SelfHelp,
    State,
    VehicleKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """What every entry tells: whose it is, and from which file of which day it is known."""

    register: Register
    person_id: uuid.UUID | None
    number_id: uuid.UUID
    name: str
    batch_id: uuid.UUID
    row_number: int
    data_on: date
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalPost(RegisterEntry):
    """R01: someone is paid by the state. `to_on` is the last day in office."""

    employer: str | None
    from_on: date | None
    to_on: date | None
    pay_fen: int | None  # a month


@dataclass(frozen=True, slots=True, kw_only=True)
class CadrePost(RegisterEntry):
    """R02: someone is a cadre of a village or of a community."""

    committee: str | None
    region_code: int | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle(RegisterEntry):
    """R03: someone owns a motor vehicle. `value_fen` as assessed or invoiced."""

    kind: VehicleKind
    value_fen: int | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class House(RegisterEntry):
    """R04: someone owns a building or has a part in it. `area_dm2`: floor area, 100 dm² to 1 m².

    `house_id` is the same for everyone who has a part in one building.
    """

    house_id: uuid.UUID | None
    use: HouseUse
    address: str | None
    area_dm2: int | None
    from_on: date | None  # bought or registered on
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Business(RegisterEntry):
    """R05: someone's part in a business. `turnover_fen`: as taxed, of the last twelve months."""

    business: str | None
    role: BusinessRole
    turnover_fen: int | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidentFund(RegisterEntry):
    """R06: a housing fund account. Paid from month to month, both told by their first days."""

    employer: str | None
    base_fen: int | None  # a month
    paid_from: date | None
    paid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Insurance(RegisterEntry):
    """R07: social insurance by an employer. Paid from month to month, told by their first days."""

    kind: InsuranceKind
    employer: str | None
    base_fen: int | None  # a month
    paid_from: date | None
    paid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pension(RegisterEntry):
    """R08: a pension in payment, `amount_fen` a month; or paid beside it, a season's sum or once.

    What is paid for a funeral stands under the number of who died, `from_on` the day of payment.
    """

    kind: PensionKind
    amount_fen: int | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance(RegisterEntry):
    """R09: what an account held at the end of a day. `account_id`: the stored account number."""

    kind: AssetKind
    institution: str | None
    account_id: uuid.UUID | None
    balance_fen: int | None
    balance_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Death(RegisterEntry):
    """R10: someone died, as one office knows."""

    source: DeathSource
    died_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence(RegisterEntry):
    """R11: someone stands in a household register booklet (户口簿), named by `booklet_id`.

    `relation`: to its householder, GB/T 4761; `born_on`: as the number says.
    """

    booklet_id: uuid.UUID | None
    relation: str | None
    born_on: date | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marriage(RegisterEntry):
    """R12: someone is or was married; each couple yields one entry for either spouse."""

    spouse_number_id: uuid.UUID | None
    spouse_person_id: uuid.UUID | None
    spouse_name: str | None
    from_on: date | None
    to_on: date | None  # divorced, or ended by death


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabilityCertificate(RegisterEntry):
    """R13: someone's certificate of a disability, 20 digits: the person's number, kind, grade.

    `number_agrees`: its first 18 digits are the holder's number. `kind` and `grade` are its 19th
    and 20th digits as they stand there, which need not be ones that exist.
    """

    number_agrees: bool
    kind: str | None
    grade: str | None
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisasterVictim(RegisterEntry):
    """R14: a disaster hit someone. `event_id` is the same for all whom one event hit.

    `loss_fen`: as assessed, None where it is not yet.
    """

    event_id: uuid.UUID | None
    event: str | None
    happened_on: date | None
    loss_fen: int | None
    self_help: SelfHelp


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredHousehold(RegisterEntry):
    """R15: someone's household is monitored. `monitored_id`: the same for all of it.

    `risk`: by what they may fall back into poverty; `to_on`: when that was over.
    """

    monitored_id: uuid.UUID | None
    kind: MonitoredKind
    risk: str | None
    found_on: date | None
    to_on: date | None
