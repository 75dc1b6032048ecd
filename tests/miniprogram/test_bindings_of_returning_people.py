"""A file is taken back and loaded anew: whoever returns has their phone and code as before."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.bindings.models import HouseholdBinding, HouseholdCode, MiniAccount
from relief.core.ids import new_id
from relief.registry.models import AbsentPerson, Person
from relief.registry.types import Verdict
from tests import factories
from tests.support.deciding import Desk
from tests.support.settings import START
from tests.support.source import number

BORN = date(1980, 3, 4)
FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "1", "relation": "10"}
NUMBERLESS = {"name": "王小宝", "born_on": date(2015, 6, 7), "household_number": "1"}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


@pytest.fixture
def bind(session):
    """`bind(person)`: a phone of theirs; returns the account."""
    clerk = factories.make_account(session, Role.CLERK, department="D01", region="210302000000")

    def bound(person_id):
        account_id, code_id = new_id(START), new_id(START)
        session.add(
            MiniAccount(
                id=account_id, openid_index=account_id.bytes, index_key_id=1, openid=b"sealed",
                signed_in_at=START, created_at=START,
            )
        )  # fmt: skip
        session.add(
            HouseholdCode(
                id=code_id, person_id=person_id, scene_hash=code_id.bytes, issued_by=clerk.id,
                issued_at=START, expires_at=START + timedelta(days=30), used_at=START,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            HouseholdBinding(
                id=new_id(START), account_id=account_id, person_id=person_id, code_id=code_id,
                bound_at=START,
            )
        )  # fmt: skip
        session.flush()
        return account_id

    return bound


@pytest.fixture
def whose(session):
    """`whose(account)`: the person to whom it is bound, and whether that is anybody."""

    def asked(account_id):
        session.expire_all()
        row = session.scalars(
            select(HouseholdBinding).where(HouseholdBinding.account_id == account_id)
        ).one()
        return row.person_id if row.ended_at is None else None

    return asked


def seen_by(session, account_id):
    """What the phone's own look at the registry tells."""
    session.execute(text("SELECT set_config('relief.viewer', :id, true)"), {"id": str(account_id)})
    return session.execute(
        text("SELECT person_id, household_id FROM bound_to(:id)"), {"id": account_id}
    ).one()


def moved(session):
    return session.scalars(select(AuditEvent).where(AuditEvent.action == "person:mini_moved")).all()


def test_who_returns_with_the_file_is_bound_as_before(session, desk, bind, whose):
    batch = desk.file("S01", FATHER, MOTHER)
    before = desk.person("李秀英")
    account = bind(before)

    desk.undo(batch)

    assert session.get(Person, before) is None
    assert whose(account) == before  # asleep: it is nobody's in the registry
    assert seen_by(session, account).household_id is None
    desk.file("S01", FATHER, MOTHER)
    after = desk.person("李秀英")
    assert after != before
    assert whose(account) == after
    assert seen_by(session, account).person_id == after
    assert session.scalars(select(HouseholdCode.person_id)).one() == after


def test_the_trail_says_that_the_phone_moved_with_the_person(session, desk, bind):
    batch = desk.file("S01", MOTHER)
    before = desk.person("李秀英")
    bind(before)
    desk.undo(batch)
    assert moved(session) == []

    desk.file("S01", MOTHER)

    [event] = moved(session)
    after = session.get_one(Person, desk.person("李秀英"))
    assert (event.subject_id, event.region_code) == (after.id, after.home_region_code)
    assert event.details == {"from": str(before), "codes": 1, "bindings": 1}


def test_who_returns_in_another_departments_file_and_later_still_is_known(
    session, desk, bind, whose
):
    batch = desk.file("S01", FATHER, MOTHER)
    account = bind(desk.person("王建国"))
    desk.undo(batch)
    desk.file("S01", MOTHER)
    assert session.scalar(select(func.count()).select_from(AbsentPerson)) == 1

    desk.file("S18", FATHER | {"household_number": None})

    assert whose(account) == desk.person("王建国")
    assert session.scalar(select(func.count()).select_from(AbsentPerson)) == 0


def test_a_merge_of_everything_brings_them_back_too(session, desk, bind, whose):
    batch = desk.file("S01", FATHER, MOTHER)
    account = bind(desk.person("李秀英"))
    desk.undo(batch)
    desk.send("S01", FATHER, MOTHER)

    desk.merge(whole=True)

    assert whose(account) == desk.person("李秀英")


def test_nobody_who_is_there_takes_what_hangs_on_the_absent(session, desk, bind, whose):
    batch = desk.file("S01", FATHER)
    before = desk.person("王建国")
    account = bind(before)
    desk.undo(batch)

    desk.file("S18", MOTHER)
    desk.file("S01", {"name": "王建国", "born_on": BORN})  # a namesake, without a number

    assert whose(account) == before
    assert seen_by(session, account).household_id is None


def test_a_number_that_comes_back_under_another_name_brings_nothing(desk, bind, whose, session):
    batch = desk.file("S01", FATHER | {"name": "赵六"})  # the number is not theirs
    before = desk.person("赵六")
    account = bind(before)
    desk.undo(batch)

    desk.file("S01", FATHER)
    desk.file("S18", FATHER | {"name": "赵六"})

    assert whose(account) == before
    assert seen_by(session, account).household_id is None
    assert session.scalar(select(func.count()).select_from(AbsentPerson)) == 0


def test_without_a_number_nobody_can_tell_who_returns(session, desk, bind, whose):
    batch = desk.file("S01", NUMBERLESS)
    before = desk.person("王小宝")
    account = bind(before)
    desk.undo(batch)

    desk.file("S01", NUMBERLESS)

    assert (whose(account), desk.person("王小宝") == before) == (before, False)
    assert seen_by(session, account).household_id is None


def test_who_was_put_together_with_another_is_not_absent(session, desk, bind, whose):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    account = bind(desk.person("王小宝"))

    desk.answer(Verdict.SAME)

    assert whose(account) == desk.person("王建国")
    assert session.scalar(select(func.count()).select_from(AbsentPerson)) == 0
