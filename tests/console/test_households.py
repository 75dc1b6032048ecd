"""The household list, its search, and the page of one household."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.privacy.cipher import Cipher
from tests import factories
from tests.api.access_helpers import assignment
from tests.console import town
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.settings import START

Opened = Callable[[Person | str], Browser]


def test_the_list_shows_what_a_clerk_needs(
    session: Session, cipher: Cipher, alice: Person, opened: Opened
):
    home = factories.make_household(session, cipher, schemes=["S01", "S21"], name="张三")
    session.commit()

    page = opened(alice).get("/households")

    for word in ("张三", "1 人", "解放社区1号楼", "154****", "暂无", "低保", "公租房", "低保家庭"):
        assert word in page.text
    assert f"/households/{home.id}" in page.links
    assert home.phone not in page.html
    assert set(page.fields) <= page.labelled


def test_the_list_and_the_page_name_the_helper(
    session: Session, cipher: Cipher, alice: Person, opened: Opened
):
    home = factories.make_household(session, cipher)
    assignment(session, home.id, alice.id)
    session.commit()
    browser = opened(alice)

    assert "帮甲" in browser.get("/households").text
    assert "帮甲" in browser.get(f"/households/{home.id}").text


def test_an_empty_list_says_why(alice: Person, opened: Opened):
    browser = opened(alice)

    assert "您的工作区划内还没有困难户" in browser.get("/households").text
    assert "没有符合条件的困难户" in browser.get("/households?scheme=S01").text


def test_missing_values_are_called_missing(
    session: Session, cipher: Cipher, alice: Person, opened: Opened
):
    factories.make_household(session, cipher, address=None)
    session.commit()

    page = opened(alice).get("/households")

    assert "未登记（铁东区解放街道解放社区）" in page.text


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ("county=210302000000", True),
        ("county=210302000000&township=210302002000&village=210302002001", True),
        ("county=210302000000&township=210302002000&village=210302002003", False),
        ("scheme=S01", True),
        ("scheme=S21", False),
        ("category=minimum_allowance", True),
        ("category=other", False),
        ("category=nonsense", True),
        ("county=nonsense", True),
        ("search=nonsense", True),
        ("search=a", True),
    ],
)
def test_filters_narrow_the_list(
    session: Session,
    cipher: Cipher,
    alice: Person,
    opened: Opened,
    filters: str,
    there: bool,  # noqa: FBT001
):
    home = factories.make_household(session, cipher)
    session.commit()

    page = opened(alice).get(f"/households?{filters}")

    assert (f"/households/{home.id}" in page.links) is there


def test_choosing_a_county_fills_the_townships(steward: Person, opened: Opened):
    browser = opened(steward)

    townships = browser.get("/households/regions?county=210302000000")
    villages = browser.get("/households/regions?township=210302002000")

    assert "解放街道" in townships.text
    assert "全部村社区" in townships.text
    assert "解放社区" in villages.text
    assert "全部乡镇街道" not in villages.text
    assert "解放社区" not in browser.get("/households/regions?township=").text


def test_a_reader_is_offered_only_the_regions_of_the_work(alice: Person, opened: Opened):
    page = opened(alice).get("/households")

    assert "铁东区" in page.text
    assert "铁西区" not in page.text


@pytest.mark.parametrize("way", ["auto", "chosen"])
@pytest.mark.parametrize("what", ["name", "citizen_id", "phone", "address"])
def test_a_search_finds_without_showing_in_the_address_what_was_typed(
    session: Session, cipher: Cipher, alice: Person, opened: Opened, what: str, way: str
):
    home = factories.make_household(session, cipher, name="欧阳·阿依")
    factories.make_household(session, cipher, name="李四", address="别处")
    session.commit()
    text = {
        "name": "阳·阿",
        "citizen_id": home.citizen_id.lower(),
        "phone": home.phone,
        "address": "社区1号",
    }[what]
    browser = opened(alice)
    browser.get("/households")

    answer = browser.post(
        "/households/search", {"text": text, "way": what if way == "chosen" else "auto"}
    )
    page = browser.follow(answer)

    assert text not in answer.response.headers["Location"]
    assert f"/households/{home.id}" in page.links
    assert "李四" not in page.text
    assert f'value="{text}"' in page.html


def test_a_search_is_recorded_without_what_was_typed(
    session: Session, alice: Person, opened: Opened
):
    browser = opened(alice)
    browser.get("/households")

    browser.post("/households/search", {"text": "张三", "scheme": "S01"})

    details = session.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "household:searched")
    ).all()
    assert details == [{"by": ["scheme", "name"]}]


@pytest.mark.parametrize(
    ("text", "way", "fault"),
    [
        ("张", "name", "至少输入两个字"),
        ("12345", "citizen_id", "15 位或 18 位"),
        ("abc", "phone", "完整的电话号码"),
    ],
)
def test_a_search_that_cannot_be_made_is_explained(
    session: Session, alice: Person, opened: Opened, text: str, way: str, fault: str
):
    browser = opened(alice)
    browser.get("/households")

    page = browser.follow(browser.post("/households/search", {"text": text, "way": way}))

    assert fault in page.text
    assert not session.scalars(
        select(AuditEvent).where(AuditEvent.action == "household:searched")
    ).all()


def test_an_empty_search_keeps_the_filters(alice: Person, opened: Opened):
    browser = opened(alice)
    browser.get("/households")

    answer = browser.post("/households/search", {"text": " ", "scheme": "S01"})

    assert answer.response.headers["Location"] == "/households?scheme=S01"


@pytest.mark.parametrize("homes", [1, 12])
def test_the_list_costs_the_same_however_many_it_shows(
    session: Session,
    cipher: Cipher,
    alice: Person,
    opened: Opened,
    assert_queries: Callable[[int], AbstractContextManager[list[str]]],
    homes: int,
):
    for _ in range(homes):
        factories.make_household(session, cipher)
    session.commit()
    browser = opened(alice)

    with assert_queries(10):  # four of them for who asks, two for the region filter
        browser.get("/households")


def test_pages_go_forward_and_back(session: Session, cipher: Cipher, alice: Person, opened: Opened):
    for place in range(101):
        factories.make_household(session, cipher, name=f"户{place}")
    session.commit()
    browser = opened(alice)
    links = lambda page: [link for link in page.links if "/households?" in link]  # noqa: E731

    first = browser.get("/households?scheme=S01")
    second = browser.get(_next(first))
    third = browser.get(_next(second))
    back = browser.get(_previous(third))
    start = browser.get(_previous(back))

    assert "本页 50 条" in second.text
    assert "本页 1 条" in third.text
    assert back.links == second.links
    assert start.links == first.links
    assert all("scheme=S01" in link for link in links(second))


def test_another_county_s_household_is_as_if_it_were_not(
    session: Session, cipher: Cipher, charlie: Person, opened: Opened
):
    home = factories.make_household(session, cipher)
    session.commit()
    browser = opened(charlie)

    assert str(home.id) not in browser.get("/households").html
    page = browser.get(f"/households/{home.id}")

    assert page.status == 404
    assert "没有找到" in page.text
    assert page.response.headers["X-Request-ID"] in page.text


def test_another_department_sees_its_own_aid_only(
    session: Session, cipher: Cipher, bob: Person, opened: Opened
):
    home = factories.make_household(session, cipher, schemes=["S01", "S21"])
    session.commit()

    page = opened(bob).get(f"/households/{home.id}")

    assert "公租房" in page.text
    assert "只显示本部门的项目" in page.text
    assert "低保.csv" not in page.text
    assert "最低生活保障" not in page.text


def test_the_household_page_bears_a_difficult_family(
    session: Session, cipher: Cipher, alice: Person, opened: Opened
):
    place = town.build(session, cipher, now=START, neighbours=1)
    session.commit()
    browser = opened(alice)

    page = browser.get(f"/households/{place.household}")

    assert town.LONG_NAME in page.text
    for word in ("家庭成员", "救助情况", "信息来源", "历年变化", "父亲", "85 岁", "户编号"):
        assert word in page.text
    assert '<svg class="chart"' in page.html
    assert "2027 年" in page.text
    assert "低保发放明细（次年）.csv" in page.text
    assert "住址由“辽宁省" in page.text
    assert "联系电话已更换" in page.text
    assert "13900001111" not in page.html


def test_a_household_without_aid_has_no_chart(
    session: Session, cipher: Cipher, steward: Person, opened: Opened
):
    town.build(session, cipher, now=START, neighbours=1)
    session.commit()
    browser = opened(steward)
    browser.get("/households")
    found = browser.follow(browser.post("/households/search", {"text": "赵四"}))
    path = next(link for link in found.links if link.startswith("/households/"))

    page = browser.get(path)

    assert "<svg" not in page.html
    assert "1 次" in page.text


def _next(page):
    return _link(page, "next")


def _previous(page):
    return _link(page, "prev")


def _link(page, rel):
    at = page.html.index(f'rel="{rel}" href="') + len(f'rel="{rel}" href="')
    return page.html[at : page.html.index('"', at)].replace("&amp;", "&")
