"""Two stewards at one moment about the first contact of a household."""

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.core.errors import Conflict
from relief.visits import assigning
from relief.visits.models import HelperAssignment
from tests import factories
from tests.integration.test_case_races import inside
from tests.support.helping import Steward, said
from tests.support.settings import CIPHER, START
from tests.support.waiting import at_once

__all__ = ["inside"]  # the fixture
MANY = 6


@pytest.fixture
def standing(inside):
    """The actor, and helpers of a household, the first of whom is first contact."""

    def prepare(session):
        account = factories.make_account(session, Role.STEWARD, department="D01")
        desk = Steward(session, account.id)
        home = factories.make_household(session, CIPHER).id
        made = [desk.give(home, said(f"帮{n}", 900 + n)) for n in range(MANY + 1)]
        return desk.actor, made

    return inside(prepare)


def test_of_many_who_name_another_first_contact_at_once_the_last_stays(inside, standing):
    actor, made = standing

    def take(number):
        try:
            return inside(
                lambda session: assigning.make_first(
                    session, actor=actor, assignment_id=made[number + 1], now=START
                )
            )
        except Conflict as late:
            return late

    answers = at_once(take, threads=MANY)

    assert not any(isinstance(answer, Conflict) for answer in answers)
    [first] = inside(
        lambda session: session.scalars(
            select(HelperAssignment.id).where(HelperAssignment.is_first)
        ).all()
    )
    assert first in made[1:]
