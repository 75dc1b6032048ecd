"""A counter enters an application of somebody whom it may not see, by number and name alone."""

import pytest
from sqlalchemy import func, select, update

from relief.audit.models import AuditEvent
from relief.registry.models import Person, SourceLink
from relief.review.models import Case
from relief.review.recognition.models import CasePrefill
from tests.factories import VILLAGE
from tests.support.people import TIEDONG, TIEXI
from tests.support.settings import START
from tests.support.source import number

URL = "/v1/settlements"
LEADS = [("S16", "D02"), ("S25", "D06")]


@pytest.fixture
def home(office):
    """Somebody of whom no department but civil affairs knows anything."""
    return office.household(schemes=("S14",))


def enter(office, home, scheme="S25", department="D06", *, region=None, headers=None, **given):
    sent = {"citizen_id": home.citizen_id, "name": "张三", "scheme": scheme, "need": "急诊欠费"}
    place = {"region": region} if region else {}
    client = office.client(department, "clerk", **place)
    return client.post(URL, json=sent | given, headers=headers or {})


def trail(session, action):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


@pytest.mark.parametrize(("scheme", "department"), LEADS)
def test_who_stands_at_the_counter_is_entered_and_decided(
    office, session, home, scheme, department
):
    counter = office.client(department, "clerk")
    assert counter.get(f"/v1/persons/{home.person_id}").status_code == 404
    by_person = {"person_id": str(home.person_id), "scheme": scheme, "need": "急诊欠费"}
    assert counter.post("/v1/cases", json=by_person).status_code == 404

    answer = enter(office, home, scheme, department)

    assert answer.status_code == 201, answer.json
    case = answer.json["case"]["id"]
    row = session.get_one(Case, case)
    assert row.identity_id == session.scalar(select(SourceLink.identity_id))
    assert session.scalar(select(func.count()).select_from(CasePrefill)) == 0
    [found] = trail(session, "person:found_by_number")
    assert (found.subject_id, found.details) == (home.person_id, {"scheme": scheme, "case": case})
    assert found.region_code == row.region_code
    # The person stays what they were to the counter; the case goes on as any.
    assert counter.get(f"/v1/persons/{home.person_id}").status_code == 404
    assert counter.get(f"/v1/cases/{case}").status_code == 200
    office.go_on(case)
    done = office.decide(case, department)
    assert (done.status_code, done.json["case"]["status"]) == (200, "decided"), done.json


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json


@pytest.mark.parametrize(
    "wrong",
    [{"name": "李四"}, {"citizen_id": number(sequence=9)}, {"region": TIEXI}, {"name": "  "}],
)
def test_nobody_learns_who_is_in_the_registry(office, session, home, wrong):
    """A wrong name, an unknown number, another county: one answer, and a row of the trail."""
    answer = enter(office, home, **wrong)

    refused(answer, 404, "settlement-person-not-found")
    assert home.citizen_id not in answer.text
    [miss] = trail(session, "person:not_found_by_number")
    assert (miss.subject_id, miss.details) == (miss.actor_id, {"scheme": "S25"})
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_what_is_no_number_or_no_settlement_or_not_theirs_is_refused(office, session, home):
    refused(enter(office, home, citizen_id="210302198003041234"), 422, "bad-citizen-id")
    refused(enter(office, home, "S24"), 409, "not-entered-by-settlement")
    refused(enter(office, home, department="D08"), 403, "not-yours")
    refused(enter(office, home, "S99"), 404, "scheme-not-found")
    assert trail(session, "person:not_found_by_number") == []


def test_who_is_dead_or_applies_already_is_told_as_at_every_window(office, session, home):
    first, again = (enter(office, home, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    refused(enter(office, home), 409, "case-open")
    session.execute(update(Person).values(died_on=first.json["case"]["submitted_at"][:10]))
    session.commit()
    refused(enter(office, home, "S16", "D02"), 409, "applicant-dead")


def test_whom_a_look_up_found_is_recorded_though_it_is_refused(office, session, home):
    """Why somebody may not apply is known of them too: each of these is a look at a person."""
    case = enter(office, home).json["case"]["id"]
    refused(enter(office, home, headers={"Idempotency-Key": "two"}), 409, "case-open")
    session.execute(update(Person).values(died_on=START.date()))
    session.commit()
    refused(enter(office, home, "S16", "D02"), 409, "applicant-dead")

    rows = trail(session, "person:found_by_number")

    assert {(one.subject_id, one.region_code) for one in rows} == {(home.person_id, VILLAGE)}
    assert sorted((one.details["scheme"], one.details.get("refused", "")) for one in rows) == [
        ("S16", "applicant-dead"),
        ("S25", ""),
        ("S25", "case-open"),
    ]
    assert [one.details["case"] for one in rows if "case" in one.details] == [case]
    assert {one.actor_id for one in rows} == {
        office.accounts[department, "clerk", TIEDONG] for department in ("D02", "D06")
    }
    assert trail(session, "person:not_found_by_number") == []
    assert home.citizen_id not in str([one.details for one in rows])


def test_a_number_of_the_old_form_is_the_same_number(office, home):
    spaced = f" {home.citizen_id[:6]} {home.citizen_id[6:14]} {home.citizen_id[14:]} "

    assert enter(office, home, citizen_id=spaced).status_code == 201
