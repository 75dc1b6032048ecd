"""Somebody is found without shelter, referred to the managing office, taken in and helped."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from relief.audit.models import AuditEvent
from relief.jobs.referrals import watch_referrals
from relief.notifications.models import OutboxMessage
from relief.review.models import Case, CaseStage, CaseStep
from relief.review.referring.models import Referral
from tests.api.test_kin import filed, relative
from tests.support.people import TIEXI
from tests.support.referring import NEED, STREET, URL, WEST, act, known, refer, referred, to_case
from tests.support.source import number


@pytest.fixture
def home(office):
    return office.household(schemes=("S14",))


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json


def trail(session, action):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def cases(session):
    return session.scalar(select(func.count()).select_from(Case))


def test_who_cannot_say_who_they_are_is_taken_in_first(office, session):
    """Of nobody's name and number; what state they are in is sealed; the office is told."""
    office.client("D01", "clerk")

    sent = refer(office, contact="13900001111", minor=True)

    assert sent.status_code == 201, sent.json
    assert sent.json["referral"]["status"] == "waiting"
    assert (sent.json["name"], sent.json["number_masked"]) == (None, None)
    # One calendar day, as the procedure gives for the acceptance.
    assert (sent.json["referral"]["due_on"], sent.json["referral"]["late"]) == ("2026-11-24", False)
    row = session.scalars(select(Referral)).one()
    assert "右腿".encode() not in row.told
    notices = session.scalars(select(OutboxMessage).where(OutboxMessage.link.contains(str(row.id))))
    told = {one.recipient_id: one.body for one in notices}
    assert office.accounts["D01", "clerk", "210302000000"] in told
    assert set(told).isdisjoint({office.accounts["D06", "clerk", "210302000000"]})
    assert not any("右腿" in body for body in told.values())

    taken = act(office, str(row.id), "acceptance", need=NEED)

    assert taken.status_code == 200, taken.json
    assert (taken.json["referral"]["status"], taken.json["case_id"]) == ("taken_in", None)
    assert (taken.json["condition"][:2], taken.json["contact"]) == ("六十", "13900001111")
    assert [one["step"] for one in taken.json["events"]] == ["referred", "taken_in"]
    assert cases(session) == 0


def test_who_is_found_by_number_has_a_case_that_counts_from_the_referral(office, session, home):
    referral = referred(office, citizen_id=home.citizen_id, name="张三")
    office.clock.advance(days=1)
    found = act(office, referral, "look-ups").json["items"]
    assert found == [
        {"person_id": None, "name": "张*", "number_masked": "2103**************",
         "born_on": "1980-03-04", "region_code": "210302002001", "dead": False}
    ]  # fmt: skip

    taken = act(office, referral, "acceptance", need=NEED, as_found=True)

    assert taken.status_code == 200, taken.json
    case = session.get_one(Case, taken.json["case_id"])
    assert (case.region_code, case.need) == (int(STREET), NEED)
    assert case.counted_from.isoformat() == "2026-11-23"
    [register] = session.scalars(select(CaseStage).where(CaseStage.code == "REGISTER"))
    assert register.due_on.isoformat() == "2026-11-24"
    steps = session.scalars(select(CaseStep).order_by(CaseStep.number)).all()
    told = next(one.note for one in steps if one.step.value == "referred")
    assert "长途客运站候车室" in told
    assert "王警官" in told
    [looked] = trail(session, "person:found_for_referral")
    assert (looked.subject_id, looked.details) == (
        home.person_id, {"referral": referral, "by": "number"},
    )  # fmt: skip


def test_who_lives_elsewhere_has_the_case_where_they_were_found(office, session):
    far = office.household(schemes=("S14",), region=210303001001)

    case = to_case(office, far)

    assert session.get_one(Case, case).region_code == int(STREET)
    assert office.client("D01", "clerk").get(f"/v1/persons/{far.person_id}").status_code == 404
    office.go_on(case)
    assert office.decide(case, "D01").status_code == 200


def test_who_is_of_the_office_is_found_by_name(office, session, home):
    office.household(name="张三", region=210303001001)  # of another county
    referral = referred(office, name="张三")

    [found] = act(office, referral, "look-ups", name="张三").json["items"]
    assert (found["person_id"], found["name"]) == (str(home.person_id), "张三")
    taken = act(office, referral, "acceptance", need=NEED, person_id=found["person_id"])

    assert taken.status_code == 200, taken.json
    assert session.get_one(Case, taken.json["case_id"]).person_id == home.person_id
    stranger = act(office, referred(office), "acceptance", need=NEED, person_id=str(home.id))
    refused(stranger, 404, "person-not-found")


def test_who_tries_numbers_is_stopped(office, session, home):
    referral = referred(office)
    for sequence in range(11, 21):
        answer = act(office, referral, "look-ups", citizen_id=number(sequence=sequence))
        assert (answer.status_code, answer.json) == (200, {"items": []})

    stopped = act(office, referral, "look-ups", citizen_id=home.citizen_id)

    refused(stopped, 429, "too-many-attempts")
    assert stopped.headers["Retry-After"] == "3600"
    assert len(trail(session, "person:not_found_for_referral")) == 10
    assert len(trail(session, "account:look_ups_blocked")) == 1
    others = act(office, referral, "look-ups", role="reviewer", citizen_id=home.citizen_id)
    assert len(others.json["items"]) == 1
    office.clock.advance(hours=1, seconds=1)
    assert act(office, referral, "look-ups", name="张三").status_code == 200


def test_what_is_found_or_told_nothing_does_not_count(office, home):
    silent, referral = referred(office), referred(office)
    for _ in range(6):
        refused(act(office, silent, "look-ups"), 422, "nothing-to-look-up")
        refused(act(office, referral, "look-ups", citizen_id="2" * 18), 422, "bad-citizen-id")
        answer = act(office, referral, "look-ups", citizen_id=home.citizen_id)
        assert len(answer.json["items"]) == 1


def test_a_miss_takes_back_who_was_found_before(office, session, home):
    referral = referred(office, citizen_id=home.citizen_id)
    act(office, referral, "look-ups")
    assert act(office, referral, "look-ups", citizen_id=number(sequence=77)).json["items"] == []

    refused(
        act(office, referral, "acceptance", need=NEED, as_found=True),
        409, "referral-not-identified",
    )  # fmt: skip
    assert session.scalars(select(Referral)).one().status.value == "waiting"


def test_an_office_refuses_with_a_reason_and_never_its_own_referral(office):
    own = referred(office, department="D01")
    refused(act(office, own, "refusal", reason="不属于救助对象"), 403, "four-eyes")
    done = act(office, own, "refusal", role="reviewer", reason="有住处，由家人接回")

    assert done.status_code == 200, done.json
    assert done.json["refusal"] == "有住处，由家人接回"
    refused(act(office, own, "acceptance", need=NEED), 409, "referral-answered")


def test_one_officer_on_duty_takes_in_what_another_signs_after(office, home):
    referral = referred(office, department="D01", citizen_id=home.citizen_id)
    act(office, referral, "look-ups")

    assert act(office, referral, "acceptance", need=NEED, as_found=True).status_code == 200


def test_kin_begin_no_case_and_a_colleague_does(office, home):
    filed(office, relative(home))
    referral = referred(office, citizen_id=home.citizen_id)
    act(office, referral, "look-ups")
    sent = {"need": NEED, "as_found": True}

    refused(act(office, referral, "acceptance", **sent), 403, "kin-of-case")
    assert act(office, referral, "acceptance", role="reviewer", **sent).status_code == 200


def test_a_referral_goes_on_to_another_office_and_its_case_waits_no_longer(office, session, home):
    office.client("D01", "clerk", region=TIEXI)
    referral = referred(office, citizen_id=home.citizen_id)
    refused(act(office, referral, "hand-on", region=STREET, reason="辖区"), 422,
            "referral-same-office")  # fmt: skip
    refused(act(office, referral, "hand-on", region=TIEXI, reason="辖区"), 422,
            "referral-region-too-wide")  # fmt: skip
    office.clock.advance(days=1)

    done = act(office, referral, "hand-on", region=WEST, reason="站点在铁西区")

    assert done.status_code == 200, done.json  # it went through their hands: they still see it
    assert (done.json["may_answer"], done.json["referral"]["due_on"]) == (False, "2026-11-25")
    refused(act(office, referral, "acceptance", need=NEED), 403, "not-receiving-office")
    west = {"area": TIEXI}
    act(office, referral, "look-ups", **west)
    taken = act(office, referral, "acceptance", **west, need=NEED, as_found=True)
    assert taken.status_code == 200, taken.json
    case = session.get_one(Case, taken.json["case_id"])
    assert (case.region_code, case.counted_from.isoformat()) == (int(WEST), "2026-11-23")
    told = {one.link for one in session.scalars(select(OutboxMessage))}
    assert f"/cases/referrals/{referral}" in told


def test_who_is_identified_later_has_a_case_from_that_day(office, session, home):
    referral = referred(office)
    act(office, referral, "acceptance", need=NEED)
    office.clock.advance(days=5)
    refused(act(office, referral, "identification", need=NEED), 409, "referral-not-identified")
    act(office, referral, "look-ups", citizen_id=home.citizen_id)

    done = act(office, referral, "identification", need=NEED, as_found=True)

    assert done.status_code == 200, done.json
    assert done.json["referral"]["status"] == "case"
    case = session.get_one(Case, done.json["case_id"])
    assert case.counted_from.isoformat() == "2026-11-28"


def test_who_is_never_identified_has_a_record_of_the_aid_by_two_people(office, session):
    referral = referred(office)
    act(office, referral, "acceptance", need=NEED)
    aid = {"what": "食宿三日，包扎", "fen": 32000, "end": "left", "until_on": "2026-11-23"}
    refused(act(office, referral, "aid", **aid), 403, "four-eyes")
    refused(act(office, referral, "aid", role="reviewer", **aid | {"fen": 500_001}), 422,
            "referral-aid-too-much")  # fmt: skip
    for day in ("2026-11-22", "2026-11-24"):
        refused(act(office, referral, "aid", role="reviewer", **aid | {"until_on": day}), 422,
                "referral-aid-day")  # fmt: skip

    done = act(office, referral, "aid", role="reviewer", **aid)

    assert done.status_code == 200, done.json
    assert (done.json["referral"]["status"], done.json["aid_fen"]) == ("closed", 32000)
    assert cases(session) == 0
    assert len(trail(session, "referral:closed")) == 1


def test_what_cannot_be_referred_is_told(office):
    refused(refer(office, scheme="S01"), 409, "not-entered-by-referral")
    refused(refer(office, scheme="S99"), 404, "scheme-not-found")
    refused(refer(office, region="210302000000"), 422, "referral-region-too-wide")
    refused(refer(office, region="219999000000"), 404, "region-not-found")
    refused(refer(office, citizen_id="210302198003041234"), 422, "bad-citizen-id")
    later = (office.clock() + timedelta(hours=1)).isoformat()
    refused(refer(office, found_at=later), 422, "referral-found-later")


def test_a_referral_sent_twice_is_one(office, session):
    client = office.client("D06", "clerk")
    sent = known(office)
    first, again = (
        client.post(URL, json=sent, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )

    assert (first.status_code, again.json) == (201, first.json)
    assert session.scalar(select(func.count()).select_from(Referral)) == 1


def test_who_referred_sees_what_becomes_of_it_and_other_offices_nothing(office):
    referral = referred(office)
    seen = {
        who: office.client(*who[:2], region=who[2]).get(f"{URL}/{referral}").status_code
        for who in (
            ("D06", "clerk", "210302000000"), ("D06", "reviewer", "210302000000"),
            ("D01", "clerk", "210302000000"), ("D01", "clerk", TIEXI),
        )
    }  # fmt: skip

    assert list(seen.values()) == [200, 404, 200, 404]
    refused(act(office, referral, "acceptance", department="D06", need=NEED), 403,
            "not-receiving-office")  # fmt: skip
    refused(act(office, referral, "acceptance", area=TIEXI, need=NEED), 404,
            "referral-not-found")  # fmt: skip


def test_an_office_that_lets_its_day_pass_is_told_once(office, session):
    office.client("D01", "approver")
    office.client("D01", "clerk", region=TIEXI)
    referral = referred(office)
    assert watch_referrals(session, now=office.clock()) == "nothing late"
    session.commit()
    office.client("D01", "clerk")
    office.clock.advance(days=2)

    told = [watch_referrals(session, now=office.clock()) for _ in range(2)]

    assert (told[0].partition(",")[0], told[1]) == ("1 late", "nothing late")
    late = OutboxMessage.dedupe_key.startswith("referral-late:")
    recipients = set(session.scalars(select(OutboxMessage.recipient_id).where(late)))
    assert recipients >= {
        office.accounts["D01", role, "210302000000"] for role in ("clerk", "approver")
    }
    assert office.accounts["D01", "clerk", TIEXI] not in recipients
    session.commit()
    assert office.client("D01", "clerk").get(f"{URL}/{referral}").json["referral"]["late"]
    act(office, referral, "hand-on", region=WEST, reason="辖区")
    office.clock.advance(days=2)
    assert watch_referrals(session, now=office.clock()).startswith("1 late")
    recipients = set(session.scalars(select(OutboxMessage.recipient_id).where(late)))
    assert office.accounts["D01", "clerk", TIEXI] in recipients


def test_the_list_tells_what_waits_and_what_is_late(office, session):
    first = referred(office)
    office.clock.advance(days=2)
    second = referred(office)
    act(office, first, "acceptance", need=NEED)
    session.execute(update(Referral).where(Referral.id == second).values(due_on="2026-11-24"))
    session.commit()
    client = office.client("D01", "clerk")

    items = client.get(f"{URL}?live=true").json["items"]

    assert [(one["id"], one["late"]) for one in items] == [(second, True), (first, False)]
    assert client.get(f"{URL}?mine=true").json["items"] == []
    mine = office.client("D06", "clerk").get(f"{URL}?mine=true&limit=1").json
    assert ([one["id"] for one in mine["items"]], bool(mine["next_cursor"])) == ([second], True)
