"""What outside registers say, over HTTP and on the page of a case: evidence, rule and source."""

from datetime import date

import pytest

from relief.registers.types import Register, State
from relief.registry.models import Person
from tests.console.test_cases import desk
from tests.support.registers import deliver
from tests.support.settings import CIPHER

__all__ = ["desk"]

CAR = {"kind": "passenger_car", "from_on": date(2024, 5, 6), "amount_fen": 8_000_000}


@pytest.fixture
def owner(office, session):
    """`owner(state)`: someone with a car by the register of vehicles."""

    def make(**given):
        home = office.household()
        row = {"number_id": session.get_one(Person, home.person_id).citizen_id} | CAR | given
        deliver(session, CIPHER, Register.VEHICLES, row, now=office.clock())
        session.commit()
        return home

    return make


def findings(office, case):
    answer = office.client("D01", "clerk").get(f"/v1/cases/{case}/checks")
    assert answer.status_code == 200, answer.json
    return [one for one in answer.json["findings"] if one["check"] == "A13"]


def test_the_doubt_holds_the_grant_until_somebody_verified_it(office, owner):
    case = office.apply("S01", owner())["case"]["id"]

    [one] = findings(office, case)

    assert (one["grade"], one["waits"]) == ("doubt", True)
    assert one["evidence"] == {
        "member": "张三",
        "register": "机动车登记",
        "entry": "2026-11-23 的数据第 2 行",
        "since": "2024-05-06",
        "kind": "小型客车",
        "amount": "80000.00 元",
        "limit": "20000 元（2026-01-01 起，默认值：民发〔2021〕57号第十四条由省级规定；"
        "小型客车一律核实，其他机动车超过这一价值的核实）",
    }
    assert one["rule"] == "民发〔2021〕57号第十四条、第十七条"


def test_a_car_that_was_sold_is_no_doubt(office, owner):
    case = office.apply("S01", owner(state=State.ENDED))["case"]["id"]

    assert findings(office, case) == []


def test_the_page_tells_it_in_plain_words(office, owner, desk):
    case = office.apply("S01", owner())["case"]["id"]

    page = desk().get(f"/cases/{case}").text

    for words in (
        "A13 车辆异常",
        "张三名下登记有小型客车",
        "登记来源：机动车登记",
        "登记条目：2026-11-23 的数据第 2 行",
        "自：2024-05-06",
        "数额：80000.00 元",
        "比对标准：20000 元（2026-01-01 起",
        "民发〔2021〕57号第十四条",
        "残疾人代步车、农机等生产工具不计",
    ):
        assert words in page
