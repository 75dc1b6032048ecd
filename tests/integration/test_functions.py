"""Who calls which function of the database, and what a temporary table of theirs can do to it."""

import uuid

import psycopg
import pytest
from sqlalchemy import text

from relief import privileges
from relief.core.database_roles import REGISTRAR, DatabaseRole
from relief.integrations.postgres import accounts
from tests.support.database import ACCOUNTS, accounts_on

NAMES = {role: f"{ACCOUNTS}_{role}" for role in DatabaseRole if role is not DatabaseRole.OWNER} | {
    REGISTRAR: f"{ACCOUNTS}_web_{REGISTRAR}"
}
OURS = (
    "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS"
    " (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)
PATH = ["search_path=pg_catalog, public, pg_temp"]
SOMEBODY = uuid.UUID(int=7)


def test_every_function_is_declared_and_has_a_name_of_its_own(session):
    made = session.scalars(text(OURS)).all()

    assert sorted(made) == sorted(privileges.CALLS)


def test_an_account_calls_what_is_declared_and_nothing_else(session):
    held = {
        role: set(
            session.scalars(
                text(OURS + " AND has_function_privilege(:name, p.oid, 'EXECUTE')"),
                {"name": name},
            )
        )
        for role, name in NAMES.items()
    }

    assert held == {
        role: {name for name, callers in privileges.CALLS.items() if role in callers}
        for role in NAMES
    }


def test_the_mini_program_calls_what_it_must(session):
    assert {name for name, who in privileges.CALLS.items() if DatabaseRole.MINI in who} == {
        "bound_to",  # to whom its caller is bound
        "members_with_phone",  # whose a number is, of the household of a code that it shows
        "place_of_binding",  # where the person of its caller's binding lives
        "person_in_sight",  # by the policies of codes and bindings: it has no region
        "presented_digests",
        "viewer_id",
    }


def test_what_runs_as_the_owner_and_every_trigger_look_into_our_schema_first(session):
    elsewhere = session.scalars(
        text(
            OURS + " AND (prosecdef OR prorettype = 'trigger'::regtype)"
            " AND proconfig IS DISTINCT FROM :path"
        ),
        {"path": PATH},
    ).all()

    assert elsewhere == []


def test_only_loads_and_merges_make_temporary_tables(session):
    able = {
        role
        for role, name in NAMES.items()
        if session.scalar(
            text("SELECT has_database_privilege(:name, current_database(), 'TEMPORARY')"),
            {"name": name},
        )
    }

    assert able == {DatabaseRole.WORKER, REGISTRAR}


def test_a_repeated_setup_takes_back_what_accounts_had(spare_database_url):
    urls = accounts_on(spare_database_url)
    asked = (
        "SELECT has_database_privilege('relief_test_mini', current_database(), 'TEMPORARY'),"
        " has_function_privilege('relief_test_mini', 'former_members(uuid)', 'EXECUTE')"
    )
    accounts.create_accounts(spare_database_url, urls)
    with psycopg.connect(spare_database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC, relief_test_mini')
        connection.execute("GRANT EXECUTE ON FUNCTION former_members TO PUBLIC, relief_test_mini")
        assert connection.execute(asked).fetchone() == (True, True)

        accounts.grant(urls, privileges.rights(), privileges.CALLS)

        assert connection.execute(asked).fetchone() == (False, False)


def test_a_function_made_later_is_nobodys(spare_database_url):
    urls = accounts_on(spare_database_url)
    with psycopg.connect(urls[DatabaseRole.OWNER], autocommit=True) as connection:
        connection.execute("CREATE FUNCTION told() RETURNS int LANGUAGE sql RETURN 1")
    with (
        psycopg.connect(urls[DatabaseRole.WEB]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="told"),
    ):
        connection.execute("SELECT told()")


def test_the_functions_of_extensions_are_everybodys(spare_database_url):
    with psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.WEB]) as connection:
        assert connection.execute("SELECT similarity('abc', 'abc')").fetchone() == (1.0,)


def test_a_temporary_table_stands_in_for_none_that_a_function_reads(spare_database_url):
    with psycopg.connect(spare_database_url) as connection:
        connection.execute("CREATE TEMPORARY TABLE household (id uuid, region_code bigint)")
        connection.execute("INSERT INTO household VALUES (%s, 210302000000)", [SOMEBODY])

        found = connection.execute(
            "SELECT region, known FROM place_of_record('household', %s)", [SOMEBODY]
        ).fetchone()

    assert found == (None, False)


def test_a_temporary_table_stands_in_for_none_that_a_trigger_reads(spare_database_url):
    with psycopg.connect(spare_database_url) as connection:
        # Published, as the table says that comes first.
        connection.execute(
            "CREATE TEMPORARY TABLE parameter_draft AS SELECT 'dibao_std_urban_month' AS name,"
            " 210300000000 AS region_code, date '2031-01-01' AS valid_from, 9999 AS value,"
            " '通知' AS source, now() AS published_at"
        )
        connection.execute("GRANT SELECT ON pg_temp.parameter_draft TO relief_test_web")
        connection.execute("SET ROLE relief_test_web")
        with pytest.raises(psycopg.errors.RestrictViolation, match="no draft of this parameter"):
            connection.execute(
                "INSERT INTO parameter"
                " (name, region_code, valid_from, value, source, confidence, origin) VALUES"
                " ('dibao_std_urban_month', 210300000000, '2031-01-01', 9999, '通知', 'V',"
                " 'console')"
            )


def test_the_mini_program_learns_where_nobody_but_its_own_lives(spare_database_url):
    with (
        psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.MINI]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="place_of_record"),
    ):
        connection.execute("SELECT region FROM place_of_record('person', %s)", [SOMEBODY])
