"""What the registers say of people on a day: whole files, change files, undone ones."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from relief.registers import queries
from relief.registers.models import RegisterBatch, StoredEntry
from relief.registers.types import (
    BusinessRole,
    Content,
    Register,
    RegisterBatchStatus,
    State,
    VehicleKind,
)
from relief.registry.models import Person
from tests import factories
from tests.support.registers import deliver
from tests.support.settings import CIPHER, START
from tests.support.source import number

TODAY = START.date()
SPRING = date(2026, 4, 30)
CAR = {"kind": "passenger_car", "key": "辽C12345", "amount_fen": 7_000_000}


@pytest.fixture
def owner(session):
    return session.get_one(Person, factories.make_household(session, CIPHER).person_id)


def of(session, owner, register, on=TODAY):
    return queries.entries(session, [register], [owner.id], on=on).get(owner.id, [])


def test_a_vehicle_is_told_with_its_kind_value_and_days(session, owner):
    batch = deliver(
        session, CIPHER, Register.VEHICLES,
        CAR | {"number_id": owner.citizen_id, "from_on": date(2024, 5, 6)}, now=START,
    )  # fmt: skip

    [car] = of(session, owner, Register.VEHICLES)

    assert (car.kind, car.value_fen, car.from_on, car.to_on) == (
        VehicleKind.PASSENGER_CAR, 7_000_000, date(2024, 5, 6), None,
    )  # fmt: skip
    assert (car.person_id, car.batch_id, car.data_on) == (owner.id, batch, TODAY)
    assert car.state is State.VALID


def test_a_newer_whole_register_replaces_the_older(session, owner):
    mine = {"number_id": owner.citizen_id}
    deliver(session, CIPHER, Register.VEHICLES, CAR | mine, now=START, day=SPRING)
    deliver(session, CIPHER, Register.VEHICLES, now=START, day=TODAY)

    assert of(session, owner, Register.VEHICLES) == []
    assert len(of(session, owner, Register.VEHICLES, on=TODAY - timedelta(1))) == 1
    assert of(session, owner, Register.VEHICLES, on=SPRING - timedelta(1)) == []


def test_an_older_whole_register_that_comes_late_replaces_nothing(session, owner):
    mine = {"number_id": owner.citizen_id}
    deliver(session, CIPHER, Register.VEHICLES, CAR | mine, now=START, day=TODAY)
    deliver(session, CIPHER, Register.VEHICLES, now=START + timedelta(1), day=SPRING)

    assert len(of(session, owner, Register.VEHICLES)) == 1


def test_a_change_replaces_the_entry_of_the_same_thing_alone(session, owner):
    mine = {"number_id": owner.citizen_id}
    truck = {"kind": "lorry", "key": "辽C99999"}
    deliver(session, CIPHER, Register.VEHICLES, CAR | mine, truck | mine, now=START, day=SPRING)
    deliver(
        session, CIPHER, Register.VEHICLES,
        CAR | mine | {"state": State.ENDED, "to_on": date(2026, 6, 1)},
        now=START, day=TODAY, content=Content.CHANGES,
    )  # fmt: skip

    found = of(session, owner, Register.VEHICLES)

    assert [(one.kind, one.state) for one in found] == [
        (VehicleKind.LORRY, State.VALID), (VehicleKind.PASSENGER_CAR, State.ENDED),
    ]  # fmt: skip


def test_a_thing_that_was_sold_is_its_former_owners_no_more(session, owner):
    buyer = session.get_one(Person, factories.make_household(session, CIPHER).person_id)
    deliver(
        session, CIPHER, Register.VEHICLES, CAR | {"number_id": owner.citizen_id},
        now=START, day=SPRING,
    )  # fmt: skip
    deliver(
        session, CIPHER, Register.VEHICLES, CAR | {"number_id": buyer.citizen_id},
        now=START, day=TODAY, content=Content.CHANGES,
    )  # fmt: skip

    assert of(session, owner, Register.VEHICLES) == []
    assert len(of(session, buyer, Register.VEHICLES)) == 1


def test_a_deleted_entry_is_told_no_more_and_may_come_again(session, owner):
    mine = CAR | {"number_id": owner.citizen_id}
    changes = {"day": TODAY, "content": Content.CHANGES}
    deliver(session, CIPHER, Register.VEHICLES, mine, now=START, day=SPRING)
    deliver(session, CIPHER, Register.VEHICLES, mine | {"removed": True}, now=START, **changes)
    assert of(session, owner, Register.VEHICLES) == []

    later = START + timedelta(hours=1)
    deliver(
        session, CIPHER, Register.VEHICLES,
        mine | {"removed": True}, mine, now=later, **changes,
    )  # fmt: skip
    assert len(of(session, owner, Register.VEHICLES)) == 1


def test_an_undone_file_says_nothing_and_what_it_replaced_holds_again(session, owner):
    mine = CAR | {"number_id": owner.citizen_id}
    deliver(session, CIPHER, Register.VEHICLES, mine, now=START, day=SPRING)
    gone = deliver(session, CIPHER, Register.VEHICLES, now=START, day=TODAY)
    assert of(session, owner, Register.VEHICLES) == []

    session.execute(
        update(RegisterBatch)
        .where(RegisterBatch.id == gone)
        .values(status=RegisterBatchStatus.UNDONE)
    )

    assert len(of(session, owner, Register.VEHICLES)) == 1
    assert queries.delivered(session, on=TODAY) == {Register.VEHICLES: SPRING}


def test_a_marriage_is_told_of_either_spouse_also_of_one_unknown_here(session, owner):
    deliver(
        session, CIPHER, Register.MARRIAGES,
        {
            "number_id": owner.citizen_id, "other_number": number(), "other_name": "李四",
            "key": "J1", "from_on": date(2020, 2, 2),
        },
        {
            "number": number(), "other_number_id": owner.citizen_id, "key": "J1", "side": 1,
            "row_number": 2,
        },
        now=START,
    )  # fmt: skip

    [mine] = of(session, owner, Register.MARRIAGES)
    spouse = queries.entries_of_numbers(
        session, [Register.MARRIAGES], [mine.spouse_number_id], on=TODAY
    )

    assert (mine.spouse_person_id, mine.spouse_name) == (None, "李四")
    [other] = spouse[mine.spouse_number_id]
    assert (other.person_id, other.spouse_person_id) == (None, owner.id)


def test_everyone_of_a_booklet_is_told_of_each_of_them(session, owner):
    deliver(
        session, CIPHER, Register.HOUSEHOLD_REGISTER,
        {"number_id": owner.citizen_id, "group": "H1", "relation": "02"},
        {"number": number(), "group": "H1", "relation": "20", "born_on": date(2015, 6, 7)},
        {"number": number(sequence=3), "group": "H2", "relation": "02"},
        now=START,
    )  # fmt: skip

    found = queries.booklets(session, [owner.id], on=TODAY)

    assert [(one.relation, one.person_id) for one in found[owner.id]] == [
        ("02", owner.id), ("20", None),
    ]  # fmt: skip
    assert found[owner.id][1].born_on == date(2015, 6, 7)


def test_whose_an_account_is_follows_from_the_balances(session, owner):
    deliver(
        session, CIPHER, Register.BALANCES,
        {"number": number(), "account": "6299990001", "kind": "deposit", "amount_fen": 5_00},
        now=START,
    )  # fmt: skip
    account = session.scalar(select(StoredEntry.account_id))

    found = queries.entries_of_accounts(session, [account], on=TODAY)

    assert [one.balance_fen for one in found[account]] == [500]


ROWS = {
    Register.FISCAL_STAFF: {"place": "某某中学", "amount_fen": 600_000},
    Register.CADRES: {"place": "某某村", "region_code": 210302002001},
    Register.REAL_ESTATE: {"kind": "dwelling", "area_dm2": 8_950, "group": "F1"},
    Register.BUSINESSES: {"kind": "sole_trader", "amount_fen": 1},
    Register.PROVIDENT_FUND: {"amount_fen": 400_000, "to_on": date(2026, 10, 1)},
    Register.SOCIAL_INSURANCE: {"kind": "pension", "amount_fen": 400_000},
    Register.PENSIONS: {"kind": "employee", "amount_fen": 230_000},
    Register.DEATHS: {"kind": "police", "from_on": date(2026, 1, 2)},
    Register.DISABILITY_CERTIFICATES: {"kind": "8", "grade": "1", "agrees": False},
}
TOLD = {
    Register.FISCAL_STAFF: ("pay_fen", 600_000),
    Register.CADRES: ("region_code", 210302002001),
    Register.REAL_ESTATE: ("area_dm2", 8_950),
    Register.BUSINESSES: ("role", BusinessRole.SOLE_TRADER),
    Register.PROVIDENT_FUND: ("paid_to", date(2026, 10, 1)),
    Register.SOCIAL_INSURANCE: ("base_fen", 400_000),
    Register.PENSIONS: ("amount_fen", 230_000),
    Register.DEATHS: ("died_on", date(2026, 1, 2)),
    Register.DISABILITY_CERTIFICATES: ("kind", "8"),
}


@pytest.mark.parametrize("register", ROWS)
def test_each_register_tells_its_own(session, owner, register):
    deliver(session, CIPHER, register, ROWS[register] | {"number_id": owner.citizen_id}, now=START)

    [entry] = of(session, owner, register)

    name, value = TOLD[register]
    assert getattr(entry, name) == value


def test_many_people_and_registers_are_read_in_one_statement(session, assert_queries):
    people = [factories.make_household(session, CIPHER).person_id for _ in range(5)]
    for register, row in ROWS.items():
        numbers = [session.get_one(Person, one).citizen_id for one in people]
        rows = [row | {"number_id": one} for one in numbers]
        deliver(session, CIPHER, register, *rows, now=START)

    with assert_queries(1):
        found = queries.entries(session, list(Register), people, on=TODAY)

    assert {len(one) for one in found.values()} == {len(ROWS)}
    assert set(found) == set(people)
