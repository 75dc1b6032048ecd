"""Signed lists as who audits a county reads them: the cases of that county, and no others."""

import pytest
from sqlalchemy import update

from relief.review.models import Case
from relief.tasks import worker
from relief.wiring import worker_of
from tests.api.test_decision_lists_api import DRAW, refused, waiting
from tests.support.people import TIEDONG, TIEXI

WEST_VILLAGE = 210303001001


def auditor(office, region=TIEDONG):
    return office.client("D01", "auditor", region=region)


@pytest.fixture
def drawn(office):
    """A list of two cases that is drawn and not signed."""
    cases = [case for case, _ in waiting(office, 2)]
    answer = office.client("D01", "approver").post("/v1/decision-lists", json=DRAW)
    assert answer.status_code == 201, answer.json
    return answer.json, cases


@pytest.fixture
def signed(office, session, drawn):
    """One that was decided; the second case is of another county."""
    told, cases = drawn
    answer = office.client("D01", "approver").post(
        f"/v1/decision-lists/{told['id']}/sign", json={"digest": told["digest"]}
    )
    assert answer.status_code == 202, answer.json
    assert worker.run_one(worker_of(office.app))
    session.execute(
        update(Case)
        .where(Case.id == cases[1])
        .values(region_code=WEST_VILLAGE, county_code=WEST_VILLAGE // 10**6)
    )
    session.commit()
    return told["id"], cases


@pytest.mark.parametrize(("region", "place"), [(TIEDONG, 0), (TIEXI, 1)])
def test_an_auditor_reads_the_cases_of_their_county(office, signed, region, place):
    list_id, cases = signed
    client = auditor(office, region)

    [row] = client.get("/v1/signed-lists").json["items"]
    one = client.get(f"/v1/signed-lists/{list_id}").json
    entries = client.get(f"/v1/signed-lists/{list_id}/cases").json["items"]

    assert row == one
    assert (one["id"], one["status"], one["signed_by"]) == (list_id, "done", "测试人员")
    assert (one["decided"], one["left_out"], one["not_decided"], one["listed"]) == (1, 0, 0, 0)
    assert [entry["case_id"] for entry in entries] == [cases[place]]
    assert entries[0]["applicant_name"] == "张三"


def test_of_the_whole_city_all(office, signed):
    list_id, cases = signed
    client = auditor(office, "210300000000")

    first = client.get(f"/v1/signed-lists/{list_id}/cases?limit=1").json
    rest = client.get(
        f"/v1/signed-lists/{list_id}/cases?limit=1&cursor={first['next_cursor']}"
    ).json

    assert {one["case_id"] for one in first["items"] + rest["items"]} == set(cases)
    assert client.get(f"/v1/signed-lists/{list_id}").json["decided"] == 2
    assert client.get(f"/v1/signed-lists/{list_id}/cases?status=left_out").json["items"] == []


def test_one_of_another_county_is_as_if_it_were_not(office, signed):
    list_id, _ = signed
    client = auditor(office, "210304000000")

    assert client.get("/v1/signed-lists").json["items"] == []
    for path in ("", "/cases"):
        answer = client.get(f"/v1/signed-lists/{list_id}{path}")
        refused(answer, 404, "decision-list-not-found")


def test_what_is_only_drawn_is_nobodys_act_yet(office, drawn):
    told, _ = drawn
    client = auditor(office)

    assert client.get("/v1/signed-lists").json["items"] == []
    refused(client.get(f"/v1/signed-lists/{told['id']}"), 404, "decision-list-not-found")


@pytest.mark.parametrize("role", ["clerk", "approver", "steward", "leader"])
def test_nobody_else_reads_them(office, signed, role):
    list_id, _ = signed
    client = office.client("D01", role)

    for path in ("", f"/{list_id}", f"/{list_id}/cases"):
        assert client.get(f"/v1/signed-lists{path}").status_code == 403
