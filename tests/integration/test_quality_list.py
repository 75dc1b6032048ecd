"""The list of a scheme's faults that goes back to the department."""

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
from relief.schemes.errors import SchemeNotFound
from relief.tasks import service as tasks
from relief.tasks import worker
from relief.tasks.errors import TaskNotFound
from relief.tasks.models import Task, TaskStatus
from relief.wiring import worker_of
from tests.support.settings import CIPHER
from tests.support.settings import START as NOW
from tests.support.source import number, send

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
