"""The checks of a case over HTTP: what holds an application, what a grant, and who verifies."""

import pytest
from sqlalchemy import func, select, text, update

from relief.audit.models import AuditEvent
from relief.registry.models import Membership, Person
from relief.review.checks.models import CaseAuthorisation, CaseFinding
from relief.review.models import Case
from tests.support.people import TIEXI

VERIFIED = {"verdict": "unfounded", "reason": "与户口簿、结婚证核对过"}


@pytest.fixture
def married(office):
    """Someone of whom the registry says that they are married, and knows no spouse."""
    return office.household(marital="20")


@pytest.fixture
def doubtful(office, married):
    """A case with one doubt, A08, that waits for the decision."""
    case = office.apply("S09", married)["case"]["id"]
    office.go_on(case)
    return case


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json.get("detail", "") + answer.json["title"]


def checks(office, case, department="D01", role="clerk"):
    answer = office.client(department, role).get(f"/v1/cases/{case}/checks")
    assert answer.status_code == 200, answer.json
    return answer.json


def doubts(office, case):
    return [one for one in checks(office, case)["findings"] if one["waits"]]


def verify(office, case, finding, who=("D01", "reviewer"), **given):
    return office.client(*who).post(
        f"/v1/cases/{case}/findings/{finding['id']}/answer", json=VERIFIED | given
    )


def post(office, home, scheme, **given):
    sent = {"person_id": str(home.person_id), "scheme": scheme, "need": "家庭困难"} | given
    return office.client("D01", "clerk").post("/v1/cases", json=sent)


def person(session, home, **values):
    session.execute(update(Person).where(Person.id == home.person_id).values(**values))
    session.commit()


class TestSubmission:
    def test_without_an_authorisation_it_is_refused_and_says_what_to_mend(self, office, session):
        answer = post(office, office.household(), "S01")

        said = refused(answer, 409, "check-blocked")
        assert "缺少张三的核对授权书" in said
        assert "请由家庭中每一名成年成员签署核对授权书（社会救助法第四十条、第四十一条" in said
        [one] = answer.json["conflicts"]
        assert (one["check"], one["evidence"]) == ("A07", {"member": "张三"})
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert session.scalar(select(func.count()).select_from(CaseFinding)) == 0

    def test_every_adult_of_the_household_signs_and_no_child(self, office, session):
        home, wife = office.household(), office.household(name="李四")
        child = office.household(name="张小宝")
        person(session, child, born_on="2015-06-07")
        for one, relation in ((wife, "12"), (child, "20")):
            session.execute(
                update(Membership)
                .where(Membership.person_id == one.person_id)
                .values(household_id=home.id, relation=relation)
            )
        session.commit()
        first = office.signed(home)

        half = post(office, home, "S01", authorisations=[first])
        whole = post(
            office, home, "S01",
            authorisations=[first, office.signed(wife, signed_by="guardian")],
        )  # fmt: skip

        assert "缺少李四的核对授权书" in refused(half, 409, "check-blocked")
        assert whole.status_code == 201
        told = checks(office, whole.json["case"]["id"])["authorisations"]
        assert {(one["name"], one["signed_by"]) for one in told} == {
            ("张三", "oneself"), ("李四", "guardian"),
        }  # fmt: skip
        assert whole.json["timeline"][-1]["step"] == "authorised"

    def test_everything_that_is_to_be_mended_is_told_at_once(self, office):
        child = office.household(born_on="2015-06-07")
        other = office.household(name="李四", born_on="1950-01-02")

        young = post(office, child, "S24")
        old = post(office, other, "S01")

        assert "须16 至 59 周岁" in refused(young, 409, "check-blocked")
        assert [one["check"] for one in old.json["conflicts"]] == ["A07"]

    @pytest.mark.parametrize(
        ("signed", "code"),
        [
            ({"signed_on": "2026-11-24"}, "signed-later"),
            ({"person_id": "00000000-0000-7000-8000-000000000001"}, "not-of-family"),
        ],
    )
    def test_an_authorisation_is_of_the_family_and_signed_by_today(self, office, signed, code):
        home = office.household()
        answer = post(office, home, "S01", authorisations=[office.signed(home, **signed)])

        refused(answer, 422, code)

    def test_what_the_family_has_is_a_doubt_and_not_a_refusal(self, office):
        home = office.household()
        first = office.apply("S05", home)["case"]["id"]
        second = office.apply("S06", home)

        assert doubts(office, first) == []  # there was nothing yet
        [one] = doubts(office, second["case"]["id"])
        assert (one["check"], one["evidence"]["rule"]) == ("A06", "X16")
        assert one["due_on"] == "2026-11-26"
        assert second["timeline"][-1]["step"] == "checked"

    def test_the_same_aid_for_another_of_the_household_is_refused(self, office, session):
        home, wife = office.household(), office.household(name="李四")
        office.apply("S22", home)
        session.execute(
            update(Membership)
            .where(Membership.person_id == wife.person_id)
            .values(household_id=home.id, relation="12")
        )
        session.commit()

        said = refused(post(office, wife, "S22"), 409, "check-blocked")

        assert "张三正在申请同一项目" in said

    def test_who_may_not_see_another_county_is_told_nothing_of_it(self, office, doubtful):
        stranger = office.client("D01", "reviewer", region=TIEXI)

        refused(stranger.get(f"/v1/cases/{doubtful}/checks"), 404, "case-not-found")


class TestDecision:
    def test_a_grant_is_held_while_a_doubt_is_open(self, office, doubtful):
        held = office.decide(doubtful, "D01")
        [one] = doubts(office, doubtful)
        assert verify(office, doubtful, one).status_code == 200

        done = office.decide(doubtful, "D01")

        assert "张三登记为已婚，家庭成员中没有其配偶" in refused(held, 409, "doubts-open")
        assert [one["check"] for one in held.json["conflicts"]] == ["A08"]
        assert done.status_code == 200, done.json

    def test_a_refusal_is_not_held(self, office, doubtful):
        assert office.decide(doubtful, "D01", granted=False).status_code == 200

    def test_what_is_confirmed_holds_until_it_is_settled(self, office, doubtful):
        [one] = doubts(office, doubtful)
        verify(office, doubtful, one, verdict="confirmed")
        held = office.decide(doubtful, "D01")
        verify(office, doubtful, one, verdict="settled", reason="已补报配偶")
        again = verify(office, doubtful, one)

        refused(held, 409, "doubts-open")
        refused(again, 409, "finding-not-open")
        assert office.decide(doubtful, "D01").status_code == 200

    def test_who_verified_does_not_decide(self, office, doubtful):
        [one] = doubts(office, doubtful)
        verify(office, doubtful, one, who=("D01", "approver"))

        said = refused(office.decide(doubtful, "D01"), 403, "verifier-decides")

        assert "不相容岗位分离" in said

    def test_urgent_aid_is_not_held_by_a_doubt(self, office, married):
        case = office.apply("S03", married)["case"]["id"]
        office.go_on(case)
        assert [one["check"] for one in doubts(office, case)] == ["A08"]

        assert office.decide(case, "D01").status_code == 200

    def test_but_by_what_is_hard(self, office, session):
        home = office.household()
        case = office.apply("S03", home)["case"]["id"]
        office.go_on(case)
        person(session, home, died_on="2026-11-23")

        assert "张三已去世" in refused(office.decide(case, "D01"), 409, "check-blocked")

    def test_nor_by_another_block(self, office, session):
        home = office.household()
        session.execute(text("UPDATE check_rule SET grade = 'block' WHERE code IN ('A08', 'A10')"))
        person(session, home, marital="20")
        case = office.apply("S03", home)["case"]["id"]
        office.go_on(case)

        assert office.decide(case, "D01").status_code == 200

    def test_a_doubt_that_comes_late_holds_too(self, office, session):
        home = office.household()
        case = office.apply("S09", home)["case"]["id"]
        office.go_on(case)
        person(session, home, marital="20")

        refused(office.decide(case, "D01"), 409, "doubts-open")

    def test_and_one_that_is_gone_holds_no_more(self, office, session, doubtful, married):
        person(session, married, marital="30")

        assert office.decide(doubtful, "D01").status_code == 200
        found = checks(office, doubtful)["findings"]
        [one] = [one for one in found if one["check"] == "A08"]
        assert (one["waits"], one["gone_at"] is not None) == (False, True)

    def test_a_check_that_is_switched_off_holds_no_more(self, office, session, doubtful):
        session.execute(text("UPDATE check_rule SET valid_to = '2026-11-22' WHERE code = 'A08'"))
        session.commit()

        assert office.decide(doubtful, "D01").status_code == 200

    def test_an_omission_of_the_office_delays_nobody(self, office):
        case = office.apply("S09")["case"]["id"]
        office.go_on(case)

        assert office.decide(case, "D01").status_code == 200
        notes = [one for one in checks(office, case)["findings"] if one["check"] == "A10"]
        assert {one["grade"] for one in notes} == {"note"}


class TestAcceptance:
    def test_what_ran_out_is_mended_before_the_acceptance(self, office, session):
        home = office.household()
        case = office.apply("S01", home)["case"]["id"]
        session.execute(update(CaseAuthorisation).values(signed_on="2025-11-23"))
        session.commit()
        clerk = office.client("D01", "clerk")
        accepting = f"/v1/cases/{case}/stages/ACCEPT/end"

        late = clerk.post(accepting, json={"outcome": "passed"})
        signed = clerk.post(
            f"/v1/cases/{case}/authorisations", json={"authorisations": [office.signed(home)]}
        )
        done = clerk.post(accepting, json={"outcome": "passed"})

        assert "张三的核对授权书已过期" in refused(late, 409, "check-blocked")
        assert [one["signed_on"] for one in signed.json["authorisations"]] == [
            "2026-11-23", "2025-11-23",
        ]  # fmt: skip
        assert done.status_code == 200

    def test_a_joint_opinion_looks_again_and_is_never_held(self, office, session):
        home = office.household()
        case = office.apply("S01", home)["case"]["id"]
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )
        session.execute(update(CaseAuthorisation).values(signed_on="2025-11-23"))
        session.commit()

        done = office.client("D02", "reviewer").post(
            f"/v1/cases/{case}/stages/JOINT/end", json={"outcome": "passed"}
        )

        assert done.status_code == 200
        found = checks(office, case, "D02", "reviewer")["findings"]
        assert ("A07", "block") in {(one["check"], one["grade"]) for one in found}


class TestAnswers:
    def test_an_answer_says_who_when_and_how(self, office, session, doubtful):
        [one] = doubts(office, doubtful)
        told = verify(office, doubtful, one).json["findings"]

        [answered] = [line for line in told if line["id"] == one["id"]]
        assert (answered["verdict"], answered["answer"]) == ("unfounded", VERIFIED["reason"])
        assert answered["answered_by"] == "测试人员"
        assert answered["waits"] is False
        step = office.show(doubtful)["timeline"][-1]
        assert (step["step"], VERIFIED["reason"] in step["note"]) == ("doubt_answered", True)
        assert session.scalar(
            select(func.count()).where(AuditEvent.action == "case:doubt_answered")
        ) == 1  # fmt: skip

    def test_a_repeated_answer_is_answered_as_the_first_was(self, office, doubtful):
        [one] = doubts(office, doubtful)
        client = office.client("D01", "reviewer")
        path = f"/v1/cases/{doubtful}/findings/{one['id']}/answer"
        first, second = (
            client.post(path, json=VERIFIED, headers={"Idempotency-Key": "one"}) for _ in range(2)
        )

        assert (first.status_code, second.json) == (200, first.json)

    def test_a_note_asks_for_no_answer(self, office, doubtful):
        notes = [one for one in checks(office, doubtful)["findings"] if one["grade"] == "note"]

        refused(verify(office, doubtful, notes[0]), 409, "finding-not-open")

    def test_a_finding_of_another_case_is_none_of_this(self, office, doubtful):
        [one] = doubts(office, doubtful)
        other = office.apply("S09")["case"]["id"]

        refused(verify(office, other, one), 404, "finding-not-found")

    def test_nothing_is_answered_or_signed_when_the_case_has_ended(self, office, doubtful, married):
        [one] = doubts(office, doubtful)
        clerk = office.client("D01", "clerk")
        clerk.post(f"/v1/cases/{doubtful}/withdraw", json={"reason": "不再需要"})
        sent = {"authorisations": [office.signed(married)]}

        refused(verify(office, doubtful, one), 409, "case-closed")
        refused(clerk.post(f"/v1/cases/{doubtful}/authorisations", json=sent), 409, "case-closed")

    def test_who_stood_back_does_not_verify(self, office, doubtful):
        [one] = doubts(office, doubtful)
        office.client("D01", "reviewer").post(
            f"/v1/cases/{doubtful}/recusal", json={"reason": "与申请人是邻居"}
        )

        refused(verify(office, doubtful, one), 403, "stood-back")

    @pytest.mark.parametrize("sent", [{"verdict": "granted"}, {"reason": "无"}, {"reason": None}])
    def test_an_answer_is_one_of_three_with_words(self, office, doubtful, sent):
        [one] = doubts(office, doubtful)

        assert verify(office, doubtful, one, **sent).status_code == 422

    def test_the_worklist_counts_the_doubts_that_hold(self, office, doubtful):
        def counted():
            items = office.client("D01", "approver").get("/v1/my-turn").json["items"]
            return [one["doubts"] for one in items]

        assert counted() == [1]
        verify(office, doubtful, doubts(office, doubtful)[0])
        assert counted() == [0]

    def test_a_look_at_the_checks_is_recorded(self, office, session, doubtful):
        before = session.scalar(select(func.count()).where(AuditEvent.action == "case:viewed"))
        checks(office, doubtful)

        after = session.scalar(select(func.count()).where(AuditEvent.action == "case:viewed"))
        assert after == before + 1

    def test_no_number_stands_in_what_is_told(self, office, doubtful, married):
        told = office.client("D01", "clerk").get(f"/v1/cases/{doubtful}/checks").text

        assert married.citizen_id not in told
        assert married.phone not in told
