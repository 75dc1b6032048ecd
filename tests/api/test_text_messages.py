"""What became of the text messages: over HTTP and on the page, and who may see it."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from relief.accounts.types import Role
from relief.core import viewer
from relief.core.config import normalise_url
from relief.core.scope import Scope, subtree
from relief.core.viewer import Viewer
from relief.integrations.sms import Reply, Verdict
from relief.jobs.process import unit_of_work_of
from relief.notifications.models import OutboxMessage
from relief.notifications.service import notify
from relief.notifications.texting import sending
from tests.factories import make_account
from tests.support.database import accounts_on
from tests.support.settings import START
from tests.support.texting import ACCEPTED, CASE, PHONE, Provider, post_of, tell

URL = "/v1/text-messages"
CITY = Scope((subtree(210300000000),), None)


@pytest.fixture
def three(app, session):
    """One that was taken, one that was refused, one that waits; and a notice in an inbox."""
    opened = unit_of_work_of(app)
    refused = Reply(verdict=Verdict.REFUSED, code="Barred")
    for key, reply in (("k1", ACCEPTED), ("k2", refused)):
        tell(session, key, now=START + timedelta(seconds=int(key[1])))
        session.commit()
        sending.send_due(post_of(opened, Provider(reply)))
    tell(session, "k3", now=START + timedelta(seconds=3))
    notify(
        session, recipient_id=make_account(session, Role.CLERK).id, title="站内", body="站内",
        link=None, dedupe_key="inbox", now=START,
    )  # fmt: skip
    session.commit()


def test_each_says_how_it_stands_and_why(signed_in, steward, three):
    client = signed_in(steward)

    items = client.get(URL).json["items"]

    assert [(one["status"], one["attempts"], one["reason"]) for one in items] == [
        ("pending", 0, None), ("failed", 1, "refused"), ("sent", 1, None),
    ]  # fmt: skip
    waits, refused, sent = items
    assert (refused["provider_code"], sent["provider_id"]) == ("Barred", "id-1")
    assert {one["phone_masked"] for one in items} == {"138****0001"}
    assert all(CASE in one["words"] for one in items)
    assert (waits["next_at"] is None, sent["next_at"]) == (False, None)
    assert (waits["handed_at"], sent["provider"]) == (None, "scripted")


def test_the_list_is_narrowed_and_read_page_by_page(signed_in, steward, three):
    client = signed_in(steward)

    failed = client.get(f"{URL}?status=failed").json
    first = client.get(f"{URL}?limit=2").json
    rest = client.get(f"{URL}?limit=2&cursor={first['next_cursor']}").json

    assert [one["reason"] for one in failed["items"]] == ["refused"]
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    assert client.get(f"{URL}?status=lost").status_code == 422
    assert client.get(f"{URL}?cursor=x").status_code == 422


def test_a_number_is_shown_whole_to_nobody(signed_in, steward, system_admin, three):
    for person in (steward, system_admin):
        text = signed_in(person).get(URL).get_data(as_text=True)
        assert (PHONE in text, "138****0001" in text) == (False, True)


def test_who_does_not_look_after_them_sees_none(signed_in, alice, auditor, leader, audit_admin):
    for person in (alice, auditor, leader, audit_admin):
        assert signed_in(person).get(URL).status_code == 403


def test_the_database_shows_text_messages_alone_and_to_their_keepers_alone(
    spare_app, spare_database_url
):
    with unit_of_work_of(spare_app)() as session:
        tell(session)
        accounts = {
            role: make_account(session, role, department="D01", region="210300000000").id
            for role in (Role.STEWARD, Role.REVIEWER)
        }
        accounts[Role.SYSTEM_ADMIN] = make_account(session, Role.SYSTEM_ADMIN).id
        notify(
            session, recipient_id=accounts[Role.STEWARD], title="站内", body="站内", link=None,
            dedupe_key="inbox", now=START,
        )  # fmt: skip
    engine = create_engine(normalise_url(accounts_on(spare_database_url)["web"]))

    def seen(role):
        token = viewer.current.set(Viewer(accounts[role], CITY))
        try:
            with Session(engine) as session:
                return session.scalar(select(func.count()).select_from(OutboxMessage))
        finally:
            viewer.current.reset(token)

    try:
        assert {role.value: seen(role) for role in accounts} == {
            "steward": 1, "reviewer": 0, "system_admin": 1,
        }  # fmt: skip
    finally:
        engine.dispose()


def test_what_a_number_was_told_before_its_mask_was_kept_is_a_dash(session, signed_in, steward):
    tell(session)
    session.execute(update(OutboxMessage).values(phone_masked=None, template=None))
    session.commit()

    [one] = signed_in(steward).get(URL).json["items"]

    assert (one["phone_masked"], one["template"]) == (None, None)
