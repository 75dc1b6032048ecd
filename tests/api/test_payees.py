"""An account to pay into is entered by one person and confirmed by another."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from relief.audit.models import AuditEvent
from relief.core.privacy import store
from relief.core.privacy.masking import mask_phone
from relief.core.privacy.models import SecretKind, SecretValue
from relief.funds.models import Entitlement
from relief.funds.payees import queries
from relief.funds.payees.models import CasePayee
from relief.notifications.delivery import deliver_due
from relief.notifications.models import Channel, DeliveryStatus, OutboxMessage
from relief.notifications.texting.sending import send_due
from relief.registry.models import Person
from tests.api.test_changes import done, refused
from tests.api.test_delegation import LEAVE
from tests.support.applicants import BORN
from tests.support.paying import card, guardian, payee
from tests.support.settings import CIPHER
from tests.support.texting import Provider, post_of

WHY = {"reason": "原卡遗失"}


@pytest.fixture
def home(office):
    """A child without care, whose scheme pays money."""
    return office.household(born_on=BORN["S07"])


@pytest.fixture
def case(office, home):
    return office.apply("S07", home)["case"]["id"]


def enter(office, case, given, role="clerk", department="D01", headers=None):
    client = office.client(department, role)
    return client.post(f"/v1/cases/{case}/payees", json=given | WHY, headers=headers)


def confirm(office, case, role="reviewer", department="D01", headers=None, **given):
    payee_id = office.show(case)["payees"]["rows"][0]["id"]
    sent = {"payee_id": payee_id, "confirmed": True, "reason": "与原件核对过"} | given
    client = office.client(department, role)
    return client.post(f"/v1/cases/{case}/payees/answer", json=sent, headers=headers)


def take_back(office, case, role="clerk"):
    sent = {"payee_id": office.show(case)["payees"]["rows"][0]["id"], "reason": "卡号写错"}
    return office.client("D01", role).post(f"/v1/cases/{case}/payees/withdrawal", json=sent)


def states(office, case):
    return [(one["state"], one["holder"]) for one in office.show(case)["payees"]["rows"]]


def messages(session):
    """Which numbers were told what, in their order."""
    rows = session.execute(
        select(OutboxMessage.phone_id, OutboxMessage.title)
        .where(OutboxMessage.channel == Channel.SMS)
        .order_by(OutboxMessage.id)
    ).all()
    numbers = store.reveal(session, CIPHER, [row.phone_id for row in rows])
    return [(numbers[row.phone_id], row.title) for row in rows]


def test_what_one_enters_is_in_force_when_another_has_confirmed_it(office, session, home, case):
    detail = done(enter(office, case, payee()))

    assert (detail["payees"]["asked"], detail["payees"]["shown"]) == (True, True)
    [row] = detail["payees"]["rows"]
    assert (row["state"], row["since"]) == ("proposed", None)
    assert (row["number"], row["holder"]) == ("*" * 15 + card(1)[-4:], "张三")
    assert card(1) not in str(detail)

    detail = done(confirm(office, case))

    [row] = detail["payees"]["rows"]
    assert (row["state"], row["until"], row["answer"]) == ("in_force", None, "与原件核对过")
    assert row["since"] == row["answered_at"]
    assert [one["step"] for one in detail["timeline"][-2:]] == ["payee_proposed", "payee_confirmed"]
    trail = session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("case:payee%"))
    ).all()
    assert sorted(trail) == ["case:payee_confirmed", "case:payee_proposed"]


def test_the_old_one_stays_in_force_until_then_and_in_the_history(office, case):
    done(enter(office, case, payee()))
    done(confirm(office, case))
    office.clock.advance(days=1)

    done(enter(office, case, guardian()))
    assert states(office, case) == [("proposed", "李四"), ("in_force", "张三")]
    done(confirm(office, case))

    new, old = office.show(case)["payees"]["rows"]
    assert (new["state"], old["state"]) == ("in_force", "replaced")
    assert old["until"] == new["since"]


def test_the_number_is_stored_sealed_and_found_by_its_keyed_hash(office, session, case):
    done(enter(office, case, payee()))

    row = session.scalars(select(CasePayee)).one()
    assert store.find(session, CIPHER, SecretKind.BANK_ACCOUNT, card(1)) == row.number_id
    sealed = session.get_one(SecretValue, row.number_id)
    assert card(1).encode() not in bytes(sealed.ciphertext)


def test_the_old_phone_is_told_before_and_after_and_the_new_one_after(office, session, home, case):
    done(enter(office, case, payee(phone="15400000001")))
    done(confirm(office, case))
    known = home.phone
    assert sorted(messages(session)) == [
        ("15400000001", "收款账户已生效"),
        (known, "收款账户已生效"),
        (known, "申请登记收款账户"),
    ]
    [row] = office.show(case)["payees"]["rows"]
    assert row["told"] == [f"{known[:3]}****{known[-4:]}"]
    bodies = session.scalars(select(OutboxMessage.body)).all()
    assert not any(known in body or "张三" in body for body in bodies)

    # Whoever changes it now brings a telephone of their own, and the registry's has changed too.
    person = session.get_one(Person, home.person_id)
    fresh = store.put_many(session, CIPHER, SecretKind.PHONE, ["15400000003"], now=office.clock())
    session.execute(text("DELETE FROM outbox_message"))
    done(enter(office, case, guardian(phone="15400000002")))
    person.phone = fresh["15400000003"]
    session.commit()
    done(confirm(office, case))

    told = messages(session)
    assert {number for number, title in told if title == "申请变更收款账户"} == {
        "15400000001", known,
    }  # fmt: skip
    assert {number for number, title in told if title == "收款账户已生效"} == {
        "15400000001", known, "15400000002",
    }  # fmt: skip


def test_the_old_telephone_gets_a_text_message_and_no_inbox_does(office, session, home, case):
    done(enter(office, case, payee()))
    sender = Provider()

    tried = deliver_due(lambda: _same(session), clock=office.clock)
    sent = send_due(post_of(lambda: _same(session), sender, office.clock))

    [message] = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == Channel.SMS))
    assert (tried, sent, message.status) == (0, 1, DeliveryStatus.SENT)
    [text_message] = sender.sent
    number = office.show(case)["case"]["number"]
    assert (text_message.phone, text_message.values) == (home.phone, (number,))
    assert message.phone_masked == mask_phone(home.phone)
    with pytest.raises(IntegrityError, match="one_addressee"), session.begin_nested():
        session.execute(text("UPDATE outbox_message SET phone_id = NULL"))


class _same:  # noqa: N801  # reads as a call
    """A unit of work that is the test's own session."""

    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, *_):
        self.session.flush()


def test_who_entered_it_does_not_confirm_it(office, session, case):
    done(enter(office, case, payee(), role="reviewer"))

    said = refused(confirm(office, case), 403, "own-payee")

    assert "不相容岗位分离" in said
    assert states(office, case) == [("proposed", "张三")]
    assert done(confirm(office, case, role="approver"))["payees"]["rows"][0]["since"]


def test_nor_does_who_stands_in_for_them(office, case):
    sent = LEAVE | {"delegate_id": str(office.bind("reviewer"))}
    done(office.client("D01", "approver").post("/v1/me/delegations", json=sent))
    done(enter(office, case, payee(), role="reviewer"))

    # The delegate entered it, and confirms nothing for the approver either.
    refused(confirm(office, case), 403, "own-payee")


def test_nor_for_whom_they_entered_it(office, case):
    """An approver lends a clerk nothing to enter with; a clerk's stand-in enters for the clerk."""
    sent = LEAVE | {"delegate_id": str(office.bind("approver"))}
    done(office.client("D01", "clerk").post("/v1/me/delegations", json=sent))
    detail = done(enter(office, case, payee(), role="approver"))

    assert detail["timeline"][-1]["acting_for"]
    refused(confirm(office, case, role="approver"), 403, "own-payee")
    assert confirm(office, case).status_code == 200


def test_the_database_knows_two_persons_and_one_in_force(office, session, case):
    done(enter(office, case, payee()))
    with pytest.raises(IntegrityError, match="two_persons"), session.begin_nested():
        session.execute(
            text(
                "UPDATE case_payee SET state = 'in_force', held = tstzrange(now(), NULL),"
                " answered_by = proposed_by, answered_at = now(), answer = 'x'"
            )
        )
    done(confirm(office, case))
    done(enter(office, case, guardian()))
    other = office.accounts["D01", "reviewer", "210302000000"]
    with pytest.raises(IntegrityError, match="one_payee_at_a_time"), session.begin_nested():
        session.execute(
            text(
                "UPDATE case_payee SET state = 'in_force', held = tstzrange('2020-01-01', NULL),"
                " answered_by = :who, answered_at = now(), answer = 'x' WHERE state = 'proposed'"
            ),
            {"who": other},
        )


def test_it_may_be_refused_or_withdrawn_and_entered_anew(office, session, case):
    done(enter(office, case, payee()))
    refused(enter(office, case, guardian()), 409, "payee-open")
    done(confirm(office, case, confirmed=False, reason="户名看不清"))
    done(enter(office, case, payee(3)))
    done(take_back(office, case))
    done(enter(office, case, payee(4)))

    assert {state for state, _ in states(office, case)} == {"proposed", "withdrawn", "refused"}
    told = session.execute(
        select(OutboxMessage.title).where(OutboxMessage.channel == Channel.IN_APP)
    ).scalars()
    assert list(told) == ["收款账户不予确认"]


def test_what_was_looked_at_is_what_is_confirmed(office, case):
    done(enter(office, case, payee()))
    seen = office.show(case)["payees"]["rows"][0]["id"]
    done(take_back(office, case))
    done(enter(office, case, payee(5)))

    refused(confirm(office, case, payee_id=seen), 409, "payee-not-proposed")
    assert states(office, case)[0][0] == "proposed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"number": card(1)[:-1] + str((int(card(1)[-1]) + 1) % 10)}, "card-number"),
        ({"number": "6299990000"}, "card-number"),
        ({"number": "一二三"}, "account-number"),
        ({"bank_code": "1022230000"}, "bank-code"),
        ({"holder": "李四"}, "holder-mismatch"),
        ({"form": "corporate"}, "payee-form"),
        ({"kind": "school"}, "payee-form"),
        ({"relation": "51"}, "guardian-relation"),
        ({"kind": "guardian"}, "guardian-relation"),
        ({"kind": "guardian", "relation": "00"}, "guardian-relation"),
        ({"phone": "不详"}, "payee-phone"),
        ({"proof": "  "}, "words-missing"),
    ],
)
def test_what_cannot_be_an_account_is_refused(office, case, given, code):
    refused(enter(office, case, payee() | given), 422, code)


@pytest.mark.parametrize(
    "given",
    [
        {"number": f" {card(1)[:4]} {card(1)[4:]}", "holder": "张 三"},
        {"form": "passbook", "number": "210302-00012345"},
        {"kind": "school", "form": "corporate", "number": "21030200012345", "holder": "某某小学"},
    ],
)
def test_what_people_write_is_understood(office, case, given):
    done(enter(office, case, payee() | given))


def test_what_is_granted_goes_to_whom_is_in_force_and_a_change_moves_it(office, session, case):
    done(enter(office, case, payee()))
    first = done(confirm(office, case))["payees"]["rows"][0]["id"]
    office.go_on(case)
    done(office.decide(case, "D01"))

    [entitlement] = session.scalars(select(Entitlement))
    assert str(entitlement.payee_id) == first
    done(enter(office, case, guardian()))
    session.refresh(entitlement)
    assert str(entitlement.payee_id) == first
    done(confirm(office, case))
    session.refresh(entitlement)
    assert str(entitlement.payee_id) != first
    paid = queries.of_entitlements(session, [entitlement.id])
    assert paid[entitlement.id].holder == "李四"


def test_a_case_that_pays_nothing_has_no_payee(office):
    edge = office.apply("S05")["case"]["id"]  # an identity

    assert office.show(edge)["payees"] == {"asked": False, "shown": False, "rows": []}
    refused(enter(office, edge, payee()), 409, "pays-no-cash")


def test_one_that_was_refused_or_withdrawn_has_none(office, case):
    done(enter(office, case, payee()))
    sent = {"reason": "本人不再申请"}
    done(office.client("D01", "clerk").post(f"/v1/cases/{case}/withdraw", json=sent))

    refused(confirm(office, case), 409, "case-closed")
    done(take_back(office, case))
    refused(enter(office, case, payee()), 409, "case-closed")


def test_the_application_may_name_it(office, home):
    answer = office.apply("S07", home, payee=payee())

    [row] = answer["payees"]["rows"]
    assert (row["state"], row["reason"]) == ("proposed", "随申请登记")


def test_a_wrong_account_refuses_the_whole_application(office, home):
    sent = {"person_id": str(home.person_id), "scheme": "S07", "need": "家庭困难"}
    sent |= {"authorisations": [office.signed(home)], "payee": payee(holder="李四")}

    refused(office.client("D01", "clerk").post("/v1/cases", json=sent), 422, "holder-mismatch")

    assert office.client("D01", "clerk").get("/v1/cases").json["items"] == []


def test_it_is_the_payer_s_and_others_see_none_of_it(office, session):
    case = office.apply("S09")["case"]["id"]  # the federation (D13) takes part
    done(enter(office, case, payee()))

    shown = office.client("D13", "reviewer").get(f"/v1/cases/{case}").json["payees"]
    assert shown == {"asked": True, "shown": False, "rows": []}
    refused(enter(office, case, payee(), "reviewer", "D13"), 403, "not-yours")
    refused(confirm(office, case, "approver", "D13"), 403, "not-yours")
    refused(confirm(office, case, "clerk"), 403, "not-yours")


def test_sent_twice_it_is_entered_and_confirmed_once(office, session, case):
    key = {"Idempotency-Key": "k1"}
    answers = [enter(office, case, payee(), headers=key) for _ in "12"]
    assert [one.status_code for one in answers] == [200, 200]
    told = len(messages(session))
    payee_id = office.show(case)["payees"]["rows"][0]["id"]
    again = [
        confirm(office, case, headers={"Idempotency-Key": "k2"}, payee_id=payee_id) for _ in "12"
    ]
    assert [one.status_code for one in again] == [200, 200]

    assert len(session.scalars(select(CasePayee.id)).all()) == 1
    assert (told, len(messages(session))) == (1, 2)
