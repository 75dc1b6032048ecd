"""Which schemes the pages of rosters offer, and to whom they say why they offer none."""

import pytest

from tests.console.test_cases import desk
from tests.support.confirming import listed
from tests.support.drafting import TODAY, publish, with_limit

__all__ = ["desk"]  # the fixture
FORM = {"scheme": "S13", "need": "冬季取暖"}
PAGES = ("/cases/rosters", "/cases/roster-acts/new")


@pytest.mark.parametrize("path", PAGES)
def test_who_acts_in_a_stage_is_offered_the_scheme_beside_the_joint_departments(
    session, desk, path
):
    assert 'value="S24"' not in desk("D04").get(path).html
    publish(session, change=with_limit("NOTICE", 3, owner="county_zj"), valid_from=TODAY)
    session.commit()

    page = desk("D04").get(path)

    assert 'value="S24"' in page.html


@pytest.mark.parametrize("path", PAGES)
def test_an_account_of_no_department_is_told_so(desk, path):
    page = desk(None).get(f"{path}?scheme=S13")

    assert (page.status, "账号没有指定部门" in page.text) == (200, True)
    assert 'value="S13"' not in page.html
    assert "没有需要补办的" not in page.text


def test_and_begins_nothing(office, session, desk):
    listed(session, office.household(schemes=("S01",)))
    browser = desk(None)
    browser.get("/cases/roster-acts/new")

    page = browser.post("/cases/roster-acts", FORM)

    assert (page.status, "账号没有指定部门" in page.text) == (403, True)
    assert "没有需要补办的人" not in page.text
