"""发送记录: the page says how each text message stands, in plain words, and shows no number."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.console.text_words import WORDS
from relief.integrations.sms.fake import FakeSender
from relief.jobs.process import unit_of_work_of
from relief.notifications.models import DeliveryStatus, OutboxMessage
from relief.notifications.texting import sending
from relief.notifications.types import Held
from tests.console.conftest import Browser
from tests.support.people import Person
from tests.support.texting import CASE, PHONE, post_of, tell

Opened = Callable[[Person | str], Browser]
URL = "/text-messages"


def test_every_state_and_reason_has_words():
    assert set(WORDS["text_status"]) == set(WORDS["text_tone"]) == {*DeliveryStatus}
    assert set(WORDS["text_reason"]) == {*Held}


@pytest.mark.parametrize("who", ["steward", "system_admin"])
def test_the_page_tells_what_the_fake_would_have_sent(
    app: Flask, session: Session, opened: Opened, who: str, request: pytest.FixtureRequest
):
    tell(session)
    session.commit()
    assert sending.send_due(post_of(unit_of_work_of(app), FakeSender())) == 1  # type: ignore[arg-type]  # any sender
    browser = opened(request.getfixturevalue(who))

    page = browser.get("/")
    assert URL in page.links
    page = browser.get(URL)

    for words in (
        "没有接入短信服务商", "模拟发送（未真正发出）", "服务商已接收", "收款账户已生效", CASE,
        "138****0001",
    ):  # fmt: skip
        assert words in page.text
    assert PHONE not in page.html


def test_a_message_that_waits_says_until_when_and_an_end_says_what_to_do(
    session: Session, opened: Opened, steward: Person
):
    tell(session, "k1")
    tell(session, "k2")
    session.execute(
        update(OutboxMessage).where(OutboxMessage.dedupe_key == "k1").values(last_error=Held.QUIET)
    )
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.dedupe_key == "k2")
        .values(
            last_error=Held.REFUSED, status=DeliveryStatus.FAILED, provider="fake",
            provider_code="Barred",
        )
    )  # fmt: skip
    session.commit()
    browser = opened(steward)

    page = browser.get(URL)
    failed = browser.get(f"{URL}?status=failed")

    for words in ("免打扰时段", "之后发送", "服务商拒绝发送，须另行告知", "服务商返回 Barred"):
        assert words in page.text
    assert "免打扰时段" not in failed.text
    assert "没有这种状态的短信" in browser.get(f"{URL}?status=expired").text
    assert browser.get(f"{URL}?status=nonsense").status == 200


def test_the_list_goes_on_page_by_page(session: Session, opened: Opened, steward: Person):
    for number in range(51):
        tell(session, f"k{number}")
    session.commit()
    browser = opened(steward)

    first = browser.get(f"{URL}?status=pending")
    [older] = [link for link in first.links if "cursor=" in link]
    second = browser.get(older)

    assert (first.text.count(CASE), second.text.count(CASE)) == (50, 1)
    assert "status=pending" in older


def test_without_messages_the_page_says_so(opened: Opened, steward: Person):
    assert "没有短信。" in opened(steward).get(URL).text
