"""What the rules refuse says what comes first, by which rule, and where that rule stands."""

import pytest
from sqlalchemy import update

from relief.registry.models import Person
from tests.api.test_delegation import away, names, waiting
from tests.api.test_kin import filed, refused, relative

__all__ = ["away", "names", "waiting"]  # fixtures

SEPARATE = "行政事业单位内部控制规范（试行）第十二条，财会〔2012〕21号"


def end(office, case, stage, who=("D01", "clerk"), outcome="passed"):
    client = office.client(*who)
    return client.post(f"/v1/cases/{case}/stages/{stage}/end", json={"outcome": outcome})


@pytest.fixture
def case(office):
    return office.apply("S01")["case"]["id"]


class TestSkipped:
    def test_a_stage_that_has_not_begun_waits_for_what_starts_it(self, office, case):
        end(office, case, "ACCEPT")

        told = refused(end(office, case, "PUBLIC"), 409, "stage-too-early")

        assert "请先办结：初审意见（依据：民发〔2021〕57号第二十二条" in told

    def test_so_does_the_decision(self, office, case):
        end(office, case, "ACCEPT")

        told = refused(office.decide(case, "D01"), 409, "stage-too-early")

        assert "请先办结：部门联审、公示（依据：民发〔2021〕57号第二十二条" in told

    def test_before_the_acceptance_it_is_that(self, office, case):
        told = refused(end(office, case, "INV_START"), 409, "stage-too-early")

        assert "请先办结：受理" in told
        assert "（依据：民发〔2021〕57号" in told

    def test_and_again_when_the_application_was_returned(self, office, case):
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/return", json={"missing": "住院费用清单"}
        )

        assert "请先办结：受理" in refused(
            end(office, case, "INV_START"), 409, "stage-too-early"
        )  # fmt: skip

    def test_what_something_outside_starts_waits_for_that(self, office):
        case = office.apply("S03")["case"]["id"]

        told = refused(end(office, case, "BACKFILL"), 409, "stage-too-early")

        assert "请先登记：急难情形缓解（依据：" in told

    @pytest.mark.parametrize("stage", ["INV_START", "CONFIRM"])
    def test_in_a_case_that_has_ended_nothing_comes_first(self, office, case, stage):
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"}
        )

        refused(end(office, case, stage), 409, "stage-not-open")

    def test_what_is_ended_says_that_it_is(self, office, case):
        end(office, case, "ACCEPT")

        assert "已经办结" in refused(end(office, case, "ACCEPT"), 409, "stage-not-open")


def test_a_notice_that_the_law_forbids_is_refused_by_it(office, session):
    home = office.household()
    session.execute(update(Person).where(Person.id == home.person_id).values(born_on="2015-06-07"))
    session.commit()
    case = office.apply("S02", home)["case"]["id"]
    end(office, case, "ACCEPT")
    end(office, case, "INV")

    told = refused(end(office, case, "PUBLIC"), 409, "stage-not-open")

    assert "依法不公示" in told
    assert "民发〔2019〕62号" in told


def test_who_stands_in_for_kin_is_told_by_which_rule(office, waiting, away):
    home = office.household()
    case = office.apply("S03", home)["case"]["id"]
    office.go_on(case)
    filed(office, relative(home), who=("D01", "approver"))
    sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件", "departs": "没有查明"}

    answer = office.client("D01", "reviewer").post(f"/v1/cases/{case}/decision", json=sent)

    refused(answer, 403, "kin-of-case")
    assert (
        "王主任应当回避：与申请家庭有近亲属关系（民发〔2021〕57号第十一条）"
        in answer.json["detail"]
    )
    assert [one["source"] for one in office.show(case)["kin"]] == ["filed"]


def test_who_verified_a_doubt_is_told_why_another_decides(office):
    home = office.household(marital="20")
    case = office.apply("S09", home)["case"]["id"]
    office.go_on(case)
    approver = office.client("D01", "approver")
    found = approver.get(f"/v1/cases/{case}/checks").json["findings"]
    [one] = [one for one in found if one["waits"]]
    approver.post(
        f"/v1/cases/{case}/findings/{one['id']}/answer",
        json={"verdict": "unfounded", "reason": "与户口簿核对过"},
    )

    assert SEPARATE in refused(office.decide(case, "D01"), 403, "verifier-decides")
