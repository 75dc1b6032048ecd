"""Units that fit or do not, and calculations in words."""

from fractions import Fraction

import pytest

from relief.schemes.dimensions import infer, is_money, of_unit
from relief.schemes.expressions import ExpressionError, Missing, parse
from relief.schemes.wording import Term, explain, value_text

UNITS = {
    "standard": "CNY/person/month", "income": "CNY/month", "yearly": "CNY/year",
    "need": "CNY", "members": "person", "months": "month", "ratio": None, "urban": "yes_no",
}  # fmt: skip
KNOWN = {name: of_unit(unit) for name, unit in UNITS.items()}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("income / members", "CNY/person/month"),
        ("(standard - income / members) * members", "CNY/month"),
        ("standard * members * months", "CNY"),
        ("standard * ratio + standard", "CNY/month/person"),
        ("income / income", None),
        ("income if urban else 0", "CNY/month"),
        ("0 if urban else income", "CNY/month"),
        ("max(need, 0)", "CNY"),
        ("-need", "CNY"),
        ("round_yuan_up(need)", "CNY"),
        ("ratio * 0", None),
        ("1 + ratio", None),
        ("income < standard * members", "yes_no"),
        ("0 <= need", "yes_no"),
        ("urban and not urban", "yes_no"),
        ("urban if urban else urban", "yes_no"),
    ],
)
def test_the_unit_of_what_comes_out(text, unit):
    assert infer(parse(text), KNOWN) == of_unit(unit)


def test_nothing_fits_everything_that_is_a_number():
    assert infer(parse("0"), KNOWN) is None
    assert infer(parse("max(0, 0)"), KNOWN) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("income + yearly", "单位不一致"),
        ("need + members", "单位不一致"),
        ("need + 1", "单位不一致"),
        ("standard < income", "单位不一致"),
        ("min(need, months)", "单位不一致"),
        ("need if urban else members", "单位不一致"),
        ("0 if urban else urban", "单位不一致"),
        ("need and urban", "单位不一致"),
        ("not need", "单位不一致"),
        ("need if need else need", "单位不一致"),
        ("0 and urban", "单位不一致"),
        ("urban < urban", "不能计算或比较"),
        ("urban * need", "不能计算或比较"),
        ("-urban", "不能计算或比较"),
        ("need * income", "金额不能与金额相乘"),
        ("members / need", "金额不能与金额相乘"),
        ("round_yuan_up(members)", "只有金额可以取整"),
        ("other + need", "没有名为“other”"),
    ],
)
def test_what_does_not_fit_is_refused(text, says):
    with pytest.raises(ExpressionError, match=says):
        infer(parse(text), KNOWN)


def test_money_is_money_for_each_too():
    assert [is_money(KNOWN[name]) for name in ("need", "standard", "members", "urban")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Fraction(183600), "CNY/month", "1,836 元"),
        (Fraction(56450), "CNY", "564.5 元"),
        (Fraction(56405), "CNY", "564.05 元"),
        (Fraction(200000, 3), "CNY", "约 666.67 元"),
        (Fraction(-5000), "CNY", "−50 元"),
        (Fraction(3), "person", "3 人"),
        (Fraction(12), "month", "12 个月"),
        (Fraction(3, 5), None, "0.6"),
        (Fraction(3), "person*month", "3"),
        (Fraction(3), "circle", "3"),
        (True, "yes_no", "是"),
        (False, "yes_no", "否"),
        (Missing(frozenset({"x"})), "CNY", "待查明"),
    ],
)
def test_a_value_in_words(value, unit, text):
    assert value_text(value, of_unit(unit)) == text


TERMS = {
    "a": Term("收入", Fraction(10000), of_unit("CNY")),
    "b": Term("标准", Fraction(80000), of_unit("CNY")),
    "n": Term("人数", Fraction(3), of_unit("person")),
    "c": Term(name="城镇", value=False, dimension="yes_no"),
    "x": Term("未知", Missing(frozenset({"x"})), "yes_no"),
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(b - a) * n", "（标准 800 元 − 收入 100 元） × 人数 3 人"),
        ("b - (a - a)", "标准 800 元 − （收入 100 元 − 收入 100 元）"),
        ("b + a + a", "标准 800 元 + 收入 100 元 + 收入 100 元"),
        ("a / (n * n)", "收入 100 元 ÷ （人数 3 人 × 人数 3 人）"),
        ("a < b and not c", "收入 100 元 < 标准 800 元，且城镇 否"),
        ("c or a != b and c", "城镇 否，或（收入 100 元 ≠ 标准 800 元，且城镇 否）"),
        ("not (c or c)", "并非（城镇 否，或城镇 否）"),
        ("-a", "−收入 100 元"),
        ("-(a + b)", "−（收入 100 元 + 标准 800 元）"),
        ("a if c else b", "城镇 否，取标准 800 元"),
        ("a if a < b else b", "收入 100 元 < 标准 800 元，取收入 100 元"),
        ("a if a > b else b", "收入 100 元 > 标准 800 元 不成立，取标准 800 元"),
        ("a if c else b if a > b else 0",
         "城镇 否；收入 100 元 > 标准 800 元 不成立，取0"),
        ("(a if c else b) * n", "（城镇 否，取标准 800 元） × 人数 3 人"),
        ("a if x else b", "视未知 待查明而定"),
        ("max(a - b, 0)", "取高者（收入 100 元 − 标准 800 元，0）"),
        ("round_yuan_up(a)", "不足一元按一元计（收入 100 元）"),
    ],
)  # fmt: skip
def test_an_expression_in_words(text, words):
    assert explain(parse(text), TERMS) == words
