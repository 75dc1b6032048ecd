"""The past on the pages: one day of a household or person, its years, and its months."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.core.clock import CHINA
from relief.core.privacy.cipher import Cipher
from relief.registry.merging.service import merge
from relief.registry.models import Household, Person
from tests.console.conftest import Browser
from tests.support.people import Person as Staff
from tests.support.settings import CIPHER, START
from tests.support.source import number, send

Opened = Callable[[Staff | str], Browser]
SignedIn = Callable[[Staff], FlaskClient]
JUNE = datetime(2026, 6, 10, 9, 0, tzinfo=CHINA)
BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
FATHER = {
    "name": "王建国",
    "number": number(BORN, 1),
    "relation": "02",
    "household_number": "1",
    "phone": "13800138000",
    "address": "甲街1号",
}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "relation": "10", "household_number": "1"}
CHILD = {"name": "王小宝", "number": number(CHILD_BORN, 3), "relation": "20"}


@pytest.fixture
def home(session: Session, cipher: Cipher) -> Household:
    """A family in 低保 since 2025, whose child got term aid and whose mother left and died."""
    send(
        session,
        cipher,
        "S01",
        FATHER
        | {
            "records": [
                (date(2025 + month // 12, month % 12 + 1, 1), 500_00)
                for month in (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)
            ]
        },
        MOTHER
        | {"records": [(date(2025, 11, 1), 300_00), (date(2025, 12, 1), 300_00)]}
        | {"died_on": date(2026, 1, 5)},
        CHILD | {"records": [(date(2025, 11, 1), 200_00)], "household_number": "1"},
        now=JUNE,
    )
    send(session, cipher, "S21", FATHER | {"records": [(date(2026, 2, 1), None)]}, now=JUNE)
    merge(session, cipher=CIPHER, actor_id=None, now=JUNE)
    send(
        session,
        cipher,
        "S01",
        FATHER | {"address": "乙街2号", "records": [(date(2026, 11, 1), 600_00)]},
        now=START - timedelta(days=1),
    )
    merge(session, cipher=CIPHER, actor_id=None, now=START - timedelta(days=1))
    session.commit()
    return session.scalars(select(Household).where(Household.householder_name == "王建国")).one()


def person(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def looks(session: Session) -> list[tuple[str, dict]]:
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action.like("%:viewed")).order_by(AuditEvent.id)
    )
    return [(event.action, event.details) for event in events]


def test_the_household_page_tells_the_years(home: Household, alice: Staff, opened: Opened):
    page = opened(alice).get(f"/households/{home.id}")

    assert "历年变化" in page.text
    years = page.text[page.text.index("历年变化") :]
    assert "2026 年 低保家庭 去世 李秀英 开始 王建国（公租房）" in years
    assert "2025 年 低保家庭 首次列入" in years
    assert "不再列入 王小宝" in years
    assert "结束 " in years
    assert f"/households/{home.id}/months?year=2025" in page.links
    assert f"/households/{home.id}/as-of" in page.links
    assert "登记变更" in years


def test_a_department_is_told_of_its_own_years(home: Household, bob: Staff, opened: Opened):
    page = opened(bob).get(f"/households/{home.id}")

    years = page.text[page.text.index("历年变化") :]
    assert "只看本部门的项目" in years
    assert "公租房" in years
    assert "（低保）" not in years


def test_who_moved_out_is_told_also_when_out_of_sight(
    home: Household,
    session: Session,
    cipher: Cipher,
    alice: Staff,
    charlie: Staff,
    opened: Opened,
):
    """The child is now in a household of another county, which Alice does not see."""
    away = {"household_number": "9", "region_code": 210303002001, "relation": "02"}
    records = [(date(2026, month, 1), 1_00) for month in (9, 10, 11)]
    send(session, cipher, "S02", CHILD | away | {"records": records}, now=START)
    merge(session, cipher=CIPHER, actor_id=None, now=START)
    session.commit()

    years = opened(alice).get(f"/households/{home.id}").text

    assert "移出本户 王小宝" in years[years.index("历年变化") :]
    assert opened(charlie).get(f"/households/{home.id}").status == 404


def test_a_household_on_a_day_as_the_lists_tell(
    home: Household, session: Session, alice: Staff, opened: Opened
):
    page = opened(alice).get(f"/households/{home.id}/as-of?true_on=2025-11-15")

    assert page.status == 200
    for word in (
        "2025-11-15 的情况，按今天所知。",
        "名册在列",
        "当日在册项目",
        "名册在列 3 人（共登记 3 人）",
        "2025-11-01 至 2025-12-31",
        "名册没有按日记载",
        "低保家庭",
    ):
        assert word in page.text
    assert set(page.fields) <= page.labelled
    action, details = looks(session)[-1]
    assert action == "household:viewed"
    assert details["true_on"] == "2025-11-15"
    assert len(details["persons"]) == 3


def test_a_household_on_a_day_as_believed_then(home: Household, alice: Staff, opened: Opened):
    browser = opened(alice)

    then = browser.get(f"/households/{home.id}/as-of?believed_on=2026-07-01")
    before = browser.get(f"/households/{home.id}/as-of?believed_on=2026-06-09")
    now = browser.get(f"/households/{home.id}/as-of")
    both = browser.get(f"/households/{home.id}/as-of?believed_on=2026-07-01&true_on=2026-11-05")

    assert "2026-07-01 结束时系统所载的情况" in then.text
    assert ("甲街1号" in then.text, "乙街2号" in then.text) == (True, False)
    assert "2025年11月 至 2026年10月" in then.text
    assert "当时系统里还没有这一户" in before.text
    assert "今天尚未结束" in now.text
    assert "乙街2号" in now.text
    assert "2026-11-05 的情况，按 2026-07-01 结束时系统所知。" in both.text
    assert "名册未到，按仍在册" in both.text
    assert "名册在列 1 人（共登记 3 人）" in both.text
    assert "名册只报到 2026-10-31。" in both.text


def test_a_day_that_cannot_be_is_told_beside_its_field(
    home: Household, alice: Staff, opened: Opened
):
    browser = opened(alice)

    page = browser.get(f"/households/{home.id}/as-of?believed_on=2026-02-30&true_on=2027-01-01")

    assert "请按 2026-05-31 的格式填写日期。" in page.text
    assert "不能查看今天以后的日期。" in page.text
    assert "结束时系统所载的情况" in page.text


def test_a_list_that_is_not_there_yet_is_told(
    home: Household, session: Session, alice: Staff, opened: Opened
):
    page = opened(alice).get(
        f"/households/{home.id}/as-of?believed_on=2026-06-10&true_on=2026-06-10"
    )

    assert "公共租赁住房" in page.text
    assert "名册只报到 2026-02-28。" in page.text


def test_a_person_on_a_day(home: Household, session: Session, alice: Staff, opened: Opened):
    browser, father = opened(alice), person(session, "王建国")

    page = browser.get(f"/persons/{father.id}/as-of?true_on=2025-12-01&believed_on=2026-07-01")
    unborn = browser.get(f"/persons/{person(session, '王小宝').id}/as-of?true_on=2015-01-01")
    before = browser.get(f"/persons/{father.id}/as-of?believed_on=2026-01-01")
    dead = browser.get(f"/persons/{person(session, '李秀英').id}/as-of?true_on=2026-03-01")

    for word in ("王建国户", "身份证号、联系电话", "名册在列", "甲街1号", "2025-11-01"):
        assert word in page.text
    assert "13800138000" not in page.html
    assert "尚未出生" in unborn.text
    assert "当时系统里还没有此人" in before.text
    assert "死亡日期 2026-01-05" in dead.text
    assert looks(session)[-1][0] == "person:viewed"
    assert f"/persons/{father.id}/as-of" in browser.get(f"/persons/{father.id}").links


def test_the_trail_says_which_day_was_looked_at(
    home: Household, session: Session, alice: Staff, auditor: Staff, opened: Opened
):
    father = person(session, "王建国")
    opened(alice).get(f"/persons/{father.id}/as-of?true_on=2025-12-01&believed_on=2026-07-01")

    page = opened(auditor).get(f"/audit/persons/{father.id}/lookers")

    assert "查看的日期：2025-12-01" in page.text
    assert "按 2026-07-01 所知" in page.text


def test_the_months_of_a_year(home: Household, session: Session, alice: Staff, opened: Opened):
    browser = opened(alice)

    page = browser.get(f"/households/{home.id}/months?year=2025")
    empty = browser.get(f"/households/{home.id}/months?year=2020")

    assert "王建国 低保" in page.text
    assert "1,800.00" in page.text
    assert "合计（5 人次）" in page.text
    assert "这一年没有救助记录。" in empty.text
    assert "1 次" in browser.get(f"/households/{home.id}/months?year=nonsense").text
    assert (
        browser.get("/households/00000000-0000-0000-0000-000000000001/months?year=2025").status
        == 404
    )


def test_the_api_tells_a_day(home: Household, session: Session, alice: Staff, signed_in: SignedIn):
    client, father = signed_in(alice), person(session, "王建国")

    found = client.get(f"/v1/households/{home.id}/as-of?true_on=2025-12-05").json
    one = client.get(f"/v1/persons/{father.id}/as-of?believed_on=2026-07-01").json

    assert (found["known"], found["category"], found["region_code"]) == (
        True,
        "minimum_allowance",
        "210302002001",
    )
    assert [(m["name"], m["presence"]) for m in found["members"]] == [
        ("王建国", "named"),
        ("李秀英", "named"),
        ("王小宝", "no_longer"),
    ]
    assert found["enrolments"][1]["spell"] == {"from_on": "2025-11-01", "to_on": "2026-12-01"}
    assert found["days"] == {"believed_on": None, "true_on": "2025-12-05"}
    assert one["member"]["named"] == {"from_on": "2025-11-01", "to_on": "2026-11-01"}
    assert (one["household_number"], one["registered"]) == (home.number, ["citizen_id", "phone"])
    assert one["untold"] == ["origins"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "no-day"),
        ("?true_on=2026-11-24", "day-to-come"),
        ("?true_on=x", "unprocessable-entity"),
    ],
)
def test_the_api_refuses_a_day_that_cannot_be(
    home: Household, alice: Staff, signed_in: SignedIn, query: str, code: str
):
    answer = signed_in(alice).get(f"/v1/households/{home.id}/as-of{query}")

    assert answer.status_code == 422
    assert answer.json["code"] == code


def test_the_api_tells_years_and_months(
    home: Household, session: Session, alice: Staff, bob: Staff, signed_in: SignedIn
):
    client, father = signed_in(alice), person(session, "王建国")

    years = client.get(f"/v1/households/{home.id}/years").json["items"]
    months = client.get(f"/v1/households/{home.id}/aid-months?year=2025").json["items"]
    own = client.get(f"/v1/persons/{father.id}/aid-months").json["items"]

    assert [year["year"] for year in years] == [2026, 2025]
    assert (years[1]["times"], years[1]["amount_fen"]) == (5, 1800_00)
    assert {who["name"] for who in years[1]["joined"]} == {"王建国", "李秀英", "王小宝"}
    assert [who["name"] for who in years[1]["left"]] == ["王小宝"]
    assert [who["name"] for who in years[0]["died"]] == ["李秀英"]
    assert sum(month["amount_fen"] for month in months) == 1800_00
    assert {month["month"] for month in months} == {11, 12}
    assert len(own) == 14
    assert own[-1]["scheme"]["code"] == "S21"
    housing = signed_in(bob).get(f"/v1/households/{home.id}/years").json["items"]
    assert {year["category"] for year in housing} == {None}


@pytest.mark.parametrize("page", ["as-of", "months?year=2025"])
def test_the_number_of_queries_is_fixed(
    home: Household,
    alice: Staff,
    opened: Opened,
    assert_queries: Callable[[int], AbstractContextManager[list[str]]],
    page: str,
):
    browser = opened(alice)
    # Who asks and their scope; the look and its grounds; code tables and schemes.
    own = {"as-of": 4 + 2, "months?year=2025": 2 + 1}[page]
    with assert_queries(2 + 2 + own):
        browser.get(f"/households/{home.id}/{page}")
