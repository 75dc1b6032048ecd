from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from relief.audit import grounds, queries
from relief.audit import service as audit
from relief.audit.errors import (
    AccessRequestDecided,
    AccessRequestNotFound,
    NoOpenGround,
    OwnAccessRequest,
)
from relief.audit.models import AccessGround, AccessRequest, AuditEvent, GroundKind
from relief.audit.queries import EventFilter
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.registry import disclosure
from relief.registry.errors import NothingToUnmask, PersonNotFound
from relief.registry.models import Person
from tests.factories import make_household
from tests.support.settings import START

EAST = Scope((subtree(210302000000),), None)
WEST = Scope((subtree(210303000000),), None)
HOUSING = Scope((subtree(210302000000),), "D04")


@pytest.fixture
def home(session, cipher):
    return make_household(session, cipher, schemes=("S01", "S21"))


@pytest.fixture
def unmask(session, cipher, home, alice):
    def see(scope=EAST, fields=("citizen_id",), actor_id=alice.id, now=START):
        return disclosure.unmask_person(
            session,
            cipher,
            scope=scope,
            person_id=home.person_id,
            fields=fields,
            purpose="home_survey",
            actor_id=actor_id,
            now=now,
        )

    return see


def open_ground(session, home, **more):
    return grounds.open_ground(
        session,
        **{
            "kind": GroundKind.CASE,
            "reference": "case-1",
            "person_id": home.person_id,
            "purpose": "受理申请",
            "actor_id": None,
            "now": START,
            **more,
        },
    )


def test_without_a_ground_nothing_is_shown(unmask):
    with pytest.raises(NoOpenGround):
        unmask()


def test_on_a_ground_the_values_are_shown_and_it_is_written_down(session, unmask, home, alice):
    ground = open_ground(session, home)

    values = unmask(fields=("phone", "citizen_id"))

    assert values == {"citizen_id": home.citizen_id, "phone": home.phone}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "person:unmasked")).one()
    assert (event.actor_id, event.subject_id) == (alice.id, home.person_id)
    assert event.details == {
        "fields": ["citizen_id", "phone"],
        "ground": str(ground.id),
        "purpose": "home_survey",
        "remark": None,
    }
    assert home.citizen_id not in str(event.details)


def test_a_ground_of_one_is_no_ground_for_another(session, unmask, home, alice, charlie):
    open_ground(session, home, holder_id=charlie.id)

    with pytest.raises(NoOpenGround):
        unmask()
    assert unmask(actor_id=charlie.id)


def test_a_ground_ends_when_it_expires_or_its_work_ends(session, unmask, home):
    ground = open_ground(session, home, expires_at=START + timedelta(hours=1))
    open_ground(session, home, reference="case-2")
    grounds.close_for(session, reference="case-2", actor_id=None, now=START)

    assert unmask(now=START + timedelta(minutes=59))
    with pytest.raises(NoOpenGround):
        unmask(now=START + timedelta(hours=1))
    grounds.close_ground(session, ground_id=ground.id, actor_id=None, now=START)
    with pytest.raises(NoOpenGround):
        unmask()


def test_closing_all_grounds_of_a_work_tells_how_many_and_is_recorded(session, home):
    open_ground(session, home)
    open_ground(session, home)
    session.flush()

    assert grounds.close_for(session, reference="case-1", actor_id=None, now=START) == 2
    assert grounds.close_for(session, reference="case-1", actor_id=None, now=START) == 0
    session.flush()
    closed = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "access_ground:closed")
    ).all()
    assert len(closed) == 2


def test_a_ground_does_not_open_what_lies_outside_the_scope(session, unmask, home):
    open_ground(session, home)

    with pytest.raises(PersonNotFound):
        unmask(scope=WEST)


def test_a_department_sees_in_clear_only_what_it_may_see_masked(session, unmask, home):
    open_ground(session, home)

    assert unmask(scope=HOUSING, fields=("citizen_id", "health")) == {"citizen_id": home.citizen_id}
    with pytest.raises(NothingToUnmask):
        unmask(scope=HOUSING, fields=("health",))


def test_an_empty_field_is_shown_as_empty(session, unmask, home):
    open_ground(session, home)
    session.get(Person, home.person_id).health = None

    assert unmask(fields=("health",)) == {"health": None}


@pytest.fixture
def asked(session, home, alice):
    row = disclosure.ask_access(
        session,
        scope=EAST,
        person_id=home.person_id,
        purpose="payment",
        actor_id=alice.id,
        now=START,
    )
    session.flush()
    return row


def decide(session, request_id, actor, *, scope=EAST, approve=True, **more):
    row = disclosure.decide_access(
        session,
        scope=scope,
        request_id=request_id,
        approve=approve,
        reason="情况属实",
        actor_id=actor.id,
        now=START,
        **more,
    )
    session.flush()
    return row


def test_an_approved_request_opens_a_ground_for_who_asked_until_tomorrow(
    session, asked, unmask, steward
):
    decide(session, asked.id, steward)

    assert unmask(now=START + timedelta(hours=23))
    with pytest.raises(NoOpenGround):
        unmask(actor_id=steward.id)
    with pytest.raises(NoOpenGround):
        unmask(now=START + timedelta(hours=24))


def test_a_refused_request_opens_nothing(session, asked, unmask, steward):
    row = decide(session, asked.id, steward, approve=False)

    assert (row.approved, row.reason) == (False, "情况属实")
    assert session.scalars(select(AccessGround)).all() == []
    with pytest.raises(NoOpenGround):
        unmask()


def test_nobody_decides_the_own_request(session, asked, alice):
    with pytest.raises(OwnAccessRequest):
        decide(session, asked.id, alice)


def test_the_database_too_asks_for_a_second_person(session, asked, alice):
    request = session.get(AccessRequest, asked.id)
    request.decided_by = alice.id

    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


def test_a_request_is_decided_once(session, asked, steward):
    decide(session, asked.id, steward)

    with pytest.raises(AccessRequestDecided):
        decide(session, asked.id, steward, approve=False)


@pytest.mark.parametrize("scope", [WEST, Scope((), None)])
def test_a_request_about_someone_outside_the_scope_is_not_there(session, asked, steward, scope):
    with pytest.raises(AccessRequestNotFound):
        decide(session, asked.id, steward, scope=scope)


def test_an_absent_request_is_not_found(session, steward):
    with pytest.raises(AccessRequestNotFound):
        decide(session, new_id(START), steward)


def test_who_decides_sees_all_requests_in_scope_and_others_their_own(
    session, asked, home, alice, bob, steward, assert_queries
):
    def found(actor, scope=EAST, **more):
        page = disclosure.list_access_requests(
            session, scope=scope, actor_id=actor.id, **{"decides": False, "limit": 1, **more}
        )
        return [row.id for row in page.items], page.next_cursor

    second = disclosure.ask_access(
        session,
        scope=HOUSING,
        person_id=home.person_id,
        purpose="data_check",
        actor_id=bob.id,
        now=START + timedelta(seconds=1),
    )
    session.flush()

    with assert_queries(1):
        assert found(alice) == ([asked.id], None)
    assert found(bob) == ([second.id], None)
    listed, cursor = found(steward, decides=True)
    assert listed == [second.id]
    assert found(steward, decides=True, cursor=cursor) == ([asked.id], None)
    assert found(steward, decides=True, scope=WEST) == ([], None)
    decide(session, asked.id, steward)
    assert found(alice, waiting=True) == ([], None)


def test_a_search_is_recorded_by_its_fields_and_not_by_what_was_sought(session, alice):
    filters = disclosure.HouseholdFilter(citizen_id="210302198003041234", region="210302000000")

    disclosure.record_search(session, filters=filters, scope=EAST, actor_id=alice.id, now=START)

    session.flush()
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "household:searched")
    ).one()
    assert event.details == {"by": ["region", "citizen_id"]}


def test_events_are_found_by_who_what_and_when(session, alice, bob):
    subject = new_id(START)
    for minute, actor in enumerate((alice, bob, alice)):
        audit.record(
            session,
            "thing:done",
            subject_type="thing",
            subject_id=subject,
            actor_id=actor.id,
            now=START + timedelta(minutes=minute),
        )
    session.flush()

    def minutes(limit=9, cursor=None, **filters):
        page = queries.list_events(
            session,
            ranges=None,
            filters=EventFilter(subject_type="thing", **filters),
            limit=limit,
            cursor=cursor,
        )
        return [(event.occurred_at - START).seconds // 60 for event in page.items], page

    assert minutes()[0] == [2, 1, 0]
    assert minutes(actor_id=alice.id)[0] == [2, 0]
    assert minutes(subject_id=subject, action="thing:done")[0] == [2, 1, 0]
    assert minutes(action="thing:undone")[0] == []
    assert minutes(since=START + timedelta(minutes=1))[0] == [2, 1]
    assert minutes(until=START + timedelta(minutes=1))[0] == [0]
    page = minutes(limit=2)[1]
    assert minutes(limit=2, cursor=page.next_cursor)[0] == [0]


def test_the_trail_only_grows(session):
    audit.record(
        session,
        "thing:done",
        subject_type="thing",
        subject_id=audit.NOBODY,
        actor_id=None,
        now=START,
    )
    session.flush()
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "thing:done")).one()
    event.action = "thing:undone"

    with pytest.raises(Exception, match="append-only"):
        session.flush()
