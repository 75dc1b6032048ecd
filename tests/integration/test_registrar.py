"""The web account writes the registry as the registrar only, and for the moment it is one."""

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from relief import privileges
from relief.core.config import normalise_url
from relief.core.database_roles import REGISTRAR, DatabaseRole
from relief.core.registrar import registrar
from tests import factories
from tests.support.database import ACCOUNTS, accounts_on
from tests.support.settings import cipher_with

NAME = f"{ACCOUNTS}_web_{REGISTRAR}"
LETTERS = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D"}


@pytest.fixture
def as_account(spare_database_url):
    """`as_account(role)`: a session on a database with one household, as nobody in particular."""
    engines = [create_engine(normalise_url(spare_database_url))]
    with Session(engines[0]) as session, session.begin():
        factories.make_household(session, cipher_with())

    def opened(role):
        engines.append(create_engine(normalise_url(accounts_on(spare_database_url)[role])))
        return Session(engines[-1])

    yield opened
    for engine in engines:
        engine.dispose()


def people(session):
    return session.scalar(text("SELECT count(*) FROM person"))


def test_the_web_account_is_the_registrar_within_the_block_only(as_account):
    with as_account(DatabaseRole.WEB) as session:
        assert people(session) == 0  # nobody looks, so nothing is seen

        with registrar(session):
            assert people(session) == 1
            session.execute(text("UPDATE person SET marital = '10'"))

        assert people(session) == 0
        assert session.scalar(text("SELECT current_user")) == f"{ACCOUNTS}_web"
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text("UPDATE person SET marital = '20'"))


def test_an_error_in_the_block_leaves_no_registrar_behind(as_account):
    with as_account(DatabaseRole.WEB) as session:
        with pytest.raises(ZeroDivisionError), registrar(session):
            raise ZeroDivisionError
        session.rollback()

        assert session.scalar(text("SELECT current_user")) == f"{ACCOUNTS}_web"
        assert people(session) == 0


def test_the_worker_needs_no_registrar(as_account):
    with as_account(DatabaseRole.WORKER) as session, registrar(session):
        assert session.scalar(text("SELECT current_user")) == f"{ACCOUNTS}_worker"


@pytest.mark.parametrize("role", [DatabaseRole.MINI, DatabaseRole.WORKER, DatabaseRole.AUDIT])
def test_nobody_else_becomes_the_registrar(spare_database_url, role):
    with (
        psycopg.connect(accounts_on(spare_database_url)[role]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SET ROLE {NAME}")


def test_nobody_signs_in_as_the_registrar_and_it_owns_nothing(session):
    row = session.execute(
        text("SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles"
             " WHERE rolname = :name"),
        {"name": NAME},
    ).one()  # fmt: skip

    assert tuple(row) == (False, False, False, False)


def test_the_registrar_has_the_rights_that_are_declared_and_no_others(session):
    for name in inspect(session.connection()).get_table_names():
        if name == "alembic_version":
            continue
        held = "".join(
            letter
            for privilege, letter in LETTERS.items()
            if session.scalar(
                text("SELECT has_table_privilege(:account, :table, :privilege)"),
                {"account": NAME, "table": name, "privilege": privilege},
            )
        )
        assert (name, held) == (name, privileges.TABLES[name].registrar)
