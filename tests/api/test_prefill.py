"""A new application is filled in with what is known: nothing of it is asked again."""

from datetime import date

import pytest
from sqlalchemy import select

from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.review.recognition.models import CasePrefill
from tests.api.test_recognition import enter, entered
from tests.support.confirming import enrolled, listed
from tests.support.settings import CIPHER

INCOME = {"field": "fact", "kind": "household_income_month", "value": "120000"}
FOUND = {
    "urban_household": 1, "household_members": 1, "household_income_month": 60000,
    "property_within_rule": 1,
}  # fmt: skip


@pytest.fixture
def home(office):
    return office.household()


@pytest.fixture
def before(office, home):
    """An application of the same family for another scheme, with what was found out."""
    case = office.apply("S05", home)["case"]
    facts = [{"kind": kind, "value": value, "proof": "收入证明"} for kind, value in FOUND.items()]
    answer = office.client("D01", "clerk").post(
        f"/v1/cases/{case['id']}/facts", json={"facts": facts}
    )
    assert answer.status_code == 200, answer.json
    return case


def form(office, home, scheme=None, department="D01"):
    query = {"scheme": scheme} if scheme else {}
    answer = office.client(department, "clerk").get(
        f"/v1/persons/{home.person_id}/application", query_string=query
    )
    assert answer.status_code == 200, answer.json
    return answer.json


def filled(detail):
    return {one["kind"] or one["field"]: one for one in detail["known_before"]["prefilled"]}


class TestForm:
    def test_it_says_what_is_known_where_from_and_what_nobody_need_hand_in(
        self, office, home, before
    ):
        shown = form(office, home, "S01")

        values = {one["kind"] or one["field"]: one for one in shown["values"]}
        assert values["members"]["value"] == "张三"
        assert values["address"]["origin"].startswith("困难群众库，户编号 210302-")
        assert home.phone[:3] in values["phone"]["value"]
        assert home.phone not in values["phone"]["value"]
        income = values["household_income_month"]
        assert (income["value"], income["known_on"]) == ("600 元", "2026-11-23")
        assert income["origin"] == f"沿用 {before['number']} 2026年11月23日查明：收入证明"
        assert {one["name"] for one in shown["papers"]} == {
            "张三的核对授权书", "张三的居民身份证复印件"
        }  # fmt: skip
        assert shown["signers"] == []

    def test_for_an_identity_the_proof_is_held_and_nobody_signs(self, office, session):
        home = listed(session, office.household(schemes=("S01",)))

        shown = form(office, home, "S21")

        [one] = shown["identities"]
        assert (one["state"], one["spares"]) == ("stands", "民政收入财产认定及授权")
        assert "低保对象证明" in {paper["name"] for paper in shown["papers"]}
        assert shown["signers"] == []

    def test_of_a_family_that_is_new_all_is_asked(self, office, home):
        shown = form(office, home, "S01")

        assert [one["field"] for one in shown["values"]] == ["members", "address", "phone"]
        assert [one["name"] for one in shown["signers"]] == ["张三"]
        assert "家庭月收入" in shown["facts"]

    def test_without_a_scheme_it_tells_what_is_known_for_any(self, office, home):
        assert form(office, home)["facts"] == []


class TestTakenOver:
    def test_the_second_application_asks_for_nothing_that_is_known(self, office, home, before):
        detail = entered(enter(office, home, "S01"))

        facts = {one["kind"]: one for one in detail["facts"]["facts"]}
        assert {kind: facts[kind]["value"] for kind in FOUND} == FOUND
        assert facts["household_income_month"]["proof"].startswith(f"沿用 {before['number']}")
        steps = {one["step"]: one["note"] for one in detail["timeline"]}
        assert steps["authorised"] == "沿用仍有效的核对授权：张三"
        assert steps["taken_over"].startswith("家庭成员、住址、联系电话、")

    def test_an_identity_is_a_fact_too(self, office, session):
        home = listed(session, office.household(schemes=("S01",)))

        detail = entered(enter(office, home, "S09"))

        [fact] = detail["facts"]["facts"]
        assert (fact["kind"], fact["value"]) == ("in_minimum_allowance", 1)
        assert fact["proof"].startswith("互认：该家庭已认定为低保对象")

    @pytest.mark.usefixtures("before")
    def test_what_was_found_long_ago_is_asked_again(self, office, home):
        office.later(200)

        detail = entered(enter(office, home, "S01"))

        assert detail["facts"]["facts"] == []
        assert set(filled(detail)) == {"members", "address", "phone"}

    def test_what_was_taken_over_is_as_old_as_it_was_when_it_is_taken_over_again(
        self, office, home, before
    ):
        office.later(100)
        second = entered(enter(office, home, "S01"))["case"]["id"]
        office.client("D01", "clerk").post(f"/v1/cases/{second}/withdraw", json={"reason": "撤回"})
        third = entered(enter(office, home, "S01"))
        income = filled(third)["household_income_month"]
        assert income["origin"] == f"沿用 {before['number']} 2026年11月23日查明：收入证明"
        office.client("D01", "clerk").post(
            f"/v1/cases/{third['case']['id']}/withdraw", json={"reason": "撤回"}
        )

        office.later(100)

        assert entered(enter(office, home, "S01"))["facts"]["facts"] == []

    def test_an_identity_that_ended_is_no_fact_of_an_earlier_case_either(self, office, session):
        home = listed(session, office.household(schemes=("S01",)))
        first = entered(enter(office, home, "S09"))["case"]["id"]
        office.clock.advance(minutes=1)
        found = {"kind": "in_minimum_allowance", "value": 1, "proof": "名册"}
        answer = office.client("D01", "clerk").post(
            f"/v1/cases/{first}/facts", json={"facts": [found]}
        )
        assert answer.status_code == 200, answer.json
        office.client("D01", "clerk").post(f"/v1/cases/{first}/withdraw", json={"reason": "撤回"})
        enrolled(session, home, ended_on=date(2026, 11, 20))

        assert entered(enter(office, home, "S09"))["facts"]["facts"] == []


class TestCorrected:
    @pytest.mark.usefixtures("before")
    def test_a_value_is_corrected_with_a_reason_and_both_are_kept(self, office, home, session):
        why = {"reason": "申请人找到工作"}
        sent = [
            INCOME | why,
            {"field": "address", "value": "解放社区2号楼"} | why,
            {"field": "phone", "value": "+86 139-0000-1111"} | why,
        ]

        detail = entered(enter(office, home, "S01", corrections=sent))

        known = filled(detail)
        income = known["household_income_month"]
        assert (income["value"], income["corrected"]) == ("600 元", "1,200 元")
        assert income["reason"] == "申请人找到工作"
        assert known["address"]["corrected"] == "解放社区2号楼"
        assert known["phone"]["corrected"] == "139****1111"
        kept = select(CasePrefill.secret_id).where(CasePrefill.secret_id.is_not(None))
        [sealed] = session.scalars(kept)
        assert store.find(session, CIPHER, SecretKind.PHONE, "13900001111") == sealed
        [fact] = [
            one for one in detail["facts"]["facts"] if one["kind"] == "household_income_month"
        ]
        assert (fact["value"], fact["proof"][:10]) == (120000, "更正：申请人找到工作")
        [step] = [one for one in detail["timeline"] if one["step"] == "taken_over"]
        assert step["note"].endswith("其中更正：住址、联系电话、家庭月收入")

    @pytest.mark.parametrize(
        ("one", "code"),
        [
            ({"field": "fact", "kind": "selfcare_failed", "value": "1"}, "nothing-to-correct"),
            (INCOME | {"value": "-1"}, "wrong-correction"),
            (INCOME | {"value": "很多"}, "wrong-correction"),
            ({"field": "phone", "value": "没有电话"}, "wrong-correction"),
        ],
    )
    @pytest.mark.usefixtures("before")
    def test_what_is_no_value_is_refused_whole(self, office, home, one, code):
        answer = enter(office, home, "S01", corrections=[one | {"reason": "情况有变"}])

        assert (answer.status_code, answer.json["code"]) == (422, code)
