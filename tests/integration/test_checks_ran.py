"""Which checks were run, found nothing, or could find nothing: as of the last look."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.core.reading_once import forget
from relief.registers.models import RegisterBatch
from relief.registers.types import Register, RegisterBatchStatus
from relief.review.checks import ran
from relief.review.checks.models import CaseFinding
from relief.review.models import Case, CaseStage
from relief.review.types import CaseStatus, StageStatus
from relief.schemes.types import StageKind
from tests import factories
from tests.support.registers import deliver
from tests.support.settings import CIPHER, START

DAY = timedelta(days=1)


@pytest.fixture
def case(session):
    """A case of START, without any finding."""
    home = factories.make_household(session, CIPHER)
    clerk = factories.make_account(session, None, department="D01")
    return session.get_one(
        Case, factories.make_case(session, home, scheme="S09", entered_by=clerk.id)
    )


def found(session, case, at, gone=None, check="A13"):
    row = CaseFinding(
        id=new_id(at), case_id=case.id, check_code=check, key=f"{at}", grade=Grade.DOUBT,
        message="有车", evidence={}, rule="规定", found_at=at, gone_at=gone,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def look(session, case):
    findings = session.scalars(select(CaseFinding).where(CaseFinding.case_id == case.id)).all()
    return ran.ran(session, case, findings)


def one(looked, code):
    return next(row for row in looked.checks if row.code == code)


def decide(session, case, at):
    case.status, case.decided_at = CaseStatus.DECIDED, at
    session.flush()


def test_every_check_that_runs_on_the_day_is_told_with_its_source(session, case, assert_queries):
    session.flush()
    forget(session)
    with assert_queries(3):
        looked = ran.ran(session, case, [])

    assert looked.at == case.submitted_at
    codes = [row.code for row in looked.checks]
    in_force = session.scalars(text("SELECT code FROM check_rule WHERE valid_to IS NULL")).all()
    assert sorted(codes) == sorted(set(in_force))
    assert all(row.source for row in looked.checks)
    assert one(looked, "A01").registers == []


def test_a_check_that_was_switched_off_that_day_is_not(session, case):
    session.execute(text("UPDATE check_rule SET valid_to = '2026-11-22' WHERE code = 'A13'"))
    forget(session)

    assert "A13" not in {row.code for row in look(session, case).checks}


def test_a_check_is_silent_until_a_file_of_its_register_counted(session, case):
    assert one(look(session, case), "A13").silent
    decide(session, case, START + 3 * DAY)
    late = deliver(session, CIPHER, Register.VEHICLES, now=START + 4 * DAY, day=date(2026, 11, 1))
    assert one(look(session, case), "A13").silent
    batch = deliver(session, CIPHER, Register.VEHICLES, now=START + DAY, day=date(2026, 11, 2))
    assert late != batch

    looked = one(look(session, case), "A13")

    assert not looked.silent
    [asked] = looked.registers
    assert (asked.register, asked.data_on) == (Register.VEHICLES, date(2026, 11, 2))
    assert asked.title


@pytest.mark.parametrize(("undone_after", "silent"), [(2, True), (4, False)])
def test_a_file_that_was_undone_since_counted_then(session, case, undone_after, silent):
    decide(session, case, START + 3 * DAY)
    batch_id = deliver(session, CIPHER, Register.VEHICLES, now=START, day=date(2026, 11, 2))
    batch = session.get_one(RegisterBatch, batch_id)
    batch.status = RegisterBatchStatus.UNDONE
    batch.undone_at = START + undone_after * DAY
    session.flush()

    assert one(look(session, case), "A13").silent is silent


def test_a_file_of_a_day_that_was_to_come_is_not_counted(session, case):
    deliver(session, CIPHER, Register.VEHICLES, now=START, day=date(2026, 12, 1))

    assert one(look(session, case), "A13").silent


def test_of_a_decision_the_findings_count_that_stood_then(session, case):
    decide(session, case, START + 3 * DAY)
    found(session, case, START)  # stands
    found(session, case, START + DAY, gone=START + 4 * DAY)  # stood
    found(session, case, START, gone=START + 2 * DAY)  # had gone
    found(session, case, START + 4 * DAY)  # was to come

    looked = look(session, case)

    assert (looked.at, one(looked, "A13").findings, one(looked, "A14").findings) == (
        START + 3 * DAY, 2, 0,
    )  # fmt: skip
    assert not one(looked, "A13").silent


@pytest.mark.parametrize(
    ("kind", "days"),
    [(StageKind.DATA_CHECK, 5), (StageKind.JOINT, 5), (StageKind.SURVEY, 0)],
)
def test_the_last_look_is_at_the_end_of_the_last_stage_that_looks(session, case, kind, days):
    stage = session.scalars(select(CaseStage).where(CaseStage.case_id == case.id)).first()
    assert stage is not None
    stage.kind, stage.status, stage.ended_at = kind, StageStatus.ENDED, START + 5 * DAY
    session.flush()

    assert look(session, case).at == case.submitted_at + days * DAY


def test_or_when_something_was_found_or_found_no_more(session, case):
    found(session, case, START + DAY)
    assert look(session, case).at == START + DAY

    found(session, case, START, gone=START + 2 * DAY)

    assert look(session, case).at == START + 2 * DAY
