"""Who sees the past: who sees the present, and of what is gone, who saw it where it was last."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from relief.core.scope import Scope, subtree
from relief.registry.errors import DayToCome, HouseholdNotFound, NoDay, PersonNotFound
from relief.registry.queries import as_of
from relief.registry.queries.as_of_rows import Untold
from relief.registry.types import Category
from tests.support.past import (
    EAST,
    FATHER,
    FIRST,
    SECOND,
    TODAY,
    WEST,
    home_as_of,
    names,
    person_as_of,
    places,
)


def test_a_department_is_told_of_its_own_places_and_of_no_category(session, registry):
    registry.send(FIRST, "S01", FATHER | {"phone": "13800138000"})
    registry.send(FIRST, "S21", FATHER | {"account": None})
    housing = Scope((subtree(EAST),), "D04")
    home, father = registry.household(), registry.person("王建国")
    settings = {"regions": "{[210302000000,210303000000)}", "department": "D04"}
    session.execute(
        text(
            "SELECT set_config('relief.regions', :regions, true),"
            " set_config('relief.department', :department, true)"
        ),
        settings,
    )

    believed = home_as_of(session, home, believed=date(2026, 7, 1), scope=housing)
    true = home_as_of(session, home, true=date(2026, 10, 1), scope=housing)
    person = person_as_of(session, father, true=date(2026, 10, 1), scope=housing)

    assert places(believed) == places(true) == [("王建国", "S21")]
    assert believed.category is Category.MINIMUM_ALLOWANCE
    assert true.category is None
    assert {Untold.CATEGORY, Untold.OTHERS_LISTS} <= set(true.untold)
    assert person.registered == ["citizen_id", "phone"]
    assert Untold.CATEGORY not in person.untold
    assert Untold.OTHERS_LISTS in person.untold


@pytest.mark.parametrize(
    "scope", [Scope((subtree(WEST),), None), Scope((subtree(EAST),), "D04"), Scope((), None)]
)
def test_who_may_not_see_the_present_may_not_see_the_past(session, registry, scope):
    registry.send(FIRST, "S01", FATHER)

    with pytest.raises(HouseholdNotFound):
        home_as_of(session, registry.household(), believed=date(2026, 7, 1), scope=scope)
    with pytest.raises(PersonNotFound):
        person_as_of(session, registry.person("王建国"), believed=date(2026, 7, 1), scope=scope)


def test_the_past_of_what_is_gone_is_shown_where_it_was_last(session, registry):
    batch = registry.send(FIRST, "S01", FATHER)
    home, father = registry.household(), registry.person("王建国")
    registry.take_back(SECOND, batch)
    day = date(2026, 6, 20)

    assert names(home_as_of(session, home, believed=day)) == ["王建国"]
    assert person_as_of(session, father, believed=day).member.name == "王建国"
    assert home_as_of(session, home, believed=date(2026, 7, 20)).known is False
    assert person_as_of(session, father, true=day).known is False
    for scope in (Scope((subtree(WEST),), None), Scope((subtree(EAST),), "D01")):
        with pytest.raises(HouseholdNotFound):
            home_as_of(session, home, believed=day, scope=scope)
        with pytest.raises(PersonNotFound):
            person_as_of(session, father, believed=day, scope=scope)


@pytest.mark.parametrize(
    ("account", "regions", "department", "seen"),
    [
        ("web", "{[210302000000,210303000000)}", "", True),
        ("web", "{[210303000000,210304000000)}", "", False),
        ("web", "{[210302000000,210303000000)}", "D01", True),
        ("web", "{[210302000000,210303000000)}", "D04", False),
        ("web", "{}", "", False),
    ],
)
def test_the_database_itself_shows_no_ones_past_to_strangers(
    session, registry, account, regions, department, seen
):
    registry.send(FIRST, "S01", FATHER)
    home, father = registry.household(), registry.person("王建国")
    session.execute(text(f"SET LOCAL SESSION AUTHORIZATION relief_test_{account}"))
    session.execute(
        text(
            "SELECT set_config('relief.regions', :regions, true),"
            " set_config('relief.department', :department, true)"
        ),
        {"regions": regions, "department": department},
    )
    query = text("SELECT count(*) > 0 FROM registry_as_of(:kind, :record, 'infinity')")

    found = [
        session.scalar(query, {"kind": kind, "record": record})
        for kind, record in (("household", home), ("person", father))
    ]

    session.execute(text("SET LOCAL SESSION AUTHORIZATION DEFAULT"))
    assert found == [seen, seen]


# The last reads the trail of everybody, and no household.
@pytest.mark.parametrize("account", ["mini", "worker", "audit"])
def test_none_but_the_web_asks_the_database_for_the_past(session, account):
    session.execute(text(f"SET LOCAL SESSION AUTHORIZATION relief_test_{account}"))

    with pytest.raises(ProgrammingError, match="permission denied for function registry_as_of"):
        session.scalar(text("SELECT count(*) FROM registry_as_of('person', NULL, 'infinity')"))


def test_a_day_is_asked_for_and_is_not_to_come():
    with pytest.raises(NoDay):
        as_of.asked(believed_on=None, true_on=None, now=TODAY)
    for days in (
        {"believed_on": date(2026, 11, 24), "true_on": None},
        {"believed_on": None, "true_on": date(2026, 11, 24)},
    ):
        with pytest.raises(DayToCome):
            as_of.asked(**days, now=TODAY)
