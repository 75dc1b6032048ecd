"""Rolls and change files: who has left a scheme, since when, and by which batch."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from relief.audit.models import AuditEvent, RowVersion
from relief.core.ids import new_id
from relief.registry.intake import rolls
from relief.registry.intake.errors import BatchNotFound, BatchNotHeld
from relief.registry.merging.service import merge
from relief.registry.models import (
    AidYear,
    Enrolment,
    Household,
    ImportBatch,
    Person,
    RejectedRow,
    SourceRecord,
)
from relief.registry.types import BatchStatus, Category, FileContent
from tests.support.settings import START as NOW
from tests.support.source import clear, number, registry_by_content, send, undo

NAMES = ["王建国", "李秀英", "赵丽", "张伟", "刘洋", "陈静", "杨帆", "黄磊"]
PEOPLE = {
    name: {"name": name, "number": number(date(1960 + place, 3, 4), place + 1)}
    for place, name in enumerate(NAMES)
}
EAST, WEST = 210302000000, 210303000000
IN_WEST = {"region_code": 210303002000}


@pytest.fixture
def files(session, cipher):
    class Files:
        moment = NOW

        def paid(self, *names, months=(1,), scheme="S01", **more):
            rows = [PEOPLE[name] | {"months": list(months)} | more for name in names]
            return send(session, cipher, scheme, *rows, now=self.tick())

        def roll(self, day, *names, region=None, scheme="S01", **more):
            rows = [PEOPLE[name] | more for name in names]
            return send(
                session, cipher, scheme, *rows,
                now=self.tick(), content=FileContent.ROLL, day=day, region=region,
            )  # fmt: skip

        def changes(self, *rows, scheme="S01"):
            told = [PEOPLE[name] | {"day": day, "action": action} for name, day, action in rows]
            return send(
                session, cipher, scheme, *told,
                now=self.tick(), content=FileContent.CHANGES, day=max(row[1] for row in rows),
            )  # fmt: skip

        def tick(self):
            self.moment += timedelta(minutes=1)
            return self.moment

        def merge(self):
            return merge(session, actor_id=None, now=self.tick())

    return Files()


def ends(session):
    """Name → (day, batch) of who has left, and None of who is in."""
    session.expire_all()
    rows = session.execute(
        select(Person.name, Enrolment.ended_on, Enrolment.ended_by).join(
            Person, Person.id == Enrolment.person_id
        )
    )
    return {name: (day, batch) if day else None for name, day, batch in rows}


def status(session, batch):
    return session.scalar(select(ImportBatch.status).where(ImportBatch.id == batch))


JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)


def test_who_is_missing_from_a_roll_has_left_and_no_source_row_changes(session, files):
    files.paid(*NAMES, months=(5, 6))
    files.merge()
    before = session.execute(select(SourceRecord.row_number, SourceRecord.period_on)).all()
    roll = files.roll(JUNE, *NAMES[1:])

    files.merge()

    found = ends(session)
    assert found.pop("王建国") == (JUNE, roll)
    assert set(found.values()) == {None}
    place = session.scalars(select(Enrolment).where(Enrolment.ended_on.is_not(None))).one()
    assert (place.first_on, place.last_on) == (date(2026, 5, 1), date(2026, 6, 1))
    stayed = session.scalars(select(Enrolment).where(Enrolment.ended_on.is_(None))).first()
    # A roll says who is in; it is no aid, and counts as none.
    assert (stayed.last_on, stayed.record_count, stayed.total_fen) == (JUNE, 2, 20_000)
    assert session.scalar(select(func.sum(AidYear.times))) == 2 * len(NAMES)
    after = session.execute(select(SourceRecord.row_number, SourceRecord.period_on)).all()
    assert set(before) <= set(after)


def test_who_has_left_confirms_no_hardship_any_more(session, files):
    files.paid(*NAMES, months=(6,))
    files.roll(JUNE, *NAMES[1:])

    files.merge()

    categories = dict(
        session.execute(
            select(Person.name, Household.category).join(
                Household, Household.householder_id == Person.id
            )
        ).all()
    )
    assert categories.pop("王建国") is Category.OTHER
    assert set(categories.values()) == {Category.MINIMUM_ALLOWANCE}


def test_a_roll_taken_back_leaves_exactly_what_was_there(session, files):
    files.paid(*NAMES, months=(5, 6))
    files.merge()
    before, versions = (
        registry_by_content(session),
        session.scalar(select(func.count(RowVersion.id))),
    )
    roll = files.roll(JUNE, *NAMES[1:])
    files.merge()
    assert registry_by_content(session) != before

    undo(session, roll)
    files.merge()

    assert registry_by_content(session) == before
    assert session.scalar(select(func.count(RowVersion.id))) > versions


def test_a_later_roll_opens_the_place_again(session, files):
    files.paid(*NAMES)
    files.roll(JUNE, *NAMES[1:])
    files.roll(JULY, *NAMES)
    files.merge()
    assert set(ends(session).values()) == {None}

    undo(session, session.scalars(select(ImportBatch.id).where(ImportBatch.data_on == JULY)).one())
    files.merge()

    assert ends(session)["王建国"][0] == JUNE


def test_the_first_roll_that_missed_someone_says_since_when(session, files):
    files.paid(*NAMES)
    files.roll(JULY, *NAMES[1:])
    first = files.roll(JUNE, *NAMES[1:])
    files.merge()
    assert ends(session)["王建国"] == (JUNE, first)

    undo(session, first)
    files.merge()

    assert ends(session)["王建国"][0] == JULY


def test_a_roll_of_a_county_speaks_of_that_county_only(session, files):
    files.paid(*NAMES[:4])
    files.paid(*NAMES[4:], **IN_WEST)
    files.roll(JUNE, *NAMES[1:4], region=EAST)
    session.execute(update(ImportBatch).values(decided_at=NOW))

    files.merge()

    assert {name for name, end in ends(session).items() if end} == {"王建国"}


def test_who_moved_to_another_county_is_on_that_countys_roll(session, files):
    files.paid(*NAMES)
    files.roll(JUNE, *NAMES[1:], region=EAST)
    files.roll(JUNE, "王建国", region=WEST, **IN_WEST)
    files.roll(JULY, *NAMES[1:], region=EAST)

    files.merge()

    assert set(ends(session).values()) == {None}


def test_of_two_rolls_of_a_day_the_later_received_counts(session, files):
    files.paid(*NAMES)
    files.roll(JUNE, *NAMES[1:])
    second = files.roll(JUNE, *NAMES[:-1])
    files.merge()
    assert {name: end for name, end in ends(session).items() if end} == {"黄磊": (JUNE, second)}

    undo(session, second)
    files.merge()

    assert set(ends(session)) == set(NAMES)
    assert {name for name, end in ends(session).items() if end} == {"王建国"}


def test_a_countys_correction_replaces_the_citys_roll_there(session, files):
    files.paid(*NAMES[:4])
    files.paid(*NAMES[4:], **IN_WEST)
    files.roll(JUNE, *NAMES[:4])
    files.roll(JUNE, *NAMES[4:], region=WEST, **IN_WEST)
    session.execute(update(ImportBatch).values(decided_at=NOW))

    files.merge()

    assert set(ends(session).values()) == {None}


def test_a_change_file_says_who_joined_and_left(session, files):
    files.paid(*NAMES[:3], months=(5,))
    left = files.changes(
        ("王建国", date(2026, 6, 10), "left"), ("黄磊", date(2026, 6, 12), "joined")
    )

    files.merge()

    found = ends(session)
    assert found["王建国"] == (date(2026, 6, 10), left)
    assert found["黄磊"] is None
    joined = session.scalars(select(Enrolment).where(Enrolment.first_on == date(2026, 6, 12))).one()
    assert (joined.record_count, joined.total_fen, joined.last_fen) == (0, 0, None)
    assert session.scalar(select(func.count()).select_from(AidYear)) == 3


def test_who_is_only_known_to_have_left_has_an_ended_place(session, files):
    files.changes(("王建国", JUNE, "left"))

    files.merge()

    place = session.scalars(select(Enrolment)).one()
    assert (place.first_on, place.last_on, place.ended_on) == (None, None, JUNE)


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ([("left", 10), ("joined", 11)], None),
        ([("joined", 10), ("left", 11)], date(2026, 7, 11)),
        ([("left", 10), ("joined", 10)], None),  # taken over by another place
        ([("left", 10), ("left", 12)], date(2026, 7, 10)),
        ([("changed", 10)], None),
    ],
)
def test_the_last_word_stands(session, files, rows, end):
    files.paid("王建国", months=(6,))
    files.changes(*(("王建国", date(2026, 7, day), action) for action, day in rows))

    files.merge()

    assert (found := ends(session)["王建国"]) is end or found[0] == end


def test_a_change_beats_a_roll_of_its_day(session, files):
    files.paid(*NAMES)
    files.roll(JUNE, *NAMES[1:])
    files.changes(("王建国", JUNE, "joined"), ("李秀英", JUNE, "left"))

    files.merge()

    assert {name: end[0] for name, end in ends(session).items() if end} == {"李秀英": JUNE}


def test_pay_of_a_later_month_says_that_someone_is_in_again(session, files):
    files.paid(*NAMES)
    files.roll(JUNE, *NAMES[1:])
    files.paid("王建国", months=(8,))

    files.merge()

    assert set(ends(session).values()) == {None}


def test_nobody_on_a_roll_falls_silent_where_no_list_of_pay_comes(session, files):
    files.roll(JUNE, *NAMES, scheme="S05")
    files.changes(("王建国", date(2028, 6, 30), "left"), scheme="S05")

    files.merge()

    kinds = session.execute(
        select(Household.category, func.count()).group_by(Household.category)
    ).all()
    assert dict(kinds) == {Category.ALLOWANCE_EDGE: 7, Category.OTHER: 1}


def test_the_order_of_arrival_does_not_matter(session, files, cipher):
    steps = {
        "paid": lambda: files.paid(*NAMES, months=(5,)),
        "june": lambda: files.roll(JUNE, *NAMES[1:]),
        "july": lambda: files.roll(JULY, *NAMES[:-1]),
        "changes": lambda: files.changes(("李秀英", AUGUST, "left"), ("赵丽", JUNE, "left")),
    }
    results = []
    for order in list(permutations(steps))[::5]:
        clear(session)
        for step in order:
            steps[step]()
            session.execute(update(ImportBatch).values(decided_at=NOW))  # none is held
            files.merge()
        results.append(registry_by_content(session)["enrolments"])

    assert all(result == results[0] for result in results)
    assert sum(row[-1] is not None for row in results[0]) == 2


FILES = st.lists(
    st.tuples(
        st.sampled_from(["paid", "roll", "east", "changes"]),
        st.integers(1, 4),
        st.lists(st.sampled_from(NAMES[:4]), min_size=1, max_size=4, unique=True),
        st.sampled_from(["joined", "left"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda file: file[:2],  # two rolls of a day depend on the order, as they shall
)


@given(sent=FILES, order=st.randoms())
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_files_in_any_order_and_taken_back_give_the_same(session, files, sent, order):
    def load(file):
        kind, month, names, action = file
        if kind == "paid":
            return files.paid(*names, months=(month,))
        if kind == "changes":
            return files.changes(*((name, date(2026, month, 2), action) for name in names))
        # Rolls of a county on other days than those of the city, which they would replace.
        day = date(2026, month, 1 if kind == "roll" else 3)
        return files.roll(day, *names, region=None if kind == "roll" else EAST)

    def registry(files_sent):
        clear(session)
        for file in files_sent:
            load(file)
        session.execute(update(ImportBatch).values(decided_at=NOW))
        files.merge()
        return registry_by_content(session)

    first = registry(sent)
    shuffled = list(sent)
    order.shuffle(shuffled)
    assert registry(shuffled) == first

    extra = files.roll(date(2026, 12, 1), "黄磊")
    session.execute(update(ImportBatch).values(decided_at=NOW))
    files.merge()
    undo(session, extra)
    files.merge()

    assert registry_by_content(session) == first


class TestHolding:
    def test_a_roll_that_takes_too_many_off_is_held_and_has_no_effect(self, session, files):
        files.paid(*NAMES, months=(6,))
        files.merge()
        before = registry_by_content(session)
        roll = files.roll(JUNE, *NAMES[:5])

        report = files.merge()

        assert registry_by_content(session) == before
        assert status(session, roll) is BatchStatus.HELD
        figures = {"removed": 3, "people": 8, "unread": 0}
        assert report.as_json()["held"] == [
            {"batch": str(roll), "file": "S01.csv", **figures},
        ]
        assert session.scalar(select(ImportBatch.held).where(ImportBatch.id == roll)) == figures
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "import_batch:held")
        ).one()
        assert (event.subject_id, event.details) == (roll, {"scheme": "S01", **figures})
        assert files.merge().held == ()

    def test_a_confirmed_roll_has_its_effect_and_is_not_asked_about_again(self, session, files):
        files.paid(*NAMES, months=(6,))
        roll = files.roll(JUNE, *NAMES[:5])
        assert len(files.merge().held) == 1

        rolls.confirm(session, batch_id=roll, actor_id=None, now=NOW)
        report = files.merge()

        assert report.held == ()
        assert status(session, roll) is BatchStatus.MERGED
        assert {name for name, end in ends(session).items() if end} == set(NAMES[5:])
        with pytest.raises(BatchNotHeld):
            rolls.confirm(session, batch_id=roll, actor_id=None, now=NOW)
        undo(session, roll)
        files.merge()
        assert set(ends(session).values()) == {None}

    def test_a_refused_roll_never_has_any(self, session, files):
        files.paid(*NAMES, months=(6,))
        roll = files.roll(JUNE, "王建国")
        files.merge()

        rolls.refuse(session, batch_id=roll, actor_id=None, now=NOW)
        files.merge()

        assert status(session, roll) is BatchStatus.REFUSED
        assert set(ends(session).values()) == {None}
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "import_batch:refused")
        ).one()
        assert event.details["removed"] == 7
        with pytest.raises(BatchNotHeld):
            rolls.refuse(session, batch_id=roll, actor_id=None, now=NOW)

    def test_who_decides_on_no_batch_is_told(self, session):
        with pytest.raises(BatchNotFound):
            rolls.confirm(session, batch_id=new_id(NOW), actor_id=None, now=NOW)

    def test_a_row_that_could_not_be_read_is_nobody_who_left(self, session, files):
        files.paid(*NAMES, months=(6,))
        roll = files.roll(JUNE, *NAMES[1:])
        session.add(RejectedRow(batch_id=roll, row_number=9, code="unknown_region", reason="。"))
        session.flush()

        report = files.merge()

        assert [(held["removed"], held["unread"]) for held in report.held] == [(1, 1)]

    def test_a_repeated_row_is_no_reason_to_hold(self, session, files):
        files.paid(*NAMES, months=(6,))
        roll = files.roll(JUNE, *NAMES[1:])
        session.add(RejectedRow(batch_id=roll, row_number=9, code="repeated_row", reason="。"))
        session.flush()

        assert files.merge().held == ()

    def test_a_bad_row_holds_no_roll_that_takes_nobody_off(self, session, files):
        files.paid(*NAMES, months=(6,))
        roll = files.roll(JUNE, *NAMES)
        session.add(RejectedRow(batch_id=roll, row_number=9, code="unknown_region", reason="。"))
        session.flush()

        assert files.merge().held == ()

    def test_of_two_truncated_rolls_both_are_held(self, session, files):
        files.paid(*NAMES, months=(6,))
        files.roll(JUNE, *NAMES[:2])
        files.roll(JULY, *NAMES[:2])

        report = files.merge()

        assert [held["removed"] for held in report.held] == [6, 6]
        assert set(ends(session).values()) == {None}

    def test_people_let_go_long_ago_are_not_counted(self, session, files):
        files.paid(*NAMES[:3], months=(1,))
        files.paid(*NAMES[3:], months=(9,))
        files.roll(date(2026, 9, 30), *NAMES[3:])

        assert files.merge().held == ()
        assert {name for name, end in ends(session).items() if end} == set(NAMES[:3])

    def test_the_first_roll_of_all_takes_nobody_off(self, files):
        files.roll(JUNE, *NAMES[:2])

        assert files.merge().held == ()
