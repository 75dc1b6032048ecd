"""Papers handed over by someone else: only with a mandate, for what it says, while it holds."""

import uuid

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.audit.models import AuditEvent
from relief.registry.models import Person
from relief.review.kin.models import CaseRecusal
from tests.api.test_changes import done, refused
from tests.support.applicants import BORN
from tests.support.paying import guardian
from tests.support.people import TIEXI
from tests.support.source import number

NUMBER = number(sequence=951)
GIVEN = {
    "agent": "李四", "kind": "relative", "number": NUMBER, "acts": ["apply", "papers"],
    "from_on": "2026-11-23", "until_on": "2026-12-31", "form": "written",
    "proof": "委托书第 3 号，存申请档案",
}  # fmt: skip


@pytest.fixture
def home(office):
    return office.household(born_on=BORN["S07"])


@pytest.fixture
def case(office, home):
    return office.apply("S07", home)["case"]["id"]


def record(office, case, role="clerk", headers=None, **given):
    client = office.client("D01", role)
    return client.post(f"/v1/cases/{case}/mandates", json=GIVEN | given, headers=headers)


def hand_over(office, case, what="papers", words="收入证明一份", mandate=None, headers=None):
    mandate = mandate or office.show(case)["mandates"][0]["id"]
    path = f"/v1/cases/{case}/mandates/{mandate}/hand-over"
    sent = {"what": what, "words": words}
    return office.client("D01", "clerk").post(path, json=sent, headers=headers)


def revoke(office, case):
    path = f"/v1/cases/{case}/mandates/{office.show(case)['mandates'][0]['id']}/revocation"
    return office.client("D01", "clerk").post(path, json={"reason": "申请人要求"})


def steps(detail, count):
    return [(one["step"], one["note"]) for one in detail["timeline"][-count:]]


def test_papers_handed_over_by_an_agent_say_so_in_the_timeline_and_the_trail(office, session, case):
    detail = done(record(office, case))
    [mandate] = detail["mandates"]
    assert (mandate["agent"], mandate["in_force"]) == ("李四", True)
    assert (mandate["from_on"], mandate["until_on"]) == ("2026-11-23", "2026-12-31")
    assert mandate["number"] == NUMBER[:4] + "*" * 14
    assert NUMBER not in str(detail)
    stage = next(one for one in detail["stages"] if one["kind"] == "acceptance")
    done(office.end(case, stage))
    done(
        office.client("D01", "clerk").post(f"/v1/cases/{case}/pause", json={"missing": "收入证明"})
    )

    detail = done(hand_over(office, case))

    assert steps(detail, 2) == [
        ("resumed", None), ("handed_over", "受托人李四代为递交材料：收入证明一份"),
    ]  # fmt: skip
    assert detail["pauses"][0]["until_on"] == "2026-11-23"
    actions = session.scalars(
        select(AuditEvent.action).where(
            AuditEvent.action.in_(["case:mandate_recorded", "case:handed_over"])
        )
    ).all()
    assert sorted(actions) == ["case:handed_over", "case:mandate_recorded"]


def test_what_nobody_asked_for_is_taken_in_too(office, case):
    done(record(office, case))

    assert steps(done(hand_over(office, case)), 1)[0][0] == "handed_over"


def test_an_agent_brings_what_was_missing_and_the_application_begins_again(office, case):
    done(record(office, case))
    done(office.client("D01", "clerk").post(f"/v1/cases/{case}/return", json={"missing": "户口簿"}))

    detail = done(hand_over(office, case, "resubmit", "户口簿"))

    assert detail["case"]["status"] == "submitted"
    assert steps(detail, 1) == [("handed_over", "受托人李四代为递交补正材料，再次提交：户口簿")]


def test_an_application_may_be_made_by_an_agent(office, home):
    detail = office.apply("S07", home, mandate=GIVEN)

    assert ("handed_over", "受托人李四代为提出申请") in steps(detail, 9)


@pytest.mark.parametrize("acts", [["apply", "authorise"], ["apply"]])
def test_an_agent_who_applies_signs_with_it_if_the_mandate_says_so(office, home, acts):
    sent = {"person_id": str(home.person_id), "scheme": "S07", "need": "家庭困难"}
    sent |= {"authorisations": [office.signed(home, signed_by="agent")]}
    sent |= {"mandate": GIVEN | {"acts": acts}}

    answer = office.client("D01", "clerk").post("/v1/cases", json=sent)

    if "authorise" in acts:
        assert answer.status_code == 201, answer.json
    else:
        refused(answer, 403, "others-authorisation")


def test_not_by_one_whose_mandate_does_not_say_so(office, home):
    sent = {"person_id": str(home.person_id), "scheme": "S07", "need": "家庭困难"}
    sent |= {"authorisations": [office.signed(home)], "mandate": GIVEN | {"acts": ["papers"]}}

    refused(office.client("D01", "clerk").post("/v1/cases", json=sent), 403, "not-mandated")

    assert office.client("D01", "clerk").get("/v1/cases").json["items"] == []


def test_an_agent_does_what_the_mandate_says_and_no_more(office, case):
    done(record(office, case, acts=["apply"]))
    refused(hand_over(office, case), 403, "not-mandated")
    done(revoke(office, case))
    done(record(office, case, acts=["withdraw"]))
    mandate = next(one["id"] for one in office.show(case)["mandates"] if one["in_force"])

    detail = done(hand_over(office, case, "withdraw", "本人不再申请", mandate))

    assert detail["case"]["status"] == "withdrawn"
    refused(record(office, case), 409, "case-closed")


def test_it_ends_by_its_last_day(office, case):
    done(record(office, case, until_on="2026-11-24"))
    office.clock.advance(days=1)
    done(hand_over(office, case))
    office.clock.advance(days=1)

    refused(hand_over(office, case), 409, "mandate-ended")
    assert office.show(case)["mandates"][0]["in_force"] is False


def test_it_does_not_hold_before_its_first_day(office, case):
    done(record(office, case, from_on="2026-11-24"))

    refused(hand_over(office, case), 409, "mandate-ended")


def test_it_ends_when_it_is_revoked(office, case):
    done(record(office, case))
    detail = done(revoke(office, case))
    assert steps(detail, 1) == [("mandate_revoked", "受托人李四：申请人要求")]

    refused(hand_over(office, case), 409, "mandate-ended")
    refused(revoke(office, case), 409, "mandate-revoked-before")
    done(record(office, case))  # another may be given


@pytest.mark.parametrize("who", ["applicant", "agent"])
def test_it_ends_when_one_of_the_two_dies(office, session, home, case, who):
    agent = office.household(name="李四")
    done(record(office, case, number=agent.citizen_id))
    dead = home if who == "applicant" else agent
    session.get_one(Person, dead.person_id).died_on = office.clock().date()
    session.commit()

    said = refused(hand_over(office, case), 409, "mandate-ended")

    assert "已去世" in said


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"number": "210302198001010000"}, "agent-number"),
        ({"until_on": "2026-11-22", "from_on": "2026-11-01"}, "mandate-days"),
        ({"until_on": "2026-11-23", "from_on": "2026-11-24"}, "mandate-days"),
        ({"until_on": "9999-12-31"}, "mandate-days"),
        ({"form": "dictated"}, "witness-missing"),
        ({"witness_id": "00000000-0000-0000-0000-000000000001"}, "witness-missing"),
        ({"acts": []}, "unprocessable-entity"),
        ({"acts": ["account"]}, "unprocessable-entity"),
    ],
)
def test_what_is_no_mandate_is_refused(office, case, given, code):
    refused(record(office, case, **given), 422, code)


def test_nobody_is_their_own_agent(office, home, case):
    refused(record(office, case, number=home.citizen_id), 422, "agent-is-applicant")


def test_who_cannot_write_dictates_before_two_of_the_staff(office, session, case):
    office.client("D01", "reviewer")
    office.client("D13", "reviewer")
    office.client("D01", "reviewer", region=TIEXI)
    colleague, stranger, own = (
        str(office.accounts[department, role, "210302000000"])
        for department, role in (("D01", "reviewer"), ("D13", "reviewer"), ("D01", "clerk"))
    )
    elsewhere = str(office.accounts["D01", "reviewer", TIEXI])
    for wrong in (stranger, own, elsewhere):
        refused(record(office, case, form="dictated", witness_id=wrong), 422, "witness-missing")

    [mandate] = done(record(office, case, form="dictated", witness_id=colleague))["mandates"]

    assert mandate["witness"]
    with pytest.raises(IntegrityError, match="two_persons"), session.begin_nested():
        session.execute(text("UPDATE case_mandate SET witness_id = recorded_by"))


def test_one_agent_has_one_mandate_at_a_time(office, case):
    done(record(office, case))

    refused(record(office, case, from_on="2026-12-01"), 409, "mandate-overlaps")
    done(record(office, case, from_on="2027-01-01", until_on="2027-01-31"))


def file(office, role, own):
    sent = {"own_number": own, "relatives": []}
    done(office.client("D01", role).post("/v1/me/kin-filing", json=sent))


def test_staff_who_are_the_agent_do_not_handle_the_case(office, session, case):
    file(office, "reviewer", NUMBER)
    refused(record(office, case, role="reviewer"), 403, "agent-handles")
    done(record(office, case))

    own = office.accounts["D01", "reviewer", "210302000000"]
    assert session.get(CaseRecusal, (uuid.UUID(case), own)) is not None
    sent = {"reason": "本人是受托人"}
    path = f"/v1/cases/{case}/withdraw"
    refused(office.client("D01", "reviewer").post(path, json=sent), 403, "stood-back")


def test_nor_those_who_file_their_number_later(office, case):
    done(record(office, case))
    file(office, "reviewer", NUMBER)

    path = f"/v1/cases/{case}/withdraw"
    answer = office.client("D01", "reviewer").post(path, json={"reason": "本人是受托人"})

    refused(answer, 403, "agent-handles")


def authorise(office, case, home, **given):
    sent = {"authorisations": [office.signed(home, signed_by="agent") | given]}
    return office.client("D01", "clerk").post(f"/v1/cases/{case}/authorisations", json=sent)


def test_an_agent_signs_that_the_applicant_is_checked_only_if_the_mandate_says_so(
    office, home, case
):
    done(record(office, case))
    refused(authorise(office, case, home), 403, "others-authorisation")
    done(revoke(office, case))
    done(record(office, case, acts=["authorise"]))

    assert authorise(office, case, home).status_code == 200
    # Not for a day before, and not once it is revoked.
    refused(authorise(office, case, home, signed_on="2026-11-22"), 403, "others-authorisation")


def test_a_mandate_never_reaches_the_account(office, case):
    """What an agent may hand over is a closed list, and no account stands on it."""
    done(record(office, case, acts=["apply", "papers", "withdraw", "authorise"]))

    refused(hand_over(office, case, "payee", "换卡"), 422, "unprocessable-entity")
    assert guardian()["number"] not in str(office.show(case))


def test_a_mandate_of_another_case_is_none(office, case):
    done(record(office, case))
    mandate = office.show(case)["mandates"][0]["id"]
    other = office.apply("S07", office.household(born_on=BORN["S07"]))["case"]["id"]

    refused(hand_over(office, other, mandate=mandate), 404, "mandate-not-found")


def test_sent_twice_it_is_recorded_and_used_once(office, case):
    for _ in "12":
        done(record(office, case, headers={"Idempotency-Key": "k1"}))
    for _ in "12":
        detail = done(hand_over(office, case, headers={"Idempotency-Key": "k2"}))

    assert len(detail["mandates"]) == 1
    assert [one["step"] for one in detail["timeline"]].count("handed_over") == 1
