"""A merge of what a change can reach gives what a merge of everything gives."""

import random
import uuid
from datetime import date

import pytest
from sqlalchemy import func, select, update

from relief.core.errors import DomainError
from relief.registry.intake import service as intake
from relief.registry.merging import reach
from relief.registry.merging.service import merge
from relief.registry.models import Enrolment, Person
from relief.registry.types import FileContent
from tests.support.deciding import Desk
from tests.support.source import VILLAGE, number, send

BORN, CHILD_BORN = date(1980, 3, 4), date(2015, 6, 7)
SCHEMES = ("S01", "S02", "S09", "S16", "S18", "S28")


def assert_whole_changes_nothing(desk: Desk) -> None:
    """Whatever was left alone is as a merge of everything has it."""
    undone = desk.session.begin_nested()
    report = desk.merge(whole=True)
    touched = {
        table: change
        for table, change in report.as_json()["changes"].items()
        if any(change.values())
    }
    undone.rollback()
    desk.session.expire_all()
    assert report.whole
    assert (touched, report.reviews_opened, report.reviews_closed) == ({}, 0, 0)


def row(chance: random.Random) -> dict:
    """Someone, in the words of some clerk."""
    born = chance.choice([BORN, CHILD_BORN, None])
    return {
        "name": chance.choice(["王建国", "王建园", "李秀英", "王小宝", "张伟"]),
        "born_on": born,
        "number": chance.choice([number(BORN, 1), number(BORN, 2), number(CHILD_BORN, 3),
                                 number(BORN, 1)[:-2] + "00", None, None]),
        "household_number": chance.choice(["1", "2", "3", None]),
        "householder_name": chance.choice([None, "王建国", "李秀英"]),
        "address": chance.choice([None, "甲街1号", "乙街2号"]),
        "phone": chance.choice([None, None, "15400000001"]),
        "relation": chance.choice([None, "02", "10", "20"]),
        "region_code": chance.choice([VILLAGE, VILLAGE, VILLAGE + 1, 210303002001]),
    }  # fmt: skip


class Town:
    """Files of every kind, come and taken back, and what stewards decide."""

    def __init__(self, session, cipher, steward, seed):
        self.desk = Desk(session, cipher, steward)
        self.chance = random.Random(seed)  # noqa: S311  # no secret
        self.live = []

    def step(self) -> None:
        kinds = ["paid", "paid", "paid", "roll", "changes", "undo", "unite", "split"]
        kind = self.chance.choice(kinds)
        try:
            with self.desk.session.begin_nested():
                getattr(self, kind)()
        except DomainError:
            pass

    def _send(self, content: FileContent, **more: object) -> None:
        rows = [row(self.chance) for _ in range(self.chance.randrange(1, 4))]
        for each in rows:
            if content is FileContent.HISTORY:
                months = self.chance.sample(range(1, 11), self.chance.randrange(1, 4))
                each["months"] = sorted(months)
            elif content is FileContent.CHANGES:
                each["action"] = self.chance.choice(["joined", "changed", "left"])
        session, cipher = self.desk.session, self.desk.cipher
        scheme = self.chance.choice(SCHEMES)
        now = self.desk.later()
        self.live.append(send(session, cipher, scheme, *rows, now=now, content=content, **more))
        self.desk.merge()

    def paid(self) -> None:
        self._send(FileContent.HISTORY)

    def roll(self) -> None:
        self._send(FileContent.ROLL, day=date(2026, self.chance.randrange(1, 11), 1))

    def changes(self) -> None:
        self._send(FileContent.CHANGES, day=date(2026, self.chance.randrange(1, 11), 1))

    def undo(self) -> None:
        if self.live:
            self.desk.undo(self.live.pop(self.chance.randrange(len(self.live))))

    def unite(self) -> None:
        people = sorted(self.desk.people())
        if len(people) > 1:
            self.desk.unite(*self.chance.sample(people, 2))

    def split(self) -> None:
        said = {p: sorted(self.desk.identities(p, lambda _: True)) for p in self.desk.people()}
        many = {p: ids for p, ids in sorted(said.items()) if len(ids) > 1}
        if many:
            person = self.chance.choice(list(many))
            some = self.chance.sample(many[person], self.chance.randrange(1, len(many[person])))
            self.desk.split(person, some)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_a_merge_of_everything_changes_nothing(session, cipher, steward, seed):
    town = Town(session, cipher, steward.id, seed)
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
