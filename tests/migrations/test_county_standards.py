"""0036 on data: what there was is the city's, and a county's own value does not get lost unseen."""

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from tests.migrations.test_up_and_down import ask, prepare, url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

AFTER = "0036_standards_of_counties"
BEFORE = ScriptDirectory.from_config(alembic_config()).get_revision(AFTER).down_revision
COUNTIES = "SELECT count(*) FROM parameter WHERE region_code = 210302000000"
CITY = "SELECT count(*) FROM parameter WHERE region_code = 210300000000"
OWN = """
INSERT INTO parameter (name, region_code, valid_from, value, source, confidence)
VALUES ('dibao_std_urban_month', 210302000000, '2026-07-01', 860, '通知', 'D')
"""
DRAFT = """
INSERT INTO parameter_draft (id, name, region_code, valid_from, value, source, drafted_by,
    drafted_at, discarded_at)
SELECT gen_random_uuid(), 'dibao_std_urban_month', %s::bigint, '2026-08-01', 870, '通知', id,
    now(), %s::timestamptz
FROM account
"""
ACCOUNT = """
INSERT INTO account (id, username, display_name, post, password_hash, password_set_at,
    must_change_password, created_at, version)
VALUES (gen_random_uuid(), 'a', 'a', 'business', 'x', now(), false, now(), 1)
"""


def run(url, statement, *values):  # noqa: F811  # not the fixture
    with psycopg.connect(url) as connection:
        connection.execute(statement, values or None)


def test_what_there_was_is_the_citys(url):  # noqa: F811  # the fixture
    prepare(url)
    every = ask(url, "SELECT count(*) FROM parameter")

    command.downgrade(alembic_config(), BEFORE)
    assert ask(url, "SELECT count(*) FROM parameter") == every
    command.upgrade(alembic_config(), AFTER)

    assert ask(url, CITY) == every


def test_a_countys_value_holds_up_the_way_back(url):  # noqa: F811  # the fixture
    prepare(url)
    run(url, OWN)

    with pytest.raises(DBAPIError, match="counties have parameters of their own"):
        command.downgrade(alembic_config(), BEFORE)
    assert ask(url, COUNTIES) == 1

    run(url, "DELETE FROM parameter WHERE region_code = 210302000000")
    command.downgrade(alembic_config(), BEFORE)


@pytest.mark.parametrize("discarded", [False, True])
def test_so_does_a_draft_of_one_until_it_is_discarded(url, discarded):  # noqa: F811  # the fixture
    prepare(url)
    run(url, ACCOUNT)
    run(url, DRAFT, 210302000000, "2026-09-01" if discarded else None)
    run(url, DRAFT, 210300000000, None)

    if not discarded:
        with pytest.raises(DBAPIError, match="counties have parameters of their own"):
            command.downgrade(alembic_config(), BEFORE)
        return
    command.downgrade(alembic_config(), BEFORE)

    assert ask(url, "SELECT count(*) FROM parameter_draft") == 1
