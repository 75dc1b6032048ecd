"""Authorisations and doubts in the browser, without scripts."""

import pytest

from tests.console.test_cases import apply, desk, go_on, send  # noqa: F401  # a fixture


@pytest.fixture
def case(office, desk):  # noqa: F811  # the fixture
    """A case with one doubt: married, and no spouse in the family."""
    return apply(desk, office.household(name="王小明", marital="20"), "S01")


def answer_form(page, case):
    [action] = {one for one in page.html.split('"') if one.startswith(f"{case}/findings/")}
    return action


def test_an_application_without_an_authorisation_says_what_is_missing(office, desk):  # noqa: F811
    home = office.household(name="王小明")
    path = f"/persons/{home.person_id}/apply"
    form = desk().get(path)
    assert str(home.person_id) in form.html
    assert set(form.fields) <= form.labelled

    done = send(desk(), path, path, scheme="S01", need="家庭困难")

    assert done.status == 409
    assert "缺少王小明的核对授权书" in done.text
    assert "社会救助法第四十条" in done.text
    assert "家庭困难" in done.html


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"signed_on": ""}, 422, "请填写授权书的签署日期"),
        ({"signed_on": "2026-11-24"}, 422, "签署日期不能晚于今天"),
        ({"signed": "nonsense"}, 400, ""),
    ],
)
def test_an_authorisation_has_a_day(office, desk, form, status, words):  # noqa: F811
    home = office.household()
    path = f"/persons/{home.person_id}/apply"
    sent = {"signed": str(home.person_id), "signed_on": "2026-11-23"} | form

    done = send(desk(), path, path, scheme="S01", need="家庭困难", **sent)

    assert (done.status, words in done.text) == (status, True)


def test_a_doubt_is_shown_with_its_evidence_and_verified(office, desk, case):  # noqa: F811
    assert "1 个疑点待核实" in desk().get("/cases/my-turn").text
    page = desk().get(case)
    for words in ("A08 家庭成员漏报", "家庭成员：王小明", "民发〔2021〕57号第七条", "前核实"):
        assert words in page.text
    assert set(page.fields) <= page.labelled | {"<input> without an id"}

    reviewer = desk("D01", "reviewer")
    action = answer_form(reviewer.get(case), case)
    short = send(reviewer, case, action, verdict="unfounded", known_by="")
    done = send(reviewer, case, action, verdict="unfounded", known_by="核对过离婚证")

    assert (short.status, "至少 2 个字" in short.text) == (422, True)
    assert done.status == 303
    page = desk().get(case)
    for words in ("疑点排除", "核对过离婚证", "登记疑点核实结果"):
        assert words in page.text
    assert "个疑点待核实" not in desk().get("/cases/my-turn").text


def test_an_answer_that_is_none_is_refused(desk, case):  # noqa: F811
    browser = desk()
    action = answer_form(browser.get(case), case)

    assert send(browser, case, action, verdict="granted", known_by="核对过").status == 400


def test_a_grant_that_is_held_says_what_to_verify(office, desk, case):  # noqa: F811
    go_on(office, desk, case)
    approver = desk("D01", "approver")

    held = send(
        approver, case, f"{case}/decision", granted="granted", amount="564", reason="符合条件"
    )

    assert held.status == 409
    assert "请先核实：王小明登记为已婚" in held.text


def test_an_authorisation_may_come_later(office, desk, case):  # noqa: F811
    home = office.show(case.rpartition("/")[2])["person_id"]
    browser = desk()
    action = f"{case}/authorisations"

    nobody = send(browser, case, action, signed_on="2026-11-23")
    no_day = send(browser, case, action, signed=home, signed_on="")
    done = send(browser, case, action, signed=home, signed_on="2026-11-22", signed_by="guardian")

    assert (nobody.status, "请选择签署授权书的家庭成员" in nobody.text) == (422, True)
    assert (no_day.status, "请填写授权书的签署日期" in no_day.text) == (422, True)
    assert done.status == 303
    assert "王小明于 2026-11-22 签署核对授权书（监护人代签）" in desk().get(case).text


def test_a_department_that_may_not_see_the_household_sees_the_doubts(office, desk, case):  # noqa: F811
    page = desk("D02", "reviewer").get(case)

    assert "A08 家庭成员漏报" in page.text
    assert f"{case}/authorisations" not in page.html


def test_when_the_case_has_ended_there_is_nothing_to_fill_in(office, desk, case):  # noqa: F811
    send(desk(), case, f"{case}/withdraw", wish="不再需要")

    page = desk().get(case)

    assert "A08 家庭成员漏报" in page.text
    assert "/findings/" not in page.html
