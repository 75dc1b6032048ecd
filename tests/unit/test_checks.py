"""What each check finds, and what it just does not; the rules on combinations from the seeds."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from relief.core.ages import age_on, months_after
from relief.core.findings import Grade
from relief.organisation.seeding import read_catalogue
from relief.registry.types import Category
from relief.review.checks import every
from relief.review.checks.facts import (
    Asked,
    CaseFacts,
    Holding,
    Member,
    Recognised,
    Reference,
    Shared,
)
from relief.review.checks.types import How
from relief.schemes import held_papers
from relief.schemes.check_rules import CheckRule, seed_rows
from relief.schemes.held_papers import HeldPaper
from relief.schemes.models import CombinationRule, Scheme
from relief.schemes.types import Combination

CATALOGUE = read_catalogue()
TODAY = date(2026, 11, 23)
SCHEMES = {
    one["code"]: Scheme(
        code=one["code"],
        short_name=one["short_name"],
        unit=one["unit"],
        period=one["period"],
        extra={key: one[key] for key in ("ages", "consent", "certificate") if key in one},
    )
    for one in CATALOGUE["schemes"]
}
COMBINATIONS = [
    CombinationRule(
        code=one["id"],
        first=one["a"],
        second=one["b"],
        unit=one["scope"],
        kind=Combination(one["type"]),
        window_months=one.get("window_months"),
        note=one.get("note"),
    )
    for one in CATALOGUE["combinations"]
]
REFERENCE = Reference(
    on=TODAY,
    numbers={one["name"]: Decimal(str(one["value"])) for one in CATALOGUE["parameters"]},
    schemes=SCHEMES,
    combinations=COMBINATIONS,
    papers=[HeldPaper(**row) for row in held_papers.seed_rows(CATALOGUE["held_papers"])],
)
RULES = {
    row["code"]: CheckRule(**row | {"grade": Grade(row["grade"])})
    for row in seed_rows(CATALOGUE["checks"])
}
HOME = uuid.UUID(int=9)
# Over outside registers: tried in `test_outside_checks`.
OUTSIDE = {"A09", "A11", "A12", "A13", "A14", "A15", "A16", "A17", "A18", "A21", "A22"}


def rested(*, stands):
    why = "" if stands else "名册不再列有"
    return Recognised(category=Category.MINIMUM_ALLOWANCE, checks=[], stands=stands, why=why)


def member(number=1, **given):
    plain = {
        "name": "张三", "household_id": HOME, "relation": "02", "marital": "10",
        "born_on": date(1980, 3, 4), "died_on": None, "has_number": True, "bad_number": False,
    }  # fmt: skip
    return Member(id=uuid.UUID(int=number), **plain | given)


CHILD = member(2, name="张小宝", relation="20", born_on=date(2015, 6, 7))
ELDER = member(3, name="张父", relation="51", born_on=date(1950, 1, 2))


def facts(scheme="S27", one=None, family=(), **given):
    one = one or member()
    return CaseFacts(
        reference=REFERENCE, scheme=SCHEMES[scheme], applicant=one, family=[one, *family], **given
    )


def found(code, looked_at):
    """The grades and messages of one check."""
    return [(one.grade, one.message) for one in every.find(looked_at, {code: RULES[code]})]


def holding(scheme, person=1, how=How.ENTITLEMENT, until=None, *, covers=None):
    of_all = SCHEMES[scheme].unit == "household" and how is not How.LIST
    return Holding(
        person_id=uuid.UUID(int=person), scheme_code=scheme, how=how, until=until,
        covers=of_all if covers is None else covers,
    )  # fmt: skip


def asked(words, *holdings):
    """Someone who was told to bring papers."""
    return facts(family=[CHILD], holdings=holdings, asked=[Asked(words=words, on=TODAY)])


def test_of_someone_of_whom_all_is_well_nothing_is_found():
    assert every.find(facts(), RULES) == []


def test_every_rule_of_the_seeds_has_its_check_and_every_check_its_rule():
    assert RULES.keys() == every.CHECKS.keys()


def test_a_check_that_is_switched_off_finds_nothing():
    dead = facts(one=member(died_on=TODAY))

    assert [one.check for one in every.find(dead, RULES)] == ["A03"]
    assert every.find(dead, {code: rule for code, rule in RULES.items() if code != "A03"}) == []


# Code: what is found, and what is just not.
CASES = {
    "A01": [
        (facts(one=member(has_number=False, bad_number=True)), [Grade.BLOCK]),
        (facts(one=member(has_number=False)), [Grade.DOUBT]),
        (facts(family=[replace(CHILD, has_number=False)]), []),
        (facts(one=member(bad_number=True)), []),  # another list has a good one
        (facts(family=[replace(CHILD, unplaced_number=True)]), [Grade.DOUBT]),
        (facts(family=[replace(CHILD, unplaced_number=True, died_on=TODAY)]), []),
    ],
    "A02": [
        (facts(one=member(contradicted=["S01"])), [Grade.DOUBT]),
        (facts(family=[replace(CHILD, shares_number=True)]), [Grade.DOUBT]),
        (facts(family=[replace(CHILD, shares_number=True, died_on=TODAY)]), []),
    ],
    "A03": [
        (facts(one=member(died_on=TODAY)), [Grade.BLOCK]),
        (facts(family=[replace(ELDER, died_on=TODAY)]), [Grade.NOTE]),
        (facts(one=member(died_on=TODAY + timedelta(days=1))), []),
    ],
    "A04": [
        (facts(family=[replace(CHILD, contested_home=True)]), [Grade.DOUBT]),
        (facts(family=[replace(CHILD, contested_home=True, died_on=TODAY)]), []),
    ],
    "A05": [
        (facts("S22", holdings=[holding("S22", 2, How.CASE)]), [Grade.BLOCK]),
        (facts("S01", holdings=[holding("S01", 1, How.LIST)]), [Grade.DOUBT]),
        (facts("S09", holdings=[holding("S09")]), [Grade.BLOCK]),
        (facts("S09", holdings=[holding("S09", 2, How.CASE)]), []),  # of a person
        (facts("S06", holdings=[holding("S06", until=TODAY + timedelta(days=61))]), [Grade.BLOCK]),
        (facts("S06", holdings=[holding("S06", until=TODAY + timedelta(days=60))]), []),
        (facts("S09", holdings=[holding("S10")]), []),
    ],
    "A07": [
        (facts("S01"), [Grade.BLOCK]),
        (facts("S01", family=[CHILD, ELDER], authorised={uuid.UUID(int=1): TODAY}), [Grade.BLOCK]),
        (facts("S01", family=[CHILD], authorised={uuid.UUID(int=1): TODAY}), []),
        (facts("S01", one=member(born_on=None)), [Grade.BLOCK]),
        (facts("S01", one=member(born_on=date(2008, 11, 24))), []),
        (facts("S01", one=member(born_on=date(2008, 11, 23))), [Grade.BLOCK]),
        (facts("S01", authorised={uuid.UUID(int=1): date(2025, 11, 23)}), [Grade.BLOCK]),
        (facts("S01", authorised={uuid.UUID(int=1): date(2025, 11, 24)}), []),
        (facts("S09"), []),
    ],
    "A08": [
        (facts(one=member(marital="20")), [Grade.DOUBT]),
        (facts(one=member(marital="22", household_id=None, relation=None)), [Grade.DOUBT]),
        (facts(one=member(marital="20"), family=[member(4, relation="12", marital="20")]), []),
        (facts(one=member(marital="40")), []),
        (facts(family=[replace(ELDER, marital="20")]), []),  # whose spouse may live elsewhere
    ],
    "A10": [
        (facts(unfiled={uuid.UUID(int=7): "李经办"}), [Grade.NOTE]),
        (facts(), []),
    ],
    "A19": [
        (facts(reported_on=date(2026, 5, 22)), [Grade.DOUBT]),
        (facts(reported_on=date(2026, 5, 23)), []),
        (facts(), []),
    ],
    "A20": [
        (facts("S24", one=member(born_on=date(1966, 11, 23))), [Grade.BLOCK]),  # 60 today
        (facts("S24", one=member(born_on=date(1966, 11, 24))), []),
        (facts("S24", one=member(born_on=date(2010, 11, 24))), [Grade.BLOCK]),  # 16 tomorrow
        (facts("S24", one=member(born_on=date(2010, 11, 23))), []),
        (facts("S07", one=member(born_on=date(2008, 11, 23))), [Grade.DOUBT]),  # still at school?
        (facts("S07", one=member(born_on=date(2008, 11, 24))), []),
        (facts("S11", one=member(born_on=date(1950, 1, 1))), [Grade.DOUBT]),
        (facts("S11", one=member(born_on=date(1946, 11, 23))), []),
        (facts("S24", one=member(born_on=None)), [Grade.DOUBT]),
        (facts("S01", one=member(born_on=None)), []),
    ],
    "A23": [
        (facts(shared=Shared(account=2)), [Grade.DOUBT]),
        (facts(shared=Shared(account=1)), []),
    ],
    "A24": [
        (facts(shared=Shared(address=4)), [Grade.NOTE]),
        (facts(shared=Shared(address=3)), []),
    ],
    "A25": [
        (facts(shared=Shared(phone=6)), [Grade.DOUBT]),
        (facts(shared=Shared(phone=5)), []),
    ],
    "A26": [
        (asked("请补残疾人证复印件", holding("S09", how=How.LIST)), [Grade.NOTE]),
        (asked("低保证和残疾证", holding("S09", how=How.LIST)), [Grade.NOTE]),
        (asked("请补残疾人证", holding("S09", person=2, how=How.LIST)), []),  # another's
        (asked("请补残疾人证", holding("S09", how=How.LIST, until=TODAY)), []),  # it ended
        (asked("请补残疾人证", holding("S09", how=How.CASE)), []),  # is asked for, not known
        (asked("请补医院诊断书", holding("S09", how=How.LIST)), []),
    ],
    "A30": [
        (facts(recognised=[rested(stands=False)]), [Grade.DOUBT]),
        (facts(recognised=[rested(stands=True)]), []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "looked_at", "grades"),
    [(code, *line) for code, lines in CASES.items() for line in lines],
)
def test_a_check_finds_what_it_should_and_no_more(code, looked_at, grades):
    assert [grade for grade, _ in found(code, looked_at)] == grades


def test_every_check_is_tried_with_a_hit_and_a_near_miss():
    combined = {"A06"}

    assert CASES.keys() | combined | OUTSIDE == every.CHECKS.keys()
    assert all([] in [grades for _, grades in lines] for lines in CASES.values())


def test_nobody_is_reminded_of_their_filing_before_it_is_due():
    early = replace(REFERENCE, on=date(2026, 3, 31))
    unfiled = {uuid.UUID(int=7): "李经办"}

    assert found("A10", replace(facts(unfiled=unfiled), reference=early)) == []
    due = replace(facts(unfiled=unfiled), reference=replace(early, on=date(2026, 4, 1)))
    assert [grade for grade, _ in found("A10", due)] == [Grade.NOTE]


def test_what_is_asked_for_again_names_where_it_is_known():
    twice = asked("请补残疾人证", holding("S09", how=How.LIST))
    [one] = every.find(twice, {"A26": RULES["A26"]})

    assert one.message == "要求申请人提供“残疾人证”，而系统已有：“残疾生活补贴”名册"
    assert one.evidence == {
        "paper": "残疾人证", "known_by": "“残疾生活补贴”名册", "asked_on": "2026-11-23",
    }  # fmt: skip
    assert RULES["A26"].source == "社会救助法第六十二条"


def test_what_is_told_names_the_limit_and_its_source():
    [(_, told)] = found("A20", facts("S24", one=member(born_on=date(1960, 1, 2))))

    assert told == (
        "张三 66 周岁，须16 至 59 周岁（"
        "国发〔2014〕8号三：年满16周岁（不含在校学生）至领取待遇之前）"
    )


# Named by no scheme of the catalogue; of some a register or a fact tells (`ext_benefits`).
WITHOUT_SOURCE = {"X11", "X24", "X25", "X26", "X27", "X28", "X29"}
SOURCED = [one for one in COMBINATIONS if one.code not in WITHOUT_SOURCE]
SPEAKING = [one for one in SOURCED if one.kind is not Combination.STACK]
BOTH_WAYS = [
    pytest.param(one, asked, other, id=f"{one.code}-{asked}")
    for one in SPEAKING
    for asked, other in ((one.first, one.second), (one.second, one.first))
]


def by_rule(rule, looked_at):
    """What one rule on combinations says."""
    only = replace(looked_at, reference=replace(REFERENCE, combinations=[rule]))
    return every.find(only, {"A06": RULES["A06"]})


class TestCombinations:
    def test_the_rules_without_a_source_are_known(self):
        unknown = {
            one.code for one in COMBINATIONS if not {one.first, one.second} <= SCHEMES.keys()
        }

        assert unknown == WITHOUT_SOURCE
        assert {one.kind for one in SPEAKING} == set(Combination) - {Combination.STACK}

    @pytest.mark.parametrize("how", How)
    @pytest.mark.parametrize(("rule", "asked", "other"), BOTH_WAYS)
    def test_both_at_once_are_found_whichever_comes_first(self, rule, asked, other, how):
        [one] = by_rule(rule, facts(asked, holdings=[holding(other, how=how)]))

        noted = rule.kind in (Combination.TOPUP, Combination.SEQUENCE)
        assert one.grade is (Grade.NOTE if noted else Grade.DOUBT)
        assert one.evidence["rule"] == rule.code
        assert SCHEMES[other].short_name in one.message
        assert "{" not in one.message

    @pytest.mark.parametrize(("rule", "asked", "other"), BOTH_WAYS)
    def test_once_it_is_over_for_long_it_is_not(self, rule, asked, other):
        over = date(2025, 11, 23)
        near = by_rule(rule, facts(asked, holdings=[holding(other, until=over)]))
        still = over + timedelta(days=1)

        assert near == []
        assert len(by_rule(rule, facts(asked, holdings=[holding(other, until=still)]))) == 1

    @pytest.mark.parametrize(("rule", "asked", "other"), BOTH_WAYS)
    def test_what_another_of_the_household_has_counts_by_the_rules_scope(self, rule, asked, other):
        others = [holding(other, person=2, covers=False)]

        said = by_rule(rule, facts(asked, family=[CHILD], holdings=others))

        counts = rule.unit == "household" or SCHEMES[asked].unit == "household"
        assert len(said) == counts

    @pytest.mark.parametrize(("rule", "asked", "other"), BOTH_WAYS)
    def test_what_aids_the_whole_household_is_everybodys(self, rule, asked, other):
        everybodys = [holding(other, person=2, covers=True)]

        assert len(by_rule(rule, facts(asked, family=[CHILD], holdings=everybodys))) == 1

    @pytest.mark.parametrize(
        "rule",
        [one for one in SOURCED if one.kind is Combination.STACK],
        ids=lambda one: one.code,
    )
    def test_what_may_be_stacked_is_not_found(self, rule):
        assert by_rule(rule, facts(rule.first, holdings=[holding(rule.second)])) == []

    def test_other_schemes_are_left_alone(self):
        assert found("A06", facts("S27", holdings=[holding("S01"), holding("S16")])) == []


class TestAges:
    @pytest.mark.parametrize(
        ("born", "day", "age"),
        [
            (date(2008, 2, 29), date(2026, 2, 28), 17),
            (date(2008, 2, 29), date(2026, 3, 1), 18),
            (date(2026, 11, 24), TODAY, -1),
            (TODAY, TODAY, 0),
        ],
    )
    def test_a_year_is_completed_on_the_birthday(self, born, day, age):
        assert age_on(born, day) == age

    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [
            (date(2026, 8, 31), 6, date(2027, 2, 28)),
            (date(2027, 8, 31), 6, date(2028, 2, 29)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
            (date(2026, 1, 15), -1, date(2025, 12, 15)),
            (date(2026, 11, 30), 1, date(2026, 12, 30)),
        ],
    )
    def test_months_end_on_the_same_day_or_the_last(self, day, months, then):
        assert months_after(day, months) == then
