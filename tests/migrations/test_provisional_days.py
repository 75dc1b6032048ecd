"""0053 on data: what is open says which of its days may move, and what is over stays."""

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_guards import database, run
from tests.migrations.test_up_and_down import url
from tests.support.check_migrations import alembic_config

__all__ = ["database", "url"]  # the fixtures

AFTER = "0053_mark_provisional_days"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
STAGE = """
INSERT INTO case_stage (id, case_id, code, turn, position, name, kind, owner, department_code,
    role, region_code, begun_on, "limit", unit, rolls, due_unpaused_on, due_usual_on,
    due_provisional, status, ended_at)
VALUES (gen_random_uuid(), gen_random_uuid(), %s, 1, 1, '受理', 'acceptance', 'township', 'D01',
    'clerk', 210302002001, '2026-12-30', 5, %s, %s, %s, '2026-12-31', false, %s, %s)
"""
STAGES = {
    "WORKING": ("wd", True, "2027-01-06", "open", None),
    "ANNOUNCED": ("wd", True, "2026-12-31", "open", None),
    "NOTICE": ("cd", False, "2027-01-06", "open", None),
    "ENDED": ("wd", True, "2027-01-06", "ended", "2026-12-30"),
}
FOUND = """
INSERT INTO case_finding (id, case_id, check_code, key, grade, message, evidence, rule, found_at,
    due_on, gone_at)
VALUES (gen_random_uuid(), gen_random_uuid(), 'A08', %s, 'doubt', '', '{}', '', now(), %s, %s)
"""
FINDINGS = {
    "waits": ("2027-01-04", None),
    "announced": ("2026-12-31", None),
    "gone": ("2027-01-04", "2026-12-31"),
}
MARKED = "SELECT code, due_unpaused_provisional, due_usual_provisional FROM case_stage"


def test_what_is_open_says_which_of_its_days_may_move(database):
    command.downgrade(alembic_config(), BEFORE)
    run(
        database,
        "INSERT INTO calendar_year (year, source) VALUES (2026, '通知') ON CONFLICT DO NOTHING",
    )
    for code, (unit, rolls, day, status, ended) in STAGES.items():
        run(database, STAGE, code, unit, rolls, day, status, ended)
    for key, (day, gone) in FINDINGS.items():
        run(database, FOUND, key, day, gone)

    command.upgrade(alembic_config(), AFTER)

    assert {row[0]: row[1:] for row in run(database, MARKED)} == {
        code: (code == "WORKING", False) for code in STAGES
    }
    marked = dict(run(database, "SELECT key, due_provisional FROM case_finding"))
    assert marked == {key: key == "waits" for key in FINDINGS}
    command.downgrade(alembic_config(), BEFORE)
    with pytest.raises(psycopg.errors.UndefinedColumn):
        run(database, MARKED)
