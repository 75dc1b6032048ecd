"""Entering a roster by one act over HTTP, with the rights of the web account."""

from datetime import date

import pytest

from relief.core.ids import new_id
from relief.schemes.models import Parameter
from relief.tasks import worker
from relief.wiring import worker_of
from tests.support.confirming import listed
from tests.support.people import TIEXI
from tests.support.rising import CITY_CODE
from tests.support.settings import START

URL = "/v1/roster-acts"
BEGIN = {"scheme": "S13", "need": "冬季取暖"}


@pytest.fixture
def homes(office, session):
    return [listed(session, office.household(schemes=("S01",))) for _ in range(3)]


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json


def test_from_the_choice_to_the_report(office, homes):
    clerk = office.client("D01", "clerk")
    begun = clerk.post(URL, json=BEGIN, headers={"Idempotency-Key": "a"})
    again = clerk.post(URL, json=BEGIN, headers={"Idempotency-Key": "a"})
    assert (begun.status_code, begun.json["status"], begun.json["listed"]) == (201, "running", 3)
    assert again.json["id"] == begun.json["id"]
    refused(clerk.post(URL, json=BEGIN), 409, "roster-act-runs")
    url = f"{URL}/{begun.json['id']}"
    refused(clerk.post(f"{url}/resume"), 409, "roster-act-not-stopped")

    assert worker.run_one(worker_of(office.app))

    done = clerk.get(url).json
    assert (done["status"], done["entered"], done["not_entered"]) == ("done", 3, 0)
    people = clerk.get(f"{url}/people?status=entered").json["items"]
    assert {one["person_id"] for one in people} == {str(home.person_id) for home in homes}
    for one in people:
        case = clerk.get(f"/v1/cases/{one['case_id']}").json
        assert (case["case"]["number"], case["need"]) == (one["number"], "冬季取暖")
    assert [one["id"] for one in clerk.get(URL).json["items"]] == [begun.json["id"]]
    refused(clerk.post(URL, json=BEGIN), 409, "roster-nobody-missing")


def test_some_by_name_and_nobody_out_of_scope(office, homes):
    chosen = [str(home.person_id) for home in homes[:2]]
    elsewhere = office.client("D01", "clerk", region=TIEXI)
    refused(elsewhere.post(URL, json=BEGIN | {"people": chosen}), 409, "roster-nobody-missing")

    begun = office.client("D01", "clerk").post(URL, json=BEGIN | {"people": chosen})

    assert (begun.status_code, begun.json["listed"]) == (201, 2)
    url = f"{URL}/{begun.json['id']}"
    refused(elsewhere.get(url), 404, "roster-act-not-found")
    refused(elsewhere.get(f"{url}/people"), 404, "roster-act-not-found")
    assert office.client("D01", "approver").get(url).status_code == 403


def test_what_is_asked_amiss_is_told(office, homes):
    clerk = office.client("D01", "clerk")

    refused(clerk.post(URL, json=BEGIN | {"scheme": "S01"}), 409, "no-roster")
    assert clerk.post(URL, json={"scheme": "S13"}).status_code == 422
    assert clerk.post(URL, json=BEGIN | {"people": []}).status_code == 422
    assert homes


def test_more_may_be_named_than_once_and_each_is_answered(office, session, homes):
    """The city's parameter says how many may be named, and nothing else does."""
    session.add(
        Parameter(
            name="roster_entries_max", region_code=CITY_CODE, valid_from=date(2026, 11, 1),
            value=2100, unit="people", source="市里的规定", confidence="M",
        )
    )  # fmt: skip
    session.commit()
    named = [str(home.person_id) for home in homes] + [str(new_id(START)) for _ in range(2000)]
    clerk = office.client("D01", "clerk")

    begun = clerk.post(URL, json=BEGIN | {"people": named})

    assert begun.status_code == 201, begun.json
    assert (begun.json["listed"], begun.json["not_entered"]) == (3, 2000)
    url = f"{URL}/{begun.json['id']}/people?status=not_entered&limit=1"
    [one] = clerk.get(url).json["items"]
    assert (one["reason"], one["name"], one["region_code"]) == ("gone", None, None)
    more = [str(new_id(START)) for _ in range(2101)]
    refused(clerk.post(URL, json=BEGIN | {"people": more}), 422, "roster-too-many-named")


def test_who_is_of_no_department_is_told_so(office, homes):
    clerk = office.client(None, "clerk")

    refused(clerk.post(URL, json=BEGIN), 403, "account-no-department")
    refused(clerk.get("/v1/roster?scheme=S13"), 403, "account-no-department")
    assert homes
