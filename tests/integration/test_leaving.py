"""Rolls and change files: who has left a scheme, since when, and by which batch."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from relief.audit.models import RowVersion
from relief.registry.models import (
    AidYear,
    Enrolment,
    Household,
    ImportBatch,
    Person,
    SourceRecord,
)
from relief.registry.types import Category
from tests.support.rolls import AUGUST, EAST, IN_WEST, JULY, JUNE, NAMES, WEST, Sender, ends
from tests.support.settings import START as NOW
from tests.support.source import clear, registry_by_content, undo


@pytest.fixture
def files(session, cipher):
    return Sender(session, cipher)


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
