"""The quality of departments' files: the figures of each merge, and the list to send back."""

import csv
import io
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from relief.attachments.models import StoredFile
from relief.audit.models import AuditEvent
from relief.core.scope import Scope, subtree
from relief.jobs.cleaning import purge_fault_files
from relief.registry.merging.service import merge
from relief.registry.models import ImportBatch, QualityFigure, RejectedRow
from relief.registry.quality import service
from relief.registry.quality.errors import FaultFileNotReady
from relief.registry.quality.writing import Form
from relief.registry.queries import quality as queries
from relief.registry.types import FileContent, Measure
from relief.schemes.errors import SchemeNotFound
from relief.tasks import service as tasks
from relief.tasks import worker
from relief.tasks.errors import TaskNotFound
from relief.tasks.models import Task, TaskStatus
from relief.wiring import worker_of
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
            return merge(session, actor_id=None, now=self.moment)

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


@pytest.mark.usefixtures("clock")
class TestTheList:
    @pytest.fixture
    def make(self, app, session, steward, cipher, config):
        """Have the list of a scheme made by a worker, and take it."""

        def make(scheme="S01", form=Form.CSV):
            task = service.ask(
                session,
                scope=CITY,
                scheme_code=scheme,
                form=form,
                actor_id=steward.id,
                now=NOW,
            )
            session.commit()
            assert worker.run_one(worker_of(app))
            session.expire_all()
            assert session.get_one(Task, task.id).status is TaskStatus.DONE
            return self.take(session, task.id, steward, cipher, config)

        return make

    @staticmethod
    def take(session, task_id, person, cipher, config, scope=CITY):
        return service.take(
            session,
            scope=scope,
            task_id=task_id,
            actor_id=person.id,
            cipher=cipher,
            storage=config.storage_dir,
            now=NOW,
        )

    @staticmethod
    def rows(file):
        text = b"".join(file.pieces).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    def test_each_fault_is_told_by_file_row_and_column_without_a_value(
        self, session, files, make, steward
    ):
        civil = files("S01", FATHER | {"months": [1, 2, 3]}, {"name": "张三", "sex": "1"})
        files("S28", FATHER | {"ethnicity": "01", "phone": "15400000002"})
        session.add(
            RejectedRow(
                batch_id=civil,
                row_number=9,
                column="发放月份",
                code="missing_value",
                reason="为空。",
            )
        )
        session.flush()
        files.merge()

        file = make()
        head, headings, *lines = self.rows(file)

        assert file.name == "低保_数据质量问题_20261123.csv"
        assert "供民政局核改数据，不得外传。Steward 于 2026-11-23 09:00 导出" in head[0]
        assert headings == ["文件", "收到时间", "行号", "同样情况的行数", "列", "问题", "说明"]
        told = {tuple(line[2:6]) for line in lines}
        assert ("2", "3", "民族", "部门间不一致") in told
        assert ("2", "3", "联系电话", "部门间不一致") in told
        assert ("5", "1", "身份证号", "缺项") in told
        assert ("9", "1", "发放月份", "退回") in told
        assert ("2", "3", "姓名", "部门间不一致") not in told
        assert {line[6] for line in lines if line[5] == "部门间不一致"} == {
            "与其他部门登记不一致，请核实。"
        }
        everything = str([head, *lines])
        for value in ("王建国", "张三", "15400000001", "15400000002", FATHER["number"]):
            assert value not in everything
        actions = session.execute(
            select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.details).where(
                AuditEvent.subject_type == "fault_file"
            )
        ).all()
        details = {"scheme": "S01", "lines": len(lines)}
        assert sorted(actions) == [
            ("fault_file:made", steward.id, details),
            ("fault_file:taken", steward.id, details),
        ]

    def test_the_lines_are_as_many_as_the_figures_say(self, session, files, make):
        again = FATHER | {"phone": "15400000009", "born_on": date(1999, 1, 1)}
        batch = files("S01", FATHER, again, MOTHER, {"name": "张三", "region_code": 210302000000})
        files("S28", FATHER | {"name": "王建囯"})
        files.merge()

        lines = self.rows(make())[2:]

        rows = {}
        for line in lines:
            rows[line[5]] = rows.get(line[5], 0) + int(line[3])
        figures = session.execute(
            select(QualityFigure.measure, QualityFigure.faulty).where(
                QualityFigure.batch_id == batch, QualityFigure.faulty > 0
            )
        ).all()
        counted = {}
        kinds = {
            "empty": "缺项",
            "conflict": "部门间不一致",
            "differs": "前后不符",
            "twice": "重复",
        }
        for measure, faulty in figures:
            counted[kinds[measure]] = counted.get(kinds[measure], 0) + faulty
        assert rows == counted
        assert set(rows) == set(kinds.values())

    def test_a_name_that_is_a_formula_is_none_in_the_file(self, session, files, make):
        batch = files("S01", MOTHER)
        session.execute(
            update(ImportBatch).where(ImportBatch.id == batch).values(file_name="=cmd|1.csv")
        )
        files.merge()

        assert self.rows(make())[2][0] == "'=cmd|1.csv"

    def test_a_workbook_says_the_same(self, files, make):
        files("S01", FATHER, {"name": "张三"})
        files.merge()

        lines = self.rows(make(form=Form.CSV))
        file = make(form=Form.XLSX)
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(file.pieces)))

        sheet = book.get_sheet_by_index(0).to_python()
        assert file.name.endswith(".xlsx")
        assert "不得外传" in sheet[0][0]
        assert [[str(cell).removesuffix(".0") for cell in row] for row in sheet[1:]] == lines[1:]

    def test_the_file_is_stored_sealed_and_goes_after_a_week(
        self, session, files, make, config, steward, cipher
    ):
        files("S01", FATHER)
        files.merge()
        make()
        stored = session.scalars(
            select(StoredFile).where(StoredFile.purpose == service.PURPOSE)
        ).one()
        path = config.storage_dir / "files" / stored.id.hex[-2:] / stored.id.hex
        assert "缺项".encode() not in path.read_bytes()

        assert purge_fault_files(session, now=NOW + timedelta(days=6)) == 0
        assert purge_fault_files(session, now=NOW + timedelta(days=8)) == 1

        task = session.scalars(select(Task).where(Task.kind == service.TASK_KIND)).one()
        with pytest.raises(FaultFileNotReady):
            self.take(session, task.id, steward, cipher, config)

    def test_a_longer_list_than_a_sheet_holds_says_so(self, files, make, monkeypatch):
        files("S01", FATHER)
        files.merge()
        monkeypatch.setattr("relief.registry.quality.writing.MOST_LINES", 1)

        lines = self.rows(make())

        assert len(lines) == 4
        assert "条没有列出" in lines[-1][0]

    def test_only_who_asked_gets_it_and_only_while_they_may(
        self, session, files, make, steward, bob, cipher, config
    ):
        files("S01", FATHER)
        files.merge()
        make()
        task = session.scalars(select(Task).where(Task.kind == service.TASK_KIND)).one()

        with pytest.raises(TaskNotFound):
            self.take(session, task.id, bob, cipher, config)
        with pytest.raises(SchemeNotFound):
            self.take(session, task.id, steward, cipher, config, scope=HOUSING)
        with pytest.raises(SchemeNotFound):
            service.ask(
                session,
                scope=HOUSING,
                scheme_code="S01",
                form=Form.CSV,
                actor_id=bob.id,
                now=NOW,
            )

    def test_what_is_not_made_yet_or_is_no_list_is_not_given(
        self, session, steward, cipher, config
    ):
        other = tasks.enqueue(
            session, kind="nothing", key="1", arguments={}, actor_id=steward.id, now=NOW
        )
        waiting = service.ask(
            session, scope=CITY, scheme_code="S01", form=Form.CSV, actor_id=steward.id, now=NOW
        )

        for task in (other, waiting):
            with pytest.raises(FaultFileNotReady):
                self.take(session, task.id, steward, cipher, config)
        assert service.made_for(session, scheme_code="S01", actor_id=steward.id, now=NOW) == [
            waiting
        ]
