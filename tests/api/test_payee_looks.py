"""The whole number of an account is shown on a ground, and the look is written down."""

from sqlalchemy import select

from relief.audit import grounds
from relief.audit.models import AuditEvent, GroundKind
from tests.api.test_changes import done, refused
from tests.api.test_payees import case, enter, home
from tests.support.paying import card, payee

__all__ = ["case", "home"]  # the fixtures


def unmask(office, case, role="reviewer", department="D01", **given):
    payee_id = office.show(case)["payees"]["rows"][0]["id"]
    sent = {"purpose": "application"} | given
    path = f"/v1/cases/{case}/payees/{payee_id}/unmask"
    return office.client(department, role).post(path, json=sent)


def test_the_whole_number_is_shown_on_a_ground_and_the_look_is_written_down(
    office, session, home, case
):
    done(enter(office, case, payee()))
    refused(unmask(office, case), 403, "no-open-ground")
    grounds.open_ground(
        session, kind=GroundKind.CASE, reference="case", person_id=home.person_id,
        purpose="受理申请", actor_id=None, now=office.clock(),
    )  # fmt: skip
    session.commit()

    assert done(unmask(office, case)) == {"number": card(1)}

    look = session.scalars(select(AuditEvent).where(AuditEvent.action == "person:unmasked")).one()
    assert look.subject_id == home.person_id
    assert (look.details["fields"], look.details["case"]) == (["payee_account"], case)


def test_who_stood_back_from_the_case_is_shown_no_number(office, case):
    done(enter(office, case, payee()))
    done(
        office.client("D01", "reviewer").post(f"/v1/cases/{case}/recusal", json={"reason": "邻居"})
    )

    refused(unmask(office, case), 403, "stood-back")


def test_who_does_not_pay_is_shown_no_number(office):
    case = office.apply("S09")["case"]["id"]
    done(enter(office, case, payee()))

    refused(unmask(office, case, department="D13"), 404, "payee-not-found")
