"""A rule applied: step by step, with what is missing named and nothing guessed."""

from datetime import date
from decimal import Decimal

import pytest

from relief.schemes.calculation import (
    Eligible,
    FactMeaning,
    ParameterValue,
    Rule,
    StepKind,
    StepRule,
    calculate,
)

ON = date(2026, 11, 23)
KINDS = {
    "income": FactMeaning(name="家庭月收入", unit="CNY/month"),
    "members": FactMeaning(name="人数", unit="person"),
    "property_ok": FactMeaning(name="财产符合规定", unit="yes_no"),
    "spent": FactMeaning(name="已用", unit="CNY/month"),
}


def step(code, kind, text):
    return StepRule.read(code=code, name=f"步骤{code}", kind=StepKind(kind), text=text, source="法")


def rule(*steps):
    return Rule(
        scheme_code="S01", valid_from=date(2026, 1, 1), unit="CNY/month", per="household",
        labels={"standard": "标准"}, steps=tuple(step(*one) for one in steps),
    )  # fmt: skip


GAP = rule(
    ("percap", "value", "income / members"),
    ("below", "condition", "percap < standard"),
    ("property", "condition", "property_ok"),
    ("gap", "value", "standard - percap"),
    ("amount", "amount", "round_yuan_up(gap * members)"),
)


def apply(of=GAP, *, standard="800", region=(210300000000, "鞍山市"), **facts):
    parameters = {
        name: ParameterValue(
            name=name, valid_from=date(2026, 1, 1), value=Decimal(standard),
            unit="CNY/person/month", source="通知", region_code=region[0], region=region[1],
        )
        for name in ("standard", "another")
    }  # fmt: skip
    return calculate(of, parameters=parameters, kinds=KINDS, facts=facts, on=ON)


@pytest.mark.parametrize(
    ("income", "members", "eligible", "amount"),
    [
        (183600, 3, "yes", 56400),  # 612 < 800, a gap of 188 × 3
        (239999, 3, "yes", 100),  # a fen below for three: one fen, counted as one yuan
        (240000, 3, "no", None),  # exactly the standard
        (240001, 3, "no", None),
        (0, 1, "yes", 80000),
        (200000, 3, "yes", 40000),  # 666.666… each: the thirds are not lost
        (100000, 7, "yes", 460000),
    ],
)
def test_the_gap_by_hand(income, members, eligible, amount):
    done = apply(income=income, members=members, property_ok=1)

    assert (done.eligible.value, done.amount_fen, done.missing) == (eligible, amount, [])


def test_each_step_is_told_with_its_values():
    done = apply(income=183600, members=3, property_ok=1)

    assert [(one.name, one.text, one.value, one.holds) for one in done.steps] == [
        ("步骤percap", "家庭月收入 1,836 元 ÷ 人数 3 人", "612 元", None),
        ("步骤below", "步骤percap 612 元 < 标准 800 元", "是", True),
        ("步骤property", "财产符合规定 是", "是", True),
        ("步骤gap", "标准 800 元 − 步骤percap 612 元", "188 元", None),
        ("步骤amount", "不足一元按一元计（步骤gap 188 元 × 人数 3 人）", "564 元", None),
    ]
    assert [(one.name, one.value) for one in done.parameters] == [("standard", Decimal(800))]
    assert (done.rule_from, done.on, done.per) == (date(2026, 1, 1), ON, "household")


def test_what_is_missing_is_named_and_the_amount_is_open():
    done = apply(members=3)

    assert (done.eligible, done.amount_fen) == (Eligible.UNKNOWN, None)
    assert done.missing == ["income", "property_ok"]
    assert [one.code for one in done.steps] == ["percap", "below", "property"]
    assert [one.holds for one in done.steps] == [None, None, None]
    assert done.steps[1].value == "待查明：家庭月收入"


def test_one_condition_that_fails_decides_whatever_is_missing():
    done = apply(property_ok=0)

    assert (done.eligible, done.amount_fen) == (Eligible.NO, None)
    assert done.missing == ["income", "members"]


def test_what_is_missing_for_the_amount_alone_leaves_it_open():
    late = rule(
        ("property", "condition", "property_ok"),
        ("amount", "amount", "round_fen(standard * members)"),
    )

    done = apply(late, property_ok=1)

    assert (done.eligible, done.amount_fen, done.missing) == (Eligible.YES, None, ["members"])


def test_a_mere_identity_is_worth_nothing():
    done = apply(rule(("property", "condition", "property_ok")), property_ok=1)

    assert (done.eligible, done.amount_fen) == (Eligible.YES, 0)


def test_a_division_by_zero_says_so_and_leaves_the_rest_open():
    done = apply(income=183600, members=0, property_ok=1)

    assert (done.eligible, done.amount_fen, done.missing) == (Eligible.UNKNOWN, None, [])
    assert (done.steps[0].problem, done.steps[0].value) == ("除数为零", "除数为零")
    assert (done.steps[1].problem, done.steps[1].value) == (None, "待查明")


def test_an_amount_below_nothing_is_none():
    less = rule(
        ("property", "condition", "property_ok"),
        ("amount", "amount", "round_fen(income - spent)"),
    )

    done = apply(less, property_ok=1, income=100, spent=101)

    assert (done.eligible, done.amount_fen) == (Eligible.YES, None)
    assert done.steps[-1].value == "算得的金额小于零"
    assert apply(less, property_ok=1, income=101, spent=101).amount_fen == 0


def test_each_step_names_the_county_whose_own_standard_it_goes_by():
    facts = {"income": 100_00, "members": 1, "property_ok": 1}
    citys = apply(**facts).steps[1]
    own = apply(region=(210302000000, "铁东区"), **facts).steps[1]

    assert citys.text == "步骤percap 100 元 < 标准 800 元"
    assert own.text == "步骤percap 100 元 < 标准（铁东区） 800 元"


def test_parameters_in_yuan_are_counted_in_fen():
    done = apply(standard="800.0050", income=0, members=1, property_ok=1)

    assert done.amount_fen == 80100  # 800.005 yuan, counted up
