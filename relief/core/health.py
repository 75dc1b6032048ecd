"""Whether the database answers."""

import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)


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
