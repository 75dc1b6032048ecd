"""Referring somebody on the pages, and what their office does about it."""

import pytest
from sqlalchemy import func, select

from relief.review.models import Case
from relief.review.referring.models import Referral
from tests.console.test_cases import desk, press
from tests.support.referring import NEED, STREET, WEST, referred
from tests.support.source import number

__all__ = ["desk"]  # the fixture
NEW, URL = "/cases/referrals/new", "/cases/referrals"
TOLD = {
    "region": STREET, "found_by": "police", "finder": "铁东分局 王警官", "place": "候车室",
    "handed_to": "救助点值班员", "condition": "六十上下，右腿有伤", "found_at": "2026-11-22T21:00",
}  # fmt: skip


@pytest.fixture
def home(office):
    return office.household(schemes=("S14",))


def test_from_the_street_to_the_case(desk, home, session):
    finder, station = desk("D06"), desk("D01")
    assert URL in finder.get("/cases").links
    form = finder.get(NEW)
    assert set(form.fields) <= form.labelled
    sent = [press(finder, NEW, URL, **TOLD, citizen_id=home.citizen_id)]
    assert sent[0].status == 303, sent[0].text
    where = sent[0].response.location
    assert "等待接收" in finder.get(where).text
    assert home.citizen_id not in finder.get(where).html
    assert f"{where}/acceptance" not in finder.get(where).html  # whoever referred does not answer
    assert where in station.get(f"{URL}?live=1").links

    looked = press(station, where, f"{where}/look-ups")
    assert (looked.status, "张*" in looked.text) == (200, True), looked.text
    taken = press(station, where, f"{where}/acceptance", need=NEED)

    assert taken.status == 303, taken.text
    page = station.get(where)
    assert "已接收，正在办理" in page.text
    case = session.scalars(select(Case)).one()
    assert f"/cases/{case.id}" in page.links
    assert "由转介进入" in station.get(f"/cases/{case.id}").text


def test_who_stays_unknown_is_helped_and_two_people_end_it(desk, office):
    where = f"{URL}/{referred(office)}"
    station, other = desk("D01"), desk("D01", "reviewer")
    assert press(station, where, f"{where}/acceptance", need=NEED).status == 303
    assert "身份待查" in station.get(where).text
    aid = {"what": "食宿三日", "cost": "320", "end": "left", "until_on": "2026-11-23"}
    assert press(station, where, f"{where}/aid", **aid).status == 403
    assert press(other, where, f"{where}/aid", **aid | {"cost": "x"}).status == 422

    assert press(other, where, f"{where}/aid", **aid).status == 303

    page = station.get(where)
    assert "320.00" in page.text
    assert "自行离开" in page.text


def test_who_is_identified_by_name_later(desk, office, home, session):
    where = f"{URL}/{referred(office)}"
    station = desk("D01")
    press(station, where, f"{where}/acceptance", need=NEED)
    assert press(station, where, f"{where}/identification", need=NEED).status == 409
    found = press(station, where, f"{where}/look-ups", look_name="张三")
    assert f'value="{home.person_id}"' in found.html

    given = {"need": NEED, "who": str(home.person_id)}
    done = station.post(f"{where}/identification", given)

    assert done.status == 303, done.text
    assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_an_office_hands_on_or_refuses_and_says_why(desk, office):
    where = f"{URL}/{referred(office)}"
    station = desk("D01")
    station.get(where)
    assert station.post(f"{where}/refusal", {}).status == 422
    assert station.post(f"{where}/hand-on", {"region": WEST}).status == 422
    assert press(station, where, f"{where}/hand-on", region=WEST, why="辖区").status == 303
    assert "铁西区" in station.get(where).text
    where = f"{URL}/{referred(office)}"
    assert press(station, where, f"{where}/refusal", refusal="有住处").status == 303
    assert "有住处" in station.get(where).text


def test_looking_too_often_is_stopped_and_taking_in_is_not(desk, office):
    where = f"{URL}/{referred(office)}"
    station = desk("D01")
    assert press(station, where, f"{where}/look-ups", citizen_id="123").status == 422
    for sequence in range(11, 21):
        page = press(station, where, f"{where}/look-ups", citizen_id=number(sequence=sequence))
        assert "没有找到这个人" in page.text
    page = press(station, where, f"{where}/look-ups", look_name="张三")

    assert (page.status, "请 60 分钟后再试" in page.text) == (429, True), page.text
    assert press(station, where, f"{where}/acceptance", need=NEED).status == 303


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        ({"place": ""}, 422, "请填写发现地点"),
        ({"found_at": "昨天"}, 422, "请填写发现时间"),
        ({"found_by": "nobody"}, 422, "请选择发现人"),
        ({"found_at": "2027-01-01T00:00"}, 422, "发现时间不能晚于现在"),
        ({"citizen_id": "210302198003041234"}, 422, "身份证号码不正确"),
        ({"scheme": "S01"}, 409, "不由转介进入"),
        ({"scheme": "S99"}, 404, "没有"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_filled_in_is_kept(desk, session, given, status, told):
    finder = desk("D06")
    form = finder.get(NEW)
    page = finder.post(URL, {"once": form.once, "scheme": "S12"} | TOLD | given)

    assert (page.status, told in page.text) == (status, True), page.text
    assert status == 404 or "右腿有伤" in page.html
    assert "210302198003041234" not in page.html
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_the_window_does_not_offer_it_and_names_the_way_in(desk, home):
    browser = desk("D01")
    path = f"/persons/{home.person_id}/apply"
    page = browser.get(path)
    assert 'value="S03"' in page.html
    assert 'value="S12"' not in page.html

    sent = browser.post(path, {"scheme": "S12", "need": NEED})

    assert (sent.status, "由转介进入" in sent.text) == (409, True), sent.text
