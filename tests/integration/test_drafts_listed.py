"""What a county drafts for itself is listed to its office alone, until it is published."""

from dataclasses import replace

import pytest

from relief.accounts.identity import scope_of
from relief.accounts.types import Role
from relief.audit import queries as audit
from relief.audit.queries import EventFilter
from relief.core.scope import subtree
from relief.review.rising import values
from tests import factories
from tests.support.counties import EAST, HILL, WEST
from tests.support.rising import Rising


@pytest.fixture
def rising(town):
    return Rising(town)


@pytest.fixture
def drafted(rising):
    return rising.draft(120, region=EAST)


def somebody(rising, region, department="D01", *more):
    """Somebody of an office, perhaps of several regions."""
    with rising.town.opened() as session:
        account = factories.make_account(
            session, Role.REVIEWER, department=department, region=str(region)
        )
        scope = scope_of(session, account)
        actor = replace(factories.actor_of(account, Role.REVIEWER), scope=scope)
    both = (*actor.scope.ranges, *(subtree(one) for one in more))
    return replace(actor, scope=replace(actor.scope, ranges=both))


def listed(rising, actor):
    with rising.town.opened() as session:
        return [one.id for one in values.drafts(session, actor=actor, limit=9, cursor=None).items]


def test_it_is_listed_to_who_may_draft_and_sign_it(rising, drafted):
    for actor in (
        rising.signer,
        rising.county(),
        somebody(rising, EAST),
        somebody(rising, HILL, "D01", EAST),
    ):
        assert listed(rising, actor) == [drafted]


@pytest.mark.parametrize(
    ("region", "department"),
    [(WEST, "D01"), (EAST, "D04"), (210302002000, "D01"), (210302002001, "D01")],
)
def test_to_nobody_else_before_it_is_published(rising, drafted, region, department):
    actor = somebody(rising, region, department)
    assert listed(rising, actor) == []

    with rising.town.opened() as session:
        values.publish(session, actor=rising.signer, draft_id=drafted, now=rising.town.clock())

    assert listed(rising, actor) == [drafted]


def test_nor_once_it_is_discarded(rising, drafted):
    with rising.town.opened() as session:
        values.discard(session, actor=rising.signer, draft_id=drafted, now=rising.town.clock())

    assert listed(rising, somebody(rising, WEST)) == []
    assert listed(rising, somebody(rising, EAST)) == [drafted]


def test_who_has_no_region_or_no_department_sees_the_citys(rising, drafted):
    citys = rising.draft()
    nowhere = somebody(rising, EAST)
    nowhere = replace(nowhere, scope=replace(nowhere.scope, ranges=()))

    assert listed(rising, nowhere) == [citys]
    assert listed(rising, replace(somebody(rising, EAST), department_code=None)) == [citys]


def test_an_auditor_of_the_county_reads_it_in_the_trail(rising, drafted):
    with rising.town.opened() as session:
        for county, seen in ((EAST, 1), (WEST, 0)):
            page = audit.list_events(
                session, filters=EventFilter(subject_id=drafted), ranges=[subtree(county)], limit=9
            )
            assert len(page.items) == seen
