"""Delegation in the browser."""

from sqlalchemy import update

from relief.accounts.models import Account
from tests.console.test_cases import apply, desk, go_on, send

__all__ = ["desk"]  # the fixture
PATH = "/me/delegations"
HERE = "210302000000"


def leave(office, session, desk):
    """The approver, who is to be on leave, and what is filled in for the reviewer to stand in."""
    approver, _ = desk("D01", "approver"), desk("D01", "reviewer")
    for role, name in (("approver", "王主任"), ("reviewer", "李科员")):
        account = office.accounts["D01", role, HERE]
        session.execute(update(Account).where(Account.id == account).values(display_name=name))
    session.commit()
    office.bind("reviewer")
    days = {"from_on": "2026-11-23", "until_on": "2026-11-27", "reason": "年休假"}
    return approver, days | {"delegate_id": str(office.accounts["D01", "reviewer", HERE])}


def test_who_is_on_leave_lets_a_colleague_decide(office, session, desk):
    approver, form = leave(office, session, desk)
    case = apply(desk, office.household(), "S03")
    go_on(office, desk, case)
    page = approver.get(PATH)
    assert set(page.fields) <= page.labelled | {"<input> without an id"}

    assert send(approver, PATH, PATH, **form).status == 303

    assert "代办中" in approver.get(PATH).text
    reviewer = desk("D01", "reviewer")
    assert "王主任" in reviewer.get(PATH).text
    assert "代王主任" in reviewer.get("/cases/my-turn").text
    assert "（代办）" in reviewer.get(case).text
    done = send(
        reviewer,
        case,
        f"{case}/decision",
        granted="granted",
        amount="800",
        reason="符合条件",
        departs="情况紧急",
    )
    assert done.status == 303, done.text
    assert "李科员（代王主任）" in desk("D01", "reviewer").get(case).text


def test_the_audit_trail_names_both(office, session, desk):
    approver, form = leave(office, session, desk)
    case = apply(desk, office.household(), "S03")
    go_on(office, desk, case)
    send(approver, PATH, PATH, **form)
    send(desk("D01", "reviewer"), case, f"{case}/decision", granted="refused", reason="不符合条件")

    trail = desk(None, "audit_admin").get("/audit?action=case%3Adecided").text

    assert "李科员（代王主任）" in trail


def test_it_is_taken_back(office, session, desk):
    approver, form = leave(office, session, desk)
    send(approver, PATH, PATH, **form)
    [action] = [one for one in _actions(approver) if one.endswith("/withdraw")]

    assert send(approver, PATH, action).status == 303

    assert "已撤回" in approver.get(PATH).text
    assert not [one for one in _actions(approver) if one.endswith("/withdraw")]


def test_what_is_wrong_is_said_above_the_form(office, session, desk):
    approver, form = leave(office, session, desk)

    for wrong, says in (
        ({"delegate_id": ""}, "请选择受托人和起止日期"),
        ({"until_on": ""}, "请选择受托人和起止日期"),
        ({"reason": ""}, "请写明内容"),
        ({"until_on": "2027-11-27"}, "一次最多委托 31 天"),
    ):
        done = send(approver, PATH, PATH, **form | wrong)
        assert (done.status, says in done.text) == (422, True), says


def test_whoever_has_no_colleague_is_told(office, desk):
    assert "没有可以委托的同事" in desk("D02", "clerk").get(PATH).text


def _actions(browser):
    return {form.split('"')[0] for form in browser.get(PATH).html.split('action="')[1:]}
