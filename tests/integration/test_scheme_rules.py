"""The rules of the seeds, on the days and parameters of the seeds, against sums by hand."""

from datetime import date
from decimal import Decimal

import pytest

from relief.core.seeding import synchronise
from relief.review.facts import computing
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.schemes import rule_soundness, rules, seeding
from relief.schemes.errors import UnsoundCatalogue
from relief.schemes.models import Parameter
from relief.schemes.rule_models import FactKind, SchemeRule
from tests.support.settings import START

ON = date(2026, 11, 23)
# Standards of the seeds: urban 800, rural 650; edge × 1.5; extreme hardship × 1.3.
RIGHT = {
    "property_within_rule": 1, "place_within_rule": 1, "urban_household": 1,
    "in_extreme_hardship": 0, "in_minimum_allowance": 0, "in_allowance_edge": 0,
}  # fmt: skip
ALONE = RIGHT | {"no_income_source": 1, "no_able_obligor": 1, "no_labour_by_disability": 0}
SPENT = RIGHT | {"spending_surge": 1, "same_cause_aided": 0, "emergency_aid_given": 0}
SUDDEN = {"urban_household": 1, "sudden_event": 1, "basic_life_in_trouble": 1}
RIGID = RIGHT | {"household_members": 4, "household_income_year": 6_000_000}
DISABLED = {
    "disability_certificate": 1, "in_minimum_allowance": 1, "in_extreme_hardship": 0,
    "in_child_subsidy": 0, "care_grade_met": 1, "care_months": 6, "work_injury_care_paid": 0,
}  # fmt: skip
OLD, GROWN, CHILD = date(1966, 11, 23), date(1966, 11, 24), date(2010, 11, 24)


def home(income, members, **more):
    return RIGHT | {"household_income_month": income, "household_members": members} | more


TABLE = [
    # Minimum living allowance: (standard − income for each) × members, in whole yuan.
    ("S01", home(183600, 3), None, "yes", 56400),
    ("S01", home(183600, 3, urban_household=0), None, "yes", 11400),  # 650 − 612 = 38
    ("S01", home(239999, 3), None, "yes", 100),
    ("S01", home(240000, 3), None, "no", None),
    ("S01", home(183600, 3, property_within_rule=0), None, "no", None),
    ("S01", home(183600, 3, in_extreme_hardship=1), None, "no", None),
    # Extreme hardship: 1.3 × standard and care by how many of six abilities failed.
    ("S02", ALONE | {"selfcare_failed": 0}, OLD, "yes", 114000),  # 1040 + 100
    ("S02", ALONE | {"selfcare_failed": 1}, OLD, "yes", 154000),
    ("S02", ALONE | {"selfcare_failed": 3}, OLD, "yes", 154000),
    ("S02", ALONE | {"selfcare_failed": 4}, OLD, "yes", 254000),
    ("S02", ALONE | {"selfcare_failed": 4, "urban_household": 0}, OLD, "yes", 234500),  # 845
    ("S02", ALONE | {"selfcare_failed": 0}, GROWN, "no", None),  # sixty tomorrow
    ("S02", ALONE | {"selfcare_failed": 0, "no_labour_by_disability": 1}, GROWN, "yes", 114000),
    ("S02", ALONE | {"selfcare_failed": 0}, CHILD, "yes", 114000),  # sixteen tomorrow
    ("S02", ALONE | {"selfcare_failed": 0}, date(2010, 11, 23), "no", None),
    ("S02", ALONE | {"selfcare_failed": 0}, None, "unknown", None),
    # Fast aid: what is needed, up to one month's standard of one person.
    ("S03", SUDDEN | {"emergency_need": 50050}, None, "yes", 50000),
    ("S03", SUDDEN | {"emergency_need": 80000}, None, "yes", 80000),
    ("S03", SUDDEN | {"emergency_need": 80100}, None, "yes", 80000),
    ("S03", SUDDEN | {"emergency_need": 80100, "sudden_event": 0}, None, "no", None),
    # Aid for spending: what is left to pay, up to twelve months' standard for each.
    ("S04", SPENT | home(600000, 3, necessary_spending=1_000_000), None, "yes", 1_000_000),
    ("S04", SPENT | home(600000, 3, necessary_spending=9_000_000), None, "yes", 2_880_000),
    ("S04", SPENT | home(600000, 3, necessary_spending=100, emergency_aid_given=200),
     None, "yes", 0),
    ("S04", SPENT | home(900000, 3, necessary_spending=1_000_000), None, "no", None),  # 3000
    ("S04", SPENT | home(600000, 3, same_cause_aided=1), None, "no", None),
    # The edge: from the standard up to half as much again.
    ("S05", home(239999, 3), None, "no", None),
    ("S05", home(240000, 3), None, "yes", 0),
    ("S05", home(359999, 3), None, "yes", 0),
    ("S05", home(360000, 3), None, "no", None),
    # Heavy spending: above six tenths of the year's income.
    ("S06", RIGID | {"household_income_month": 500000, "rigid_spending_year": 3_600_000},
     None, "no", None),
    ("S06", RIGID | {"household_income_month": 500000, "rigid_spending_year": 3_600_001},
     None, "yes", 0),
    ("S06", RIGID | {"household_income_month": 1_200_000, "rigid_spending_year": 3_600_001},
     None, "no", None),  # 3000 for each
    ("S06", RIGID | {"in_allowance_edge": 1}, None, "no", None),
    # Both subsidies of disabled persons: the province's least.
    ("S09", DISABLED, None, "yes", 9000),
    ("S09", DISABLED | {"in_minimum_allowance": 0}, None, "no", None),
    ("S09", DISABLED | {"in_child_subsidy": 1}, None, "no", None),
    ("S10", DISABLED, None, "yes", 9000),
    ("S10", DISABLED | {"care_months": 5}, None, "no", None),
    ("S10", DISABLED | {"work_injury_care_paid": 1}, None, "no", None),
]  # fmt: skip


def work_out(session, scheme, facts, *, born_on=None, on=ON):
    rows = [
        CaseFact(id=None, kind_code=kind, value=value, proof="材料")
        for kind, value in facts.items()
    ]
    case = Case(scheme_code=scheme, applicant_born_on=born_on)
    return computing.work_out(session, case, facts=rows, on=on)


@pytest.mark.parametrize(("scheme", "facts", "born_on", "eligible", "amount"), TABLE)
def test_the_rules_of_the_seeds_by_hand(session, scheme, facts, born_on, eligible, amount):
    done = work_out(session, scheme, facts, born_on=born_on).calculation

    assert (done.eligible.value, done.amount_fen) == (eligible, amount)


@pytest.mark.parametrize("scheme", ["S01", "S02", "S03", "S04", "S05", "S06", "S09", "S10"])
def test_without_facts_each_rule_names_what_it_asks_for(session, scheme):
    done = work_out(session, scheme, {}).calculation

    assert (done.eligible.value, done.amount_fen) == ("unknown", None)
    assert done.missing
    kinds = rules.fact_kinds(session)
    assert set(done.missing) <= kinds.keys()


def test_a_scheme_without_a_rule_is_decided_by_hand_and_so_is_a_day_before_it(session):
    assert work_out(session, "S22", {}) is None
    assert work_out(session, "S01", {}, on=date(2025, 12, 31)) is None


def test_the_parameters_are_those_of_the_day(session, assert_queries):
    rise = {
        "name": "dibao_std_urban_month", "region_code": 210300000000, "valid_from": "2026-11-23",
        "value": 830, "unit": "CNY/person/month", "source": "提标通知", "confidence": "D",
    }  # fmt: skip
    synchronise(session, Parameter, [rise])

    with assert_queries(4):
        today = work_out(session, "S01", home(183600, 3)).calculation
    before = work_out(session, "S01", home(183600, 3), on=date(2026, 11, 22)).calculation

    assert (before.amount_fen, today.amount_fen) == (56400, 65400)
    [used] = [one for one in today.parameters if one.name == "dibao_std_urban_month"]
    assert (used.value, used.valid_from, used.source) == (Decimal(830), ON, "提标通知")


def test_the_rules_of_the_seeds_are_sound_and_every_fact_is_asked_for(session):
    book = rules.book(session)

    assert rule_soundness.faults(book) == []
    asked = frozenset().union(*(rules.read(row).names for row in book.rules))
    assert book.kinds.keys() <= asked
    assert {row.scheme_code for row in book.rules} == {
        "S01", "S02", "S03", "S04", "S05", "S06", "S09", "S10",
    }  # fmt: skip


def test_setup_refuses_a_rule_that_cannot_be_applied(session, monkeypatch):
    plan = rules.seed_plan()
    plan[1][1][0]["steps"][1]["expression"] = "household_income_month + household_members"
    monkeypatch.setattr(rules, "seed_plan", lambda: plan)

    with pytest.raises(UnsoundCatalogue, match="单位不一致"):
        seeding.load_seeds(session, now=START)


def test_loading_takes_away_rules_that_the_seeds_do_not_have_and_keeps_kinds_of_facts(session):
    rule, kind = session.get(SchemeRule, ("S01", date(2026, 1, 1))), session.get(FactKind, "age")
    for row, more in ((rule, {"valid_from": date(2020, 1, 1)}), (kind, {"code": "of_before"})):
        columns = {one.name: getattr(row, one.name) for one in row.__table__.columns}
        session.add(type(row)(**columns | more))
    session.flush()

    changes = seeding.load_seeds(session, now=START)

    assert changes == {"scheme_rule": 1}
    assert session.get(SchemeRule, ("S01", date(2020, 1, 1))) is None
    assert session.get(FactKind, "of_before") is not None
    assert session.get(FactKind, "household_income_month").high == 100_000_000  # fen
