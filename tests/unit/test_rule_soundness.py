"""Rules that cannot be applied are found before anybody decides by them."""

from datetime import date
from decimal import Decimal

import pytest

from relief.schemes import rule_soundness
from relief.schemes.models import Parameter
from relief.schemes.rule_models import FactKind, SchemeRule
from relief.schemes.rules import Book

START = date(2026, 1, 1)


def step(code, expression, kind="value", source="某法第一条"):
    return {
        "code": code, "name": code, "kind": kind, "expression": expression, "source": source,
    }  # fmt: skip


BELOW = step("below", "income / members < standard", "condition")
AMOUNT = step("amount", "round_yuan_up(standard * members - income)", "amount")


def parameter(name="standard", unit="CNY/person/month", since=START, region=210300000000):
    return Parameter(
        name=name, region_code=region, valid_from=since, value=Decimal(800), unit=unit,
        source="通知", confidence="D",
    )  # fmt: skip


def kind(code, unit):
    return FactKind(
        code=code, position=1, name=code, unit=unit, low=0, high=10, derived=False,
        source="某法", confidence="D",
    )  # fmt: skip


def book(*steps, parameters=None, labels=None, scheme="S01", kinds=()):
    rule = SchemeRule(
        scheme_code=scheme, valid_from=START, unit="CNY/month", per="household",
        labels={"standard": "标准"} if labels is None else labels,
        steps=list(steps or (BELOW, AMOUNT)), source="某法", confidence="D",
    )  # fmt: skip
    facts = [kind("income", "CNY/month"), kind("members", "person"), kind("ok", "yes_no"), *kinds]
    return Book(
        rules=[rule],
        kinds={one.code: one for one in facts},
        parameters=parameters or {"standard": [parameter()]},
        schemes=frozenset({"S01"}),
    )


def told(of):
    return "；".join(map(str, rule_soundness.faults(of)))


def test_a_sound_rule_has_no_fault():
    assert told(book()) == ""


OK = step("fine", "ok", "condition")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([step("x", "2 * income"), OK], "数字只能是 0 和 1"),
        ([step("x", "income.real"), OK], "不允许的字符"),
        ([step("x", "income", "whatever"), OK], "whatever"),
        ([step("x", "salary"), OK], "步骤“x”：没有名为“salary”"),
        ([step("x", "income + members"), OK], "步骤“x”：单位不一致"),
        ([step("x", "later"), step("later", "income"), OK], "没有名为“later”"),
        ([step("x", "income")], "没有任何条件"),
        ([step("x", "income", "condition")], "结果的单位与所需不符"),
        ([OK, step("x", "round_fen(standard)", "amount")], "结果的单位与所需不符"),
        ([OK, step("x", "income", "amount")], "没有写明如何取整"),
        ([step("x", "round_fen(income)", "amount"), OK], "金额须是最后一步"),
        ([OK, AMOUNT, step("x", "round_fen(income)", "amount")], "且只有一个"),
        ([step("x", "ok", "condition", source=None)], "步骤“x”没有依据"),
        ([OK, step("x", "round_fen(income)", "amount", source=None)], "步骤“x”没有依据"),
        ([step("fine", "income"), OK], "步骤代码“fine”重复"),
        ([step("income", "income"), OK], "步骤代码“income”重复，或与参数、事实同名"),
        ([step("standard", "standard"), OK], "步骤代码“standard”重复"),
    ],
)
def test_each_fault_of_a_rule_is_told_with_its_place(steps, says):
    found = told(book(*steps))

    assert found.startswith("S01 自 2026-01-01 的规则")
    assert says in found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scheme": "S99"}, "救助项目不存在"),
        ({"labels": {}}, "参数 standard 没有中文名称"),
        ({"parameters": {"standard": [parameter(since=date(2026, 1, 2))]}},
         "参数 standard 自 2026-01-02 才有值"),
        ({"parameters": {"standard": [parameter(region=210302000000)]}},
         "参数 standard 没有全市的值"),
        ({"parameters": {"standard": [parameter(), parameter(unit="CNY", region=210302000000)]}},
         "参数 standard 的单位前后不一致"),
        ({"parameters": {"standard": [parameter(), parameter(unit="CNY", since=date(2027, 1, 1))]}},
         "单位前后不一致"),
        ({"kinds": [kind("standard", "CNY")]}, "standard：既是参数又是事实"),
    ],
)  # fmt: skip
def test_what_a_rule_names_must_be_there_in_one_way_from_its_first_day(given, says):
    assert says in told(book(**given))


def test_a_parameter_that_holds_from_the_rules_first_day_is_there():
    rows = [parameter(since=date(2025, 1, 1)), parameter(since=date(2026, 7, 1))]

    assert told(book(parameters={"standard": rows})) == ""
