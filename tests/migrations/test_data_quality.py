"""0009 on data: old files say what was paid; on the way back rolls leave the registry."""

import psycopg
from alembic import command

from tests.migrations.test_up_and_down import url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

BEFORE = """
INSERT INTO department (code, abbreviation, name, name_en, statutory_manager, role,
    sees_all_households)
VALUES ('D01', 'MZ', '民政局', 'Civil Affairs', true, '', true)
"""
SCHEME = """
INSERT INTO scheme (code, name, short_name, name_en, department_code, unit, kind, period, entry,
    start, payer, procedure_code, joint_departments, data_providers, eligibility, recheck, legal,
    confidence, extra)
VALUES ('S01', '低保', '低保', 'Allowance', 'D01', 'household', 'cash', 'monthly', 'application',
    'next_month', 'platform', 'W', '[]', '[]', '[]', '{}', '[]', 'D', '{}')
"""
BATCH = """
INSERT INTO import_batch (id, scheme_code, department_code, layout, file_name, sha256, status,
    received, loaded, rejected, created_at)
VALUES (gen_random_uuid(), 'S01', 'D01', 'S01@1', 'a.csv', %s, 'merged', 1, 1, 0, now())
"""
STATES = "SELECT file_name, status FROM import_batch ORDER BY file_name"


def test_old_files_stay_and_rolls_go_with_the_way_back(url):  # noqa: F811  # the fixture
    command.upgrade(alembic_config(), "0005_key_rotation")
    with psycopg.connect(url) as connection:
        connection.execute(BEFORE)
        connection.execute(SCHEME)
        connection.execute(BATCH, [b"a"])

    command.upgrade(alembic_config(), "0009_data_quality")

    with psycopg.connect(url) as connection:
        kept = connection.execute("SELECT content, held FROM import_batch").fetchall()
        for name, content, status in (
            ("b", "roll", "merged"),
            ("c", "roll", "held"),
            ("d", "changes", "refused"),
            ("e", "history", "loaded"),
        ):
            connection.execute(
                "INSERT INTO import_batch (id, scheme_code, department_code, layout, file_name,"
                " sha256, status, content, received, loaded, rejected, created_at)"
                " VALUES (gen_random_uuid(), 'S01', 'D01', 'S01@1', %s, %s, %s, %s, 1, 1, 0,"
                " now())",
                [f"{name}.csv", name.encode(), status, content],
            )
    assert kept == [("history", None)]
    command.downgrade(alembic_config(), "0005_key_rotation")
    with psycopg.connect(url) as connection:
        states = dict(connection.execute(STATES).fetchall())
    assert states == {
        "a.csv": "merged",
        "b.csv": "undone",
        "c.csv": "undone",
        "d.csv": "undone",
        "e.csv": "loaded",
    }
    command.upgrade(alembic_config(), "0009_data_quality")
