"""Close relatives: what staff file, and who may then not act in whose case, by which rule."""

from datetime import date

import pytest
from sqlalchemy import func, select, text

from relief.accounts.models import Account
from relief.audit.models import AuditEvent
from relief.organisation import queries as organisation
from relief.registry.models import Person
from relief.review.kin.models import CaseKin, KinFiling, KinRelative
from relief.review.models import CaseStep
from relief.schemes import queries as schemes
from tests.support.people import TIEXI
from tests.support.settings import START
from tests.support.source import number

OWN = number(date(1985, 5, 6), 7)
NEPHEW = "93"


@pytest.fixture
def home(office):
    return office.household()


def filed(office, *relatives, who=("D01", "clerk"), own=OWN, **given):
    client = office.client(*who, **given)
    sent = {"own_number": own, "relatives": list(relatives)}
    return client.post("/v1/me/kin-filing", json=sent)


def relative(home, relation="20", name="张三"):
    return {"name": name, "relation": relation, "number": home.citizen_id}


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json["title"] + answer.json.get("detail", "")


class TestFiling:
    def test_that_there_is_nothing_is_filed_too_and_owed_again_next_year(self, office):
        before = office.client("D01", "clerk").get("/v1/me/kin-filing").json
        done = filed(office)
        office.clock.advance(days=60)
        next_year = office.client("D01", "clerk").get("/v1/me/kin-filing").json

        assert before == {"owed": True, "filing": None}
        assert done.json["owed"] is False
        assert (done.json["filing"]["year"], done.json["filing"]["relatives"]) == (2026, [])
        assert next_year["owed"] is True

    def test_no_number_is_told_or_stands_in_the_clear(self, office, session, home):
        done = filed(office, relative(home))

        assert home.citizen_id not in done.text
        assert done.json["filing"]["relatives"][0].keys() == {"id", "name", "relation"}
        event = session.scalar(select(AuditEvent).where(AuditEvent.action == "kin:filed"))
        assert event.details == {"year": 2026, "relatives": 1}
        stored = session.scalar(select(KinRelative.number_id))
        assert stored == session.scalar(
            select(Person.citizen_id).where(Person.id == home.person_id)
        )

    def test_who_files_again_need_not_give_a_number_again(self, office, session, home):
        first = filed(office, relative(home)).json["filing"]["relatives"][0]
        kept = {"name": "张三", "relation": "30", "keep": first["id"]}
        office.clock.advance(days=1)

        again = office.client("D01", "clerk").post("/v1/me/kin-filing", json={"relatives": [kept]})

        assert again.json["filing"]["relatives"][0]["relation"] == "30"
        numbers = session.scalars(select(KinFiling.own_number_id)).all()
        assert len(numbers) == 2
        assert len(set(numbers)) == 1
        refused(office.client("D01", "clerk").post("/v1/cases", json={
            "person_id": str(home.person_id), "scheme": "S01", "need": "困难",
        }), 403, "kin-of-case")  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"own_number": "210302198505060070", "relatives": []}, "kin-number-invalid"),
            ({"relatives": []}, "kin-number-invalid"),
            (
                {"own_number": OWN, "relatives": [{"name": "张三", "relation": "20"}]},
                "kin-number-invalid",
            ),
            (
                {
                    "own_number": OWN,
                    "relatives": [{"name": "张三", "relation": "04", "number": OWN}],
                },
                "kin-relation-unknown",
            ),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_is_filed(self, office, session, given, code):
        answer = office.client("D01", "clerk").post("/v1/me/kin-filing", json=given)

        refused(answer, 422, code)
        assert session.scalar(select(func.count()).select_from(KinFiling)) == 0

    def test_somebody_elses_relative_is_not_kept(self, office, home):
        other = filed(office, relative(home), who=("D02", "reviewer")).json["filing"]
        kept = {"name": "张三", "relation": "20", "keep": other["relatives"][0]["id"]}

        answer = office.client("D01", "clerk").post(
            "/v1/me/kin-filing", json={"own_number": OWN, "relatives": [kept]}
        )

        refused(answer, 422, "kin-number-invalid")


class TestLocks:
    def test_nobody_enters_the_application_of_their_own_kin(self, office, session, home):
        filed(office, relative(home))

        answer = office.client("D01", "clerk").post(
            "/v1/cases",
            json={"person_id": str(home.person_id), "scheme": "S01", "need": "家庭困难"},
        )

        assert "民发〔2021〕57号第十一条" in refused(answer, 403, "kin-of-case")
        assert session.scalar(select(func.count()).select_from(CaseStep)) == 0

    def test_who_files_when_the_case_is_under_way_is_locked_out_at_once(self, office, home):
        case = office.apply("S01", home)["case"]["id"]
        filed(office, relative(home))
        clerk = office.client("D01", "clerk")

        ended = clerk.post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"})
        returned = clerk.post(f"/v1/cases/{case}/return", json={"missing": "收入证明"})
        withdrawn = clerk.post(f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"})

        for answer in (ended, returned, withdrawn):
            refused(answer, 403, "kin-of-case")

    def test_of_the_household_oneself_is_kin_too(self, office, home):
        filed(office, own=home.citizen_id)

        answer = office.client("D01", "clerk").post(
            "/v1/cases",
            json={"person_id": str(home.person_id), "scheme": "S01", "need": "家庭困难"},
        )

        refused(answer, 403, "kin-of-case")

    def test_the_circle_is_a_parameter(self, office, session, home):
        filed(office, relative(home, NEPHEW))
        office.apply("S01", home)  # a nephew is no close relative by national rule

        session.execute(text(
            "INSERT INTO parameter"
            " (name, region_code, valid_from, value, unit, source, confidence) VALUES"
            " ('kin_circle', 210300000000, '2026-11-01', 2, 'circle', '测试', 'D')"
        ))  # fmt: skip
        session.commit()
        answer = office.client("D01", "clerk").post(
            "/v1/cases",
            json={"person_id": str(home.person_id), "scheme": "S22", "need": "房屋漏雨"},
        )

        refused(answer, 403, "kin-of-case")

    def test_the_circles_are_those_of_the_standard(self, session):
        codes = organisation.code_tables(session, tables=["relation"])["relation"]
        circle = schemes.kin_circle(session, on=START.date())

        assert circle <= codes.keys()
        names = {codes[code] for code in circle}
        assert {"配偶", "父亲", "母亲", "长子", "祖父", "兄", "妹妹", "外孙女"} <= names
        assert not {"儿媳", "女婿", "侄子", "岳父", "非亲属", "嫂"} & names


class TestCasesOfKin:
    @pytest.fixture
    def case(self, office, home):
        """An application entered by one clerk, of whose family another is."""
        filed(office, relative(home), who=("D01", "reviewer"))
        return office.apply("S01", home)["case"]["id"]

    def test_it_says_so_and_waits_for_the_others_of_the_office(self, office, case, session):
        detail = office.show(case)
        turn = office.client("D01", "reviewer").get("/v1/my-turn").json["items"]

        assert [(one["relation"], one["source"]) for one in detail["kin"]] == [("20", "filed")]
        assert turn == []
        assert session.scalar(select(func.count()).select_from(CaseKin)) == 1

    def test_of_someone_who_handles_no_such_case_it_says_nothing(self, office, home):
        filed(office, relative(home), who=("D01", "reviewer"), region=TIEXI)

        assert office.apply("S01", home)["kin"] == []

    def test_without_a_visit_by_the_county_nobody_decides(self, office, case):
        def other(role):
            return office.client("D01", role, region="210300000000")

        detail = office.show(case)
        while any(
            one["status"] == "open" and one["kind"] != "confirmation" for one in detail["stages"]
        ):
            for stage in detail["stages"]:
                if stage["status"] != "open" or stage["waits_for"]:
                    continue
                if stage["kind"] == "public_notice":
                    office.clock.advance(days=8)
                if stage["kind"] == "confirmation":
                    continue
                if stage["survey_by"]:
                    office.survey(case)
                client = office.client(
                    stage["department_code"], stage["role"], region="210300000000"
                )
                done = client.post(
                    f"/v1/cases/{case}/stages/{stage['code']}/end", json={"outcome": "passed"}
                )
                assert done.status_code == 200, done.json
            detail = office.show(case)
        sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件", "departs": "另有困难"}
        early = office.client("D01", "approver").post(f"/v1/cases/{case}/decision", json=sent)
        other("approver")
        companion = office.accounts["D01", "approver", "210300000000"]
        visit = {"companion_id": str(companion), "visited_on": "2026-11-24", "finding": "情况属实"}
        visited = other("reviewer").post(f"/v1/cases/{case}/kin-visit", json=visit)
        again = other("reviewer").post(f"/v1/cases/{case}/kin-visit", json=visit)
        by_who_was_there = other("approver").post(f"/v1/cases/{case}/decision", json=sent)
        done = office.client("D01", "approver").post(f"/v1/cases/{case}/decision", json=sent)

        refused(by_who_was_there, 403, "four-eyes")
        assert "民发〔2021〕57号第二十条" in refused(early, 409, "kin-visit-missing")
        assert visited.status_code == 200, visited.json
        assert visited.json["kin_visit"]["finding"] == "情况属实"
        assert len(visited.json["kin_visit"]["visitors"]) == 2
        refused(again, 409, "kin-visited-before")
        assert done.status_code == 200, done.json
        assert done.json["case"]["status"] == "decided"

    def test_a_visit_is_by_two_of_the_county_who_are_not_kin(self, office, case):
        kin = office.accounts["D01", "reviewer", "210302000000"]
        clerk = office.accounts["D01", "clerk", "210302000000"]
        other = office.client("D01", "reviewer", region="210300000000")
        own = office.accounts["D01", "reviewer", "210300000000"]

        def visit(companion_id, day="2026-11-23"):
            sent = {"companion_id": str(companion_id), "visited_on": day, "finding": "情况属实"}
            return other.post(f"/v1/cases/{case}/kin-visit", json=sent)

        for wrong in (clerk, own):
            assert "第十六条" in refused(visit(wrong), 422, "two-visitors")
        assert "另一名入户人员" in refused(visit(kin), 403, "kin-of-case")
        office.client("D01", "reviewer", region=TIEXI)
        elsewhere = office.accounts["D01", "reviewer", TIEXI]
        assert "第十六条" in refused(visit(elsewhere), 422, "two-visitors")
        office.client("D01", "approver")
        approver = office.accounts["D01", "approver", "210302000000"]
        refused(visit(approver, "2026-11-24"), 422, "kin-visit-to-come")

    def test_a_case_of_nobodys_kin_needs_no_visit(self, office):
        case = office.apply("S01")["case"]["id"]
        office.client("D01", "approver")
        sent = {
            "companion_id": str(office.accounts["D01", "approver", "210302000000"]),
            "visited_on": "2026-11-23",
            "finding": "情况属实",
        }
        answer = office.client("D01", "reviewer").post(f"/v1/cases/{case}/kin-visit", json=sent)

        refused(answer, 409, "not-kin")


class TestDeclaredAndStoodBack:
    @pytest.fixture
    def case(self, office):
        return office.apply("S01")["case"]["id"]

    def test_whom_the_applicant_names_is_locked_out_by_name(self, office, session, case):
        clerk = office.accounts["D01", "clerk", "210302000000"]
        account = session.get_one(Account, clerk)
        account.display_name = "刘重名"
        session.commit()
        declared = office.client("D01", "reviewer").post(
            f"/v1/cases/{case}/kin", json={"name": "刘重名", "relation": "71"}
        )

        assert [one["source"] for one in declared.json["kin"]] == ["declared"]
        answer = office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )
        refused(answer, 403, "kin-of-case")

    def test_a_member_of_a_committee_has_no_account_and_is_kept_by_name(self, office, case):
        declared = office.client("D01", "clerk").post(
            f"/v1/cases/{case}/kin", json={"name": "村主任王某", "relation": "71"}
        ).json  # fmt: skip

        assert [(one["name"], one["relation"]) for one in declared["kin"]] == [("村主任王某", "71")]
        assert declared["timeline"][-1]["step"] == "kin_declared"

    def test_an_unknown_relation_is_refused(self, office, case):
        answer = office.client("D01", "clerk").post(
            f"/v1/cases/{case}/kin", json={"name": "王主任", "relation": "04"}
        )

        refused(answer, 422, "kin-relation-unknown")

    def test_who_stands_back_never_acts_again_and_the_others_do(self, office, case):
        clerk = office.client("D01", "clerk")
        done = clerk.post(f"/v1/cases/{case}/recusal", json={"reason": "与申请人是邻居"})
        again = clerk.post(f"/v1/cases/{case}/recusal", json={"reason": "与申请人是邻居"})
        ended = clerk.post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"})
        other = office.client("D01", "clerk", region="210300000000")

        assert done.json["timeline"][-1]["step"] == "stood_back"
        assert done.json["timeline"][-1]["note"] == "与申请人是邻居"
        refused(again, 409, "stood-back-before")
        refused(ended, 403, "stood-back")
        assert clerk.get("/v1/my-turn").json["items"] == []
        assert len(other.get("/v1/my-turn").json["items"]) == 1
        accepted = other.post(f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"})
        assert accepted.status_code == 200

    @pytest.mark.parametrize(
        ("path", "sent"),
        [
            ("kin", {"name": "王主任", "relation": "71"}),
            ("recusal", {"reason": "与申请人是邻居"}),
        ],
    )
    def test_nothing_of_it_in_a_case_that_has_ended(self, office, case, path, sent):
        clerk = office.client("D01", "clerk")
        clerk.post(f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"})

        refused(clerk.post(f"/v1/cases/{case}/{path}", json=sent), 409, "case-closed")
