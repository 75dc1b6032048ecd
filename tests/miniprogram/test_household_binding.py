"""A member of a household binds a phone: by a code on paper and the registered telephone."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from relief.audit.models import AuditEvent
from relief.bindings.dependants import Bindings
from relief.bindings.models import HouseholdBinding, HouseholdCode
from relief.bindings.types import Ending
from relief.core.ids import new_id
from relief.registry.dependants import Homes, Move
from relief.registry.models import Household, Membership, Person
from tests import factories
from tests.support import canaries
from tests.support.settings import START

EAST_VILLAGE, WEST_VILLAGE = 210302002001, 210303001001
PHONE_PATH, QR_PATH = "/wxa/business/getuserphonenumber", "/wxa/getwxacodeunlimit"


def told(answer):
    return answer.status_code, answer.json["code"]


@pytest.fixture
def home(session, cipher):
    made = factories.make_household(session, cipher, region=EAST_VILLAGE)
    session.commit()
    return made


@pytest.fixture
def office(app, mini, signed_in, alice):
    """A reviewer of 铁东区, whose application asks the same stand-in."""
    given = {name: mini.extensions[name] for name in ("relief.wechat", "relief.wechat-places")}
    app.extensions.update(given)
    yield signed_in(alice)
    for name in given:
        del app.extensions[name]


def issue(office, home, **headers):
    return office.post(f"/v1/households/{home.id}/mini-codes", headers=headers)


def bind(phone, scene, number, *, key=None, **about):
    code = phone.wechat.ctl("POST", f"people/{phone.openid}/phone", {"phone": number, **about})[
        "code"
    ]
    given = {"scene": scene, "phone_code": code}
    return phone.call("POST", "/household-binding", key=key, json=given)


@pytest.fixture
def scene(office, home):
    return issue(office, home).json["scene"]


@pytest.fixture
def bound(phone, scene, home):
    assert bind(phone, scene, home.phone).status_code == 201
    return phone


def roles(phone):
    return phone.get("/me").json["roles"]


def events(session, action):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


def test_a_code_is_printed_for_a_household_of_ones_own(office, home, session, wechat):
    answer = issue(office, home)

    assert answer.status_code == 201
    assert base64.b64decode(answer.json["picture"]).startswith(b"\xff\xd8\xff")
    [drawn] = wechat.ctl("GET", "drawn")["items"]
    assert drawn["scene"] == answer.json["scene"]
    kept = session.scalars(select(HouseholdCode)).one()
    assert answer.json["scene"].encode() not in kept.scene_hash
    [event] = events(session, "person:mini_code_issued")
    assert (event.subject_id, event.region_code) == (home.person_id, EAST_VILLAGE)


def test_an_issue_that_is_repeated_asks_wechat_once(office, home, session, wechat):
    first, again = (issue(office, home, **{"Idempotency-Key": "k"}).json for _ in range(2))

    assert first == again
    assert len(wechat.ctl("GET", f"calls?path={QR_PATH}")["items"]) == 1
    assert len(session.scalars(select(HouseholdCode)).all()) == 1


def test_when_wechat_draws_nothing_no_code_is_kept(office, home, session, wechat):
    wechat.arm(path=QR_PATH, times=50, errcode=45009)

    assert told(issue(office, home)) == (503, "wechat-limited")
    assert session.scalars(select(HouseholdCode)).all() == []


def test_a_household_without_members_has_no_code(office, home, session):
    session.execute(update(Household).values(householder_id=None))
    session.query(Membership).delete()
    session.commit()

    assert told(issue(office, home)) == (409, "nobody-to-bind")


def test_the_paper_and_the_registered_telephone_bind(phone, scene, home, session):
    assert roles(phone) == []

    answer = bind(phone, scene, home.phone)

    assert (answer.status_code, answer.json) == (201, {"role": "household"})
    assert roles(phone) == ["household"]
    [event] = events(session, "person:mini_bound")
    assert (event.subject_id, event.region_code) == (home.person_id, EAST_VILLAGE)


def test_the_households_own_telephone_counts_as_the_householders(
    phone, scene, home, session, cipher
):
    number = canaries.phone(901)
    other = factories.make_household(session, cipher, region=WEST_VILLAGE)
    session.execute(
        update(Household)
        .where(Household.id == home.id)
        .values(
            householder_id=home.person_id,
            phone=session.scalar(select(Person.phone).where(Person.id == other.person_id)),
        )
    )
    session.commit()

    assert number != other.phone
    assert bind(phone, scene, other.phone).status_code == 201
    assert session.scalars(select(HouseholdBinding.person_id)).one() == home.person_id


@pytest.mark.parametrize(
    ("whose", "status"), [("householder", 201), ("children", 422)], ids=["householder", "children"]
)
def test_a_number_of_several_is_the_householders_or_needs_to_be_asked_about(
    phone, scene, home, session, cipher, whose, status
):
    children = [factories.make_household(session, cipher, region=EAST_VILLAGE) for _ in range(2)]
    session.execute(
        update(Membership)
        .where(Membership.person_id.in_([child.person_id for child in children]))
        .values(household_id=home.id)
    )
    owner = home if whose == "householder" else children[0]
    shared = session.scalar(select(Person.phone).where(Person.id == owner.person_id))
    session.execute(
        update(Person)
        .where(Person.id.in_([child.person_id for child in children]))
        .values(phone=shared)
    )
    session.commit()

    answer = bind(phone, scene, owner.phone)

    assert answer.status_code == status
    bound_as = session.scalars(select(HouseholdBinding.person_id)).all()
    assert bound_as == ([home.person_id] if whose == "householder" else [])
    if whose == "children":
        assert answer.json["code"] == "phone-of-several"
        assert "多名家庭成员" in answer.json["title"]


def test_a_number_of_another_household_binds_nothing_and_tells_nothing(
    phone, scene, home, session, cipher
):
    other = factories.make_household(session, cipher, region=EAST_VILLAGE, name="李四")
    session.commit()

    strange, unknown = (bind(phone, scene, number) for number in (other.phone, "13800000000"))

    assert told(strange) == told(unknown) == (422, "phone-not-registered")
    assert strange.json["title"] == unknown.json["title"]
    for word in ("李四", other.phone, home.phone, "张三"):
        assert word not in strange.text
    assert roles(phone) == []


def test_a_number_of_another_country_is_nobodys(phone, scene, home):
    assert told(bind(phone, scene, home.phone, country="852")) == (422, "phone-not-registered")


def test_a_phone_code_that_someone_else_got_is_refused(phone, new_phone, scene, home, wechat):
    other = new_phone()
    code = wechat.ctl("POST", f"people/{other.openid}/phone", {"phone": home.phone})["code"]

    answer = phone.call("POST", "/household-binding", json={"scene": scene, "phone_code": code})

    assert answer.status_code == 422
    assert roles(phone) == []


def test_a_code_binds_once(bound, new_phone, scene, home):
    other = new_phone()
    other.sign_in()
    other.agree()

    assert told(bind(other, scene, home.phone)) == (422, "household-code-invalid")


def test_a_code_that_never_was_or_ran_out_binds_nothing(phone, scene, home, clock, wechat):
    assert told(bind(phone, "never-was", home.phone)) == (422, "household-code-invalid")
    for _ in range(5):
        clock.advance(days=6)
        phone.get("/me")
    wechat.later(30 * 86400)
    phone.sign_in()

    assert told(bind(phone, scene, home.phone)) == (422, "household-code-invalid")


def test_a_code_that_was_taken_back_binds_nothing(office, phone, home):
    code = issue(office, home).json
    path = f"/v1/households/{home.id}/mini-codes/{code['id']}"

    assert office.delete(path).status_code == 204
    assert told(office.delete(path)) == (404, "household-code-not-found")
    assert told(bind(phone, code["scene"], home.phone)) == (422, "household-code-invalid")
    shown = office.get(f"/v1/households/{home.id}/mini-bindings").json
    assert [one["state"] for one in shown["codes"]] == ["revoked"]


def test_who_tries_too_often_waits_with_the_right_number_too(phone, scene, home, clock, wechat):
    for _ in range(5):
        assert told(bind(phone, scene, "13800000000")) == (422, "phone-not-registered")
    asked = len(wechat.ctl("GET", f"calls?path={PHONE_PATH}")["items"])

    blocked = bind(phone, scene, home.phone)

    assert told(blocked) == (429, "too-many-attempts")
    assert len(wechat.ctl("GET", f"calls?path={PHONE_PATH}")["items"]) == asked
    clock.advance(minutes=11)
    assert bind(phone, scene, home.phone).status_code == 201


def test_a_repeated_request_is_answered_without_asking_wechat_again(phone, scene, home, wechat):
    code = wechat.ctl("POST", f"people/{phone.openid}/phone", {"phone": home.phone})["code"]
    given = {"scene": scene, "phone_code": code}
    first = phone.call("POST", "/household-binding", key="once", json=given)
    again = phone.call("POST", "/household-binding", key="once", json=given)
    other = phone.call("POST", "/household-binding", key="once", json=given | {"scene": "x"})

    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert told(other) == (422, "idempotency-key-reused")
    long = phone.call("POST", "/household-binding", key="k" * 65, json=given)
    assert told(long) == (422, "bad-idempotency-key")
    assert len(wechat.ctl("GET", f"calls?path={PHONE_PATH}")["items"]) == 1


def test_a_write_without_a_key_is_refused(phone, scene):
    answer = phone.client.post(
        "/mini/v1/household-binding",
        json={"scene": scene, "phone_code": "x"},
        headers={"Authorization": f"Bearer {phone.token}"},
    )

    assert told(answer) == (422, "idempotency-key-missing")


@pytest.mark.parametrize("fault", [{"errcode": -1}, {"errcode": 40001}, {"cut": "after"}])
def test_when_wechat_is_unwell_nothing_is_bound(phone, scene, home, wechat, fault):
    wechat.arm(path=PHONE_PATH, times=50, **fault)

    answer = bind(phone, scene, home.phone)

    assert answer.status_code == 503
    assert "微信" in answer.json["title"]
    assert roles(phone) == []


def test_bound_already_is_said(bound, office, home):
    scene = issue(office, home).json["scene"]

    assert told(bind(bound, scene, home.phone)) == (409, "already-bound")


def test_who_is_bound_lets_go_and_may_bind_anew(bound, office, home, session):
    for _ in range(2):
        assert bound.call("DELETE", "/household-binding").status_code == 204

    assert roles(bound) == []
    [event] = events(session, "person:mini_unbound")
    assert event.details["ending"] == "person"
    assert event.region_code == EAST_VILLAGE
    scene = issue(office, home).json["scene"]
    assert bind(bound, scene, home.phone).status_code == 201


def test_staff_end_a_binding_and_the_phone_shows_nothing_more(bound, office, home, session):
    path = f"/v1/households/{home.id}/mini-bindings"
    [row] = office.get(path).json["bindings"]
    assert (row["person_id"], row["ending"]) == (str(home.person_id), None)

    ended = office.post(f"{path}/{row['id']}/end", json={"ending": "lost_phone", "remark": "来电"})

    assert (ended.status_code, ended.json["ending"]) == (200, "lost_phone")
    assert roles(bound) == []
    again = office.post(f"{path}/{row['id']}/end", json={"ending": "other"})
    assert told(again) == (404, "binding-not-found")
    assert events(session, "person:mini_unbound")[0].details["ending"] == "lost_phone"
    wrong = office.post(f"{path}/{row['id']}/end", json={"ending": "registry"})
    assert wrong.status_code == 422


def test_another_county_sees_and_ends_nothing(bound, office, home, signed_in, charlie):
    [row] = office.get(f"/v1/households/{home.id}/mini-bindings").json["bindings"]
    stranger = signed_in(charlie)
    path = f"/v1/households/{home.id}/mini-bindings"

    assert stranger.get(path).status_code == 404
    ended = stranger.post(f"{path}/{row['id']}/end", json={"ending": "other"})
    assert told(ended) == (404, "household-not-found")
    assert roles(bound) == ["household"]


def test_a_binding_is_not_ended_by_way_of_another_household(bound, office, home, session, cipher):
    other = factories.make_household(session, cipher, region=EAST_VILLAGE)
    session.commit()
    [row] = office.get(f"/v1/households/{home.id}/mini-bindings").json["bindings"]

    path = f"/v1/households/{other.id}/mini-bindings/{row['id']}/end"
    assert told(office.post(path, json={"ending": "other"})) == (404, "binding-not-found")


def test_who_is_in_no_household_any_more_is_no_member_and_binds_anew(
    bound, office, session, cipher
):
    session.query(Membership).delete()
    session.commit()
    assert roles(bound) == []
    other = factories.make_household(session, cipher, region=EAST_VILLAGE, name="李四")
    session.commit()

    answer = bind(bound, issue(office, other).json["scene"], other.phone)

    assert answer.status_code == 201
    assert roles(bound) == ["household"]
    old, new = session.scalars(select(HouseholdBinding).order_by(HouseholdBinding.ended_at))
    assert (old.ending, old.ended_at is None, new.ended_at) == (Ending.REGISTRY, False, None)
    [event] = events(session, "person:mini_unbound")
    assert (event.details["ending"], event.details["binding"]) == ("registry", str(old.id))


def follow(session, moves, gone):
    Bindings().follow(
        session, moves=moves, gone=gone, homes=Homes(), now=START + timedelta(hours=1)
    )
    session.commit()


def test_who_is_put_together_with_another_stays_bound(bound, home, session, cipher):
    heir = factories.make_household(session, cipher, region=EAST_VILLAGE)
    move = Move(new_id(START), home.person_id, heir.person_id)

    follow(session, [move], {home.person_id: heir.person_id})

    assert session.scalars(select(HouseholdBinding.person_id)).one() == heir.person_id
    assert roles(bound) == ["household"]


@pytest.mark.parametrize("left", [True, False])
def test_who_is_taken_apart_is_bound_no_more(bound, office, home, session, cipher, left):
    open_code = issue(office, home).json
    one, two = (factories.make_household(session, cipher, region=EAST_VILLAGE) for _ in range(2))
    moves = [Move(new_id(START), home.person_id, one.person_id)]
    gone = {}
    if not left:
        moves.append(Move(new_id(START), home.person_id, two.person_id))
        gone = {home.person_id: one.person_id}

    follow(session, moves, gone)

    assert roles(bound) == []
    assert events(session, "person:mini_unbound")[0].details["ending"] == "registry"
    assert told(bind(bound, open_code["scene"], home.phone)) == (422, "household-code-invalid")
