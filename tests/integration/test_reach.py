"""A merge of what a change can reach gives what a merge of everything gives."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from relief.registry.intake import service as intake
from relief.registry.merging import linking, reach
from relief.registry.merging.service import merge
from relief.registry.models import Enrolment, Person
from relief.registry.types import FileContent
from tests.support.deciding import Desk
from tests.support.happenings import Town, assert_whole_changes_nothing
from tests.support.source import number, send

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)


@pytest.mark.rehearsal
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_a_merge_of_everything_changes_nothing(session, cipher, steward, seed):
    town = Town(session, cipher, steward.id, seed=seed)
    town.paid()
    for _ in range(8):
        town.step()
        assert_whole_changes_nothing(town.desk)


FATHER = {"name": "王建国", "number": number(BORN, 1), "household_number": "1", "relation": "02"}
NEIGHBOUR = {"name": "张伟", "number": number(BORN, 11), "household_number": "2"}


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


def test_a_file_of_one_family_leaves_the_others_alone(desk):
    desk.file("S01", FATHER, NEIGHBOUR)
    desk.send("S09", {**FATHER, "name": "王建园"})

    report = desk.merge()

    assert not report.whole
    assert (report.identities, report.persons, report.households) == (2, 1, 1)
    assert_whole_changes_nothing(desk)


def test_with_nothing_new_nobody_is_worked_out(desk):
    desk.file("S01", FATHER, NEIGHBOUR)

    report = desk.merge()

    assert (report.whole, report.identities) == (False, 0)


@pytest.mark.parametrize(
    "asking",
    [
        {"name": "王小宝", "number": number(CHILD_BORN, 3), "householder_name": "王建国"},
        {"name": "王小宝", "number": number(CHILD_BORN, 3), "address": "甲街1号"},
    ],
)
def test_who_asks_at_a_new_door_comes_along(desk, asking):
    desk.file("S18", asking)
    desk.send("S01", {**FATHER, "address": "甲街1号"})

    report = desk.merge()

    assert (report.whole, report.households, report.persons) == (False, 1, 2)
    assert_whole_changes_nothing(desk)


def test_when_too_many_ask_at_a_new_door_everything_is_worked_out(desk, monkeypatch):
    child = {"name": "王小宝", "number": number(CHILD_BORN, 3), "householder_name": "王建国"}
    desk.file("S18", child, {**child, "number": number(CHILD_BORN, 5), "name": "王小红"})
    desk.send("S01", {**FATHER, "address": "甲街1号"})
    monkeypatch.setattr(reach, "FEW", 1)

    report = desk.merge()

    assert (report.whole, report.households, report.persons) == (True, 1, 3)


def test_a_file_of_half_the_registry_has_everything_worked_out(desk, monkeypatch):
    monkeypatch.setattr(reach, "FEW", 0)
    desk.file("S01", FATHER, NEIGHBOUR)
    batch = desk.send("S09", FATHER, NEIGHBOUR)
    assert desk.merge().whole is True

    intake.undo_batch(desk.session, batch_id=batch, actor_id=desk.steward, now=desk.later())

    assert desk.merge().whole is True


def test_by_other_rules_everything_is_worked_out(desk, session, cipher):
    desk.file("S01", FATHER, NEIGHBOUR)

    report = merge(
        session, cipher=cipher, actor_id=None, now=desk.later(), authority={"name": ["S09"]}
    )

    assert (report.whole, report.persons, report.drifted) == (True, 2, False)


def test_a_merge_of_everything_tells_what_merges_of_parts_had_missed(desk, session):
    desk.file("S01", FATHER, NEIGHBOUR)
    assert desk.merge(whole=True).drifted is False
    session.execute(update(Person).values(name="某某").where(Person.name == "张伟"))

    assert desk.merge(whole=True).drifted is True


def test_many_keys_are_looked_up_together(desk, monkeypatch):
    monkeypatch.setattr(reach, "LOOKED_UP", 0)
    desk.file("S01", FATHER, NEIGHBOUR)
    desk.send("S09", {**FATHER, "name": "王建园"})

    assert desk.merge().persons == 1
    assert_whole_changes_nothing(desk)


def test_whom_only_a_replaced_roll_named_is_back_when_the_later_one_is_taken_back(desk, session):
    day = date(2026, 10, 1)

    def roll(row: dict) -> uuid.UUID:
        now, content = desk.later(), FileContent.ROLL
        batch = send(session, desk.cipher, "S01", row, now=now, content=content, day=day)
        desk.merge()
        return batch

    roll(FATHER)
    later = roll(NEIGHBOUR)
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1

    desk.undo(later)

    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1
    assert_whole_changes_nothing(desk)


def test_a_block_too_crowded_for_everyone_is_so_for_the_few_that_are_read(desk, monkeypatch):
    # Five neighbours share a telephone; two of them are listed in one household.
    [phone] = [block for block in linking.city().blocks if block.equal == ("phone", "birth_key")]
    spec = replace(linking.city(), blocks=(replace(phone, largest=3),))
    monkeypatch.setattr(linking, "city", lambda: spec)
    shared = {"born_on": BORN, "phone": "15400000001"}
    names = ("王建国", "王建园", "王建过", "王建果", "王建郭")
    listed = [{"name": name, "household_number": "1", **shared} for name in names[:2]]
    others = [
        {"name": name, "household_number": str(place), **shared}
        for place, name in enumerate(names[2:], start=2)
    ]
    desk.file("S01", *listed, *others)
    assert len(desk.people()) == 5

    desk.send("S02", {**listed[0], "relation": "02"})
    report = desk.merge()

    assert not report.whole
    assert len(desk.people()) == 5
    assert_whole_changes_nothing(desk)
