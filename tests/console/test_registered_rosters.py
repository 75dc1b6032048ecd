"""The pages of a roster that is drawn from a register, and that of the register itself."""

import pytest

from tests.console.test_cases import desk
from tests.support.victims import hit, victim

__all__ = ["desk"]  # the fixture


@pytest.fixture
def home(office, session):
    made = office.household()
    hit(session, victim(made))
    return made


def test_from_the_register_to_the_case(office, desk, home):
    page = desk().get("/cases/rosters?scheme=S26")

    assert "受灾人员台账（数据截至2026年11月1日）列有张三：2026年洪涝" in page.text
    assert home.citizen_id not in page.html
    path = f"/persons/{home.person_id}/apply?scheme=S26"
    assert path in page.links
    assert 'value="S28"' in desk().get("/cases/roster-acts/new").html

    case = office.apply("S26", home)["case"]["id"]

    shown = desk().get(f"/cases/{case}").text
    assert "按部门报送的登记列入名单" in shown
    assert "自救困难（自然灾害救助条例" in shown
    assert "没有需要补办的" in desk().get("/cases/rosters?scheme=S26").text


@pytest.mark.usefixtures("home")
def test_a_register_says_which_rosters_are_drawn_from_it(opened, steward):
    browser = opened(steward)

    overview = browser.get("/registers").text
    assert "S26 受灾救助名单" in overview
    one = browser.get("/registers/monitored_households").text
    assert "S28 防返贫帮扶" in one
    assert "没有数据：名单上没有人，不等于没有需要救助的人" in one
    assert "这些核验不会发现" not in one
