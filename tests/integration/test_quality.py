"""The quality of departments' files: the figures of each merge, and the list to send back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from relief.core.scope import Scope, subtree
from relief.registry.merging.service import merge
from relief.registry.models import QualityFigure, RejectedRow
from relief.registry.queries import quality as queries
from relief.registry.types import FileContent, Measure
from relief.schemes.errors import SchemeNotFound
from tests.support.settings import CIPHER
from tests.support.settings import START as NOW
from tests.support.source import number, send, undo

CITY = Scope((subtree(210300000000),), None)
HOUSING = Scope((subtree(210300000000),), "D04")
BORN = date(1980, 3, 4)
FATHER = {
    "name": "王建国",
    "number": number(BORN, 1),
    "household_number": "1",
    "ethnicity": "11",
    "phone": "15400000001",
}
MOTHER = {"name": "李秀英", "number": number(BORN, 2), "household_number": "1"}


@pytest.fixture
def files(session, cipher):
    class Files:
        moment = NOW

        def __call__(self, scheme, *rows, **more):
            self.moment += timedelta(minutes=1)
            return send(session, cipher, scheme, *rows, now=self.moment, **more)

        def merge(self):
            self.moment += timedelta(minutes=1)
            return merge(session, cipher=CIPHER, actor_id=None, now=self.moment)

    return Files()


def figure(session, batch, measure, field=""):
    session.expire_all()
    found = session.get(QualityFigure, (batch, measure, field))
    return (found.faulty, found.total) if found else None


class TestFigures:
    def test_what_a_layout_asks_for_is_missed_where_it_is_empty(self, session, files):
        batch = files("S01", FATHER | {"months": [1, 2, 3]}, MOTHER)

        files.merge()

        assert figure(session, batch, Measure.EMPTY, "phone") == (1, 4)  # by rows, not people
        assert figure(session, batch, Measure.EMPTY, "sex") == (4, 4)
        assert figure(session, batch, Measure.EMPTY, "citizen_id") == (0, 4)
        assert figure(session, batch, Measure.EMPTY, "health") is None  # no such column

    def test_numbers_that_fail_and_dates_that_differ_are_counted(self, session, files):
        wrong = number(BORN, 3)[:-1] + ("0" if number(BORN, 3)[-1] != "0" else "1")
        batch = files(
            "S01",
            FATHER | {"born_on": date(1981, 3, 4)},
            MOTHER | {"number": wrong},
            {"name": "张三"},
        )

        files.merge()

        assert figure(session, batch, Measure.INVALID, "citizen_id") == (1, 2)
        assert figure(session, batch, Measure.DIFFERS, "born_on") == (1, 1)

    def test_departments_that_disagree_are_told_both(self, session, files):
        civil = files("S01", FATHER, MOTHER)
        farm = files("S28", FATHER | {"ethnicity": "01", "phone": "15400000002"})

        files.merge()

        for batch in (civil, farm):
            assert figure(session, batch, Measure.CONFLICT, "ethnicity") == (1, 1)
            assert figure(session, batch, Measure.CONFLICT, "phone") == (1, 1)
            assert figure(session, batch, Measure.CONFLICT, "name") == (0, 1)

    def test_a_department_does_not_disagree_with_itself(self, session, files):
        batch = files("S01", FATHER | {"months": [1]}, FATHER | {"ethnicity": "01"})
        other = files("S02", FATHER | {"ethnicity": "01", "household_number": None})

        files.merge()

        assert figure(session, batch, Measure.CONFLICT, "ethnicity") is None
        assert figure(session, other, Measure.CONFLICT, "ethnicity") is None

    def test_who_agrees_with_all_others_is_at_no_fault(self, session, files):
        odd = files("S01", FATHER | {"months": [1]}, FATHER | {"ethnicity": "01"})
        files("S28", FATHER)

        files.merge()

        assert figure(session, odd, Measure.CONFLICT, "ethnicity") == (1, 2)

    def test_unknown_is_no_statement(self, session, files):
        batch = files("S01", FATHER | {"sex": "0", "marital": "90", "region_code": 210302000000})
        files("S28", FATHER | {"sex": "1", "marital": "20"})

        files.merge()

        for field in ("sex", "marital", "region"):
            assert figure(session, batch, Measure.CONFLICT, field) is None

    def test_one_person_twice_in_a_month_is_counted_and_over_months_not(self, session, files):
        again = FATHER | {"phone": "15400000009", "months": [2]}
        batch = files("S01", FATHER | {"months": [1]}, again, MOTHER)
        files.merge()
        assert figure(session, batch, Measure.TWICE) == (0, 3)

        both = files("S01", FATHER | {"months": [4]}, again | {"months": [4, 5]})
        events = files("S03", FATHER | {"months": [4]}, again | {"months": [4]})
        files.merge()

        assert figure(session, both, Measure.TWICE) == (2, 3)
        assert figure(session, events, Measure.TWICE) is None

    def test_one_person_twice_on_a_roll_is_counted(self, session, files):
        roll = files(
            "S01",
            FATHER,
            FATHER | {"phone": "15400000009"},
            content=FileContent.ROLL,
            day=date(2026, 6, 30),
        )

        files.merge()

        assert figure(session, roll, Measure.TWICE) == (2, 2)

    def test_rows_that_were_sent_back_are_counted_by_why(self, session, files):
        batch = files("S01", FATHER)
        for row, code in enumerate(("repeated_row", "already_loaded", "unknown_region"), 5):
            session.add(RejectedRow(batch_id=batch, row_number=row, code=code, reason="。"))
        session.flush()

        files.merge()

        assert figure(session, batch, Measure.REPEATED) == (2, 1)
        assert figure(session, batch, Measure.UNREADABLE) == (1, 1)

    def test_a_merge_writes_only_what_changed_and_forgets_what_is_undone(self, session, files):
        files("S01", FATHER)
        farm = files("S28", FATHER | {"ethnicity": "01"})
        files.merge()
        assert files.merge().changes["quality_figure"].added == 0

        undo(session, farm)
        report = files.merge()

        # Nobody disagrees any more, and what was the farm's is gone.
        assert report.changes["quality_figure"].removed > 0
        assert (
            session.scalars(
                select(QualityFigure).where(
                    (QualityFigure.batch_id == farm) | (QualityFigure.measure == Measure.CONFLICT)
                )
            ).all()
            == []
        )


class TestReading:
    def test_a_scheme_is_summed_up_with_its_fields_and_files(self, session, files):
        batch = files("S01", FATHER | {"months": [1, 2]}, MOTHER)
        files.merge()

        found = queries.scheme_quality(session, scope=CITY, scheme_code="S01", now=NOW)

        assert found.row.scheme.name == "低保"
        empty = next(one for one in found.fields if one.field == "phone")
        assert empty.measures[Measure.EMPTY] == queries.Figure(1, 3)
        assert empty.measures[Measure.EMPTY].share == pytest.approx(1 / 3)
        assert [(file.batch_id, file.late_days) for file in found.files] == [(batch, 13)]
        assert queries.Figure().share is None

    def test_a_file_is_late_when_its_rhythm_says_so(self, session, files):
        files("S01", FATHER, day=date(2026, 10, 1))
        files("S28", FATHER, day=date(2026, 1, 1))
        files.merge()

        rows = {row.scheme.code: row for row in queries.list_quality(session, scope=CITY, now=NOW)}
        later = queries.list_quality(session, scope=CITY, now=NOW + timedelta(days=30))

        assert (rows["S01"].late_days, rows["S28"].late_days, rows["S02"].late_days) == (0, 0, None)
        assert next(row for row in later if row.scheme.code == "S01").late_days == 13
        assert len(rows) == 33

    def test_a_department_sees_its_own(self, session):
        rows = queries.list_quality(session, scope=HOUSING, now=NOW)

        assert {row.department_code for row in rows} == {"D04"}
        with pytest.raises(SchemeNotFound):
            queries.scheme_quality(session, scope=HOUSING, scheme_code="S01", now=NOW)
