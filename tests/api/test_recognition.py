"""What was confirmed once is recognised: the second application asks nothing that is known."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from relief.audit.models import AuditEvent
from relief.jobs.recognitions import watch_recognitions
from relief.registry.models import Person
from relief.review.recognition.models import CaseRecognition
from tests.support.confirming import enrolled, listed, move_in

SPARED = "因互认免于民政收入财产认定及授权：该家庭已认定为低保对象，2026年3月1日起"


@pytest.fixture
def home(office, session):
    """A family on the newest list of the minimum living allowance."""
    return listed(session, office.household(schemes=("S01",)))


def granted(office, home, scheme="S28", department="D09"):
    """Confirm a family by a case of its own."""
    case = office.apply(scheme, home)["case"]["id"]
    office.go_on(case)
    answer = office.decide(case, department)
    assert answer.status_code == 200, answer.json
    return case


def enter(office, home, scheme, **given):
    """Enter an application with what it is asked for, and no authorisation."""
    sent = {"person_id": str(home.person_id), "scheme": scheme, "need": "家庭困难"} | given
    return office.client("D01", "clerk").post("/v1/cases", json=sent)


def entered(answer):
    assert answer.status_code == 201, answer.json
    return answer.json


def accept(office, detail):
    [stage] = detail["stages"]
    answer = office.end(detail["case"]["id"], stage)
    assert answer.status_code == 200, answer.json
    return answer.json


def stage(detail, code):
    [found] = [one for one in detail["stages"] if one["code"] == code]
    return found


def codes(detail):
    return {one["code"] for one in detail["stages"]}


def doubts(office, case):
    found = office.client("D01", "clerk").get(f"/v1/cases/{case}/checks").json["findings"]
    return {one["check"]: one["message"] for one in found if one["waits"]}


def watch(office, session):
    said = watch_recognitions(session, now=office.clock())
    session.commit()
    return said


class TestRecognised:
    def test_neither_authorisation_nor_income_check_is_asked_again(self, office, home, session):
        detail = entered(enter(office, home, "S21"))

        [one] = detail["known_before"]["recognitions"]
        assert one["told"] == (
            "该家庭已认定为低保对象，2026年3月1日起，来源：民政局“低保”名册（2026-11-01），"
            "最近核查 2026年11月1日"
        )
        assert (one["source"], one["stages"], one["checks"]) == ("list", ["MZCHK"], ["A07"])
        [step] = [one for one in detail["timeline"] if one["step"] == "recognised"]
        assert "因互认免于民政收入财产认定及授权（社会救助法第二十六、四十二条" in step["note"]
        trail = select(func.count()).where(AuditEvent.action == "case:recognised")
        assert session.scalar(trail) == 1

    def test_the_check_is_left_out_and_the_page_says_by_what(self, office, home):
        detail = accept(office, entered(enter(office, home, "S21")))

        spared = stage(detail, "MZCHK")
        assert (spared["status"], spared["ended_by"]) == ("left_out", None)
        assert spared["opinion"].startswith(SPARED)
        assert "社会救助法第二十六、四十二条" in spared["opinion"]
        assert stage(detail, "ZJCHK")["status"] == "open"
        assert [one["note"] for one in detail["timeline"] if one["step"] == "stage_left_out"] == [
            spared["opinion"]
        ]

    def test_the_whole_is_due_by_the_shorter_way(self, office, home):
        shorter = accept(office, entered(enter(office, home, "S21")))
        usual = accept(office, office.apply("S21"))

        assert usual["case"]["due_on"] > shorter["case"]["due_on"] == "2027-02-01"
        assert stage(usual, "MZCHK")["status"] == "open"
        assert "ZJCHK" not in codes(usual)

    def test_it_comes_to_a_decision_by_another_than_who_entered_it(self, office, home):
        detail = accept(office, entered(enter(office, home, "S13")))
        case = detail["case"]["id"]
        office.go_on(case)

        answer = office.decide(case, "D01")

        assert answer.status_code == 200, answer.json
        assert answer.json["case"]["status"] == "decided"

    def test_what_was_decided_here_is_recognised_from_the_decision_on(self, office):
        home = office.household()
        first = granted(office, home)

        detail = accept(office, entered(enter(office, home, "S18")))

        [one] = detail["known_before"]["recognitions"]
        number = office.show(first)["case"]["number"]
        assert (one["category"], one["source"]) == ("monitored", "entitlement")
        assert one["told_by"] == f"认定决定 {number}"
        assert stage(detail, "MATCH")["status"] == "left_out"

    def test_a_list_of_the_household_counts_where_the_household_is_aided(
        self, office, home, session
    ):
        wife = office.household(name="李四")
        move_in(session, wife, home)

        household = entered(enter(office, wife, "S13"))
        person = entered(enter(office, wife, "S18"))

        assert [one["holder"] for one in household["known_before"]["recognitions"]] == ["张三"]
        assert person["known_before"]["recognitions"] == []


class TestNotRecognised:
    @pytest.mark.parametrize(
        "values",
        [
            {"ended_on": date(2026, 11, 10)},  # the family left the list
            {"last_on": date(2025, 11, 1)},  # the last check is a year old
            {"spells": []},  # the list says nothing of any day
        ],
    )
    def test_what_ended_or_is_stale_asks_for_all(self, office, home, session, values):
        enrolled(session, home, **values)

        refused = enter(office, home, "S21")
        assert (refused.status_code, refused.json["code"]) == (409, "check-blocked")
        detail = accept(office, office.apply("S21", home))

        assert detail["known_before"]["recognitions"] == []
        assert stage(detail, "MZCHK")["status"] == "open"

    def test_a_newer_refusal_contradicts_the_list(self, office, session):
        home = listed(session, office.household(schemes=("S06",)), "S06")
        before = office.apply("S06", home)["case"]["id"]
        office.go_on(before)
        assert office.decide(before, "D01", granted=False).status_code == 200

        detail = entered(enter(office, home, "S13"))

        assert detail["known_before"]["recognitions"] == []

    def test_a_scheme_that_accepts_none_recognises_none(self, office, home):
        assert office.apply("S30", home)["known_before"]["recognitions"] == []

    def test_the_dead_confirm_nobody(self, office, home, session):
        wife = office.household(name="李四")
        move_in(session, wife, home)
        session.execute(
            update(Person).where(Person.id == home.person_id).values(died_on=date(2026, 11, 9))
        )
        session.commit()

        assert entered(enter(office, wife, "S13"))["known_before"]["recognitions"] == []


class TestWithdrawn:
    def test_a_change_that_is_found_here_is_a_doubt_at_once(self, office, session):
        home = office.household()
        first = granted(office, home)
        seen = entered(enter(office, home, "S15"))["case"]["id"]
        unseen = entered(enter(office, home, "S18"))["case"]["id"]  # agriculture has no part in it

        answer = office.client("D09", "reviewer").post(
            f"/v1/cases/{first}/recheck", json={"found": "changed", "finding": "收入已稳定增加"}
        )

        assert answer.status_code == 200, answer.json
        assert "定期核查发现情况有变" in doubts(office, seen)["A30"]
        assert "A30" not in doubts(office, unseen)
        assert watch(office, session) == "1 cases lost an identity"
        assert "A30" in doubts(office, unseen)

    def test_what_the_list_no_longer_says_is_a_doubt_the_next_day(self, office, home, session):
        case = entered(enter(office, home, "S13"))["case"]["id"]
        assert watch(office, session) == "0 cases lost an identity"
        enrolled(session, home, ended_on=date(2026, 11, 20))

        assert watch(office, session) == "1 cases lost an identity"
        assert watch(office, session) == "0 cases lost an identity"

        assert doubts(office, case) == {
            "A30": "互认的低保对象身份已不能认可：自 2026-11-20 起名册不再列有"
        }
        [step] = [one for one in office.show(case)["timeline"] if one["step"] == "checked"]
        assert (step["actor"], step["note"][:3]) == (None, "A30")

    def test_then_nothing_is_spared_any_more(self, office, home, session):
        detail = entered(enter(office, home, "S13"))
        enrolled(session, home, ended_on=date(2026, 11, 20))

        later = accept(office, detail)

        assert stage(later, "MATCH")["status"] == "open"
        plain = accept(office, office.apply("S13"))
        assert later["case"]["due_on"] == plain["case"]["due_on"]
        assert "A30" in doubts(office, detail["case"]["id"])

    def test_the_authorisation_is_asked_for_after_all(self, office, home, session):
        detail = entered(enter(office, home, "S21"))
        enrolled(session, home, ended_on=date(2026, 11, 20))

        [stage_] = detail["stages"]
        answer = office.end(detail["case"]["id"], stage_)

        assert (answer.status_code, answer.json["code"]) == (409, "check-blocked")
        assert "缺少张三的核对授权书" in answer.json["detail"]

    def test_what_was_verified_is_spared_again(self, office, home, session):
        detail = entered(enter(office, home, "S13"))
        case = detail["case"]["id"]
        enrolled(session, home, ended_on=date(2026, 11, 20))
        watch(office, session)
        found = office.client("D01", "clerk").get(f"/v1/cases/{case}/checks").json["findings"]
        [doubt] = [one for one in found if one["check"] == "A30"]
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/findings/{doubt['id']}/answer",
            json={"verdict": "unfounded", "reason": "名册漏报，仍在享受"},
        )

        assert stage(accept(office, detail), "MATCH")["status"] == "left_out"

    def test_a_grant_waits_for_the_doubt(self, office, home, session):
        detail = accept(office, entered(enter(office, home, "S13")))
        case = detail["case"]["id"]
        office.go_on(case)
        enrolled(session, home, ended_on=date(2026, 11, 20))

        answer = office.decide(case, "D01")

        assert (answer.status_code, answer.json["code"]) == (409, "doubts-open")
        assert session.scalar(select(func.count()).select_from(CaseRecognition)) == 1
