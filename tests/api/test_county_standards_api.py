"""A county's own standard over HTTP, with the rights of the web account."""

import pytest

from tests.api.test_rises_api import CITY, RISE, URL, VALUE, granted, refused, work  # noqa: F401
from tests.support.counties import EAST, VILLAGES, WEST

DRAFTS = "/v1/parameter-drafts"
OWN = VALUE | {"region": EAST, "value": "120"}


@pytest.fixture
def counties_own(office):
    """A county's value, drafted and published by its own office."""
    drafted = office.client("D01", "reviewer").post(DRAFTS, json=OWN)
    assert drafted.status_code == 201, drafted.json
    url = f"{DRAFTS}/{drafted.json['id']}/publish"
    done = office.client("D01", "approver").post(url)
    assert done.status_code == 200, done.json
    return done.json


def test_a_county_sets_its_own_and_what_holds_where_is_told(office, counties_own):
    reader = office.client("D04", "reviewer")

    here = reader.get(f"/v1/parameters?region={VILLAGES[EAST]}&on=2026-11-01").json["items"]
    there = reader.get(f"/v1/parameters?region={WEST}").json["items"]
    every = reader.get("/v1/parameters").json["items"]

    assert (counties_own["region_code"], counties_own["region"]) == (EAST, "铁东区")
    [own] = [one for one in here if one["name"] == "disability_living_min"]
    assert own == {
        "name": "disability_living_min", "label": "困难残疾人生活补贴标准", "unit": "CNY/month",
        "region_code": EAST, "region": "铁东区", "own": True, "value": "120.0000",
        "valid_from": "2026-11-01", "source": "市民发〔2026〕99号", "confidence": "V",
    }  # fmt: skip
    [citys] = [one for one in there if one["name"] == "disability_living_min"]
    assert (citys["value"], citys["region"], citys["own"]) == ("90.0000", "鞍山市", False)
    assert [one["region"] for one in every if one["name"] == "disability_living_min"] == [
        "鞍山市", "铁东区",
    ]  # fmt: skip
    before = reader.get(f"/v1/parameters?region={EAST}&on=2026-10-31").json["items"]
    assert {one["value"] for one in before if one["name"] == "disability_living_min"} == {"90.0000"}
    refused(reader.get("/v1/parameters?region=210399000000"), 404, "region-not-found")
    assert reader.get("/v1/parameters?region=1").status_code == 422


def test_another_county_neither_drafts_nor_publishes_nor_discards_it(office):
    west = str(WEST)
    refused(
        office.client("D01", "reviewer", region=west).post(DRAFTS, json=OWN), 409,
        "not-county-office",
    )  # fmt: skip
    drafted = office.client("D01", "reviewer").post(DRAFTS, json=OWN).json
    other = office.client("D01", "approver", region=west)
    for verb in ("publish", "discard"):
        refused(other.post(f"{DRAFTS}/{drafted['id']}/{verb}"), 404, "parameter-draft-not-found")
    published = office.client("D01", "approver", region=CITY).post(
        f"{DRAFTS}/{drafted['id']}/publish"
    )
    assert published.json["published_at"], published.json


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"region": int(CITY)}, 409, "not-city-office"),
        ({"name": "edge_multiple"}, 422, "not-county-standard"),
        ({"name": "views_answer_days"}, 422, "parameter-not-settable"),
        ({"value": "80"}, 422, "parameter-below-floor"),
        ({"valid_from": "2025-12-31"}, 422, "parameter-not-later"),
    ],
)
def test_what_a_county_may_not_set_is_refused_with_the_rule(office, given, status, code):
    refused(office.client("D01", "reviewer").post(DRAFTS, json=OWN | given), status, code)


@pytest.mark.parametrize("region", [1, -EAST, 10**30, str(EAST)])
def test_what_is_no_code_of_a_region_is_refused(office, region):
    answer = office.client("D01", "reviewer").post(DRAFTS, json=OWN | {"region": region})

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/region")


def test_a_draft_names_its_region(office):
    nowhere = {key: value for key, value in OWN.items() if key != "region"}
    answer = office.client("D01", "reviewer").post(DRAFTS, json=nowhere)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/region")


def test_the_case_is_counted_by_it_and_raised_by_its_county(
    office,
    granted,  # noqa: F811  # the fixture
    counties_own,  # what rises
):
    asked = office.apply("S09", office.household(name="李小华"))["case"]["id"]
    office.certify(asked)
    told = office.show(asked)["facts"]["calculation"]
    [used] = told["parameters"]
    assert (told["amount_fen"], used["label"], used["region"], used["source"]) == (
        12000, "困难残疾人生活补贴标准", "铁东区", "市民发〔2026〕99号",
    )  # fmt: skip
    assert "困难残疾人生活补贴标准（铁东区） 120 元" in told["steps"][-1]["text"]

    begun = office.client("D01", "reviewer").post(URL, json=RISE)
    assert begun.status_code == 201, begun.json
    work(office)
    drawn = office.client("D01", "approver").get(f"{URL}/{begun.json['id']}").json
    entries = office.client("D01", "approver").get(f"{URL}/{begun.json['id']}/entitlements").json
    assert drawn["standards"][0]["region"] == "铁东区"
    assert [(one["case_id"], one["new_fen"]) for one in entries["items"]] == [(granted, 12000)]


def test_a_rise_of_the_city_tells_whom_it_leaves_to_their_county(
    office,
    granted,  # noqa: F811  # the fixture: what the city does not raise
):
    city = office.client("D01", "reviewer", region=CITY)
    publisher = office.client("D01", "approver", region=CITY)
    early = OWN | {"valid_from": "2026-01-01", "value": "95"}
    for body in (early, VALUE):
        drafted = city.post(DRAFTS, json=body).json
        assert publisher.post(f"{DRAFTS}/{drafted['id']}/publish").status_code == 200

    begun = city.post(URL, json=RISE | {"region": int(CITY)})
    work(office)

    url = f"{URL}/{begun.json['id']}/entitlements?reason=own_standard"
    [left] = city.get(url).json["items"]
    assert (left["status"], left["note"]) == (
        "left_out", "铁东区：困难残疾人生活补贴标准 95，自 2026-01-01 起（市民发〔2026〕99号）",
    )  # fmt: skip
    refused(city.post(URL, json=RISE), 409, "no-new-standard")


def test_before_it_is_published_another_county_does_not_see_it_listed(office):
    drafted = office.client("D01", "reviewer").post(DRAFTS, json=OWN).json

    def listed(**where):
        page = office.client("D01", "clerk", **where).get(DRAFTS).json
        return [one["id"] for one in page["items"]]

    assert listed() == [drafted["id"]]
    assert listed(region=str(WEST)) == []
    assert listed(region=CITY) == [drafted["id"]]
