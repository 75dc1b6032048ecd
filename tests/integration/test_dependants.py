"""Whatever names a person or household outside the registry is answered for when people change."""

from datetime import date

import pytest
from sqlalchemy import select

from relief import wiring
from relief.core.ids import new_id
from relief.models import Base
from relief.registry import dependants
from relief.registry.dependants import Obstacle
from relief.registry.errors import RestsOnIt, Undecided
from relief.registry.models import ImportBatch, LinkDecision
from relief.registry.types import BatchStatus, Verdict
from tests.support.deciding import Desk
from tests.support.settings import START
from tests.support.source import number, registry_by_content

NAMES = {"person_id", "household_id", "subject_id", "row_id", "householder_id", "other_id"}
# Written by the merge itself, or input of it.
REGISTRY = {
    "absent_person", "aid_year", "enrolment", "household", "identity_registry", "link_decision",
    "link_review", "membership", "source_link",
}  # fmt: skip
# What was, of whom it was: never changed, whoever that person is part of now.
HISTORY = {
    "audit_event.subject_id", "export_household.household_id", "export_household.person_id",
    "roster_place.person_id", "row_version.row_id",
}  # fmt: skip
FATHER = {"name": "王建国", "number": number(date(1980, 3, 4), 1)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}


class Payments:
    """A room whose rows rest on people, as one will that pays."""

    columns = frozenset({"payment.person_id"})

    def __init__(self, *, batch=(), people=(), left=()):
        self.batch, self.people, self.left, self.moves = batch, people, left, []

    def on_batch(self, _session, **_batch):
        return self.batch

    def on_people(self, _session, **_people):
        return self.people

    def follow(self, _session, *, moves, gone, **_now):
        self.moves.append((list(moves), dict(gone)))
        return self.left


@pytest.fixture
def rooms():
    """`rooms(room)`: let only this room answer."""
    yield lambda *answers: dependants.wire(answers)
    dependants.wire(wiring.DEPENDANTS)


@pytest.fixture
def desk(session, cipher, steward):
    return Desk(session, cipher, steward.id)


def test_every_column_that_names_a_person_or_household_has_an_answer():
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if table.name not in REGISTRY
        for column in table.columns
        if column.name in NAMES
        or {key.column.table.name for key in column.foreign_keys} & {"person", "household"}
    }
    answered = {column for room in wiring.DEPENDANTS for column in room.columns}

    assert named - HISTORY == answered


def test_nothing_is_written_before_anyone_answers(session, desk, rooms, monkeypatch):
    batch = desk.file("S01", FATHER)
    monkeypatch.setattr(dependants._Wired, "answers", None)  # noqa: SLF001  # as at the start

    with pytest.raises(RuntimeError, match=r"relief\.wiring"):
        desk.undo(batch)
    with pytest.raises(RuntimeError, match=r"relief\.wiring"):
        desk.merge()


def test_an_undo_is_refused_with_a_list_where_something_rests_on_it(session, desk, rooms):
    batch = desk.file("S01", FATHER)
    payment = new_id(START)
    rooms(Payments(batch=[Obstacle("十月发放名册已付款", payment)]))

    with pytest.raises(RestsOnIt, match="十月发放名册已付款") as refused:
        desk.undo(batch)

    assert refused.value.conflicts == [{"what": "十月发放名册已付款", "id": str(payment)}]
    assert session.get_one(ImportBatch, batch).status is BatchStatus.MERGED


def test_a_split_and_a_merge_are_refused_too_and_leave_nothing(session, desk, rooms):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    before = registry_by_content(session)
    rooms(Payments(people=[Obstacle("本月待遇按此人发放", new_id(START))]))

    with pytest.raises(RestsOnIt), session.begin_nested():
        desk.answer(Verdict.SAME)

    assert registry_by_content(session) == before
    assert session.scalars(select(LinkDecision)).all() == []


def test_a_room_hears_which_records_went_where(desk, rooms):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    father, child = desk.person("王建国"), desk.person("王小宝")
    [record] = desk.identities(child, lambda _: True)
    payments = Payments()
    rooms(payments)

    desk.answer(Verdict.SAME)

    [(moves, gone)] = payments.moves
    assert [(move.identity_id, move.before, move.after) for move in moves] == [
        (record, child, father)
    ]
    assert gone == {child: father}


def test_what_no_room_can_place_goes_to_the_steward(session, desk, rooms):
    desk.file("S01", FATHER)
    desk.file("S18", CHILD)
    rooms(Payments(left=[Obstacle("走访记录不能确定归谁", new_id(START))]))

    with pytest.raises(Undecided, match="走访记录"), session.begin_nested():
        desk.answer(Verdict.SAME)

    assert len(desk.people()) == 2


def test_a_merge_that_nobody_decided_goes_on_and_tells_what_it_left(desk, rooms):
    desk.file("S16", {"name": "王建国", "born_on": date(1980, 3, 4)})
    elsewhere = {"region_code": 210302003001, "household_number": "7"}
    desk.file("S18", {"name": "王建国", "born_on": None, **elsewhere})
    payment = new_id(START)
    rooms(Payments(left=[Obstacle("走访记录不能确定归谁", payment)]))
    desk.send("S18", FATHER | elsewhere)  # the two before are one person after all

    report = desk.merge()

    assert report.as_json()["left"] == [{"what": "走访记录不能确定归谁", "id": str(payment)}]
