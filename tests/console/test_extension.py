"""An extension in the browser: asked by whose stage it is, answered by who is above."""

from tests.console.test_cases import apply, desk, send

__all__ = ["desk"]  # the fixture


def test_an_extension_is_asked_for_and_agreed_to(office, desk):
    case = apply(desk, office.household(), "S01")
    assert "延长办理期限" not in desk().get(case).text
    send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed")
    page = desk().get(case)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}
    assert "延长至 45 个工作日" in page.text

    few = send(desk(), case, f"{case}/extension", needs_time="INV_START", because="")
    assert (few.status, "请写明内容" in few.text) == (422, True)
    asked = send(desk(), case, f"{case}/extension", needs_time="INV_START", because="须异地核查")

    assert asked.status == 303
    assert "待批准" in desk().get(case).text
    assert f'action="{case}/extension' not in desk().get(case).html
    approver = desk("D01", "approver")
    assert send(approver, case, f"{case}/extension/answer", grounds="属实").status == 400
    done = send(approver, case, f"{case}/extension/answer", agreed="yes", grounds="情况属实")
    assert done.status == 303
    shown = desk().get(case).text
    for words in ("已同意", "情况属实", "2026-12-17 延长之前 2026-11-26", "同意延长办理期限"):
        assert words in shown


def test_what_was_not_agreed_to_says_why(office, desk):
    case = apply(desk, office.household(), "S01")
    send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed")
    send(desk(), case, f"{case}/extension", needs_time="INV_START", because="须异地核查")

    approver = desk("D01", "approver")
    send(approver, case, f"{case}/extension/answer", agreed="no", grounds="可以函询")

    shown = desk().get(case).text
    assert "未同意" in shown
    assert "可以函询" in shown
    assert "延长之前" not in shown


def test_where_there_is_no_such_rule_nothing_is_offered(office, desk):
    case = apply(desk, office.household(), "S09")
    send(desk(), case, f"{case}/stages/ACCEPT", outcome="passed")

    assert "延长办理期限" not in desk().get(case).text
