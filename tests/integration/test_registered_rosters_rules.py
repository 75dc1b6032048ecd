"""Rosters drawn from a register: by what rules, and who may see and enter whom."""

from datetime import date

import pytest
from sqlalchemy import update

from relief.accounts.types import Role
from relief.core.scope import Scope, subtree
from relief.registers.intake import layouts
from relief.registers.types import State
from relief.review.errors import NotYours
from relief.review.recognition import drawable, registered, rosters
from relief.schemes import queries as schemes
from relief.schemes import rosters as draws
from relief.schemes.models import Scheme
from relief.schemes.recognition import RecognitionRule
from relief.schemes.rosters import RosterRegister
from relief.schemes.types import Entry
from tests.integration.test_registered_rosters import families, paid
from tests.support.people import CITY, TIEXI
from tests.support.settings import START
from tests.support.victims import hit, victim

TODAY = START.date()


def test_others_see_what_they_see_of_families(roster, session):
    [home] = families(roster, region=210302002001)
    hit(session, victim(home))

    def seen(scope):
        return [
            row.person_id
            for row in rosters.missing(
                session, scope=scope, scheme_code="S26", limit=5, cursor=None, now=START
            ).items
        ]

    assert seen(Scope((subtree(int(CITY)),), None)) == [home.person_id]
    assert seen(Scope((subtree(int(TIEXI)),), None)) == []
    assert seen(Scope((subtree(int(CITY)),), "D07")) == []  # it holds nothing of theirs yet
    with pytest.raises(NotYours):
        seen(Scope((subtree(int(CITY)),), "D12"))
    offered = rosters.offered(session, scope=Scope((subtree(int(CITY)),), "D09"), now=START)
    assert [one.code for one in offered][-2:] == ["S26", "S28"]


@pytest.mark.parametrize(
    ("model", "values", "told"),
    [
        (RosterRegister, {"months": "unknown"}, "没有参数“unknown”"),
        (RosterRegister, {"kinds": []}, "没有写明提取"),
        (RosterRegister, {"scheme_code": "S01"}, "不是按名单进入的项目"),
        (RosterRegister, {"valid_from": date(2030, 1, 1)}, "S26 受灾救助：按名单进入，但没有"),
        (RecognitionRule, {"valid_from": date(2030, 1, 1)}, "S13 取暖救助：按名单进入，但没有"),
    ],
)
def test_a_roster_that_can_name_nobody_is_a_fault(session, model, values, told):
    given = {"procedures": schemes.plans(session, on=TODAY), "on": TODAY}
    assert draws.faults(session, **given) == []

    of = model.scheme_code == ("S13" if model is RecognitionRule else "S26")
    session.execute(update(model).where(of).values(**values))
    session.expire_all()

    assert any(told in str(one) for one in draws.faults(session, **given))
    if "但没有" in told:  # whatever has no procedure yet is told so, and no more
        assert draws.faults(session, procedures=(), on=TODAY) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"register": "vehicles"}, "S26 受灾救助：不能从登记库“vehicles”提取名单"),
        (
            {"kinds": ["unable", "marginal"]},
            "S26 受灾救助：登记库“disaster_victims”中没有“marginal”",
        ),
        ({"states": ["valid", "gone"]}, "S26 受灾救助：登记库“disaster_victims”中没有“gone”"),
    ],
)
def test_a_roster_that_nobody_could_be_told_of_is_a_fault(session, values, told):
    assert drawable.faults(session, on=TODAY) == []

    session.execute(
        update(RosterRegister).where(RosterRegister.scheme_code == "S26").values(**values)
    )
    session.expire_all()

    [fault] = drawable.faults(session, on=TODAY)
    assert str(fault).startswith(told)


def test_what_is_drawn_from_is_a_register_that_says_so(session):
    """Each register can be told in words; its kinds are those of its layout."""
    rules = [rule for rule, _ in draws.every(session, on=TODAY)]
    for rule in rules:
        [form] = [
            one
            for one in layouts.load_all().values()
            if one.register.value == rule.register and not one.layout.name.endswith("-changes")
        ]
        [kinds] = [one.codes for one in form.layout.columns if one.field == "kind"]
        assert set(rule.kinds) <= set(kinds.values())
        assert set(rule.states) <= set(State)
        scheme = session.get_one(Scheme, rule.scheme_code)
        assert (scheme.entry, form.department) == (Entry.ROSTER, scheme.department_code)
    assert {rule.register for rule in rules} == {one.value for one in registered.DRAWN_FROM}


def test_a_department_that_takes_part_may_enter(roster, session):
    """Whoever holds the scheme's list already is seen by its office, and entered again."""
    [home] = families(roster, schemes=("S01", "S26"))
    paid(session, home, date(2025, 3, 1))
    hit(session, victim(home))
    clerk = roster.newcomer(Role.CLERK, "D07")

    act = roster.entered(clerk, scheme_code="S26")

    assert roster.became(act, clerk) == {home.person_id: ("entered", None)}
