"""Whether the database answers."""

import logging

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)


def unreachable(url: str) -> str | None:
    """Return why no connection can be made, in PostgreSQL's own words, or None."""
    try:
        psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


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
