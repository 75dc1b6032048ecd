"""Who stands before a counter that may not see them otherwise."""

import uuid
from dataclasses import dataclass

from relief.registry.models import Household, Person


@dataclass(frozen=True, slots=True)
class Shown:
    """A person found by their identity number, with household and newest source record."""

    person: Person
    household: Household | None
    identity_id: uuid.UUID | None
