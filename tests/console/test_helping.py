"""The pages about helpers: a steward at work, what others see, and coverage down to a village."""

import io

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.registry.models import Household
from relief.tasks import worker
from relief.visits import coverage
from relief.visits.models import HelperAssignment
from relief.wiring import worker_of
from tests import factories
from tests.support.settings import START

FILLED = {"name": "帮甲", "unit": "某局", "phone": "13900000001", "from_on": "2026-01-01"}
OTHER = FILLED | {"name": "帮乙", "phone": "13900000002"}


@pytest.fixture
def home(session, cipher):
    made = factories.make_household(session, cipher, name="李四")
    session.commit()
    return made


@pytest.fixture
def at(home):
    return f"/households/{home.id}/helpers"


@pytest.fixture
def desk(opened, steward):
    return opened(steward)


def give(desk, at, **given):
    desk.get(at)
    return desk.follow(desk.post(at, FILLED | given))


def ids(session):
    session.expire_all()
    return session.scalars(select(HelperAssignment.id).order_by(HelperAssignment.made_at)).all()


def test_a_steward_gives_ends_and_changes_the_first_contact(session, desk, home, at):
    assert "还没有安排" in desk.get(at).text
    page = give(desk, at)
    assert "已安排帮扶责任人" in page.text
    assert "139****0001" in page.text
    [first] = ids(session)
    page = give(desk, at, **OTHER, first="1")
    assert page.text.index("帮乙") < page.text.index("帮甲")

    page = desk.follow(desk.post(f"{at}/{first}/first"))
    assert "已更换第一联系人" in page.text
    page = desk.follow(desk.post(f"{at}/{first}/end", {"reason": "调整分工"}))

    assert "调整分工" in page.text
    shown = desk.get(f"/households/{home.id}")
    assert at in shown.links


def test_what_is_wrong_is_said_and_what_was_filled_in_stays(desk, at):
    desk.get(at)
    for given, words in (
        ({"phone": "1"}, "联系电话不正确"),
        ({"from_on": ""}, "请填写日期"),
        ({"over_reason": "x"}, "至少 2 个字"),
    ):
        page = desk.post(at, FILLED | given)
        assert page.status == 422
        assert words in page.text
        assert 'value="某局"' in page.html
    give(desk, at)
    again = desk.post(at, FILLED)
    assert (again.status, "已是这一户的帮扶责任人" in again.text) == (409, True)


def test_an_assignment_of_another_household_is_not_there(session, cipher, desk, at):
    other = factories.make_household(session, cipher)
    session.commit()
    give(desk, at)
    [made] = ids(session)

    for act in ("end", "first"):
        page = desk.post(f"/households/{other.id}/helpers/{made}/{act}", {"reason": "调整分工"})
        assert page.status == 404
    assert session.get_one(HelperAssignment, made).ended_at is None


def test_a_load_is_transferred_and_a_helper_corrected(session, desk, home, at):
    account = factories.make_account(session, Role.HELPER, region="210302000000")
    session.commit()
    give(desk, at)
    [made] = ids(session)
    path = f"/helpers/{session.get_one(HelperAssignment, made).helper_id}"
    page = desk.get(path)
    assert "李四" in page.text
    version = {"version": "1", "username": account.username}

    page = desk.follow(desk.post(path, FILLED | {"unit": "另一单位"} | version))
    assert "另一单位" in page.text
    assert desk.post(path, FILLED | version | {"version": "x"}).status == 409
    page = desk.follow(desk.post(f"{path}/departure", {"left_on": "2026-11-01", "reason": "调离"}))
    assert "已离任" in page.text
    missing = desk.post(f"{path}/transfer", OTHER | {"reason": "调离"})
    assert missing.status == 422
    page = desk.follow(
        desk.post(f"{path}/transfer", OTHER | {"notes": "须每周联系", "reason": "调离"})
    )
    assert "没有联系户" in page.text
    page = desk.get(at)
    assert "移交说明：须每周联系" in page.text


def test_coverage_leads_from_the_city_to_a_household(session, desk, home, at):
    give(desk, at)
    coverage.recount(session, now=START)
    session.commit()

    page = desk.get("/helper-coverage")
    assert "100%" in page.text
    east = next(link for link in page.links if "county=210302000000" in link)
    township = next(link for link in desk.get(east).links if "township=210302002000" in link)
    village = desk.get(township)
    assert any("village=210302002001" in link for link in village.links)
    behind = next(link for link in village.links if "state=helped" in link)

    page = desk.get(behind)
    assert "李四" in page.text
    assert "帮甲" in page.text
    assert "没有这样的户" in desk.get("/helper-coverage/households?state=unhelped").text
    assert "李四" in desk.get("/helper-coverage/households?state=nonsense").text


def test_whoever_only_sees_has_no_form(session, desk, home, at, opened, alice):
    give(desk, at)
    [made] = ids(session)
    clerk = opened(alice)

    for path in (at, f"/helpers/{session.get_one(HelperAssignment, made).helper_id}"):
        page = clerk.get(path)
        assert page.status == 200
        assert 'method="post" action="/' + path[1:] not in page.html
    assert clerk.post(at, FILLED).status == 403


def test_a_file_is_uploaded_after_its_template_and_its_rows_are_told(
    app, session, desk, home, clock
):
    page = desk.get("/helper-files")
    assert "/helper-files/template" in page.links
    template = desk.client.get("/helper-files/template").get_data()
    assert "请选择要上传的文件" in desk.post("/helper-files").text
    bad = {"file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}
    page = desk.post("/helper-files", bad)
    assert (page.status, "PDF" in page.text) == (422, True)
    number = session.get_one(Household, home.id).number
    who = "帮甲,某局,13900000001,2026-01-01,,,"
    line = f"{number},,{who}\n210302-999999,,{who}\n"
    sent = desk.post("/helper-files", {"file": (io.BytesIO(template + line.encode()), "a.csv")})
    path = sent.response.headers["Location"]
    assert "正在后台办理" in desk.get(path).text

    worker.run_one(worker_of(app))

    page = desk.get(path)
    assert "您的工作区划内没有这一户" in page.text
    assert "帮甲" in desk.get(f"/households/{home.id}/helpers").text
    sent = desk.post("/helper-files", {"file": (io.BytesIO(b"x,y\n"), "b.csv")})
    worker.run_one(worker_of(app))
    assert "没有找到表头" in desk.get(sent.response.headers["Location"]).text
