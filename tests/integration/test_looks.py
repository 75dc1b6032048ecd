"""The log of looks: whose page, by whom, on what ground, and nobody can do without it."""

import uuid

import pytest
from sqlalchemy import select, text

from relief.accounts import identity, sign_in
from relief.audit import grounds, queries
from relief.audit.models import AuditEvent, GroundKind
from relief.core.scope import subtree
from relief.registry import disclosure, purposes
from relief.registry.errors import NumberInRemark, RemarkMissing, UnknownPurpose
from tests.factories import make_household
from tests.support.settings import CIPHER, START

EAST, WEST = subtree(210302000000), subtree(210303000000)


@pytest.fixture
def home(session, cipher):
    return make_household(session, cipher, schemes=("S01", "S21"))


@pytest.fixture
def viewer(session, alice):
    """Alice, as her session makes her."""
    opened = sign_in.sign_in(
        session, username=alice.username, password=alice.password, kind=sign_in.BEARER,
        address="127.0.0.1", user_agent="tests", cipher=CIPHER, now=START,
    )  # fmt: skip
    return identity.look_up(session, opened.token, kind=sign_in.BEARER, now=START)


def looks(session):
    session.flush()
    return session.scalars(
        select(AuditEvent).where(AuditEvent.action.like("%:viewed")).order_by(AuditEvent.id)
    ).all()


def open_ground(session, person_id, **more):
    return grounds.open_ground(
        session, kind=GroundKind.CASE, reference="case-1", person_id=person_id,
        purpose="受理申请", actor_id=None, now=START, **more,
    )  # fmt: skip


def test_a_look_at_a_household_names_whom_it_showed(session, cipher, home, viewer):
    disclosure.view_household(session, cipher, viewer=viewer, household_id=home.id, now=START)

    (look,) = looks(session)
    assert (look.action, look.subject_id, look.actor_id) == (
        "household:viewed", home.id, viewer.id,
    )  # fmt: skip
    assert look.details == {"persons": [str(home.person_id)], "grounds": []}
    assert look.region_code == 210302002001


def test_a_look_at_a_person_names_the_grounds_it_was_on(session, cipher, home, viewer, bob):
    held = open_ground(session, home.person_id, holder_id=viewer.id)
    open_ground(session, home.person_id, holder_id=bob.id)
    session.flush()

    disclosure.view_person(session, cipher, viewer=viewer, person_id=home.person_id, now=START)

    (look,) = looks(session)
    assert look.details == {"grounds": [str(held.id)]}


def test_a_look_costs_one_query_and_one_insert(session, cipher, home, viewer, assert_queries):
    queries_of_the_page = 8
    with assert_queries(queries_of_the_page + 2):
        disclosure.view_person(session, cipher, viewer=viewer, person_id=home.person_id, now=START)
        session.flush()


def test_without_the_log_there_is_no_page(app, session, home, signed_in, alice):
    """The row is in the transaction that reads: if it cannot be written, nothing is shown."""
    client = signed_in(alice)
    app.testing = False
    session.execute(
        text("ALTER TABLE audit_event ADD CHECK (action NOT LIKE '%\\:viewed') NOT VALID")
    )
    session.commit()

    answers = [
        client.get(f"/v1/households/{home.id}"),
        client.get(f"/v1/persons/{home.person_id}"),
    ]

    app.testing = True
    for answer in answers:
        assert answer.status_code == 500
        assert "张三" not in answer.get_data(as_text=True)


def test_who_looked_at_a_person_includes_who_saw_the_household(
    session, cipher, home, viewer, auditor
):
    other = make_household(session, cipher)
    disclosure.view_household(session, cipher, viewer=viewer, household_id=home.id, now=START)
    disclosure.view_household(session, cipher, viewer=viewer, household_id=other.id, now=START)
    disclosure.view_person(session, cipher, viewer=viewer, person_id=home.person_id, now=START)
    session.flush()

    def found(ranges):
        page = queries.list_lookers(session, person_id=home.person_id, ranges=ranges, limit=9)
        return {event.action for event in page.items}

    assert found(None) == {"household:viewed", "person:viewed"}
    assert found([EAST]) == {"household:viewed", "person:viewed"}
    assert found([WEST]) == found([]) == set()


def test_the_looks_at_a_person_are_found_by_indexes(session):
    page = queries.list_lookers(session, person_id=uuid.UUID(int=1), ranges=None, limit=9)
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.scalars(
        text(
            "EXPLAIN SELECT id FROM audit_event WHERE subject_type = 'person'"
            " AND subject_id = gen_random_uuid() OR action = 'household\\:viewed'"
            " AND (audit_event.details -> 'persons') @> '[\"x\"]'"
        )
    ).all()

    assert page.items == []
    assert any("ix_audit_event_shown" in line for line in plan)


@pytest.mark.parametrize(
    ("region", "place"),
    [("210303001000", 210303001000), (None, 210302000000), ("AS-ZONE", 210302000000)],
)
def test_a_search_is_of_where_was_searched_or_of_the_searcher(session, viewer, region, place):
    disclosure.record_search(
        session,
        filters=disclosure.HouseholdFilter(name="王", region=region),
        scope=viewer.scope,
        actor_id=viewer.id,
        now=START,
    )
    session.flush()

    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "household:searched")
    ).one()
    assert event.region_code == place


@pytest.mark.parametrize(
    ("code", "remark", "error"),
    [
        ("curious", None, UnknownPurpose),
        ("", None, UnknownPurpose),
        ("other", "看看", RemarkMissing),
        ("recheck", "210302198001011234", NumberInRemark),
        ("recheck", "21030219800101123X 复核", NumberInRemark),
        ("recheck", "电话138 0000 0000", NumberInRemark),
        ("recheck", "电话138-0000-0000", NumberInRemark),
        ("recheck", "卡号６２２２０２３８０２９５", NumberInRemark),
        ("recheck", "座机0412-5512345", NumberInRemark),
    ],
)
def test_a_purpose_that_may_not_be_kept_is_refused(session, code, remark, error):
    with pytest.raises(error):
        purposes.stated(session, code=code, remark=remark)


@pytest.mark.parametrize(
    ("code", "remark", "told"),
    [
        ("recheck", None, "定期复核"),
        ("recheck", " 第3季度， 12月31日前 ", "定期复核：第3季度， 12月31日前"),
        ("other", "信访件 2026-118 号", "其他：信访件 2026-118 号"),
    ],
)
def test_a_purpose_is_kept_as_a_code_and_a_remark(session, code, remark, told):
    assert purposes.stated(session, code=code, remark=remark).text == told
