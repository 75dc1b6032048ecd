"""To whom an account belongs into which is paid: named to the payer, and to nobody else."""

import pytest

from relief.registers.types import Register
from relief.registry.models import Person
from tests.console.test_cases import desk
from tests.integration.test_checks_outside import OFFICIAL
from tests.support.registers import deliver
from tests.support.settings import CIPHER

__all__ = ["desk"]

HOLDER = "欧阳六六"


@pytest.fixture
def case(office, session):
    """An application in which the federation (D13) takes part, into another's account."""
    home = office.household()
    row = {
        "number": OFFICIAL, "account_id": session.get_one(Person, home.person_id).account,
        "kind": "deposit", "name": HOLDER, "amount_fen": 100,
    }  # fmt: skip
    deliver(session, CIPHER, Register.BALANCES, row, now=office.clock())
    session.commit()
    return office.apply("S09", home)["case"]["id"]


def finding(office, case, department):
    answer = office.client(department, "reviewer").get(f"/v1/cases/{case}/checks")
    assert answer.status_code == 200, answer.json
    [found] = [one for one in answer.json["findings"] if one["check"] == "A22"]
    return found


def test_the_payer_reads_the_holder_and_who_takes_part_does_not(office, case):
    assert finding(office, case, "D01")["evidence"]["holder"] == HOLDER

    told = finding(office, case, "D13")

    assert told["evidence"]["holder"] == "仅发放部门可见"
    assert told["evidence"]["member"] == "张三"
    assert HOLDER not in str(told)


def test_neither_the_timeline_nor_the_page_names_them(office, case, desk):
    answer = office.client("D13", "reviewer").get(f"/v1/cases/{case}")
    assert "A22 发放账户登记在他人名下" in str(answer.json["timeline"])
    assert HOLDER not in str(answer.json)
    assert HOLDER not in desk("D13", "reviewer").get(f"/cases/{case}").text
    assert f"账户登记人：{HOLDER}" in desk("D01", "reviewer").get(f"/cases/{case}").text
