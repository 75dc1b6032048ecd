"""Signed lists over HTTP, with the rights of the web account: what it answers and refuses."""

import uuid

import pytest
from sqlalchemy import select

from relief.audit.models import AuditEvent
from relief.review.lists.models import DecisionList
from relief.tasks import worker
from relief.wiring import worker_of
from tests.support.people import TIEXI
from tests.support.source import number

DRAW = {"scheme": "S09", "amount_fen": 9000, "reason": "符合条件"}


@pytest.fixture
def approver(office):
    """`approver()`: whoever approves for civil affairs, signed in now."""
    return lambda **given: office.client("D01", "approver", **given)


def waiting(office, count=1):
    """Cases that wait for the decision; returns them with their homes."""
    made = []
    for _ in range(count):
        home = office.household()
        case = office.apply("S09", home)["case"]["id"]
        office.certify(case)
        office.go_on(case)
        made.append((case, home))
    return made


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json["title"] + answer.json.get("detail", "")


def test_from_the_drawing_to_the_report(office, approver):
    cases = {case for case, _ in waiting(office, 2)}
    client = approver()

    drawn = client.post("/v1/decision-lists", json=DRAW)
    assert drawn.status_code == 201
    url = f"/v1/decision-lists/{drawn.json['id']}"
    first = client.get(f"{url}/cases?limit=1").json
    rest = client.get(f"{url}/cases?limit=1&cursor={first['next_cursor']}").json
    signed = client.post(f"{url}/sign", json={"digest": drawn.json["digest"].upper()})
    assert worker.run_one(worker_of(office.app))
    done = client.get(url).json

    assert {one["case_id"] for one in first["items"] + rest["items"]} == cases
    assert rest["next_cursor"] is None
    assert first["items"][0] | {"case_id": "", "number": ""} == {
        "position": 1, "case_id": "", "number": "", "applicant_name": "张三",
        "amount_fen": 9000, "starts_on": "2026-11-01", "ends_on": None, "doubts": [],
        "status": "listed", "reason": None, "note": None, "decided_at": None, "changed": False,
    }  # fmt: skip
    assert (signed.status_code, signed.json["status"], signed.json["working"]) == (
        202, "signed", True,
    )  # fmt: skip
    assert (done["status"], done["decided"], done["listed"]) == ("done", 2, 0)
    assert [one["id"] for one in client.get("/v1/decision-lists").json["items"]] == [done["id"]]
    case = office.show(next(iter(cases)))
    assert (case["case"]["status"], case["decision"]["list_id"]) == ("decided", done["id"])
    report = client.get(f"{url}/cases?status=decided").json["items"]
    assert {one["case_id"] for one in report} == cases
    assert client.get(f"{url}/cases?status=left_out").json["items"] == []


def test_a_case_is_taken_off_before_signing(office, approver):
    [(off, _), _] = waiting(office, 2)
    client = approver()
    drawn = client.post("/v1/decision-lists", json=DRAW).json

    done = client.post(f"/v1/decision-lists/{drawn['id']}/cases/{off}/take-off")

    assert (done.status_code, done.json["listed"], done.json["left_out"]) == (200, 1, 1)
    assert done.json["digest"] != drawn["digest"]


def test_a_post_that_is_repeated_draws_and_signs_once(office, approver, session):
    waiting(office)
    client = approver()

    drawn = [
        client.post("/v1/decision-lists", json=DRAW, headers={"Idempotency-Key": "d"}).json
        for _ in range(2)
    ]
    url = f"/v1/decision-lists/{drawn[0]['id']}/sign"
    digest = {"digest": drawn[0]["digest"]}
    signed = [
        client.post(url, json=digest, headers={"Idempotency-Key": "s"}).status_code
        for _ in range(2)
    ]

    assert drawn[0] == drawn[1]
    assert signed == [202, 202]
    assert len(session.scalars(select(DecisionList)).all()) == 1
    assert "已经签署" in refused(client.post(url, json=digest), 409, "list-signed")
    events = session.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "decision_list:signed")
    ).all()
    assert events == [{"scheme": "S09", "digest": drawn[0]["digest"], "cases": 1}]


def test_who_signs_or_resumes_proves_first_who_they_are(office, approver):
    waiting(office)
    client = approver()
    drawn = client.post("/v1/decision-lists", json=DRAW).json
    url = f"/v1/decision-lists/{drawn['id']}"
    office.clock.advance(minutes=6)

    for act, sent in (("sign", {"digest": drawn["digest"]}), ("resume", None)):
        refused(client.post(f"{url}/{act}", json=sent), 403, "step-up-required")
    assert client.get(url).json["status"] == "drawn"


def test_the_work_is_stopped_and_goes_on(office, approver):
    waiting(office)
    client = approver()
    drawn = client.post("/v1/decision-lists", json=DRAW).json
    url = f"/v1/decision-lists/{drawn['id']}"
    refused(client.post(f"{url}/stop"), 409, "list-not-running")
    client.post(f"{url}/sign", json={"digest": drawn["digest"]})

    stopped = client.post(f"{url}/stop")
    worker.run_one(worker_of(office.app))
    resumed = client.post(f"{url}/resume")
    worker.run_one(worker_of(office.app))

    assert (stopped.status_code, stopped.json["stopped_for"]) == (202, "signer")
    assert (resumed.status_code, resumed.json["status"]) == (202, "signed")
    assert client.get(url).json["decided"] == 1
    refused(client.post(f"{url}/resume"), 409, "list-not-stopped")


def test_the_case_of_ones_own_kin_as_filed_is_left_out(office, approver):
    [(own, home), (other, _)] = waiting(office, 2)
    client = approver()
    filed = client.post(
        "/v1/me/kin-filing",
        json={
            "own_number": number(),
            "relatives": [{"name": "张三", "relation": "20", "number": home.citizen_id}],
        },
    )
    assert filed.status_code == 200, filed.json

    drawn = client.post("/v1/decision-lists", json=DRAW).json
    entries = client.get(f"/v1/decision-lists/{drawn['id']}/cases").json["items"]

    assert {one["case_id"]: one["reason"] for one in entries} == {own: "kin", other: None}
    # It is kept with the case, as when it is decided by itself.
    assert [one["source"] for one in office.show(own)["kin"]] == ["filed"]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"scheme": "S01"}, 422, "scheme-not-by-list"),
        ({"scheme": "S99"}, 404, "scheme-not-found"),
        ({"region": "999999999999"}, 404, "region-not-found"),
        ({"region": TIEXI}, 409, "nothing-waits"),
        ({"amount_fen": 1}, 422, "amount-outside"),
        ({"reason": "好"}, 422, "unprocessable-entity"),
    ],
)
def test_what_may_not_be_drawn_is_told_with_its_rule(office, approver, given, status, code):
    waiting(office)

    refused(approver().post("/v1/decision-lists", json=DRAW | given), status, code)


def test_nobody_sees_the_list_of_another(office, approver):
    waiting(office)
    drawn = approver().post("/v1/decision-lists", json=DRAW).json
    url = f"/v1/decision-lists/{drawn['id']}"
    other = approver(region="210300000000")

    for method, path in (
        ("GET", ""), ("GET", "/cases"), ("POST", "/sign"), ("POST", "/stop"), ("POST", "/resume"),
    ):  # fmt: skip
        sent = {"json": {"digest": drawn["digest"]}} if path == "/sign" else {}
        refused(other.open(url + path, method=method, **sent), 404, "decision-list-not-found")
    assert other.get("/v1/decision-lists").json["items"] == []
    absent = approver().get(f"/v1/decision-lists/{uuid.UUID(int=5)}")
    refused(absent, 404, "decision-list-not-found")


@pytest.mark.parametrize("digest", ["0" * 64, "no digest"])
def test_another_digest_is_refused(office, approver, digest):
    waiting(office)
    client = approver()
    drawn = client.post("/v1/decision-lists", json=DRAW).json

    answer = client.post(f"/v1/decision-lists/{drawn['id']}/sign", json={"digest": digest})

    assert answer.status_code == (409 if digest == "0" * 64 else 422)
    assert client.get(f"/v1/decision-lists/{drawn['id']}").json["status"] == "drawn"
