"""Helpers of households: given, ended, first contacts, the limit of one, left and changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from relief.accounts.models import Account
from relief.accounts.permissions import Permission
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.registry import queries as registry
from relief.registry.errors import HouseholdNotFound
from relief.visits import assigning, helpers, queries
from relief.visits.errors import (
    AssignmentDays,
    AssignmentEnded,
    AssignmentNotBegun,
    AssignmentNotFound,
    AssignmentOverlaps,
    FirstLater,
    HelperAccount,
    HelperChanged,
    HelperElsewhere,
    HelperKnown,
    HelperLeft,
    HelperName,
    HelperNotFound,
    HelperPhone,
    LeftOn,
    RatioExceeded,
)
from relief.visits.models import Helper
from relief.visits.types import EndKind
from tests import factories
from tests.support import canaries
from tests.support.helping import JANUARY, Steward, said
from tests.support.settings import CIPHER, START

TODAY = START.date()
OTHER = said("帮乙", 901)


@pytest.fixture
def desk(session, steward):
    return Steward(session, steward.id)


@pytest.fixture
def home(session, cipher):
    return factories.make_household(session, cipher)


def homes(session, cipher, count):
    return [factories.make_household(session, cipher) for _ in range(count)]


def trail(session, household_id):
    return session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.subject_id == household_id)
        .order_by(AuditEvent.id)
    ).all()


def test_the_first_helper_of_a_household_is_its_first_contact(session, desk, home):
    desk.give(home.id)
    desk.give(home.id, OTHER)

    assert desk.helping(home.id) == [("帮甲", True), ("帮乙", False)]
    assert trail(session, home.id) == ["household:helper_assigned"] * 2
    [first, _] = desk.of(home.id)
    assert (first.unit, first.phone) == (
        "某局",
        f"{canaries.phone(900)[:3]}****{canaries.phone(900)[-4:]}",
    )


def test_the_same_name_and_telephone_are_the_same_helper(session, cipher, desk):
    one, other = homes(session, cipher, 2)
    desk.give(one.id)
    desk.give(other.id, said(unit="另一单位"))

    assert len(session.scalars(select(Helper)).all()) == 1
    assert desk.helper().unit == "某局"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": " "}, HelperName),
        ({"unit": "局" * 81}, HelperName),
        ({"phone": "12"}, HelperPhone),
    ],
)
def test_who_a_helper_is_must_be_said(given, fault):
    with pytest.raises(fault):
        helpers.read(**({"name": "帮甲", "unit": "某局", "phone": "13900000001"} | given))


@pytest.mark.parametrize(
    "term",
    [
        {"from_on": TODAY, "until_on": TODAY - timedelta(days=1)},
        {"from_on": JANUARY, "until_on": TODAY - timedelta(days=1)},
        {"from_on": TODAY, "until_on": date.max},
    ],
)
def test_an_assignment_lasts_until_today_or_longer(desk, home, term):
    with pytest.raises(AssignmentDays):
        desk.give(home.id, **term)

    desk.give(home.id, until_on=TODAY)
    assert desk.of(home.id)[0].until_on == TODAY


def test_no_two_periods_of_a_helper_at_a_household_overlap(desk, home):
    desk.give(home.id, until_on=TODAY)

    with pytest.raises(AssignmentOverlaps):
        desk.give(home.id, from_on=TODAY)

    desk.give(home.id, from_on=TODAY + timedelta(days=1))
    assert len(desk.of(home.id)) == 2


def test_the_database_lets_none_overlap_either(session, desk, home):
    row = desk.row(desk.give(home.id))

    with pytest.raises(IntegrityError, match="one_assignment_at_a_time"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO helper_assignment"
                " (id, household_id, helper_id, days, is_first, made_by, made_at)"
                " SELECT :id, household_id, helper_id, days, false, made_by, made_at"
                " FROM helper_assignment WHERE id = :old"
            ),
            {"id": new_id(START), "old": row.id},
        )


def test_a_first_contact_may_take_the_place_of_another(desk, home):
    one = desk.give(home.id)
    desk.give(home.id, OTHER, first=True)
    assert desk.helping(home.id) == [("帮乙", True), ("帮甲", False)]

    assigning.make_first(desk.session, actor=desk.actor, assignment_id=one, now=START)
    assert desk.helping(home.id) == [("帮甲", True), ("帮乙", False)]


def test_a_first_contact_is_there_today(desk, home):
    later = {"from_on": TODAY + timedelta(days=1)}
    with pytest.raises(FirstLater):
        desk.give(home.id, first=True, **later)
    coming = desk.give(home.id, first=False, **later)

    with pytest.raises(AssignmentNotBegun):
        assigning.make_first(desk.session, actor=desk.actor, assignment_id=coming, now=START)


def test_when_the_first_contact_ends_the_next_takes_over(session, desk, home):
    one = desk.give(home.id)
    desk.give(home.id, OTHER)

    desk.end(one)

    assert desk.helping(home.id) == [("帮乙", True)]
    [_, ended] = desk.of(home.id)
    assert (ended.end_kind, ended.end_reason) == (EndKind.ENDED, "已经脱困")
    assert ended.until_on == TODAY - timedelta(days=1)
    assert trail(session, home.id).count("household:helper_ended") == 1
    with pytest.raises(AssignmentEnded):
        desk.end(one)


def test_one_that_had_not_begun_leaves_no_day(desk, home):
    coming = desk.give(home.id, from_on=TODAY + timedelta(days=9))

    desk.end(coming)

    [row] = desk.of(home.id)
    assert (row.from_on, row.until_on, row.helps) == (None, None, False)
    desk.give(home.id, from_on=TODAY + timedelta(days=9))


def test_above_the_limit_it_is_refused_by_the_rule_unless_there_is_a_reason(session, cipher, desk):
    *ten, last = homes(session, cipher, 11)
    for home in ten:
        desk.give(home.id)

    with pytest.raises(RatioExceeded, match=r"11 户.*上限 10 户.*默认值"):
        desk.give(last.id)

    made = desk.give(last.id, over_reason="邻近几户，同一人联系")
    assert desk.row(made).over_reason == "邻近几户，同一人联系"


def test_what_is_over_does_not_count(session, cipher, desk):
    *ten, last = homes(session, cipher, 11)
    made = [desk.give(home.id) for home in ten]
    desk.end(made[0])

    desk.give(last.id)

    assert desk.helping(last.id) == [("帮甲", True)]


def test_who_left_helps_nobody_and_gets_nobody(session, cipher, desk, home):
    desk.give(home.id)
    helper = desk.helper()
    with pytest.raises(LeftOn):
        leave(desk, helper.id, TODAY + timedelta(days=1))

    leave(desk, helper.id, TODAY)

    [row] = desk.of(home.id)
    assert (row.in_post, row.helps) == (False, False)
    assert queries.first_contacts(session, [home.id], on=TODAY) == {}
    with pytest.raises(HelperLeft):
        leave(desk, helper.id, TODAY)
    # The same person in the same post again is a new helper.
    desk.give(home.id)
    assert desk.helper().id != helper.id
    assert queries.first_contacts(session, [home.id], on=TODAY) == {home.id: "帮甲"}


def leave(desk, helper_id, left_on):
    helpers.leave(
        desk.session, actor=desk.actor, helper_id=helper_id, left_on=left_on, reason="调离",
        now=START,
    )  # fmt: skip


def change(desk, **given):
    helper = desk.helper()
    wanted = {"helper_id": helper.id, "version": helper.version, "said": said(), "username": None}
    helpers.change(desk.session, CIPHER, actor=desk.actor, now=START, **(wanted | given))


@pytest.fixture
def helping(session):
    """An account with the role, of the county in which the households are."""
    return factories.make_account(session, Role.HELPER, region="210302000000")


def test_who_stands_by_households_elsewhere_is_left_to_the_city(session, cipher, desk, home):
    away = factories.make_household(session, cipher, region=210303001001)
    desk.give(home.id)
    elsewhere = desk.give(away.id)
    city = desk.actor
    desk.actor = factories.actor_of(session.get_one(Account, city.id))
    object.__setattr__(desk.actor, "scope", Scope((subtree(210302000000),), None))
    with pytest.raises(HelperElsewhere):
        leave(desk, desk.helper().id, TODAY)
    with pytest.raises(HelperElsewhere):
        change(desk, said=said(serial=905))
    county, desk.actor = desk.actor, city
    desk.end(elsewhere)

    desk.actor = county
    leave(desk, desk.helper().id, TODAY)

    assert desk.helper().left_on == TODAY


def test_an_account_of_a_helper_has_the_role_and_the_region(session, desk, home, alice, helping):
    desk.give(home.id)
    west = factories.make_account(session, Role.HELPER, region="210303000000")
    for account in (alice, west):
        with pytest.raises(HelperAccount):
            change(desk, username=account.username)

    change(desk, username=helping.username)

    assert desk.helper().account_id == helping.id
    change(desk, username=helping.username, said=said(unit="另一单位"))


def test_households_are_named_with_their_helpers_by_one_query(session, cipher, desk):
    made = homes(session, cipher, 3)
    for place in made[:2]:
        desk.give(place.id)

    def named():
        sent = []
        rows = registry.list_households(
            session, cipher, scope=desk.actor.scope, filters=registry.HouseholdFilter(), limit=9
        ).items
        event.listen(
            session.connection(), "before_cursor_execute", lambda *given: sent.append(given[2])
        )
        return queries.name_helpers(session, rows, reader=desk.actor, on=TODAY), sent

    object.__setattr__(desk.actor, "permissions", frozenset({Permission.SEE_HELPERS}))
    rows, sent = named()

    assert {row.id: row.helper for row in rows} == {
        made[0].id: "帮甲", made[1].id: "帮甲", made[2].id: None,
    }  # fmt: skip
    assert len(sent) == 1
    object.__setattr__(desk.actor, "permissions", frozenset())
    assert {row.helper for row in named()[0]} == {None}


def test_a_helper_whose_account_is_disabled_helps_nobody(session, desk, home, helping):
    alice = helping
    desk.give(home.id)
    change(desk, username=alice.username, said=said(unit="另一单位"))
    assert desk.helping(home.id) == [("帮甲", True)]
    detail = queries.helper_detail(
        session, scope=desk.actor.scope, helper_id=desk.helper().id, on=TODAY
    )
    assert (detail.username, detail.unit, detail.households) == (alice.username, "另一单位", 1)

    session.get_one(Account, alice.id).disabled_at = START
    session.flush()

    assert desk.helping(home.id) == []
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "helper:changed")).one()
    assert event.details == {"fields": ["unit", "account"]}


def test_an_account_is_one_helper_s_and_in_use(session, desk, home, helping):
    alice = helping
    desk.give(home.id, OTHER)
    desk.give(home.id)
    with pytest.raises(HelperAccount):
        change(desk, username="nobody")
    with pytest.raises(HelperChanged):
        change(desk, version=9)
    other = desk.helper("帮乙")
    other.account_id = alice.id
    session.flush()

    with pytest.raises(HelperAccount), session.begin_nested():
        change(desk, username=alice.username)
    with pytest.raises(HelperKnown), session.begin_nested():
        change(desk, said=OTHER)


def test_another_county_s_household_is_not_there(session, cipher, desk, home):
    given = desk.give(home.id)
    helper = desk.helper().id
    desk.actor = factories.actor_of(session.get_one(Account, desk.actor.id))
    object.__setattr__(desk.actor, "scope", Scope((subtree(210303000000),), None))

    with pytest.raises(HouseholdNotFound):
        desk.give(home.id, OTHER)
    with pytest.raises(AssignmentNotFound):
        desk.end(given)
    with pytest.raises(AssignmentNotFound):
        desk.end(new_id(START))
    with pytest.raises(HelperNotFound):
        leave(desk, helper, TODAY)
    with pytest.raises(HelperNotFound):
        desk.transfer(helper, OTHER)
    with pytest.raises(HelperNotFound):
        queries.helper_detail(session, scope=desk.actor.scope, helper_id=helper, on=TODAY)


def test_the_load_of_a_helper_is_listed_by_place(session, cipher, desk):
    made = homes(session, cipher, 3)
    for home in made:
        desk.give(home.id)
    helper, scope = desk.helper().id, desk.actor.scope

    page = queries.load_of(session, scope=scope, helper_id=helper, on=TODAY, limit=2)
    rest = queries.load_of(
        session, scope=scope, helper_id=helper, on=TODAY, limit=2, cursor=page.next_cursor
    )

    shown = [row.id for row in (*page.items, *rest.items)]
    assert shown == sorted(home.id for home in made)
    assert (rest.next_cursor, rest.items[0].is_first) == (None, True)
