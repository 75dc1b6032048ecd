"""Checks that ask for papers and kin, what two entries tell of one thing, and kinship itself."""

from dataclasses import replace
from datetime import date

import pytest

from relief.registers.entries import Death
from relief.registers.types import DeathSource, InsuranceKind, PensionKind, Register, State
from relief.review.checks import every, kinship
from relief.review.checks.facts import Asked
from tests.unit.test_checks import CHILD, ELDER, RULES, TODAY, found, member
from tests.unit.test_outside_checks import (
    BLOCK,
    DOUBT,
    ONE,
    TWO,
    business,
    cadre,
    car,
    entry,
    house,
    insured,
    kin,
    pension,
    seen,
)


class TestOthers:
    """What the registers tell to checks that were there before them."""

    def death(self, person=ONE, **given):
        plain = {"source": DeathSource.FUNERAL, "died_on": TODAY}
        return entry(Death, Register.DEATHS, person, **plain | given)

    @pytest.mark.parametrize(
        ("given", "grades"),
        [
            ({}, [BLOCK]),
            ({"person": TWO}, [DOUBT]),
            ({"died_on": date(2026, 11, 24)}, []),
            ({"state": State.ENDED}, []),  # the entry was cancelled
        ],
    )
    def test_a_death(self, given, grades):
        assert [grade for grade, _ in found("A03", seen(self.death(**given)))] == grades

    @pytest.mark.parametrize(
        ("given", "hits"),
        [
            ({"register": Register.MARRIAGES, "relation": "10"}, 1),
            ({"relation": "51", "born_on": date(2008, 11, 24)}, 1),
            ({"relation": "51", "born_on": TODAY.replace(year=2008)}, 0),  # of age today
            ({"relation": "70", "born_on": date(2015, 1, 1)}, 0),  # a brother
        ],
    )
    def test_who_is_missing_in_the_family(self, given, hits):
        looked = seen(related=[kin(**given)])

        assert len(found("A08", looked)) == hits

    @pytest.mark.parametrize(
        ("scheme", "of", "rule"),
        [
            ("S23", business(None), "X25"),
            ("S24", insured(), "X26"),
            ("S15", insured(InsuranceKind.MEDICAL), "X29"),
        ],
    )
    def test_benefits_outside_the_catalogue(self, scheme, of, rule):
        [one] = every.find(seen(of, scheme=scheme), {"A06": RULES["A06"]})
        assert (one.evidence["rule"], one.grade) == (rule, DOUBT)
        assert "{" not in one.message

        ended = replace(of, state=State.ENDED)
        assert found("A06", seen(ended, scheme=scheme)) == []
        assert found("A06", seen(replace(of, person_id=TWO), scheme=scheme)) == []

    def test_a_heating_allowance_of_anyone_of_the_household(self):
        paid = pension(180_000, PensionKind.HEATING)
        [one] = every.find(seen(paid, scheme="S13"), {"A06": RULES["A06"]})
        assert (one.evidence["rule"], one.grade) == ("X27", DOUBT)

        for other in (
            {"state": State.ENDED}, {"state": State.SUSPENDED}, {"to_on": date(2026, 11, 22)},
            {"kind": PensionKind.EMPLOYEE}, {"kind": PensionKind.FUNERAL},
        ):  # fmt: skip
            assert found("A06", seen(replace(paid, **other), scheme="S13")) == []

    @pytest.mark.parametrize(
        ("given", "hits"),
        [
            ({"from_on": TODAY}, 1),
            ({"from_on": date(2025, 11, 24)}, 1),
            ({"from_on": date(2025, 11, 23)}, 0),  # a year ago
            ({"from_on": date(2026, 11, 24)}, 0),
            ({"from_on": TODAY, "state": State.ENDED}, 0),  # taken back
            ({"from_on": TODAY, "kind": PensionKind.HEATING}, 0),
        ],
    )
    def test_a_funeral_grant_for_someone_of_the_family(self, given, hits):
        dead = replace(ELDER, died_on=date(2025, 11, 2))
        paid = pension(600_000, **{"kind": PensionKind.FUNERAL} | given)
        looked = seen(paid, scheme="S14", family=[CHILD, dead])

        told = every.find(looked, {"A06": RULES["A06"]})

        assert [(one.evidence["rule"], one.evidence["member"]) for one in told] == [
            ("X28", dead.name)
        ] * hits

    def test_the_care_allowance_of_an_injury_is_a_fact_of_the_case(self):
        given = {"work_injury_care_paid": 1}
        [one] = every.find(seen(scheme="S10", found=given), {"A06": RULES["A06"]})
        assert one.evidence["rule"] == "X11"

        none = {"work_injury_care_paid": 0}
        assert found("A06", seen(scheme="S10", found=none)) == []

    def test_a_child_who_is_missing_hides_no_missing_spouse(self):
        child = kin(relation="51", born_on=date(2015, 1, 1))
        looked = seen(one=member(marital="20"), related=[child])

        assert len(found("A08", looked)) == 2
        spouse = kin(register=Register.MARRIAGES, relation="10", name="李四")
        assert len(found("A08", seen(one=member(marital="20"), related=[child, spouse]))) == 2

    def test_a_paper_that_a_register_makes_needless(self):
        asked = [Asked(words="请提供房产证", on=TODAY)]
        [one] = every.find(seen(house(), asked=asked), {"A26": RULES["A26"]})
        assert one.evidence["known_by"] == "不动产登记（2026-11-10 的数据）"

        assert found("A26", seen(house(state=State.ENDED), asked=asked)) == []
        assert found("A26", seen(house(person=TWO), asked=asked)) == []


TWICE = {
    "A06": seen(insured(), insured(employer="另一厂"), scheme="S24"),
    "A08": seen(related=[kin(register=Register.MARRIAGES), kin(register=Register.MARRIAGES)]),
    "A09": seen(related=[kin(), kin(register=Register.MARRIAGES)]),
    "A12": seen(cadre(), cadre(committee="另一社区")),
    "A13": seen(car(), car()),
    "A14": seen(house(1, bought=TODAY), replace(house(1, bought=TODAY), house_id=None)),
    "A15": seen(business(1), business(None)),
}  # fmt: skip


@pytest.mark.parametrize("code", TWICE)
def test_what_two_entries_tell_of_the_same_is_one_finding_and_the_heavier(code):
    several = every.find(TWICE[code], {code: RULES[code]})

    assert len({one.key for one in several}) == len(several)
    assert RULES[code].grade in {one.grade for one in several}


def test_the_same_of_them_is_kept_whatever_their_order():
    both = [cadre(committee="甲社区"), cadre(committee="乙社区", row_number=9)]

    [one] = every.find(seen(*both), {"A12": RULES["A12"]})
    [other] = every.find(seen(*reversed(both)), {"A12": RULES["A12"]})

    assert one == other


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        ("20", "02", "20"), ("02", "20", "50"), ("02", "10", "10"), ("02", "51", "20"),
        ("20", "31", "70"), ("10", "20", "50"), ("20", "10", "20"), ("51", "52", "10"),
        ("20", "51", "40"), ("51", "20", "60"), ("02", "99", None), ("90", "20", None),
        (None, "02", None), ("20", None, None), ("99", "02", "99"),
        # a son-in-law, a daughter-in-law, the wife of a brother, a father-in-law, a great-grandson
        ("02", "28", "55"), ("28", "02", "28"), ("22", "38", None), ("38", "31", None),
        ("02", "72", None), ("72", "51", None), ("51", "55", None), ("02", "55", "28"),
        ("02", "47", None), ("28", "51", None),
    ],
)  # fmt: skip
def test_what_two_of_a_booklet_are_to_one_another(first, second, relation):
    assert kinship.between(first, second) == relation
