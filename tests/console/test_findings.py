"""What was found out in a case and the sum from it, on the case's page."""

import pytest

from tests.console.test_cases import apply, desk, go_on, send  # noqa: F401  # desk is a fixture

FORM = {
    "fact-urban_household": "1", "fact-household_members": "3",
    "fact-household_income_month": "1,836.00", "fact-property_within_rule": "1",
    "fact-place_within_rule": "1", "fact-in_extreme_hardship": "0",
    "proof": "工资流水和户口簿",
}  # fmt: skip


@pytest.fixture
def case(office, desk):  # noqa: F811  # the fixture
    return apply(desk, office.household(name="王小明"), "S01")


def test_the_page_asks_for_facts_and_shows_the_sum_step_by_step(desk, case):  # noqa: F811
    asked = desk().get(case)
    assert "还不能判断" in asked.text
    assert "待查明：" in asked.text
    assert set(asked.fields) <= asked.labelled | {"<input> without an id"}

    assert send(desk(), case, f"{case}/facts", **FORM).status == 303

    page = desk().get(case)
    for words in (
        "符合条件", "按规则计算的金额： 564.00 元",
        "家庭月收入 1,836 元 ÷ 共同生活家庭成员人数 3 人",
        "家庭月人均收入 612 元 < 适用的低保标准 800 元",
        "人均差额 188 元 × 共同生活家庭成员人数 3 人",
        "工资流水和户口簿", "登记查明的事实", "现为 1,836.00", "社会救助法第十八条",
    ):  # fmt: skip
        assert words in page.text, words


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"proof": "户口簿"}, "请至少填写一项查明的事实"),
        ({"fact-household_members": "3", "proof": ""}, "请写明凭何查明"),
        ({"fact-household_members": "三", "proof": "户口簿"}, "“三”不是数"),
        ({"fact-household_members": "9" * 14, "proof": "户口簿"}, "不是数"),
        ({"fact-household_income_month": "很少", "proof": "户口簿"}, "“很少”不是金额"),
        ({"fact-household_members": "31", "proof": "户口簿"}, "须在 1 人 至 30 人 之间"),
        ({"fact-shoe_size": "31", "proof": "户口簿"}, "计算规则不需要登记“shoe_size”"),
    ],
)
def test_what_cannot_be_entered_is_shown_again(desk, case, form, says):  # noqa: F811
    done = send(desk(), case, f"{case}/facts", **form)

    assert (done.status, says in done.text) == (422, True), done.text
    assert "项事实" not in done.text
    if form.get("fact-household_members"):
        assert f'value="{form["fact-household_members"]}"' in done.html


def test_a_scheme_without_a_rule_asks_for_nothing(office, desk):  # noqa: F811
    case = apply(desk, office.household(), "S08")

    assert "查明的事实" not in desk().get(case).text


def test_who_departs_is_asked_why_and_the_page_keeps_it(office, desk, case):  # noqa: F811
    send(desk(), case, f"{case}/facts", **FORM)
    go_on(office, desk, case)
    given = {"granted": "granted", "amount": "600", "reason": "符合条件"}

    asked = send(desk("D01", "approver"), case, f"{case}/decision", **given)
    done = send(desk("D01", "approver"), case, f"{case}/decision", departs="一事一议", **given)

    assert (asked.status, "按规则计算为 564 元，决定为 600 元" in asked.text) == (422, True)
    assert done.status == 303
    page = desk("D01", "approver").get(case)
    for words in ("偏离计算结果的理由 一事一议", "600.00 元", "按规则计算的金额： 564.00 元"):
        assert words in page.text, words
    assert f"{case}/facts" not in page.html


def test_an_identity_is_shown_as_worth_no_money(office, desk):  # noqa: F811
    case = apply(desk, office.household(), "S05")
    kept = ("fact-urban_household", "fact-household_members", "fact-property_within_rule", "proof")

    form = {name: FORM[name] for name in kept} | {"fact-household_income_month": "3000"}
    send(desk(), case, f"{case}/facts", **form)

    assert "只认定身份，不发放资金。" in desk().get(case).text
