"""What an act is refused for stays: the doubt to verify, the lock of kin, the home to visit."""

import pytest
from sqlalchemy import func, select, update

from relief.audit.models import AuditEvent
from relief.registry.models import Person
from relief.review.checks.models import CaseFinding
from relief.review.kin.models import CaseKin
from relief.review.models import CaseDecision
from tests.api.test_kin import filed, refused, relative

CITY = "210300000000"
VERIFIED = {"verdict": "unfounded", "reason": "与户口簿、结婚证核对过"}


@pytest.fixture
def home(office):
    return office.household()


@pytest.fixture
def ready(office, home):
    """A case of which nothing is found, and that waits for the decision."""
    case = office.apply("S09", home)["case"]["id"]
    office.go_on(case)
    return case


def marries(session, home):
    """The registry learns that somebody is married, and knows no spouse (A08)."""
    session.execute(update(Person).where(Person.id == home.person_id).values(marital="20"))
    session.commit()


def doubts(office, case):
    told = office.client("D01", "clerk").get(f"/v1/cases/{case}/checks").json
    return [one for one in told["findings"] if one["waits"]]


def steps(office, case, step):
    return [one for one in office.show(case)["timeline"] if one["step"] == step]


def counted(session, action):
    return session.scalar(select(func.count()).where(AuditEvent.action == action))


def visit(office, case, companion):
    sent = {"companion_id": str(companion), "visited_on": "2026-11-24", "finding": "情况属实"}
    office.clock.advance(days=8)
    client = office.client("D01", "reviewer", region=CITY)
    return client.post(f"/v1/cases/{case}/kin-visit", json=sent)


class TestDoubts:
    def test_one_found_at_the_decision_can_be_verified_then(self, office, session, home, ready):
        marries(session, home)
        held = office.decide(ready, "D01")
        [one] = doubts(office, ready)

        verified = office.client("D01", "reviewer").post(
            f"/v1/cases/{ready}/findings/{one['id']}/answer", json=VERIFIED
        )
        done = office.decide(ready, "D01")

        refused(held, 409, "doubts-open")
        assert verified.status_code == 200, verified.json
        assert done.status_code == 200, done.json

    def test_the_refusal_names_it_with_its_source(self, office, session, home, ready):
        marries(session, home)

        held = office.decide(ready, "D01")

        kept = session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A08")).one()
        [told] = held.json["conflicts"]
        assert told == {"check": "A08", "detail": kept.message, "source": kept.rule}
        assert f"{kept.message}（{kept.rule}）" in held.json["detail"]

    def test_it_is_told_once_however_often_somebody_tries(self, office, session, home, ready):
        marries(session, home)
        before = counted(session, "case:checked")

        answers = [office.decide(ready, "D01") for _ in range(3)]

        assert {one.json["code"] for one in answers} == {"doubts-open"}
        assert len(doubts(office, ready)) == 1
        assert len(steps(office, ready, "checked")) == 1
        assert counted(session, "case:checked") == before + 1

    def test_nothing_else_of_the_refused_act_is_kept(self, office, session, home, ready):
        marries(session, home)

        office.decide(ready, "D01")

        assert session.scalar(select(func.count()).select_from(CaseDecision)) == 0
        assert office.show(ready)["case"]["status"] == "accepted"
        assert counted(session, "case:decided") == 0

    def test_the_key_of_a_refused_request_may_be_used_again(self, office, session, home, ready):
        marries(session, home)
        client = office.client("D01", "approver")
        sent = {"granted": True, "amount_fen": 56400, "reason": "符合条件", "departs": "另有困难"}

        first, second = (
            client.post(
                f"/v1/cases/{ready}/decision", json=sent, headers={"Idempotency-Key": "one"}
            )
            for _ in range(2)
        )

        assert (first.status_code, second.status_code) == (409, 409)
        assert len(doubts(office, ready)) == 1

    def test_what_holds_the_acceptance_stays_too(self, office, session, home):
        case = office.apply("S09", home)["case"]["id"]
        session.execute(
            update(Person).where(Person.id == home.person_id).values(died_on="2026-11-23")
        )
        session.commit()

        answer = office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )

        refused(answer, 409, "check-blocked")
        kept = session.scalars(select(CaseFinding.check_code).where(CaseFinding.grade == "block"))
        assert "A03" in set(kept)
        assert len(steps(office, case, "checked")) == 1


class TestKin:
    def test_who_filed_meanwhile_is_locked_out_and_the_county_visits(self, office, home, ready):
        filed(office, relative(home), who=("D01", "reviewer"))
        held = office.decide(ready, "D01")
        told = office.show(ready)

        office.client("D01", "approver", region=CITY)
        visited = visit(office, ready, office.accounts["D01", "approver", CITY])
        done = office.decide(ready, "D01")

        assert "民发〔2021〕57号第二十条" in refused(held, 409, "kin-visit-missing")
        assert [(one["relation"], one["source"]) for one in told["kin"]] == [("20", "filed")]
        assert told["timeline"][-1]["step"] == "kin_found"
        assert visited.status_code == 200, visited.json
        assert done.status_code == 200, done.json

    def test_it_is_kept_and_told_once_however_often_it_is_tried(self, office, session, home, ready):
        filed(office, relative(home), who=("D01", "reviewer"))

        for _ in range(3):
            refused(office.decide(ready, "D01"), 409, "kin-visit-missing")

        assert session.scalar(select(func.count()).select_from(CaseKin)) == 1
        assert counted(session, "case:kin_found") == 1

    def test_who_tries_to_act_as_kin_leaves_the_lock(self, office, session, home):
        case = office.apply("S09", home)["case"]["id"]
        filed(office, relative(home))

        for _ in range(2):
            answer = office.client("D01", "clerk").post(
                f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
            )
            refused(answer, 403, "kin-of-case")

        assert session.scalars(select(CaseKin.account_id)).all() == [
            office.accounts["D01", "clerk", "210302000000"]
        ]
        assert counted(session, "case:kin_found") == 1
        assert counted(session, "case:stage_ended") == 0

    def test_doubts_are_kept_together_with_it(self, office, session, home, ready):
        marries(session, home)
        filed(office, relative(home), who=("D01", "reviewer"))

        refused(office.decide(ready, "D01"), 409, "kin-visit-missing")

        assert [one["check"] for one in doubts(office, ready)] == ["A08"]

    def test_the_visit_compares_by_itself(self, office, home, ready):
        filed(office, relative(home), who=("D01", "reviewer"))
        office.client("D01", "approver", region=CITY)

        visited = visit(office, ready, office.accounts["D01", "approver", CITY])

        assert visited.status_code == 200, visited.json
        assert len(visited.json["kin"]) == 1

    def test_a_visitor_who_is_kin_is_refused_and_kept(self, office, home, ready):
        office.client("D01", "approver", region=CITY)
        filed(office, relative(home), who=("D01", "approver"), region=CITY)

        answer = visit(office, ready, office.accounts["D01", "approver", CITY])

        refused(answer, 403, "kin-of-case")
        assert len(office.show(ready)["kin"]) == 1

    def test_a_refused_application_leaves_nothing(self, office, session, home):
        filed(office, relative(home))

        answer = office.client("D01", "clerk").post(
            "/v1/cases",
            json={"person_id": str(home.person_id), "scheme": "S09", "need": "家庭困难"},
        )

        refused(answer, 403, "kin-of-case")
        assert session.scalar(select(func.count()).select_from(CaseKin)) == 0
