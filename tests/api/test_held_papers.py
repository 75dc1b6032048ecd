"""An office that asks for a paper of which the platform has what it says (A26)."""

import pytest
from sqlalchemy import select, update

from relief.registry.models import Enrolment, ImportBatch
from relief.review.checks.models import CaseFinding
from relief.review.models import CasePause
from tests import factories

ASKED = {"missing": "残疾人证复印件"}
WHY = "名册上的残疾等级与本人陈述不符，须核对原件"


@pytest.fixture
def case(office, session):
    """A case of someone whom the list of the disability allowances names."""
    home = office.household()
    factories.make_batch(session, "S09")
    session.flush()
    session.execute(
        update(Enrolment).where(Enrolment.person_id == home.person_id).values(scheme_code="S09")
    )
    session.execute(update(ImportBatch).values(merged_at=office.clock()))
    session.commit()
    office.clock.advance(minutes=1)
    return office.apply("S10", home)["case"]["id"]


def ask(office, case, act, **given):
    return office.client("D01", "clerk").post(f"/v1/cases/{case}/{act}", json=ASKED | given)


def found(session):
    session.rollback()
    return session.scalars(select(CaseFinding).where(CaseFinding.check_code == "A26")).all()


@pytest.mark.parametrize("act", ["return", "pause"])
def test_it_is_refused_with_where_it_is_known_and_by_which_law(office, session, case, act):
    if act == "pause":
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )

    answer = ask(office, case, act)

    assert (answer.status_code, answer.json["code"]) == (409, "papers-held")
    assert "“残疾人证”，而系统已有：“残疾生活补贴”名册" in answer.json["detail"]
    assert "社会救助法第六十二条" in answer.json["detail"]
    [one] = answer.json["conflicts"]
    assert (one["check"], one["source"]) == ("A26", "社会救助法第六十二条")
    assert session.scalars(select(CasePause)).all() == []
    assert office.show(case)["case"]["status"] != "returned"


@pytest.mark.parametrize("act", ["return", "pause"])
def test_who_says_why_may_ask_and_it_is_kept(office, session, case, act):
    if act == "pause":
        office.client("D01", "clerk").post(
            f"/v1/cases/{case}/stages/ACCEPT/end", json={"outcome": "passed"}
        )

    answer = ask(office, case, act, nonetheless=WHY)

    assert answer.status_code == 200, answer.json
    [one] = found(session)
    assert one.grade == "note"
    assert one.evidence["paper"] == "残疾人证"
    assert any(WHY in (step["note"] or "") for step in answer.json["timeline"])


def test_what_nobody_has_may_be_asked_for(office, session, case):
    assert ask(office, case, "return", missing="医院诊断书").status_code == 200
    assert found(session) == []
