"""The page of aid in sums."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relief.core.privacy.cipher import Cipher
from tests.console import town
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]
PATH = "/aid-statistics"


@pytest.fixture
def built(session: Session, cipher: Cipher) -> town.Town:
    made = town.build(session, cipher, now=START, neighbours=1)
    session.commit()
    return made


def test_it_shows_the_newest_year_by_month_region_and_scheme(
    built: town.Town, alice: Person, opened: Opened
):
    page = opened(alice).get(PATH)

    assert page.status == 200
    for word in ("2027 年按月", "10 月", "解放街道", "最低生活保障", "880.00", "受助人数", "合计"):
        assert word in page.text
    assert "只统计本部门的项目" not in page.text
    assert set(page.fields) <= page.labelled
    assert PATH in page.links


def test_filters_narrow_it(built: town.Town, alice: Person, opened: Opened):
    browser = opened(alice)

    page = browser.get(f"{PATH}?county=210302000000&township=210302002000&year=all&scheme=S01")

    assert "按年度" in page.text
    assert "解放社区" in page.text
    assert "2027 年" in page.text
    strange = browser.get(f"{PATH}?year=nonsense&scheme=S99&county=1")
    assert "2027 年按月" in strange.text


def test_who_has_nothing_in_sight_is_told_so(alice: Person, opened: Opened):
    assert "没有救助记录。" in opened(alice).get(PATH).text


def test_a_department_is_told_that_it_sees_its_own(built: town.Town, bob: Person, opened: Opened):
    page = opened(bob).get(PATH)

    assert "只统计本部门的项目。" in page.text
    assert "最低生活保障" not in page.text


def test_the_api_tells_the_same(
    built: town.Town, alice: Person, signed_in: Callable[[Person], FlaskClient]
):
    client = signed_in(alice)

    by_year = client.get("/v1/aid-statistics?scheme=S01&region=210302000000").json
    by_region = client.get("/v1/aid-statistics?by=region&year=2027").json

    assert by_year["items"][-1] == {
        "code": "2027",
        "name": None,
        "times": 1,
        "amount_fen": 88_000,
        "persons": 1,
        "is_rest": False,
    }
    assert by_region["by"] == "region"
    assert [line["name"] for line in by_region["items"]] == ["解放街道"]
    assert (by_region["times"], by_region["amount_fen"]) == (1, 88_000)
    assert client.get("/v1/aid-statistics?region=999999999999").status_code == 404
    assert client.get("/v1/aid-statistics?by=person").status_code == 422


def test_the_page_sends_the_same_number_of_queries_however_much_there_is(
    built: town.Town,
    alice: Person,
    opened: Opened,
    assert_queries: Callable[[int], AbstractContextManager[list[str]]],
):
    browser = opened(alice)
    with assert_queries(12):
        browser.get(PATH)
