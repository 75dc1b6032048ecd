"""Entering a roster by one act: whom it names in vain, and why."""

from datetime import date

import pytest
from sqlalchemy import delete, select, update

from relief.accounts.identity import NO_SCOPE
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.registry.models import Enrolment, Person
from relief.review.recognition.errors import NoDepartment
from relief.review.rostering import errors, left_out
from relief.schemes import queries as schemes
from relief.schemes.models import Parameter
from tests.support.confirming import move_in
from tests.support.people import TIEXI
from tests.support.rostering import SCHEME
from tests.support.settings import START


def die(session, home):
    died = update(Person).where(Person.id == home.person_id).values(died_on=date(2026, 11, 1))
    session.execute(died)
    session.commit()


def test_who_is_named_and_is_not_on_the_roster_stands_in_the_act_with_the_reason(roster, session):
    names = ("good", "dead", "applied", "ended", "member")
    homes = dict(zip(names, roster.confirmed(5), strict=True))
    nobody = new_id(START)
    die(session, homes["dead"])
    roster.applied(SCHEME, homes["applied"].person_id)
    session.execute(
        update(Enrolment)
        .where(Enrolment.person_id == homes["ended"].person_id)
        .values(ended_on=date(2026, 11, 1))
    )
    move_in(session, homes["member"], homes["good"])

    act_id = roster.begin(people=[*(home.person_id for home in homes.values()), nobody])

    act = roster.act(act_id)
    assert (act.listed, act.not_entered, act.total) == (1, 5, 6)
    assert roster.work()
    became = roster.became(act_id)
    assert {name: became[home.person_id] for name, home in homes.items()} == {
        "good": ("entered", None),
        "dead": ("not_entered", "dead"),
        "applied": ("not_entered", "under_way"),
        "ended": ("not_entered", "off_roster"),
        "member": ("not_entered", "member"),
    }
    places = {one.person_id: one for one in roster.places(act_id)}
    assert (places[nobody].reason, places[nobody].name, places[nobody].region_code) == (
        "gone", None, None,
    )  # fmt: skip
    assert places[homes["dead"].person_id].name == "张三"
    begun = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster_act:begun")).one()
    # In the trail of their county; who is nobody that the clerk may see is of no county.
    assert (begun.details["people"], begun.details["left_out"]) == (1, 4)


def test_who_lives_elsewhere_is_told_from_who_is_not_confirmed(roster):
    [here] = roster.confirmed(1, region=210303001001)
    [there] = roster.confirmed(1, region=210302002001)

    act_id = roster.entered(region=TIEXI, people=[here.person_id, there.person_id])

    assert roster.became(act_id) == {
        here.person_id: ("entered", None),
        there.person_id: ("not_entered", "elsewhere"),
    }


def test_where_nobody_named_is_on_the_roster_why_is_told_of_each(roster, session):
    [dead] = roster.confirmed(1)
    die(session, dead)

    with pytest.raises(errors.NobodyMissing) as told:
        roster.begin(people=[dead.person_id])

    assert told.value.conflicts == [{"person_id": str(dead.person_id), "reason": "dead"}]


def test_the_reasons_of_many_take_one_query(roster, assert_queries):
    homes = roster.confirmed(3)
    clerk = roster.clerk()
    with roster.opened() as session:
        scheme = schemes.get_scheme(session, code=SCHEME)
        people = {home.person_id for home in homes}
        with assert_queries(1):
            found = left_out.why_not(session, scope=clerk.scope, scheme=scheme, people=people)
        with assert_queries(0):
            none = left_out.why_not(session, scope=clerk.scope, scheme=scheme, people=())

    assert (found.keys(), none) == (people, {})


def test_who_is_of_no_department_is_told_so_and_not_that_nobody_is_missing(roster):
    roster.confirmed(1)
    clerk = roster.newcomer(Role.CLERK, department=None)
    assert clerk.scope == NO_SCOPE

    with pytest.raises(NoDepartment, match="没有指定部门"):
        roster.begin(clerk)


def test_what_a_rule_refuses_of_all_is_told_in_its_own_words(roster, session):
    homes = roster.confirmed(3)
    act_id = roster.begin()
    session.execute(delete(Parameter).where(Parameter.name == "kin_circle"))
    session.commit()

    assert roster.work()

    assert {(one.reason, one.note) for one in roster.places(act_id)} == {
        ("failed", "这一天没有适用的标准")
    }
    assert roster.act(act_id).not_entered == len(homes)
