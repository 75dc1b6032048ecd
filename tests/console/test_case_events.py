"""What happens after a grant, reported and explained in the browser."""

import pytest

from tests.console.test_cases import apply, desk, go_on, send

__all__ = ["desk"]  # the fixture
REPORT = {
    "event": "emergency_end", "happened_on": "2026-11-23", "event_told": "房屋已修好，全家搬回",
}  # fmt: skip


@pytest.fixture
def case(office, desk):
    """Fast small aid that was granted."""
    path = apply(desk, office.household(), "S03")
    go_on(office, desk, path)
    done = send(
        desk("D01", "approver"), path, f"{path}/decision", granted="granted", amount="500",
        reason="房屋失火", departs="情况紧急",
    )  # fmt: skip
    assert done.status == 303
    return path


def labelled(page):
    return set(page.fields) <= page.labelled | {"<input> without an id"}


def test_the_emergency_is_over_and_the_aid_is_explained(desk, case):
    page = desk().get(case)
    assert "急难情形缓解：登记后开始事后补充说明" in page.text
    assert labelled(page)

    assert send(desk(), case, f"{case}/events", **REPORT).status == 303

    page = desk().get(case)
    assert "急难情形缓解（2026-11-23）：房屋已修好，全家搬回" in page.text
    assert "登记后续情形" in page.text
    assert f"{case}/events" not in page.html
    assert labelled(page)
    explanation = f"{case}/stages/BACKFILL"
    said = {"outcome": "passed", "opinion": "三口人租房一月，按租金给付"}
    assert send(desk(), case, explanation, **said).status == 303
    page = desk().get(case)
    assert "三口人租房一月" in page.text
    assert f"{case}/events" not in page.html


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"happened_on": "2026-11-24"}, "不能早于提交申请之日，也不能晚于今天"),
        ({"happened_on": "昨天"}, "不能早于提交申请之日，也不能晚于今天"),
        ({"event_told": "好"}, "请写明内容"),
        ({"event": "change_report"}, "没有需要登记的这种情形"),
    ],
)
def test_what_is_refused_stays_in_the_form(desk, case, given, why):
    answer = send(desk(), case, f"{case}/events", **REPORT | given)

    assert answer.status in {409, 422}
    assert why in answer.text
    if "event_told" not in given:
        assert "房屋已修好，全家搬回" in answer.html


def test_who_may_only_look_is_offered_nothing(desk, case):
    page = desk("D01", "leader").get(case)

    assert page.status == 200
    assert f"{case}/events" not in page.html


def test_only_who_may_report_it_is_offered_the_form(desk, case):
    """The township's clerk explains fast aid, so its reviewer would be refused."""
    assert f"{case}/events" in desk("D01", "clerk").get(case).html

    page = desk("D01", "reviewer").get(case)

    assert (page.status, "后续情形" in page.text) == (200, False)
    assert f"{case}/events" not in page.html
