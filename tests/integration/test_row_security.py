"""What the database itself lets each of the platform's accounts see and do."""

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from relief import privileges
from relief.core import viewer
from relief.core.config import ConfigError, normalise_url
from relief.core.database_roles import DatabaseRole
from relief.core.health import refuse_too_powerful
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree
from relief.core.viewer import Viewer
from relief.integrations.postgres import accounts
from relief.models import Base
from tests import factories
from tests.support.database import accounts_on
from tests.support.settings import START, cipher_with

EAST, WEST = 210302000000, 210303000000
# Columns that name a person in hardship, or what is said of one.
SPEAKS_OF_A_PERSON = frozenset(
    {"person_id", "household_id", "subject_id", "citizen_id", "ciphertext", "name_key", "body"}
)
# Tables that have such a column and yet no row security, each with its reason.
OPEN = {
    "audit_event",  # whom a row speaks of is an id; who may read it is decided by its queries
    "news_version",  # what the public is told of policy; it speaks of nobody
}


@pytest.fixture
def urls(spare_database_url):
    return accounts_on(spare_database_url)


@pytest.fixture
def homes(spare_database_url):
    """A household of 铁东区 that housing aids too, and one of 铁西区."""
    cipher = cipher_with()
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine) as session, session.begin():
        made = [
            factories.make_household(
                session, cipher, region=210302002001, schemes=("S01", "S21"), name="甲"
            ),
            factories.make_household(session, cipher, region=210303001001, name="乙"),
        ]
    engine.dispose()
    return made


@pytest.fixture
def as_viewer():
    """`as_viewer(url, viewer)`: a session of one connection, as somebody or as nobody."""
    engines = []

    def opened(url: str, who: Viewer | None) -> Session:
        engine = create_engine(normalise_url(url), pool_size=1, max_overflow=0)
        engines.append(engine)
        token = viewer.current.set(who)
        try:
            session = Session(engine)
            session.connection()
        finally:
            viewer.current.reset(token)
        return session

    yield opened
    for engine in engines:
        engine.dispose()


def seen(session: Session, table: str) -> int:
    return session.scalar(
        text(f"SELECT count(*) FROM {table}")  # noqa: S608  # our own names
    )


def who(*regions: int, department: str | None = None) -> Viewer:
    return Viewer(new_id(START), Scope(tuple(subtree(code) for code in regions), department))


def test_every_table_is_declared():
    assert set(privileges.TABLES) == set(Base.metadata.tables)


def test_a_table_that_speaks_of_a_person_is_declared_personal():
    speaking = {
        table.name
        for table in Base.metadata.sorted_tables
        if SPEAKS_OF_A_PERSON & set(table.columns.keys())
    }

    undeclared = {name for name in speaking - OPEN if not privileges.TABLES[name].personal}

    assert undeclared == set()


def test_every_table_with_personal_data_has_row_security_enabled_and_forced(session):
    rows = session.execute(
        text(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
            " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r'"
        )
    )
    secured = {name for name, forced, has_policy in rows if forced and has_policy}

    assert secured == {name for name, table in privileges.TABLES.items() if table.personal}


def test_the_accounts_have_the_rights_that_are_declared_and_no_others(session):
    letters = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D"}
    for name in inspect(session.connection()).get_table_names():
        if name == "alembic_version":
            continue
        for role in (DatabaseRole.WEB, DatabaseRole.MINI, DatabaseRole.WORKER, DatabaseRole.AUDIT):
            held = "".join(
                letter
                for privilege, letter in letters.items()
                if session.scalar(
                    text("SELECT has_table_privilege(:account, :table, :privilege)"),
                    {"account": f"relief_test_{role}", "table": name, "privilege": privilege},
                )
            )
            assert (name, role, held) == (name, role, getattr(privileges.TABLES[name], role.value))


@pytest.mark.parametrize("table", ["audit_event", "row_version"])
@pytest.mark.parametrize("role", [role for role in DatabaseRole if role is not DatabaseRole.OWNER])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_no_process_can_change_the_trail(urls, role, table, statement):
    with (
        psycopg.connect(urls[role]) as connection,
        pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
        ),
    ):
        connection.execute(statement.format(table))


@pytest.mark.parametrize("role", [role for role in DatabaseRole if role is not DatabaseRole.OWNER])
def test_no_process_can_change_the_schema(urls, role):
    with (
        psycopg.connect(urls[role]) as connection,
        pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
        ),
    ):
        connection.execute("CREATE TABLE planted (id int)")


PERSONAL_AND_READ = sorted(
    name for name, table in privileges.TABLES.items() if table.personal and "S" in table.web
)


@pytest.mark.parametrize("table", PERSONAL_AND_READ)
def test_nobody_sees_nothing(urls, homes, as_viewer, table):
    with as_viewer(urls[DatabaseRole.WEB], None) as session:
        assert seen(session, table) == 0


@pytest.mark.parametrize(
    ("viewer_", "households", "enrolments"),
    [
        (who(EAST), 1, 2),
        (who(WEST), 1, 1),
        (who(EAST, WEST), 2, 3),
        (who(210304000000), 0, 0),
        (who(), 0, 0),
        (who(EAST, department="D04"), 1, 1),  # housing aids this one
        (who(WEST, department="D04"), 0, 0),
    ],
)
def test_a_viewer_sees_what_regions_and_department_allow(
    urls, homes, as_viewer, viewer_, households, enrolments
):
    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        assert seen(session, "household") == households
        assert seen(session, "person") == households
        assert seen(session, "membership") == households
        assert seen(session, "enrolment") == enrolments
        assert seen(session, "aid_year") == enrolments
        assert seen(session, "source_identity") == enrolments
        assert seen(session, "row_version WHERE table_name = 'household'") == households
        # Number, phone, account and state of health of each person.
        assert seen(session, "secret_value") == 4 * households


def test_the_worker_sees_all(urls, homes, as_viewer):
    with as_viewer(urls[DatabaseRole.WORKER], None) as session:
        assert seen(session, "household") == 2


def test_the_mini_program_has_no_right_to_the_registry_yet(urls, homes, as_viewer):
    with (
        as_viewer(urls[DatabaseRole.MINI], who(EAST)) as session,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        seen(session, "household")


def test_a_pooled_connection_never_carries_a_scope_to_the_next_transaction(urls, homes, as_viewer):
    session = as_viewer(urls[DatabaseRole.WEB], who(EAST))
    assert seen(session, "household") == 1
    for end in (session.commit, session.rollback):
        end()
        assert seen(session, "household") == 0  # the same connection, and nobody's
        session.rollback()
        token = viewer.current.set(who(EAST))
        assert seen(session, "household") == 1
        viewer.current.reset(token)
    session.close()


def test_a_savepoint_keeps_the_scope_and_its_rollback_too(urls, homes, as_viewer):
    session = as_viewer(urls[DatabaseRole.WEB], who(EAST))
    nested = session.begin_nested()
    assert seen(session, "household") == 1
    nested.rollback()
    assert seen(session, "household") == 1
    session.close()


def test_a_thread_begins_as_nobody_after_a_request(app, session, cipher, signed_in, alice):
    factories.make_household(session, cipher)
    session.commit()
    assert signed_in(alice).get("/v1/households").json["items"]

    assert viewer.current.get() is None


@pytest.mark.parametrize("role", [DatabaseRole.WEB, DatabaseRole.MINI, DatabaseRole.WORKER])
def test_the_accounts_of_the_processes_are_not_too_powerful(urls, role):
    refuse_too_powerful(urls[role])


def test_a_process_refuses_the_owner_and_a_superuser(urls, spare_database_url):
    with pytest.raises(ConfigError, match="所有者"):
        refuse_too_powerful(normalise_url(urls[DatabaseRole.OWNER]))
    with pytest.raises(ConfigError, match="超级用户"):
        refuse_too_powerful(spare_database_url)


def test_accounts_are_brought_back_to_what_they_must_be(urls, spare_database_url):
    with psycopg.connect(spare_database_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE relief_test_mini CREATEDB")
        connection.execute("GRANT DELETE ON audit_event TO relief_test_mini")

        accounts.create_accounts(spare_database_url, urls)
        accounts.grant(urls, privileges.rights(), privileges.CALLS)

        assert connection.execute(
            "SELECT rolcreatedb, has_table_privilege(rolname, 'audit_event', 'DELETE')"
            " FROM pg_roles WHERE rolname = 'relief_test_mini'"
        ).fetchone() == (False, False)


def test_only_a_superuser_makes_accounts(urls):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        accounts.create_accounts(urls[DatabaseRole.WEB], urls)


def test_the_addresses_are_derived_from_the_database(spare_database_url):
    made = accounts.derive_urls(
        "postgresql://postgres:secret@db.example:5433/aid", accounts.new_passwords()
    )

    assert [url.split("@")[0].split("//")[1].split(":")[0] for url in made.values()] == [
        "aid", "aid_web", "aid_mini", "aid_worker", "aid_audit",
    ]  # fmt: skip
    assert all(url.endswith("@db.example:5433/aid") for url in made.values())
    assert len({url.split(":")[2].split("@")[0] for url in made.values()}) == 5


def test_one_account_never_reads_the_inbox_of_another(urls, as_viewer, spare_database_url):
    mine, other = new_id(START), new_id(START)
    with psycopg.connect(spare_database_url) as connection:
        for recipient in (mine, other):
            connection.execute(
                "INSERT INTO inbox_message (id, recipient_id, title, body, created_at)"
                " VALUES (gen_random_uuid(), %s, '提醒', '提醒', now())",
                [recipient],
            )
    with as_viewer(urls[DatabaseRole.WEB], Viewer(mine, Scope((), None))) as session:
        assert seen(session, "inbox_message") == 1


@pytest.mark.parametrize(
    ("name", "viewer_", "found"),
    [("甲", who(EAST), 1), ("乙", who(EAST), 0), ("乙", who(WEST), 1), ("甲", None, 0)],
)
def test_the_search_by_name_keeps_to_the_regions_too(urls, homes, as_viewer, name, viewer_, found):
    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        query = text("SELECT count(*) FROM households_with_name(:name)")

        assert session.scalar(query, {"name": name}) == found


@pytest.mark.parametrize(
    ("sound", "viewer_", "found"),
    [("jia", who(EAST), 1), ("yi", who(EAST), 0), ("yi", who(WEST), 1), ("jia", None, 0)],
)
def test_the_search_by_sound_keeps_to_the_regions_too(
    urls, homes, as_viewer, sound, viewer_, found
):
    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        query = text("SELECT count(*) FROM households_with_sound(:sound)")

        assert session.scalar(query, {"sound": sound}) == found


@pytest.mark.parametrize(
    ("scheme", "viewer_", "found"),
    [
        ("S01", who(EAST), 1),
        ("S01", who(EAST, WEST), 2),
        ("S01", None, 0),
        ("S01", who(EAST, WEST, department="D04"), 0),
        ("S21", who(EAST, WEST, department="D04"), 1),
    ],
)
def test_the_pages_of_a_scheme_keep_to_the_viewer_whatever_is_asked_for(
    urls, homes, as_viewer, scheme, viewer_, found
):
    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        query = text(
            "SELECT count(*) FROM households_of_scheme("
            "  :scheme, NULL, NULL, '{[210000000000,220000000000)}', 0, CAST(:none AS uuid), 50)"
        )

        assert session.scalar(query, {"scheme": scheme, "none": "0" * 32}) == found


@pytest.mark.parametrize("how", ["part", "sound"])
@pytest.mark.parametrize(
    ("viewer_", "department", "found"),
    [
        (who(EAST), None, 1),
        (who(EAST, WEST), None, 2),
        (who(210301000000, EAST, WEST), None, 2),
        (None, None, 0),
        (who(EAST, WEST, department="D04"), None, 1),
        (who(EAST, WEST), "D04", 1),
        (who(WEST, department="D04"), None, 0),
    ],
)
def test_the_pages_of_a_name_keep_to_the_viewer_whatever_is_asked_for(
    urls, homes, as_viewer, spare_database_url, how, viewer_, department, found
):
    with psycopg.connect(spare_database_url) as connection:
        connection.execute("UPDATE person SET name_key = '甲', name_sounds = '{jia}'")
    names = {"part": "甲" if how == "part" else None, "sound": "jia" if how == "sound" else None}
    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        query = text(
            "SELECT count(*) FROM households_named(:part, :sound, :department,"
            " '{[210000000000,220000000000)}', 0, CAST(:none AS uuid), 50)"
        )

        count = session.scalar(query, names | {"department": department, "none": "0" * 32})

    assert count == found


@pytest.mark.parametrize(
    ("viewer_", "found"),
    [
        (who(EAST), {"S01", "S21"}),
        (who(EAST, department="D04"), {"S21"}),  # housing takes part in that one only
        (who(EAST, department="D11"), set()),
        (who(WEST), set()),
    ],
)
def test_a_department_sees_the_cases_that_it_takes_part_in(
    urls, homes, as_viewer, spare_database_url, viewer_, found
):
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine) as session, session.begin():
        clerk = factories.make_account(session, None, department="D01")
        for scheme in ("S01", "S21"):
            factories.make_case(session, homes[0], scheme=scheme, entered_by=clerk.id)
    engine.dispose()

    with as_viewer(urls[DatabaseRole.WEB], viewer_) as session:
        assert set(session.scalars(text("SELECT scheme_code FROM aid_case"))) == found
        # Submitted, filled in from what is known, a stage opened, authorised, and checked:
        # married, of an unknown spouse.
        assert seen(session, "case_step") == 5 * len(found)
        assert seen(session, "case_finding WHERE check_code = 'A08'") == len(found)
        assert seen(session, "case_authorisation") == len(found)
        assert seen(session, "case_stage") == len(found)
