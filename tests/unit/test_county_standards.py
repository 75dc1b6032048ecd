"""Whose value holds where, and what is wrong with a county's: without a database."""

from datetime import date
from decimal import Decimal

import pytest

from relief.core.scope import is_city, upward
from relief.schemes import regional_soundness
from relief.schemes.county_standards import CountyStandard
from relief.schemes.models import Parameter
from relief.schemes.regional import Standards
from tests.unit.test_rule_soundness import book, parameter

CITY, EAST, WEST = 210300000000, 210302000000, 210303000000
NAMES = {EAST: "铁东区", WEST: "铁西区"}
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)


def row(region, value, since=JANUARY, name="standard"):
    return Parameter(
        name=name, region_code=region, valid_from=since, value=Decimal(value),
        unit="CNY/person/month", source="通知", confidence="D",
    )  # fmt: skip


def allowed(*, floor=False, name="standard"):
    return {name: CountyStandard(name=name, floor=floor, source="最低标准", confidence="D")}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (210302002001, (210302002001, 210302002000, EAST, CITY)),
        (EAST, (EAST, CITY)),
        (CITY, (CITY,)),
    ],
)
def test_the_way_up_ends_at_the_city(code, path):
    assert upward(code) == path
    assert [is_city(one) for one in path] == [False] * (len(path) - 1) + [True]


@pytest.mark.parametrize(
    ("region", "value"),
    [
        (210302002001, 860),  # the first village of the county
        (210302999999, 860),  # the last code that can be in it
        (210303000000, 800),  # just outside
        (210301999999, 800),
        (CITY, 800),
        (None, 800),
        (210402001001, 800),  # no region of this city: what holds in the city as a whole
    ],
)
def test_a_countys_value_holds_in_it_and_not_a_code_further(region, value):
    standards = Standards(
        on=JULY,
        rows={
            CITY: {"standard": row(CITY, 800), "other": row(CITY, 5, name="other")},
            EAST: {"standard": row(EAST, 860)},
        },
        places={CITY: "鞍山市", EAST: "铁东区"},
    )

    found = standards.at(region)

    assert (found["standard"].value, found["other"].value) == (value, 5)
    assert standards.place(found["standard"]) == ("铁东区" if value == 860 else "鞍山市")
    assert standards.at(region) is found


def faults(rows, of=None):
    given = book(parameters={"standard": [parameter(), *rows]})
    return "；".join(map(str, regional_soundness.faults(given, of or {})))


def test_counties_set_only_what_they_may():
    assert faults([], allowed()) == ""
    assert faults([row(EAST, 860)], allowed()) == ""
    said = faults([row(WEST, 860), row(EAST, 860), row(EAST, 900, JULY)])
    assert said == f"参数 standard：由市级统一规定，{EAST}、{WEST} 不能另有值"


def test_what_counties_may_set_is_asked_for_by_a_rule():
    said = faults([], allowed(name="adult_age"))

    assert said == "区县标准 adult_age：不是计算规则使用的参数，不按区县取值"


@pytest.mark.parametrize(
    ("rows", "on", "since"),
    [
        ([row(CITY, 800), row(EAST, 799)], JULY, JULY),
        ([row(CITY, 800), row(EAST, 800)], JULY, None),  # the same is not below
        ([row(CITY, 800), row(EAST, 820), row(CITY, 830, JULY)], JANUARY, JULY),
        ([row(CITY, 800), row(EAST, 700), row(EAST, 850, JULY)], JULY, None),  # it was once
        ([row(CITY, 800), row(EAST, 700), row(EAST, 850, JULY)], date(2026, 6, 30),
         date(2026, 6, 30)),
        ([row(CITY, 800, JULY), row(EAST, 700)], JANUARY, JULY),  # there was none before
        ([row(CITY, 800), row(EAST, 700, JULY)], JANUARY, JULY),
    ],
)  # fmt: skip
def test_a_countys_value_is_below_the_citys_from_its_first_day_on(rows, on, since):
    found = regional_soundness.lower(book(parameters={"standard": rows}), on=on)

    assert [one.since for one in found] == ([since] if since else [])


@pytest.mark.parametrize("floor", [False, True])
def test_below_a_floor_is_a_fault_and_anything_else_a_warning(floor):
    rows = [row(CITY, 800), row(EAST, "750.5")]
    found = regional_soundness.lower(book(parameters={"standard": rows}), on=JULY)

    wrong = regional_soundness.below_floor(found, allowed(floor=floor), NAMES)
    warned = regional_soundness.warnings(found, allowed(floor=floor), NAMES)

    said = "铁东区 标准：参数低于市级标准：自 2026-07-01 起为 750.5（通知），市级为 800（通知）"
    assert [str(one) for one in warned] == ([] if floor else [said])
    assert [str(one) for one in wrong] == ([f"{said}；这项标准不得低于市级"] if floor else [])
    assert [one.source for one in wrong] == (["最低标准"] if floor else [])
