"""The person panel, looking at data in clear, and deciding who may."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.audit.models import AccessRequest, AuditEvent
from relief.core.privacy.cipher import Cipher
from tests import factories
from tests.console.conftest import Browser
from tests.support.people import TIEDONG, Person
from tests.support.settings import FakeClock

Opened = Callable[[Person | str], Browser]
PURPOSE, PURPOSE_NAME = "recheck", "定期复核"


@pytest.fixture
def home(session: Session, cipher: Cipher) -> factories.Home:
    home = factories.make_household(session, cipher, schemes=["S01", "S21"])
    factories.make_account(
        session, Role.APPROVER, department="D01", region=TIEDONG, username="approver"
    )
    factories.make_account(
        session, Role.APPROVER, department="D01", region=TIEDONG, username="other-approver"
    )
    session.commit()
    return home


def test_the_panel_shows_each_field_masked_with_its_origin(
    home: factories.Home, alice: Person, opened: Opened
):
    page = opened(alice).get(f"/persons/{home.person_id}")

    for word in ("张三", "户主", "身份证号", "2103****", "46 岁", "已婚", "民政局", "S01.csv"):
        assert word in page.text
    assert home.citizen_id not in page.html
    assert home.phone not in page.html
    assert set(page.fields) <= page.labelled


def test_someone_who_may_not_unmask_is_not_offered_to(
    home: factories.Home, leader: Person, opened: Opened
):
    page = opened(leader).get(f"/persons/{home.person_id}")

    assert page.status == 200
    assert "查看完整信息" not in page.text


def test_without_a_ground_the_data_stays_masked(
    home: factories.Home, alice: Person, opened: Opened
):
    browser = opened(alice)
    browser.get(f"/persons/{home.person_id}")

    page = browser.post(f"/persons/{home.person_id}/whole", {"purpose": PURPOSE})

    assert page.status == 403
    assert "没有查看此人完整信息的有效事由" in page.text
    assert home.citizen_id not in page.html


@pytest.mark.parametrize("path", ["whole", "access-requests"])
def test_a_look_needs_a_purpose(
    home: factories.Home, alice: Person, opened: Opened, session: Session, path: str
):
    browser = opened(alice)
    browser.get(f"/persons/{home.person_id}")

    page = browser.post(f"/persons/{home.person_id}/{path}", {"purpose": "just looking"})

    assert page.status == 422
    assert "请选择查询目的" in page.text
    assert session.scalar(select(AccessRequest)) is None


def test_a_request_is_asked_decided_and_used(
    home: factories.Home, alice: Person, opened: Opened, session: Session
):
    asker, decider = opened(alice), opened("approver")
    page = asker.get(f"/persons/{home.person_id}")
    form = {"purpose": PURPOSE, "once": page.once}

    asked = asker.follow(asker.post(f"/persons/{home.person_id}/access-requests", form))
    asker.post(f"/persons/{home.person_id}/access-requests", form)

    assert "申请已提交" in asked.text
    assert "申请正在等待审批" in asked.text
    waiting = session.scalars(select(AccessRequest)).all()
    assert len(waiting) == 1
    listed = decider.get("/access-requests")
    assert "Alice 申请查看 张三" in listed.text
    assert PURPOSE_NAME in listed.text
    path = f"/access-requests/{waiting[0].id}/decision"

    decided = decider.follow(decider.post(path, {"decision": "approve", "reason": "同意"}))

    assert "已批准" in decided.text
    assert "没有待审批的申请" in decided.text
    assert decider.post(path, {"decision": "refuse", "reason": "迟了"}).status == 409

    whole = asker.post(f"/persons/{home.person_id}/whole", {"purpose": PURPOSE})

    assert whole.status == 200
    assert home.citizen_id in whole.text
    assert home.phone in whole.text
    assert whole.response.headers["Cache-Control"] == "no-store"
    assert home.citizen_id not in asker.get(f"/persons/{home.person_id}").html
    seen = session.scalars(select(AuditEvent).where(AuditEvent.action == "person:unmasked")).one()
    assert seen.details["purpose"] == PURPOSE


def test_a_refused_request_opens_nothing(
    home: factories.Home, alice: Person, opened: Opened, session: Session
):
    asker, decider = opened(alice), opened("approver")
    asker.get(f"/persons/{home.person_id}")
    asker.post(f"/persons/{home.person_id}/access-requests", {"purpose": PURPOSE})
    request = session.scalars(select(AccessRequest)).one()
    decider.get("/access-requests")
    path = f"/access-requests/{request.id}/decision"

    assert decider.post(path, {"decision": "perhaps", "reason": "不详"}).status == 400
    assert "请填写审批意见" in decider.follow(decider.post(path, {"decision": "refuse"})).text
    page = decider.follow(decider.post(path, {"decision": "refuse", "reason": "与工作无关"}))

    assert "已答复不批准" in page.text
    assert asker.post(f"/persons/{home.person_id}/whole", {"purpose": PURPOSE}).status == 403


def test_nobody_decides_their_own_request(
    home: factories.Home, opened: Opened, session: Session, clock: FakeClock
):
    browser = opened("approver")
    browser.get(f"/persons/{home.person_id}")
    browser.post(f"/persons/{home.person_id}/access-requests", {"purpose": PURPOSE})
    request = session.scalars(select(AccessRequest)).one()

    page = browser.get("/access-requests")

    assert "须由他人审批" in page.text
    answer = browser.post(
        f"/access-requests/{request.id}/decision", {"decision": "approve", "reason": "同意"}
    )
    assert answer.status == 403
    assert "不能审批自己的查询申请" in answer.text
