"""Whether the database answers."""

import logging

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relief.core.config import ConfigError

logger = logging.getLogger(__name__)


def unreachable(url: str) -> str | None:
    """Return why no connection can be made, in PostgreSQL's own words, or None."""
    try:
        psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


def refuse_too_powerful(url: str) -> None:
    """Raise ConfigError if an account may do what no process should.

    A hole in a process must not become one in the schema, the accounts or the audit trail. A
    database that does not answer is the health page's matter, and is looked at again by nobody:
    its accounts are as they were made.
    """
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10) as connection:
            row = connection.execute(_POWERS).fetchone()
    except psycopg.OperationalError:
        return
    assert row is not None  # noqa: S101  # one row always
    name, *powers = row
    for holds, what in zip(powers, _REFUSED, strict=True):
        if holds:
            message = f"数据库账号 {name} {what}，进程不得使用这样的账号"
            raise ConfigError(message)


_REFUSED = ("是超级用户", "可以建立其他账号", "是数据库或其中表的所有者")
_POWERS = """
SELECT r.rolname, r.rolsuper, r.rolcreaterole,
       EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database()
               AND pg_has_role(r.oid, d.datdba, 'USAGE'))
    OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND pg_has_role(r.oid, c.relowner, 'USAGE'))
FROM pg_roles r WHERE r.rolname = session_user
"""


def database_answers(session: Session) -> bool:
    """Tell whether a trivial query succeeds; the transaction it opened is ended."""
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        logger.warning("the database does not answer", extra={"kind": type(error).__name__})
        return False
    finally:
        session.rollback()
    return True
