"""0039 on data: what was published is known as such, and what a finding says names nobody."""

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.migrations.test_up_and_down import prepare, url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

AFTER = "0039_guard_what_was_decided"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
NAMED = "发放账户登记在赵六名下，不是张三本人或其监护人"
NAMELESS = "发放账户登记在他人名下，不是张三本人或其监护人"
ACCOUNT = """
INSERT INTO account (id, username, display_name, post, password_hash, password_set_at,
    must_change_password, created_at, version)
SELECT gen_random_uuid(), n, n, 'business', 'x', now(), false, now(), 1
FROM unnest(ARRAY['a', 'b']) n
"""
DRAFTS = """
INSERT INTO parameter_draft (id, name, region_code, valid_from, value, source, drafted_by,
    drafted_at, published_by, published_at)
SELECT gen_random_uuid(), 'dibao_std_urban_month', 210300000000, day::date, 870, '通知', a.id,
    now(), b.id, now()
FROM account a, account b, unnest(ARRAY['2026-08-01', '2026-09-01']) day
WHERE (a.username, b.username) = ('a', 'b')
"""
# The seeds wrote another value over the second, before a trigger kept it.
VALUES = """
INSERT INTO parameter (name, region_code, valid_from, value, source, confidence)
VALUES ('dibao_std_urban_month', 210300000000, '2026-08-01', 870, '通知', 'V'),
    ('dibao_std_urban_month', 210300000000, '2026-09-01', 880, '种子', 'V')
"""
FINDING = """
INSERT INTO case_finding (id, case_id, check_code, key, grade, message, evidence, rule, found_at)
VALUES (gen_random_uuid(), gen_random_uuid(), 'A22', 'holder', 'doubt', %s,
    '{"holder": "赵六", "member": "张三"}', '规则', now())
"""
LINE = """
INSERT INTO case_step (id, case_id, number, at, step, note)
VALUES (gen_random_uuid(), gen_random_uuid(), 1, now(), 'checked', %s)
"""
LINES = "SELECT note FROM case_step"
ORIGINS = """
SELECT valid_from::text, origin FROM parameter
WHERE name = 'dibao_std_urban_month' AND valid_from >= '2026-08-01' ORDER BY 1
"""
MESSAGE = "SELECT message FROM case_finding"


@pytest.fixture
def database(url):  # noqa: F811  # the fixture
    prepare(url)
    return url


def run(url, statement, *values):  # noqa: F811  # not the fixture
    with psycopg.connect(url) as connection:
        # The case that a finding is of is not looked for.
        connection.execute("SET session_replication_role = replica")
        done = connection.execute(statement, values or None)
        return done.fetchall() if done.description else []


def test_what_was_published_is_kept_from_then_on(database):
    command.downgrade(alembic_config(), BEFORE)
    for statement in (ACCOUNT, DRAFTS, VALUES):
        run(database, statement)

    command.upgrade(alembic_config(), AFTER)

    assert run(database, ORIGINS) == [("2026-08-01", "console"), ("2026-09-01", "seeds")]
    command.downgrade(alembic_config(), BEFORE)
    with psycopg.connect(database) as connection:
        assert connection.execute("UPDATE parameter SET value = 871").rowcount > 1


def test_a_finding_names_nobody_and_its_evidence_does(database):
    command.downgrade(alembic_config(), BEFORE)
    run(database, FINDING, NAMED)
    run(database, LINE, f"A22 {NAMED}；A13 有车")

    command.upgrade(alembic_config(), AFTER)
    assert run(database, MESSAGE) == [(NAMELESS,)]
    assert run(database, LINES) == [(f"A22 {NAMELESS}；A13 有车",)]

    command.downgrade(alembic_config(), BEFORE)
    assert run(database, MESSAGE) == [(NAMED,)]
