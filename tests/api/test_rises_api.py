"""Rises over HTTP, with the rights of the web account: what it answers and refuses."""

import csv
import io
import uuid

import pytest
from sqlalchemy import select, update

from relief.audit.models import AuditEvent
from relief.review.rising.models import RiseEntry
from relief.tasks import worker
from relief.wiring import worker_of

CITY, COUNTY = "210300000000", 210302000000
VALUE = {
    "name": "disability_living_min", "region": int(CITY), "valid_from": "2026-11-01",
    "value": "100", "source": "市民发〔2026〕99号",
}  # fmt: skip
RISE = {
    "scheme": "S09", "region": COUNTY, "effective_on": "2026-11-01", "paid_from": "2026-12-01",
    "reason": "按新标准调整",
}  # fmt: skip
URL = "/v1/standard-rises"


@pytest.fixture
def granted(office):
    """A case in which 90 yuan a month were granted by the rule."""
    case = office.apply("S09", office.household(name="王小明"))["case"]["id"]
    office.certify(case)
    office.go_on(case)
    answer = office.decide(case, "D01", amount_fen=9000, departs=None)
    assert answer.status_code == 200, answer.json
    return case


@pytest.fixture
def published(office):
    drafted = office.client("D01", "reviewer", region=CITY).post("/v1/parameter-drafts", json=VALUE)
    assert drafted.status_code == 201, drafted.json
    url = f"/v1/parameter-drafts/{drafted.json['id']}/publish"
    done = office.client("D01", "approver", region=CITY).post(url)
    assert done.status_code == 200, done.json
    return done.json


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json


def work(office):
    assert worker.run_one(worker_of(office.app))


def test_from_the_new_standard_to_what_is_owed(office, granted, published):
    drawer, signer = office.client("D01", "reviewer"), office.client("D01", "approver")
    begun = drawer.post(URL, json=RISE, headers={"Idempotency-Key": "r"})
    again = drawer.post(URL, json=RISE, headers={"Idempotency-Key": "r"})
    assert (begun.status_code, begun.json["status"]) == (201, "drawing"), begun.json
    assert again.json["id"] == begun.json["id"]
    refused(drawer.post(URL, json=RISE), 409, "rise-open")
    url = f"{URL}/{begun.json['id']}"
    work(office)

    drawn = signer.get(url).json
    [entry] = signer.get(f"{url}/entitlements?status=listed").json["items"]
    refused(signer.post(f"{url}/sign", json={"digest": "0" * 64}), 409, "rise-digest-differs")
    signed = signer.post(f"{url}/sign", json={"digest": drawn["digest"].upper()})
    assert (signed.status_code, signed.json["status"]) == (202, "signed"), signed.json
    work(office)

    assert (drawn["status"], drawn["listed"], drawn["more_fen"], drawn["back_fen"]) == (
        "drawn", 1, 1000, 1000,
    )  # fmt: skip
    assert drawn["standards"][0] == {
        "name": "disability_living_min", "label": "困难残疾人生活补贴标准", "before": "90.0000",
        "after": "100.0000", "unit": "CNY/month", "source": "市民发〔2026〕99号",
        "region_code": int(CITY), "region": "鞍山市",
    }  # fmt: skip
    assert (entry["case_id"], entry["applicant_name"], entry["old_fen"], entry["new_fen"]) == (
        granted, "王小明", 9000, 10000,
    )  # fmt: skip
    done = signer.get(url).json
    assert (done["status"], done["decided"]) == ("done", 1)
    detail = office.show(granted)
    assert [one["amount_fen"] for one in detail["entitlements"]] == [9000, 10000]
    assert "rise" in [one["kind"] for one in detail["papers"]]
    assert detail["timeline"][-1]["step"] == "raised"
    assert [one["id"] for one in signer.get(URL).json["items"]] == [done["id"]]
    assert [one["name"] for one in signer.get("/v1/parameter-drafts").json["items"]] == [
        "disability_living_min"
    ]


def test_the_differences_are_taken_away_without_names_and_that_is_recorded(
    office, session, granted, published
):
    drawer = office.client("D01", "reviewer")
    url = f"{URL}/{drawer.post(URL, json=RISE).json['id']}"
    work(office)
    session.execute(update(RiseEntry).values(note="=1+1"))
    session.commit()

    taken = drawer.post(f"{url}/export", json={"status": "listed"})
    none = drawer.post(f"{url}/export", json={"reason": "falls"})

    head, line = csv.reader(io.StringIO(taken.get_data().decode("utf-8-sig")))
    assert dict(zip(head, line, strict=True)) | {"受理编号": ""} == {
        "序号": "1", "受理编号": "", "区划代码": line[2], "原金额（元）": "90.00",
        "新金额（元）": "100.00", "差额（元）": "10.00", "起始日期": "2026-11-01",
        "补发月数": "1", "补发金额（元）": "10.00", "状态": "待调整", "原因": "", "说明": "'=1+1",
    }  # fmt: skip
    assert "王小明" not in taken.get_data(as_text=True)
    assert len(none.get_data(as_text=True).splitlines()) == 1
    lines = session.scalars(
        select(AuditEvent.details["lines"].as_integer())
        .where(AuditEvent.action == "standard_rise:exported")
        .order_by(AuditEvent.id)
    ).all()
    assert sorted(lines) == [0, 1]


def test_what_is_refused(office, granted):
    reviewer, approver = office.client("D01", "reviewer"), office.client("D01", "approver")
    refused(reviewer.post(URL, json=RISE), 409, "no-new-standard")
    refused(reviewer.post(URL, json=RISE | {"region": 210303000000}), 409, "rise-office")
    refused(reviewer.post(URL, json=RISE | {"scheme": "S99"}), 404, "scheme-not-found")
    refused(reviewer.post(URL, json=RISE | {"scheme": "S03"}), 422, "rise-not-monthly")
    refused(reviewer.post(URL, json=RISE | {"paid_from": "2027-01-01"}), 422, "rise-months")
    refused(reviewer.post("/v1/parameter-drafts", json=VALUE), 409, "not-city-office")
    city = office.client("D01", "reviewer", region=CITY)
    for value in ("0", "-1", "x", "NaN", "1000000001", "0.00001"):
        answer = city.post("/v1/parameter-drafts", json=VALUE | {"value": value})
        assert answer.status_code == 422
    absent = f"{URL}/{uuid.UUID(int=5)}"
    for path in ("", "/entitlements"):
        refused(approver.get(absent + path), 404, "standard-rise-not-found")
    for what in ("stop", "resume", "cancel"):
        refused(approver.post(f"{absent}/{what}"), 404, "standard-rise-not-found")


def test_it_is_stopped_resumed_and_cancelled(office, granted, published):
    drawer, signer = office.client("D01", "reviewer"), office.client("D01", "approver")
    url = f"{URL}/{drawer.post(URL, json=RISE).json['id']}"
    work(office)
    digest = signer.get(url).json["digest"]
    signer.post(f"{url}/sign", json={"digest": digest})
    assert signer.post(f"{url}/stop").json["status"] == "stopped"
    work(office)
    assert signer.post(f"{url}/resume").json["status"] == "signed"
    refused(drawer.post(f"{url}/cancel"), 409, "rise-running")
    assert signer.post(f"{url}/stop").json["stopped_for"] == "person"

    assert drawer.post(f"{url}/cancel").json["status"] == "cancelled"


def test_a_draft_is_discarded(office):
    city = office.client("D01", "reviewer", region=CITY)
    drafted = city.post("/v1/parameter-drafts", json=VALUE).json
    url = f"/v1/parameter-drafts/{drafted['id']}"

    assert city.post(f"{url}/discard").json["discarded_at"]
    publisher = office.client("D01", "approver", region=CITY)
    refused(publisher.post(f"{url}/publish"), 409, "parameter-draft-ended")
