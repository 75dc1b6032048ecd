"""Databases: each process of a run has a server, a template by migrations and seeds, and a clone.

A server of its own, because the sealer waits for every transaction on its server: a long test of
another process would hold up all that wait for a seal.
"""

import itertools
import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from relief.cli.setup import prepare_database
from relief.core.database_roles import DatabaseRole
from relief.core.db import session_on
from relief.core.privacy import store
from relief.core.privacy.models import SecretKind
from relief.integrations import postgres
from relief.integrations.postgres.accounts import admit, derive_urls
from tests.support import canaries, leaks, run_folder
from tests.support.people import make_people
from tests.support.settings import START, cipher_with

GIVEN = "RELIEF_TEST_DATABASE_URL"
ACCOUNTS, ACCOUNT_PASSWORD = "relief_test", "for-tests-only"
CANARIES = {
    SecretKind.CITIZEN_ID: canaries.citizen_id,
    SecretKind.PHONE: canaries.phone,
    SecretKind.BANK_ACCOUNT: canaries.account,
}
_numbers = itertools.count(1)


def on(url: str, database: str) -> str:
    """Return `url` with another database's name."""
    renamed = make_url(url).set(database=database)
    return renamed.render_as_string(hide_password=False)


def create_database(
    url: str, name: str, template: str = "template0", *, strategy: str = "FILE_COPY"
) -> str:
    """Create a database and return its address.

    `strategy`: FILE_COPY ends in a checkpoint, which costs nothing where nothing is synced.
    """
    statement = sql.SQL(
        "CREATE DATABASE {} TEMPLATE {} STRATEGY {}"
        " ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            statement.format(sql.Identifier(name), sql.Identifier(template), sql.SQL(strategy))
        )
    return on(url, name)


def drop_database(url: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def clone(url: str, name: str, template: str) -> str:
    """Copy the template; whose a database is, and who may enter, does not come with it."""
    made = create_database(url, name, template)
    owned = sql.SQL("ALTER DATABASE {} OWNER TO {}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(owned.format(sql.Identifier(name), sql.Identifier(ACCOUNTS)))
        admit(connection, accounts_on(made))
    return made


def accounts_on(url: str) -> dict[DatabaseRole, str]:
    """Return the addresses of the platform's accounts on a database of the tests."""
    return derive_urls(url, dict.fromkeys(DatabaseRole, ACCOUNT_PASSWORD), prefix=ACCOUNTS)


def build_template(url: str) -> dict[str, str]:
    """Bring an empty database to the form that every test starts from; return who is in it."""
    prepare_database(accounts_on(url), now=START, admin_url=url)
    with session_on(url) as session:
        cipher = cipher_with()
        for kind, make in CANARIES.items():
            values = [make(serial) for serial in range(canaries.COUNT)]
            store.put_many(session, cipher, kind, values, now=START)
        return make_people(session, now=START)


@pytest.fixture(scope="session")
def server_url(worker_id: str) -> str:
    """A real PostgreSQL: the one that RELIEF_TEST_DATABASE_URL names, or one of our own."""
    with run_folder.shared_facts() as facts:
        facts["prefix"] = f"relief_test_{run_folder.path().name}_"
        if given := os.environ.get(GIVEN):
            facts["external"] = given
        else:
            server = postgres.Server(
                run_folder.server_of(worker_id),
                durable=False,
                home=run_folder.home_of(worker_id),
            )
            given = server.start()
        facts.setdefault("servers", {})[worker_id] = given
        return given


@pytest.fixture(scope="session")
def template(server_url: str, worker_id: str) -> str:
    """The name of the database with schema and seeds; nobody connects to it."""
    with run_folder.shared_facts() as facts:  # one at a time: accounts belong to the whole server
        name = f"{facts['prefix']}{worker_id}_template"
        people = build_template(create_database(server_url, name))
        facts.setdefault("people", {})[worker_id] = people
        return name


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str, worker_id: str) -> str:
    """This process's own copy of the template."""
    return clone(server_url, template.removesuffix("_template"), template)


@pytest.fixture
def spare_database_url(server_url: str, template: str, worker_id: str) -> Iterator[str]:
    """A copy for one test that commits, forks or kills; dropped afterwards."""
    name = template.replace("template", str(next(_numbers)))
    url = clone(server_url, name, template)
    since = leaks.now_in(url)
    yield url
    try:
        leaks.check_database(url, "a spare database", since=since)
    finally:
        drop_database(server_url, name)


@pytest.fixture
def empty_database_url(server_url: str, worker_id: str) -> Iterator[str]:
    """A database with nothing in it, for one test."""
    name = f"{run_folder.read(run_folder.path())['prefix']}{worker_id}_{next(_numbers)}"
    yield create_database(server_url, name)
    drop_database(server_url, name)
