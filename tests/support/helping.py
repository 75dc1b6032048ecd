"""Stewards who give helpers to households in tests."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.visits import assigning, helpers, queries, transferring
from relief.visits.assigning import Term
from relief.visits.models import Helper, HelperAssignment
from relief.visits.queries import AssignmentRow
from tests import factories
from tests.support import canaries
from tests.support.settings import CIPHER, START

JANUARY = date(2026, 1, 1)


def said(name: str = "帮甲", serial: int = 900, unit: str = "某局") -> helpers.Said:
    """A helper by name; the same serial is the same telephone."""
    return helpers.read(name=name, unit=unit, phone=canaries.phone(serial))


class Steward:
    """A steward of the whole city, who acts at one moment."""

    def __init__(self, session: Session, account_id: uuid.UUID, now: datetime = START) -> None:
        self.session, self.now = session, now
        self.actor: Actor = factories.actor_of(session.get_one(Account, account_id), Role.STEWARD)

    @property
    def today(self) -> date:
        return local_date(self.now)

    def give(
        self, household_id: uuid.UUID, who: helpers.Said | None = None, **term: Any
    ) -> uuid.UUID:
        """Assign a helper from January on, if not said otherwise."""
        return assigning.assign(
            self.session, CIPHER, actor=self.actor, household_id=household_id,
            said=who or said(), term=Term(**({"from_on": JANUARY} | term)), now=self.now,
        )  # fmt: skip

    def end(self, assignment_id: uuid.UUID) -> None:
        assigning.end(
            self.session, actor=self.actor, assignment_id=assignment_id, reason="已经脱困",
            now=self.now,
        )  # fmt: skip

    def transfer(self, helper_id: uuid.UUID, to: helpers.Said, **more: Any) -> Any:
        return transferring.transfer(
            self.session, CIPHER, actor=self.actor, helper_id=helper_id, to=to,
            notes="须每周联系", reason="调离", now=self.now, **more,
        )  # fmt: skip

    def helper(self, name: str = "帮甲") -> Helper:
        return self.session.scalars(
            select(Helper)
            .where(Helper.name == name)
            .order_by(Helper.left_on.is_not(None), Helper.id)
            .execution_options(populate_existing=True)
        ).first()

    def of(self, household_id: uuid.UUID) -> Sequence[AssignmentRow]:
        self.session.expire_all()
        return queries.of_household(self.session, household_id=household_id, on=self.today)

    def helping(self, household_id: uuid.UUID) -> list[tuple[str, bool]]:
        """Who helps today, and whether as the first contact."""
        return [(one.name, one.is_first) for one in self.of(household_id) if one.helps]

    def row(self, assignment_id: uuid.UUID) -> HelperAssignment:
        self.session.expire_all()
        return self.session.get_one(HelperAssignment, assignment_id)
