"""0051 on data: a notice that hangs, or was ended, is due on the working day after its last."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_guards import database, run
from tests.migrations.test_up_and_down import url
from tests.support.check_migrations import alembic_config

__all__ = ["database", "url"]  # the fixtures

AFTER = "0051_end_notices_in_time"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
STAGE = """
INSERT INTO case_stage (id, case_id, code, turn, position, name, kind, owner, department_code, role,
    region_code, begun_on, "limit", unit, rolls, due_on, due_unpaused_on, due_provisional, status,
    ended_at)
VALUES (gen_random_uuid(), gen_random_uuid(), %s, 1, 1, 'x', %s, 'township', 'D01', 'clerk',
    210302002001, '2026-09-01', 7, 'cd', false, %s, %s, false, %s, %s)
"""
PLANNED = """
INSERT INTO case_reminder (id, case_id, stage_id, rule_code, at, told)
SELECT gen_random_uuid(), s.case_id, s.id, r.code,
    (s.due_on + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', 0
FROM case_stage s, reminder_rule r
WHERE s.status = 'open' AND r.code IN ('day_before', 'overdue', 'overdue_county')
"""
WAIT = """
INSERT INTO case_pause (id, case_id, since_on, until_on, missing, asked_by)
SELECT gen_random_uuid(), case_id, '2026-09-29', %s, 'x', gen_random_uuid()
FROM case_stage WHERE code = %s
"""
# Of which these stages are is not looked for.
NO_CASES = "ALTER TABLE case_stage DROP CONSTRAINT fk_case_stage_case_id_aid_case"
STAGES = """
SELECT code, hangs_until::text, due_on::text, due_unpaused_on::text, due_provisional
FROM case_stage ORDER BY code
"""
DUE = "SELECT code, due_on::text FROM case_stage ORDER BY code"
TOLD = """
SELECT s.code, m.rule_code, (m.at AT TIME ZONE 'Asia/Shanghai')::text
FROM case_reminder m JOIN case_stage s ON s.id = m.stage_id ORDER BY 1, 2
"""
GIVEN = (
    ("A", "public_notice", "2026-09-30", "open", None),  # then a week off
    ("B", "public_notice", "2026-10-09", "ended", "2026-10-10"),  # a Saturday is worked after it
    ("C", "survey", "2026-09-30", "open", None),
    ("D", "public_notice", "2026-09-30", "open", None),  # papers are waited for
    ("E", "public_notice", "2026-09-30", "open", None),  # and came
)


@pytest.mark.usefixtures("database")
def test_those_that_hang_and_those_that_were_ended_are_counted_so_too(database):
    command.downgrade(alembic_config(), BEFORE)
    for code, kind, due, status, ended in GIVEN:
        run(database, STAGE, code, kind, due, due, status, ended)
    run(database, PLANNED)
    run(database, NO_CASES)
    run(database, WAIT, None, "D")
    run(database, WAIT, "2026-10-08", "E")

    command.upgrade(alembic_config(), AFTER)

    assert run(database, STAGES) == [
        ("A", "2026-09-30", "2026-10-08", "2026-10-08", False),
        ("B", "2026-10-09", "2026-10-10", "2026-10-10", False),
        ("C", None, "2026-09-30", "2026-09-30", False),
        ("D", "2026-09-30", None, "2026-10-08", False),
        ("E", "2026-09-30", "2026-10-09", "2026-10-08", False),
    ]
    assert run(database, TOLD) == [
        ("A", "overdue", "2026-10-09 00:00:00"),
        ("A", "overdue_county", "2026-10-10 00:00:00"),
        ("C", "day_before", "2026-10-01 00:00:00"),
        ("C", "overdue", "2026-10-01 00:00:00"),
        ("C", "overdue_county", "2026-10-01 00:00:00"),
        ("E", "overdue", "2026-10-10 00:00:00"),
        ("E", "overdue_county", "2026-10-11 00:00:00"),
    ]
    command.downgrade(alembic_config(), BEFORE)
    assert run(database, DUE) == [(code, due) for code, _, due, _, _ in GIVEN]
