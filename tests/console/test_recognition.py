"""A clerk sees what is known before asking, corrects it, and the case says what it was spared."""

import pytest

from tests.console.test_cases import desk, send
from tests.support.confirming import listed

__all__ = ["desk"]  # the fixture


@pytest.fixture
def home(office, session):
    return listed(session, office.household(schemes=("S01",)))


def test_an_application_is_made_from_what_is_known(office, desk, home):
    path = f"/persons/{home.person_id}/apply"

    page = desk().get(f"{path}?scheme=S21")

    assert "该家庭已认定为低保对象，2026年3月1日起，来源：民政局“低保”名册" in page.text
    for words in ("已有，无需提交", "低保对象证明", "因互认免于民政收入财产认定及授权"):
        assert words in page.text
    assert "已签署核对授权书的家庭成员" not in page.text
    assert home.phone not in page.html
    assert set(page.fields) <= page.labelled

    fix = {"fix-address": "解放社区2号楼", "why-address": "已搬家"}
    done = send(desk(), path, path, scheme="S21", need="住房困难", **fix)

    assert done.status == 303, done.text
    case = desk().get(done.response.location)
    for words in ("互认", "该家庭已认定为低保对象", "更正为：解放社区2号楼", "已搬家"):
        assert words in case.text


@pytest.mark.parametrize(
    ("fix", "told"),
    [
        ({"fix-address": "解放社区2号楼"}, "更正已知的值，请写明理由"),
        ({"fix-phone": "没有", "why-phone": "停机"}, "联系电话只能是号码"),
    ],
)
def test_what_is_wrongly_corrected_is_kept_and_told(desk, home, fix, told):
    path = f"/persons/{home.person_id}/apply"

    again = send(desk(), path, path, scheme="S21", need="住房困难", **fix)

    assert (again.status, told in again.text) == (422, True)
    assert next(iter(fix.values())) in again.html


def test_who_is_missing_is_led_to_a_filled_in_application(desk, home):
    assert "/cases/rosters" in desk().get("/cases").links

    page = desk().get("/cases/rosters?scheme=S13")

    assert "该家庭已认定为低保对象" in page.text
    assert f"/persons/{home.person_id}/apply?scheme=S13" in page.links
    assert "没有需要补办的" not in page.text
