"""A county's own standard on the pages: drafted, published, shown, and in the proof of a sum."""

from datetime import date

from relief.accounts.models import AccountRegion
from tests.api.test_rises_api import CITY, VALUE
from tests.console.test_cases import desk, send  # noqa: F401  # a fixture
from tests.console.test_rises_pages import HOME, city  # noqa: F401  # a fixture
from tests.support.counties import EAST, WEST, own

OWN = VALUE | {"region": EAST, "value": "120", "valid_from": "2026-02-01"}


def test_a_county_drafts_its_own_another_publishes_it_and_all_see_it(
    office,
    desk,  # noqa: F811  # the fixture
):
    drafter, publisher = desk("D01", "reviewer"), desk("D01", "approver")
    page = drafter.get(HOME)
    assert page.labelled >= set(page.fields)
    assert "困难残疾人生活补贴标准（现为 90.0，自 2026-01-01 起，市级标准）" in page.text
    assert "低保边缘倍数（现为" not in page.text  # the city's alone

    assert send(drafter, HOME, f"{HOME}/values", **OWN).status == 303
    where = publisher.get(HOME).html.split('action="/standard-rises/values/')[1].split("/")[0]
    assert send(publisher, HOME, f"{HOME}/values/{where}/publish").status == 303

    shown = desk("D01", "clerk").get(HOME).text
    for words in ("现行标准", "铁东区", "区县标准", "120"):
        assert words in shown
    case = office.apply("S09", office.household(name="李小华"))["case"]["id"]
    office.certify(case)
    proof = desk("D01", "clerk").get(f"/cases/{case}").text
    for words in ("困难残疾人生活补贴标准（铁东区） 120 元", "所用的 1 项标准", "120.0"):
        assert words in proof


def test_who_works_in_the_city_drafts_for_a_county_and_sees_the_values_of_all(
    city,  # noqa: F811  # the fixture
):
    browser = city("reviewer")
    assert send(browser, HOME, f"{HOME}/values", **OWN).status == 303
    page = browser.get(HOME).text

    assert "待发布" in page
    low = send(browser, HOME, f"{HOME}/values", **OWN | {"value": "80", "valid_from": "2026-03-01"})
    assert (low.status, "这项标准不得低于市级标准" in low.text) == (422, True)
    fixed = send(browser, HOME, f"{HOME}/values", **OWN | {"name": "edge_multiple"})
    assert (fixed.status, "由市级统一规定，区县不能另定" in fixed.text) == (422, True)
    nowhere = send(browser, HOME, f"{HOME}/values", **OWN | {"region": "x"})
    assert (nowhere.status, "请选择区划" in nowhere.text) == (422, True)


def test_a_draft_of_another_county_has_no_buttons(
    office,
    city,  # noqa: F811  # the fixture
    desk,  # noqa: F811  # the fixture
):
    send(city("reviewer"), HOME, f"{HOME}/values", **VALUE)
    page = desk("D01", "approver").get(HOME)

    assert "待发布" in page.text
    assert 'action="/standard-rises/values/' not in page.html
    drafted = office.client("D01", "reviewer", region=CITY).get("/v1/parameter-drafts").json
    url = f"{HOME}/values/{drafted['items'][0]['id']}/discard"
    reviewer = desk("D01", "reviewer")
    reviewer.get(HOME)
    refused = reviewer.post(url, {})
    assert (refused.status, "全市的标准由市级公布" in refused.text) == (409, True)


def test_who_works_in_two_counties_sees_the_values_of_both(
    office,
    session,
    desk,  # noqa: F811  # the fixture
):
    browser = desk("D01", "reviewer")
    account = office.accounts["D01", "reviewer", str(EAST)]
    session.add(AccountRegion(account_id=account, code=str(WEST)))
    own(
        session, 120, region=WEST, since=date(2026, 2, 1), name="disability_living_min",
        unit="CNY/month", source="西政发〔2026〕2号",
    )  # fmt: skip
    session.commit()

    page = browser.get(HOME).text

    assert "西政发〔2026〕2号" in page
