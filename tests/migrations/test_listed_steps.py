"""0041 taken back: the timeline keeps what a register told, as a step that old code can read."""

from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_guards import database, run
from tests.migrations.test_up_and_down import url
from tests.support.check_migrations import alembic_config

__all__ = ["database", "url"]  # the fixtures

AFTER = "0041_draw_rosters_from_registers"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
LINE = """
INSERT INTO case_step (id, case_id, number, at, step, note)
VALUES (gen_random_uuid(), gen_random_uuid(), 1, now(), 'listed', %s)
"""
LINES = "SELECT step, note FROM case_step"
TOLD = "受灾人员台账列有张三"


def test_what_a_register_told_stays_in_the_timeline(database):
    run(database, LINE, TOLD)

    command.downgrade(alembic_config(), BEFORE)
    assert run(database, LINES) == [("recognised", TOLD)]

    command.upgrade(alembic_config(), "head")
    assert run(database, LINES) == [("recognised", TOLD)]
