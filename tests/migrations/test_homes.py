"""0013 and 0014 on data: what an earlier program cannot read leaves on the way back."""

import psycopg
from alembic import command

from tests.migrations.test_data_quality import BEFORE, SCHEME
from tests.migrations.test_up_and_down import url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

REVIEW = """
INSERT INTO link_review (id, kind, key, county_code, region_code, other_id, identity_id, evidence,
    opened_at)
VALUES (gen_random_uuid(), %s, %s, 210302, 210302001001, gen_random_uuid(), gen_random_uuid(),
    '{}', now()) RETURNING id
"""
GROUND = """
INSERT INTO access_ground (id, kind, reference, subject_id, purpose, opened_at)
VALUES (gen_random_uuid(), 'task', %s, gen_random_uuid(), 'x', now())
"""
PROCEDURE = """
INSERT INTO procedure (code, version, name, valid_from, confidence)
VALUES ('W', 1, '流程', '2026-01-01', 'D')
"""
STAGE = """
INSERT INTO procedure_stage (procedure_code, procedure_version, code, position, name, owner,
    "limit", day_type, starts_from, parallel, confidence)
VALUES ('W', 1, 'ACCEPT', 1, '受理', 'township', 1, 'wd', 'submit', false, 'D')
"""


def test_questions_of_homes_leave_and_others_stay(url):  # noqa: F811  # the fixture
    command.upgrade(alembic_config(), "0013_channel_of_a_batch")
    with psycopg.connect(url) as connection:
        connection.execute(BEFORE)
        connection.execute(SCHEME)
        for kind in ("household", "same_person"):
            [review] = connection.execute(REVIEW, [kind, kind]).fetchone()
            connection.execute(GROUND, [str(review)])

    command.downgrade(alembic_config(), "0012_merged_without_keys")

    with psycopg.connect(url) as connection:
        kinds = connection.execute("SELECT kind FROM link_review").fetchall()
        open_ = connection.execute(
            "SELECT count(*) FROM access_ground WHERE closed_at IS NULL"
        ).fetchone()
    assert (kinds, open_) == ([("same_person",)], (1,))


def test_stages_in_stock_are_an_examination_until_the_seeds_say_more(url):  # noqa: F811  # the fixture
    command.upgrade(alembic_config(), "0013_channel_of_a_batch")
    with psycopg.connect(url) as connection:
        connection.execute(PROCEDURE)
        connection.execute(STAGE)

    command.upgrade(alembic_config(), "0014_sound_procedures")

    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT kind, raises, after, conceals, rolls FROM procedure_stage, procedure"
        ).fetchone()
    assert row == ("examination", [], [], False, True)
    command.downgrade(alembic_config(), "0013_channel_of_a_batch")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM procedure_stage").fetchone() == (1,)
