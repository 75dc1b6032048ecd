"""What staff read of a household's codes and bindings."""

import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.bindings.households import check_visible
from relief.bindings.models import HouseholdBinding, HouseholdCode
from relief.bindings.types import Ending
from relief.core.scope import Scope
from relief.registry.models import Membership, Person

MOST = 50  # the newest; a household has few


class CodeState(enum.StrEnum):
    """What has become of a code."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code that was issued for a household; what it says is not kept."""

    id: uuid.UUID
    issued_at: datetime
    expires_at: datetime
    state: CodeState


@dataclass(frozen=True, slots=True)
class BindingRow:
    """A member whose phone is or was bound."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    bound_at: datetime
    ended_at: datetime | None
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class HouseholdBindings:
    """A household's codes and bindings, the newest first."""

    codes: Sequence[CodeRow]
    bindings: Sequence[BindingRow]


def of_household(
    session: Session, *, household_id: uuid.UUID, scope: Scope, now: datetime
) -> HouseholdBindings:
    """Return what was issued to a household and is bound to it. Raises HouseholdNotFound."""
    household = check_visible(session, household_id=household_id, scope=scope)
    members = select(Membership.person_id).where(Membership.household_id == household.id)
    codes = session.scalars(
        select(HouseholdCode)
        .where(HouseholdCode.person_id.in_(members))
        .order_by(HouseholdCode.id.desc())
        .limit(MOST)
    )
    bindings = session.execute(
        select(HouseholdBinding, Person.name)
        .join(Person, Person.id == HouseholdBinding.person_id)
        .where(HouseholdBinding.person_id.in_(members))
        .order_by(HouseholdBinding.id.desc())
        .limit(MOST)
    )
    return HouseholdBindings(
        codes=[CodeRow(one.id, one.issued_at, one.expires_at, _state(one, now)) for one in codes],
        bindings=[
            BindingRow(one.id, one.person_id, name, one.bound_at, one.ended_at, one.ending)
            for one, name in bindings
        ],
    )


def _state(code: HouseholdCode, now: datetime) -> CodeState:
    if code.used_at:
        return CodeState.USED
    if code.revoked_at:
        return CodeState.REVOKED
    return CodeState.EXPIRED if now >= code.expires_at else CodeState.OPEN
