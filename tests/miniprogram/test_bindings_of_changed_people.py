"""Codes and bindings of many people whom a merge puts together or takes apart."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.bindings.dependants import Bindings
from relief.bindings.models import HouseholdBinding, HouseholdCode, MiniAccount
from relief.bindings.types import Ending
from relief.core.ids import new_id
from relief.registry.dependants import Homes, Move
from tests import factories
from tests.support.settings import START

EAST_VILLAGE, WEST_VILLAGE = 210302002001, 210303001001
MORE_THAN_PARAMETERS = 66_000  # a statement has 65,535 at most


@pytest.fixture
def clerk(session):
    return factories.make_account(session, Role.CLERK, department="D01", region="210302000000")


@pytest.fixture
def bound(session, cipher, clerk):
    """`bound(3)`: three people with a code that is used and a phone that is bound."""

    def make(count, region=EAST_VILLAGE):
        homes = [factories.make_household(session, cipher, region=region) for _ in range(count)]
        for home in homes:
            account_id, code_id = new_id(START), new_id(START)
            session.add_all(
                [
                    MiniAccount(
                        id=account_id,
                        openid_index=account_id.bytes,
                        index_key_id=1,
                        openid=b"sealed",
                        signed_in_at=START,
                        created_at=START,
                    ),
                    HouseholdCode(
                        id=code_id,
                        person_id=home.person_id,
                        scene_hash=code_id.bytes,
                        issued_by=clerk.id,
                        issued_at=START,
                        expires_at=START + timedelta(days=30),
                        used_at=START,
                    ),
                ]
            )
            session.flush()
            session.add(
                HouseholdBinding(
                    id=new_id(START),
                    account_id=account_id,
                    person_id=home.person_id,
                    code_id=code_id,
                    bound_at=START,
                )
            )
        session.commit()
        return [home.person_id for home in homes]

    return make


def people(session, cipher, count, region):
    made = [factories.make_household(session, cipher, region=region) for _ in range(count)]
    session.commit()
    return [home.person_id for home in made]


def follow(session, moves, gone):
    Bindings().follow(
        session, moves=moves, gone=gone, homes=Homes(), now=START + timedelta(hours=1)
    )
    session.flush()


def moves_of(pairs):
    return [Move(new_id(START), before, after) for before, after in pairs]


def events(session, action):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


@pytest.mark.parametrize("count", [1, 4])
def test_what_goes_to_another_person_is_in_the_trail_in_few_statements(
    session, cipher, bound, assert_queries, count
):
    before, heirs = bound(count), people(session, cipher, count, WEST_VILLAGE)
    gone = dict(zip(before, heirs, strict=True))

    with assert_queries(4):
        follow(session, moves_of(gone.items()), gone)

    session.expire_all()
    for table in (HouseholdCode, HouseholdBinding):
        assert set(session.scalars(select(table.person_id))) == set(heirs)
    noted = events(session, "person:mini_moved")
    assert {event.details["from"]: event.subject_id for event in noted} == {
        str(one): heir for one, heir in gone.items()
    }
    assert [event.details["codes"] for event in noted] == [1] * count
    assert [event.details["bindings"] for event in noted] == [1] * count
    assert {event.region_code for event in noted} == {WEST_VILLAGE}


def test_where_a_binding_ended_is_in_the_trail(session, cipher, bound, assert_queries):
    left, split = bound(2)
    one, two = people(session, cipher, 2, WEST_VILLAGE)
    moves = moves_of([(left, one), (split, one), (split, two)])

    with assert_queries(4):
        follow(session, moves, {split: one})

    session.expire_all()
    assert set(session.scalars(select(HouseholdBinding.ending))) == {Ending.REGISTRY}
    places = {
        event.subject_id: event.region_code for event in events(session, "person:mini_unbound")
    }
    assert places == {left: EAST_VILLAGE, split: WEST_VILLAGE}


def test_more_people_than_a_statement_has_parameters_may_change(session, cipher, bound):
    [before], [heir] = bound(1), people(session, cipher, 1, WEST_VILLAGE)
    strangers = [new_id(START) for _ in range(2 * MORE_THAN_PARAMETERS)]
    gone = dict.fromkeys(strangers[:MORE_THAN_PARAMETERS], heir) | {before: heir}

    follow(session, moves_of((one, heir) for one in (before, *strangers)), gone)

    session.expire_all()
    assert session.scalars(select(HouseholdBinding.person_id)).one() == heir


def test_when_nobody_changed_nothing_is_asked(session, assert_queries):
    with assert_queries(0):
        follow(session, [], {})
