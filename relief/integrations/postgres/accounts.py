"""The platform's accounts in a database: their addresses, their making and their rights."""

import functools
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from relief.core.database_roles import REGISTRAR, DatabaseRole

Urls = Mapping[DatabaseRole, str]
Rights = Mapping[str, Mapping[str, str]]
Calls = Mapping[str, Collection[str]]

_LETTERS: Mapping[str, LiteralString] = {
    "S": "SELECT",
    "I": "INSERT",
    "U": "UPDATE",
    "D": "DELETE",
}
# A web request that waits longer has gone wrong; a merge reads for minutes between statements.
_LIMITS: Mapping[DatabaseRole, Mapping[LiteralString, str]] = {
    role: {
        "statement_timeout": "15s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    }
    for role in (DatabaseRole.WEB, DatabaseRole.MINI)
} | {
    DatabaseRole.WORKER: {"idle_in_transaction_session_timeout": "30min"},
    DatabaseRole.AUDIT: {"default_transaction_read_only": "on", "statement_timeout": "10min"},
}
# Loads and merges lay out what they compare in temporary tables. Nobody else makes one: by its name
# it could stand in for a table of the platform's.
_MAKES_TEMPORARY = (DatabaseRole.WORKER, REGISTRAR)
_TRIES = 5
_LOCK = 0x52454C4945460004


def new_passwords() -> dict[DatabaseRole, str]:
    """Return a password for each account."""
    return {role: secrets.token_urlsafe(32) for role in DatabaseRole}


def derive_urls(
    admin_url: str, passwords: Mapping[DatabaseRole, str], *, prefix: str | None = None
) -> dict[DatabaseRole, str]:
    """Return the addresses of the accounts on the database that a superuser's address names.

    The owner is called as the database (or `prefix`), the others as it with their role.
    """
    base = _plain(admin_url)
    name = prefix or str(base.database)
    return {
        role: base.set(
            username=name if role is DatabaseRole.OWNER else f"{name}_{role}",
            password=passwords[role],
        ).render_as_string(hide_password=False)
        for role in DatabaseRole
    }


def create_accounts(admin_url: str, urls: Urls) -> None:
    """Make the accounts that the addresses name, or bring them to what they must be.

    The database becomes the owner's, and nobody else may connect to it. Needs a superuser, and
    only this does. Raises psycopg.Error.
    """
    base = _plain(admin_url)
    database = sql.Identifier(str(base.database))
    with psycopg.connect(_text(base), autocommit=True) as connection:
        for role in DatabaseRole:
            _repeatedly(functools.partial(_create, connection, role, _plain(urls[role])))
        _repeatedly(functools.partial(_create_registrar, connection, urls))
        owner = sql.Identifier(str(_plain(urls[DatabaseRole.OWNER]).username))
        for statement in (
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, owner),
            sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner),
        ):
            _repeatedly(functools.partial(connection.execute, statement))
        _repeatedly(functools.partial(admit, connection, urls))
        _hand_over(connection, owner)


def admit(connection: "psycopg.Connection[Any]", urls: Urls) -> None:
    """Let the accounts and nobody else connect, and make temporary tables whose work needs them.

    By the owner of the database or a superuser.
    """
    names = {role: sql.Identifier(name) for role, name in _names(urls).items()}
    database = sql.Identifier(str(_plain(urls[DatabaseRole.OWNER]).database))
    everyone = sql.SQL(", ").join(
        name for role, name in names.items() if role is not DatabaseRole.OWNER
    )
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(database, everyone),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, everyone),
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(
            database, sql.SQL(", ").join(names[role] for role in _MAKES_TEMPORARY)
        ),
    ):
        connection.execute(statement)


def grant(urls: Urls, rights: Rights, calls: Calls) -> None:
    """Give each account the rights on each table that `rights` names, and take all others.

    `rights`: table → account → letters of S(elect), I(nsert), U(pdate), D(elete). `calls`:
    function → accounts that call it, themselves or by a policy; of those made later, nobody does
    until this is run again. One transaction, by the owner.
    """
    names = {role: sql.Identifier(name) for role, name in _names(urls).items()}
    others = [role for role in names if role is not DatabaseRole.OWNER]
    everyone = sql.SQL(", ").join(names[role] for role in others)
    with psycopg.connect(_text(_plain(urls[DatabaseRole.OWNER]))) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        admit(connection, urls)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(everyone))
        for kind in ("TABLES", "SEQUENCES"):
            connection.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM PUBLIC, {}").format(
                    sql.SQL(kind), everyone
                )
            )
        connection.execute(
            sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}, {}").format(
                names[DatabaseRole.WORKER], names[REGISTRAR]
            )
        )
        for table, by_role in rights.items():
            for role, letters in by_role.items():
                if letters:
                    connection.execute(
                        sql.SQL("GRANT {} ON {} TO {}").format(
                            sql.SQL(", ").join(sql.SQL(_LETTERS[letter]) for letter in letters),
                            sql.Identifier(table),
                            names[role],
                        )
                    )
        _grant_calls(connection, names, calls)


def _grant_calls(
    connection: "psycopg.Connection[Any]", names: Mapping[str, sql.Identifier], calls: Calls
) -> None:
    """Take every function of ours from everybody, and give it to whom `calls` names."""
    others = sql.SQL(", ").join(
        name for role, name in names.items() if role is not DatabaseRole.OWNER
    )
    connection.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    for name, signature in connection.execute(_OURS).fetchall():
        function = sql.SQL(signature)
        connection.execute(
            sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC, {}").format(function, others)
        )
        if callers := calls.get(name):
            connection.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
                    function, sql.SQL(", ").join(names[role] for role in callers)
                )
            )


def _create(connection: "psycopg.Connection[Any]", role: DatabaseRole, url: URL) -> None:
    name = sql.Identifier(str(url.username))
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [url.username]).rowcount
    if not known:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    connection.execute(
        sql.SQL(
            "ALTER ROLE {} LOGIN NOSUPERUSER {} NOCREATEROLE NOREPLICATION {} PASSWORD {}"
        ).format(
            name,
            # A drill restores a backup into a database of its own, beside the real one.
            sql.SQL("CREATEDB" if role is DatabaseRole.OWNER else "NOCREATEDB"),
            sql.SQL("BYPASSRLS" if role.sees_all_rows else "NOBYPASSRLS"),
            sql.Literal(url.password),
        )
    )
    for setting, value in _LIMITS.get(role, {}).items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.SQL(setting), sql.Literal(value))
        )


def _create_registrar(connection: "psycopg.Connection[Any]", urls: Urls) -> None:
    """Make the role that the web account may become, and has none of its rights until it does."""
    web, name = (sql.Identifier(_names(urls)[role]) for role in (DatabaseRole.WEB, REGISTRAR))
    known = connection.execute(
        "SELECT FROM pg_roles WHERE rolname = %s", [_names(urls)[REGISTRAR]]
    ).rowcount
    if not known:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    for statement in (
        "ALTER ROLE {registrar} NOLOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB",
        "ALTER ROLE {web} NOINHERIT",
        "GRANT {registrar} TO {web}",
    ):
        connection.execute(sql.SQL(statement).format(registrar=name, web=web))


def _names(urls: Urls) -> dict[str, str]:
    """Return what each account is called; the registrar has no address, only a name."""
    names: dict[str, str] = {role: str(_plain(urls[role]).username) for role in DatabaseRole}
    return names | {REGISTRAR: f"{names[DatabaseRole.WEB]}_{REGISTRAR}"}


def _hand_over(connection: "psycopg.Connection[Any]", owner: sql.Identifier) -> None:
    """Give the owner what an earlier owner made: tables and functions, but for extensions' own."""
    found = connection.execute(_STRANGERS, [owner.as_string(connection)] * 2).fetchall()
    for statement, name in found:
        connection.execute(sql.SQL(statement).format(sql.SQL(name), owner))


_STRANGERS = """
SELECT 'ALTER TABLE {} OWNER TO {}', c.oid::regclass::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relowner <> %s::regrole
UNION ALL
SELECT 'ALTER FUNCTION {} OWNER TO {}', p.oid::regprocedure::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.proowner <> %s::regrole
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
# All but those of extensions, which go on being everybody's.
_OURS = """
SELECT p.proname, p.oid::regprocedure::text
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def _repeatedly(work: Callable[[], object]) -> None:
    """Do it again when another setup on the same server changed the same account just now."""
    for left in reversed(range(_TRIES)):
        try:
            work()
        except (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation):
            if not left:
                raise
            time.sleep(0.1)
        else:
            return


def _plain(url: str) -> URL:
    return make_url(url).set(drivername="postgresql")


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
