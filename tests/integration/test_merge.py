import itertools
import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from relief.audit.models import AccessGround, AuditEvent, RowVersion
from relief.core.db import db, unit_of_work
from relief.registry.merging.service import merge
from relief.registry.models import (
    AidYear,
    Enrolment,
    Household,
    IdentityRegistry,
    ImportBatch,
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
)
from relief.registry.types import BatchStatus, Category
from tests.support.settings import START as NOW
from tests.support.source import VILLAGE, clear, number, registry_by_content, send, undo

BORN = date(1980, 3, 4)
CHILD_BORN = date(2015, 6, 7)
FATHER = {"name": "王建国", "number": number(BORN, 1), "relation": "02", "household_number": "1"}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "relation": "10", "household_number": "1"}
CHILD = {"name": "王小宝", "born_on": CHILD_BORN, "number": number(CHILD_BORN, 3)}


@pytest.fixture
def files(session, cipher):
    """`files("S01", row, row)` loads a batch; `files.merge()` merges."""

    class Files:
        moment = NOW

        def __call__(self, scheme, *rows):
            return send(session, cipher, scheme, *rows, now=NOW)

        def merge(self):
            self.moment += timedelta(minutes=1)
            return merge(session, cipher=cipher, actor_id=None, now=self.moment)

    return Files()


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_departments_rows_become_one_family(session, files):
    files("S01", FATHER, MOTHER, CHILD | {"household_number": "1", "relation": "20"})
    files("S18", CHILD | {"months": [3, 9]})

    report = files.merge()

    assert (report.persons, report.households) == (3, 1)
    home = session.scalars(select(Household)).one()
    assert (home.householder_name, home.member_count) == ("王建国", 3)
    assert home.category is Category.MINIMUM_ALLOWANCE
    assert home.number == "210302-000001"
    aid = session.scalars(select(AidYear).where(AidYear.scheme_code == "S18")).one()
    assert (aid.year, aid.times, aid.amount_fen) == (2026, 2, 20_000)
    school = session.scalars(select(Enrolment).where(Enrolment.scheme_code == "S18")).one()
    assert (school.first_on, school.last_on, school.department_code) == (
        date(2026, 3, 1),
        date(2026, 9, 1),
        "D03",
    )
    assert {batch.status for batch in session.scalars(select(ImportBatch))} == {BatchStatus.MERGED}


def test_a_second_merge_changes_nothing_and_writes_no_history(session, files):
    files("S01", FATHER, MOTHER)
    files.merge()
    before, versions = registry_by_content(session), count(session, RowVersion)

    report = files.merge()

    assert all(
        (change.added, change.changed, change.removed) == (0, 0, 0)
        for change in report.changes.values()
    )
    assert registry_by_content(session) == before
    assert count(session, RowVersion) == versions


def test_people_keep_their_ids_when_more_is_known_of_them(session, files):
    files("S01", FATHER, CHILD | {"number": None, "household_number": "1", "relation": "20"})
    files.merge()
    ids = dict(session.execute(select(Person.name, Person.id)).all())
    home = session.scalars(select(Household.id)).one()

    files("S18", CHILD)
    files.merge()

    assert dict(session.execute(select(Person.name, Person.id)).all()) == ids
    assert session.scalars(select(Household.id)).one() == home
    registered = session.scalars(select(IdentityRegistry.person_id)).all()
    assert set(registered) == set(ids.values())


def test_taking_a_batch_back_leaves_what_was_there_before(session, files):
    files("S01", FATHER, MOTHER)
    files.merge()
    before = registry_by_content(session)
    late = files(
        "S28",
        FATHER | {"address": "别处", "household_number": "x"},
        CHILD | {"household_number": "x"},
        {"name": "外人", "number": number(BORN, 9)},
    )
    files.merge()
    assert registry_by_content(session) != before

    undo(session, late)
    files.merge()

    assert registry_by_content(session) == before


def test_a_guardians_number_given_for_a_child_asks_a_steward(session, files):
    files("S01", FATHER)
    files("S18", CHILD | {"number": FATHER["number"]})

    report = files.merge()

    assert (report.persons, report.reviews_opened) == (2, 1)
    review = session.scalars(select(LinkReview)).one()
    names = dict(session.execute(select(Person.id, Person.name)).all())
    assert (names[review.person_id], names[review.other_id]) == ("王建国", "王小宝")
    assert review.evidence["schemes"] == ["S18"]
    grounds = session.scalars(select(AccessGround.subject_id)).all()
    assert set(grounds) == {review.person_id, review.other_id}


def test_a_question_whose_cause_is_gone_is_closed_with_its_grounds(session, files):
    files("S01", FATHER)
    wrong = files("S18", CHILD | {"number": FATHER["number"]})
    files.merge()

    undo(session, wrong)
    report = files.merge()

    assert report.reviews_closed == 1
    assert session.scalars(select(LinkReview.closed_at)).one() == files.moment
    assert set(session.scalars(select(AccessGround.closed_at))) == {files.moment}


def test_history_says_what_changed_and_which_merge_did_it(session, files):
    files("S01", FATHER | {"address": "甲街1号"})
    files.merge()
    files("S02", {**FATHER, "address": "乙街2号", "household_number": None})
    first = session.scalars(select(Person.id)).one()
    old = session.scalars(select(ImportBatch.id).where(ImportBatch.scheme_code == "S01")).one()
    undo(session, old)

    files.merge()

    change = session.scalars(
        select(RowVersion).where(RowVersion.row_id == first, RowVersion.op == "U")
    ).one()
    assert (change.before["address"], change.after["address"]) == ("甲街1号", "乙街2号")
    assert set(change.before) == {"address"}
    assert change.changed_at == files.moment
    assert change.reason.startswith("merge ")


def test_a_merge_writes_one_audit_row_with_its_figures(session, files):
    batch = files("S01", FATHER)

    report = files.merge()

    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "registry:merged")).one()
    assert event.subject_id == report.merge_id
    assert event.details["persons"] == 1
    assert event.details["batches"] == [str(batch)]


def test_who_moves_to_another_family_is_there_and_no_longer_here(session, files):
    files("S01", FATHER, MOTHER)
    files.merge()
    files(
        "S28",
        {**MOTHER, "household_number": "9", "relation": "02"},
        {"name": "新人", "number": number(BORN, 5), "household_number": "9", "relation": "11"},
    )
    old = session.scalars(select(ImportBatch.id).where(ImportBatch.scheme_code == "S01")).one()
    undo(session, old)
    files("S01", FATHER)

    files.merge()

    homes = session.execute(
        select(Household.householder_name, func.count())
        .join(Membership, Membership.household_id == Household.id)
        .group_by(Household.householder_name)
    ).all()
    assert dict(homes) == {"王建国": 1, "李秀英": 2}


def test_an_empty_registry_merges_to_nothing(session, files):
    report = files.merge()

    assert (report.identities, report.persons, report.households) == (0, 0, 0)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "scheme": st.sampled_from(["S01", "S28", "S18"]),
            "name": st.sampled_from(["王建国", "李秀英", "王小宝"]),
            "born_on": st.sampled_from([BORN, CHILD_BORN, None]),
            "number": st.sampled_from([number(BORN, 1), number(CHILD_BORN, 3), None, "无"]),
            "household_number": st.sampled_from(["1", "2", None]),
            "region_code": st.sampled_from([VILLAGE, 210303002000]),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(rows=ROWS, order=st.randoms())
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_order_of_imports_does_not_matter(session, cipher, rows, order):
    def registry(sequence, *, at_once):
        clear(session)
        for place, row in enumerate(sequence, start=1):
            said = {key: value for key, value in row.items() if key != "scheme"}
            send(session, cipher, row["scheme"], said, now=NOW)
            if not at_once or place == len(sequence):
                merge(session, cipher=cipher, actor_id=None, now=NOW)
        return registry_by_content(session)

    shuffled = list(rows)
    order.shuffle(shuffled)

    assert registry(rows, at_once=False) == registry(shuffled, at_once=True)


def test_of_two_rows_that_say_the_same_the_same_one_is_the_origin_in_any_order(session, cipher):
    rows = [FATHER | {"name": name} for name in ("王建国", "王建园", "王建囯")]
    speakers = set()
    for order in itertools.permutations(rows):
        clear(session)
        for row in order:
            send(session, cipher, "S01", row, now=NOW)
        merge(session, cipher=cipher, actor_id=None, now=NOW)
        speakers |= set(
            session.scalars(
                select(SourceIdentity.name).join(
                    Membership, Membership.source_id == SourceIdentity.id
                )
            )
        )

    assert len(speakers) == 1


def test_two_merges_at_once_follow_each_other(spare_app):
    with spare_app.app_context(), unit_of_work() as session:
        send(session, spare_app.extensions["relief.cipher"], "S01", FATHER, MOTHER, now=NOW)
    start = threading.Barrier(2)
    reports, faults = [], []

    def run():
        with spare_app.app_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    reports.append(
                        merge(
                            session,
                            cipher=spare_app.extensions["relief.cipher"],
                            actor_id=None,
                            now=NOW,
                        )
                    )
            except Exception as fault:  # noqa: BLE001  # shown by the assertion
                faults.append(fault)
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert sorted(report.changes["person"].added for report in reports) == [0, 2]


def test_a_file_loaded_during_a_merge_waits_for_the_next(spare_app):
    cipher = spare_app.extensions["relief.cipher"]

    def load(scheme, person):
        with spare_app.app_context():
            with unit_of_work() as session:
                send(session, cipher, scheme, person, now=NOW)
            db.session.remove()

    def load_another_meanwhile(done, _total, _message):
        if done == 1:
            other = threading.Thread(target=load, args=("S28", MOTHER))
            other.start()
            other.join()

    load("S01", FATHER)
    with spare_app.app_context():
        with unit_of_work() as session:
            merge(
                session,
                cipher=spare_app.extensions["relief.cipher"],
                actor_id=None,
                now=NOW,
                progress=load_another_meanwhile,
            )
        with unit_of_work() as session:
            statuses = dict(
                session.execute(select(ImportBatch.scheme_code, ImportBatch.status)).all()
            )
            report = merge(
                session, cipher=spare_app.extensions["relief.cipher"], actor_id=None, now=NOW
            )
        db.session.remove()

    assert statuses == {"S01": BatchStatus.MERGED, "S28": BatchStatus.LOADED}
    assert report.changes["person"].added == 1
