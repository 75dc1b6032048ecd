"""Who stands before a counter that may not see them otherwise, and how they came there."""

import uuid
from dataclasses import dataclass
from datetime import date

from relief.registry.models import Household, Person


@dataclass(frozen=True, slots=True)
class Shown:
    """A person found by their identity number, with household and newest source record."""

    person: Person
    household: Household | None
    identity_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Referred:
    """By what somebody came to a scheme that is entered by referral.

    `since`: from which day the case counts. `region_code`: of the office that took them in, which
    need not be where they live. `told`: for the timeline.
    """

    since: date
    region_code: int
    told: str
