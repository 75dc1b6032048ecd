"""0003 on data: who was there before keeps the account, the age of the password and the session."""

import psycopg
import pytest
from alembic import command
from psycopg.errors import CheckViolation

from tests.migrations.test_up_and_down import url  # noqa: F401  # a fixture
from tests.support.check_migrations import alembic_config

BEFORE = """
INSERT INTO account (id, username, display_name, post, password_hash, created_at, version)
VALUES ('00000000-0000-0000-0000-000000000001', 'a', 'A', 'security', 'x', '2026-01-01', 1);
INSERT INTO account_role (account_id, role, post, granted_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'security_admin', 'security', '2026-01-01');
INSERT INTO staff_session (token_hash, account_id, kind, created_at, last_seen_at, expires_at)
SELECT token::bytea, id, 'cookie', now(), now(), now() FROM account, unnest('{a,b}'::text[]) token
"""


def test_accounts_and_sessions_are_carried_over_and_back(url):  # noqa: F811  # the fixture
    command.upgrade(alembic_config(), "0001_create_the_platform")
    with psycopg.connect(url) as connection:
        connection.execute(BEFORE)

    command.upgrade(alembic_config(), "0003_sign_in")

    with psycopg.connect(url) as connection:
        kept = connection.execute(
            "SELECT password_set_at = created_at, must_change_password FROM account"
        ).fetchall()
        sessions = connection.execute(
            "SELECT count(DISTINCT id), bool_or(second_factor), count(confirmed_at)"
            " FROM staff_session"
        ).fetchall()
    assert kept == [(True, False)]
    assert sessions == [(2, False, 0)]
    with psycopg.connect(url) as connection, pytest.raises(CheckViolation, match="by_oneself"):
        connection.execute("UPDATE account_role SET granted_by = account_id")
    command.downgrade(alembic_config(), "0001_create_the_platform")
    with psycopg.connect(url) as connection:
        left = connection.execute("SELECT count(*) FROM staff_session").fetchone()
    assert left == (2,)
