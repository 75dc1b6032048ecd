"""The sample's helpers go through the real service, once, and are nobody."""

import pytest
from sqlalchemy import func, select

from devtools.sample.helpers import invent
from relief.accounts.samples import create_sample_accounts
from relief.core.scope import Scope, subtree
from relief.core.sign_in_rules import DEFAULT_RULES
from relief.visits import coverage
from relief.visits.models import Helper
from relief.visits.samples import load_sample_helpers
from tests import factories
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER, START

CITY = Scope((subtree(210300000000),), None)


@pytest.fixture
def load(session):
    create_sample_accounts(
        session, now=START, password_for=lambda _name: PASSWORD, cipher=CIPHER,
        rules=DEFAULT_RULES,
    )  # fmt: skip
    return lambda: load_sample_helpers(
        session, CIPHER, invent=lambda count: invent(count, seed=7), now=START
    )


def test_most_households_get_a_helper_and_some_have_nobody(session, cipher, load):
    for _ in range(25):
        factories.make_household(session, cipher)

    assert [load(), load()] == [23, 0]

    assert session.scalar(select(func.count()).select_from(Helper)) == 3
    # Of three helpers one has left, of eight households or the last seven; two never had anybody.
    total = coverage.coverage(session, scope=CITY).total
    assert total.left in {7, 8}
    assert (total.in_aid, total.helped, total.unhelped) == (25, 23 - total.left, 2 + total.left)


def test_invented_helpers_are_different_and_reached_by_no_operator():
    made = invent(500, seed=7)

    assert len({phone for _, _, phone in made}) == 500
    assert all(phone.startswith("154") and len(phone) == 11 for _, _, phone in made)
    assert made == invent(500, seed=7)
