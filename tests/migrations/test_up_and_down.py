"""The migrations build what the models say, and can be taken back."""

import os

import psycopg
import pytest
from alembic import command
from click.testing import CliRunner

from relief.cli import main
from relief.cli.setup import migrate, prepare_database
from relief.core.config import PREFIX
from relief.core.database_roles import DatabaseRole
from relief.integrations.postgres import accounts
from tests.support.check_migrations import alembic_config, later_sql
from tests.support.database import ACCOUNTS, accounts_on
from tests.support.settings import START

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
ROUTINES = """
SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
WHERE nspname = 'public'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
"""


@pytest.fixture
def url(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RELIEF_DATABASE_URL", empty_database_url)
    accounts.create_accounts(empty_database_url, accounts_on(empty_database_url))
    for role, url in accounts_on(empty_database_url).items():
        monkeypatch.setenv(PREFIX + role.setting, url)
    return empty_database_url


def prepare(url: str) -> None:
    prepare_database(accounts_on(url), now=START, admin_url=url)


def ask(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def test_the_models_and_the_migrations_say_the_same(url):
    prepare(url)

    command.check(alembic_config())


def test_up_down_and_up_again_with_data(url):
    prepare(url)
    regions = ask(url, "SELECT count(*) FROM region")

    command.downgrade(alembic_config(), "base")

    assert ask(url, TABLES) == 1  # alembic_version, empty
    assert ask(url, ROUTINES) == 0
    prepare(url)
    assert ask(url, "SELECT count(*) FROM region") == regions


def test_the_command_prepares_the_database_named(url):
    result = CliRunner().invoke(main, ["setup"])

    assert (result.exit_code, result.output) == (0, "数据库已就绪。\n")
    assert ask(url, "SELECT count(*) FROM scheme") == 33


def test_a_repeated_setup_changes_nothing(url):
    prepare(url)
    events = ask(url, "SELECT count(*) FROM audit_event")

    prepare(url)

    assert ask(url, "SELECT count(*) FROM audit_event") == events


def test_the_statements_of_later_migrations_can_be_told(url):
    told = list(later_sql())

    assert "CREATE POLICY viewer ON household" in told[0][0]
    assert "require-concurrent-index-creation" in told[0][1]
    assert not any("CREATE TABLE household (" in statements for statements, _ in told)


def test_what_another_owner_made_becomes_the_owners(url):
    migrate(url)  # by a superuser, as an installation without accounts of its own did

    prepare(url)

    assert ask(url, "SELECT tableowner FROM pg_tables WHERE tablename = 'person'") == ACCOUNTS


def test_accounts_alone_leave_the_database_empty_for_a_restore(url, monkeypatch):
    result = CliRunner().invoke(main, ["setup", "--accounts-only"])

    assert (result.exit_code, ask(url, TABLES)) == (0, 0)
    assert (
        ask(url, "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
        == ACCOUNTS
    )
    monkeypatch.delenv("RELIEF_DATABASE_URL")
    assert CliRunner().invoke(main, ["setup", "--accounts-only"]).exit_code == 2


def test_who_is_no_superuser_is_told_so(url, monkeypatch):
    prepare(url)
    monkeypatch.setenv("RELIEF_DATABASE_URL", accounts_on(url)[DatabaseRole.OWNER])

    result = CliRunner().invoke(main, ["setup"])

    assert (result.exit_code, "不是超级用户" in result.output) == (1, True)


def test_an_account_that_is_missing_is_told(url, monkeypatch):
    prepare(url)
    monkeypatch.delenv("RELIEF_DATABASE_URL")
    web = accounts_on(url)[DatabaseRole.WEB].replace(f"{ACCOUNTS}_web", f"{ACCOUNTS}_other")
    monkeypatch.setenv(PREFIX + DatabaseRole.WEB.setting, web)

    result = CliRunner().invoke(main, ["setup"])

    assert (result.exit_code, "缺少数据库账号" in result.output) == (1, True)


def test_migrating_leaves_the_environment_as_it_was(url, monkeypatch):
    monkeypatch.delenv("RELIEF_OWNER_DATABASE_URL")

    migrate(url)

    assert "RELIEF_OWNER_DATABASE_URL" not in os.environ
