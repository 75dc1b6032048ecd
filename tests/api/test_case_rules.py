"""What is refused in a case, by which rule; and how its clock stands while papers are asked for."""

import pytest
from sqlalchemy import func, select, text, update

from relief.accounts import service as accounts
from relief.accounts.models import Account, AccountRole
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.funds.models import Entitlement
from relief.jobs.deadlines import watch_deadlines
from relief.registry.models import Person
from relief.review.models import CaseStep
from tests.support.people import enrol
from tests.support.settings import START

SHOWN_MISSING = {"missing": "家庭成员工资收入证明"}


@pytest.fixture
def clerk(office):
    return office.client("D01", "clerk")


@pytest.fixture
def case(office):
    """An application for the minimum living allowance."""
    return office.apply("S01")["case"]["id"]


def open_stages(detail):
    return {one["code"]: one["due_on"] for one in detail["stages"] if one["status"] == "open"}


def accept(office, case):
    return (
        office.client("D01", "clerk")
        .post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"})
        .json
    )


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


def test_what_is_missing_is_told_once_and_whole(office, clerk, case):
    back = clerk.post(f"/v1/cases/{case}/return", json=SHOWN_MISSING)
    office.clock.advance(days=3)
    clerk = office.client("D01", "clerk")
    again = clerk.post(f"/v1/cases/{case}/resubmit").json

    assert (back.json["case"]["status"], open_stages(back.json)) == ("returned", {})
    assert back.json["stages"][0]["opinion"] == SHOWN_MISSING["missing"]
    assert (again["case"]["status"], open_stages(again)) == ("submitted", {"ACCEPT": "2026-11-27"})
    assert [one["turn"] for one in again["stages"]] == [1, 2]
    said = refused(
        clerk.post(f"/v1/cases/{case}/return", json=SHOWN_MISSING), 409, "returned-before"
    )
    assert "民发〔2021〕57号第十条" in said
    refused(clerk.post(f"/v1/cases/{case}/resubmit"), 409, "case-closed")


def test_fast_aid_that_was_given_back_begins_again_whole(office):
    case = office.apply("S03")["case"]["id"]
    clerk = office.client("D01", "clerk")
    clerk.post(f"/v1/cases/{case}/return", json=SHOWN_MISSING)

    again = clerk.post(f"/v1/cases/{case}/resubmit").json

    assert open_stages(again) == {"REGISTER": "2026-11-24", "PAY": "2026-11-26"}


def test_while_papers_are_asked_for_every_clock_stands_but_a_notices(office, case):
    accept(office, case)
    clerk = office.client("D01", "clerk")
    asked = clerk.post(f"/v1/cases/{case}/pause", json=SHOWN_MISSING).json
    refused(clerk.post(f"/v1/cases/{case}/pause", json=SHOWN_MISSING), 409, "case-paused")
    refused(
        clerk.post(f"/v1/cases/{case}/stages/INV_START/end", json={"outcome": "passed"}),
        409, "case-paused",
    )  # fmt: skip
    assert set(open_stages(asked).values()) == {None}
    assert asked["case"]["due_on"] is None
    [waiting] = [
        one for one in clerk.get("/v1/my-turn").json["items"] if one["code"] == "FIRST_OPN"
    ]
    assert (waiting["paused"], waiting["due_on"]) == (True, None)
    office.clock.advance(days=2)

    clerk = office.client("D01", "clerk")
    came = clerk.post(f"/v1/cases/{case}/resume").json

    # Two working days later than without the pause, which was of two working days.
    assert open_stages(came)["INV_START"] == "2026-11-30"
    # What was to be done on the day of asking may be done on the first day after.
    assert open_stages(came)["KIN_FLAG"] == "2026-11-26"
    assert open_stages(came)["FIRST_OPN"] == "2026-12-07"
    assert came["case"]["due_on"] == "2027-01-06"
    assert [(one["since_on"], one["until_on"]) for one in came["pauses"]] == [
        ("2026-11-23", "2026-11-25")
    ]
    refused(clerk.post(f"/v1/cases/{case}/resume"), 409, "case-not-paused")


def test_only_whose_turn_it_is_asks_for_papers_and_only_in_review(office, case):
    clerk = office.client("D01", "clerk")
    refused(clerk.post(f"/v1/cases/{case}/pause", json=SHOWN_MISSING), 409, "case-closed")
    accept(office, case)

    other = office.client("D01", "approver")

    refused(other.post(f"/v1/cases/{case}/pause", json=SHOWN_MISSING), 403, "not-yours")


@pytest.mark.parametrize(
    ("stage", "sent", "status", "code"),
    [
        ("FIRST_OPN", "passed", 409, "stage-too-early"),
        ("PUBLIC", "passed", 409, "stage-too-early"),
        ("ACCEPT", "passed", 409, "stage-not-open"),
        ("CHK_START", "passed", 403, "not-yours"),  # the county's reviewer checks
        ("NOWHERE", "passed", 404, "stage-not-found"),
        ("CONFIRM", "passed", 409, "stage-too-early"),
        ("INV_START", "granted", 422, "unprocessable-entity"),
    ],
)
def test_no_stage_is_skipped_or_ended_by_another(office, case, stage, sent, status, code):
    accept(office, case)

    answer = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/{stage}/end", json={"outcome": sent}
    )

    refused(answer, status, code)


def test_who_comes_too_early_is_told_what_comes_first(office, case):
    accept(office, case)

    answer = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/FIRST_OPN/end", json={"outcome": "passed"}
    )

    first, source = answer.json["detail"].split("（依据：")
    assert first == "请先办结：近亲属关系登记、启动家庭经济状况调查、启动信息核对"
    assert source.startswith("民发〔2021〕57号第二十二条")


def test_an_application_is_not_refused_at_the_door(office, clerk, case):
    answer = clerk.post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "objected"})

    assert "一次性告知补正" in refused(answer, 422, "other-form")


def test_a_notice_runs_its_full_days(office, case):
    accept(office, case)
    for department, role, stage in (
        ("D01", "clerk", "KIN_FLAG"), ("D01", "clerk", "INV_START"),
        ("D01", "reviewer", "CHK_START"), ("D01", "clerk", "FIRST_OPN"),
    ):  # fmt: skip
        if stage == "FIRST_OPN":
            office.survey(case)
        client = office.client(department, role)
        client.post(f"/v1/cases/{case}/stages/{stage}/end", json={"outcome": "passed"})

    def end():
        return office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/PUBLIC/end", json={"outcome": "passed"}
        )

    office.clock.moment = START.replace(day=30, hour=15, minute=59)  # a minute before midnight
    assert "11-30 24 时止，期满后才能办结（依据：民发" in refused(end(), 409, "notice-runs")
    office.clock.advance(minutes=1)
    assert end().status_code == 200


def test_each_department_answers_for_itself_and_silence_moves_nothing(office):
    case = office.apply("S09")["case"]["id"]  # civil affairs and the disabled persons' federation
    accept(office, case)
    federation = office.client("D13", "reviewer")
    for client, stage in ((office.client("D01", "clerk"), "FIRST"), (federation, "CL")):
        client.post(f"/v1/cases/{case}/stages/{stage}/end", json={"outcome": "passed"})
    said = {"outcome": "objected", "opinion": "残疾等级已变更"}
    federation.post(f"/v1/cases/{case}/stages/JOINT/end", json=said)
    office.clock.advance(days=60)

    early = office.decide(case, "D01")

    assert "请先办结：部门联审" in refused(early, 409, "stage-too-early")
    office.client("D01", "reviewer").post(
        f"/v1/cases/{case}/stages/JOINT/end", json={"outcome": "passed"}
    )
    done = office.decide(case, "D01").json
    assert {
        one["department_code"]: (one["outcome"], one["opinion"])
        for one in done["stages"]
        if one["code"] == "JOINT"
    } == {"D01": ("passed", None), "D13": ("objected", "残疾等级已变更")}


def test_who_entered_or_gave_an_opinion_does_not_decide(office, session):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)
    both = office.accounts["D01", "clerk", "210302000000"]
    session.add(
        AccountRole(account_id=both, role=Role.APPROVER, post="operations", granted_at=START)
    )
    enrol(session, session.get_one(Account, both), Role.APPROVER)
    session.commit()
    approving = {"granted": True, "amount_fen": 9000, "reason": "符合条件"}

    answer = office.client("D01", "clerk").post(f"/v1/cases/{case}/decision", json=approving)

    assert "不相容岗位分离：行政事业单位内部控制规范" in refused(answer, 403, "four-eyes")
    assert office.decide(case, "D01").status_code == 200


@pytest.mark.parametrize(
    "sent", [{"granted": True, "amount_fen": None}, {"granted": False, "amount_fen": 5}]
)
def test_an_amount_is_granted_and_a_refusal_has_none(office, sent):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)

    answer = office.client("D01", "approver").post(
        f"/v1/cases/{case}/decision", json=sent | {"reason": "核对过"}
    )

    refused(answer, 422, "amount-missing")


def test_the_same_twice_is_refused_by_the_database_and_nothing_is_decided(office, session):
    home = office.household()
    session.execute(text("UPDATE check_rule SET valid_to = '2026-11-22' WHERE code = 'A05'"))
    for _ in range(2):
        office.clock.advance(seconds=1)
        case = office.apply("S09", home)["case"]["id"]
        office.go_on(case)
        answer = office.decide(case, "D01")

    refused(answer, 409, "entitlement-overlaps")
    assert office.show(case)["case"]["status"] == "accepted"
    assert session.scalar(select(func.count()).select_from(Entitlement)) == 1


@pytest.mark.parametrize(("born_on", "is_shown"), [("2008-11-23", True), ("2008-11-24", False)])
def test_of_a_minor_in_extreme_hardship_there_is_no_notice(office, session, born_on, is_shown):
    home = office.household()
    session.execute(update(Person).where(Person.id == home.person_id).values(born_on=born_on))
    session.commit()
    case = office.apply("S02", home)["case"]["id"]
    accept(office, case)

    done = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/INV/end", json={"outcome": "passed"}
    )

    [notice] = [one for one in done.json["stages"] if one["code"] == "PUBLIC"]
    if is_shown:
        assert (notice["status"], "CONFIRM" in open_stages(done.json)) == ("open", False)
    else:
        assert (notice["status"], "CONFIRM" in open_stages(done.json)) == ("left_out", True)
        assert "民发〔2019〕62号" in notice["opinion"]


def test_a_wish_ends_a_case_until_it_is_decided(office):
    case = office.apply("S09")["case"]["id"]
    accept(office, case)
    clerk = office.client("D01", "clerk")
    clerk.post(f"/v1/cases/{case}/pause", json=SHOWN_MISSING)

    gone = clerk.post(f"/v1/cases/{case}/withdraw", json={"reason": "申请人书面撤回"}).json

    assert (gone["case"]["status"], open_stages(gone)) == ("withdrawn", {})
    assert gone["pauses"][0]["until_on"] == "2026-11-23"
    refused(clerk.post(f"/v1/cases/{case}/withdraw", json={"reason": "再撤"}), 409, "case-closed")
    decided = office.apply("S09")["case"]["id"]
    office.go_on(decided)
    office.decide(decided, "D01")
    late = office.client("D01", "clerk").post(
        f"/v1/cases/{decided}/withdraw", json={"reason": "太晚了"}
    )
    refused(late, 409, "case-closed")


def test_who_is_dead_applies_for_nothing(office, session, clerk):
    home = office.household()
    session.execute(update(Person).where(Person.id == home.person_id).values(died_on=START.date()))
    session.commit()

    answer = clerk.post(
        "/v1/cases",
        json={"person_id": str(home.person_id), "scheme": "S01", "need": "家庭困难"},
    )

    refused(answer, 409, "applicant-dead")


def test_a_department_enters_only_what_it_takes_part_in(office):
    home = office.household(schemes=("S01", "S21"))
    sent = {
        "person_id": str(home.person_id),
        "need": "家庭困难",
        "authorisations": [office.signed(home)],
    }
    housing = office.client("D04", "reviewer")

    refused(housing.post("/v1/cases", json=sent | {"scheme": "S27"}), 403, "not-yours")
    assert housing.post("/v1/cases", json=sent | {"scheme": "S21"}).status_code == 201


def test_every_step_stands_in_the_trail_too(office, session):
    case = office.apply("S09")["case"]["id"]
    office.go_on(case)
    office.decide(case, "D01")
    steps = session.execute(
        select(CaseStep.step, func.count()).where(CaseStep.case_id == case).group_by(CaseStep.step)
    ).all()
    numbers = select(CaseStep.number, CaseStep.step).where(CaseStep.case_id == case)
    in_order = session.execute(numbers.order_by(CaseStep.number)).all()
    assert [row.number for row in in_order] == list(range(1, len(in_order) + 1))
    assert [row.step for row in in_order][:2] == ["submitted", "stage_opened"]
    trail = session.execute(
        select(AuditEvent.action, func.count())
        .where(AuditEvent.subject_id == case, AuditEvent.action != "case:viewed")
        .group_by(AuditEvent.action)
    ).all()

    assert {f"case:{step}": count for step, count in steps} == dict(map(tuple, trail))
    opened = select(AuditEvent.subject_id).where(AuditEvent.action == "entitlement:opened")
    assert session.scalars(opened).all() == session.scalars(select(Entitlement.id)).all()


def test_an_account_that_left_is_not_asked(office, session, case):
    """A stage waits for an office, and not for one person of it."""
    first = office.client("D01", "clerk")
    account = office.accounts.pop(("D01", "clerk", "210302000000"))
    accounts.disable(session, account_id=account, actor_id=None, now=START)
    session.commit()

    assert first.get("/v1/my-turn").status_code == 401
    assert accept(office, case)["case"]["status"] == "accepted"


def test_what_will_be_told_and_was_told_stands_in_the_case(office, case, session):
    before = office.show(case)["reminders"]
    office.clock.advance(days=2)
    watch_deadlines(session, now=office.clock())
    session.commit()

    after = office.show(case)["reminders"]

    assert [(one["name"], one["at"], one["told_at"]) for one in before][:2] == [
        ("办理已经逾期", "2026-11-24T16:00:00+00:00", None),
        ("办理逾期，请督促", "2026-11-24T16:00:00+00:00", None),
    ]
    assert (before[0]["stage_code"], before[0]["department_code"]) == ("ACCEPT", "D01")
    assert after[0] == before[0] | {"told_at": "2026-11-25T01:00:00+00:00", "told": 1}
    assert after[2]["told_at"] is None


def test_only_those_in_which_a_limit_has_passed_are_listed_when_asked(office, case):
    office.clock.advance(days=1)
    still = office.client("D01", "clerk").get("/v1/cases?late=true").json["items"]
    office.clock.advance(days=1)
    late = office.client("D01", "clerk").get("/v1/cases?late=true").json["items"]
    accept(office, case)
    done = office.client("D01", "clerk").get("/v1/cases?late=true").json["items"]

    assert (still, [one["id"] for one in late], done) == ([], [case], [])


def test_a_wait_says_for_what_and_until_when_and_beside_it_when_it_would_have_been_due(
    office, case
):
    accept(office, case)
    clerk = office.client("D01", "clerk")
    sent = {"reason": "appraisal", "missing": "伤残鉴定"}
    asked = clerk.post(f"/v1/cases/{case}/pause", json=sent).json
    wrong = clerk.post(f"/v1/cases/{case}/pause", json=sent | {"reason": "holiday"})

    [wait] = asked["pauses"]
    assert (wait["reason"], wait["stands_until"]) == ("等待鉴定、检测或专家评审", "2027-01-22")
    assert asked["timeline"][-1]["note"] == "等待鉴定、检测或专家评审：伤残鉴定"
    refused(wrong, 422, "pause-reason-unknown")
    standing = next(one for one in asked["stages"] if one["code"] == "INV_START")
    assert (standing["due_on"], standing["due_unpaused_on"]) == (None, "2026-11-26")
    assert asked["case"]["due_unpaused_on"] is not None
