"""Keeps what lies outside the database in step with a transaction's end.

When the answer to a COMMIT is lost, nobody here knows how the transaction ended. Then neither act
is done: what is left over is found by whoever looks into the database later.
"""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

logger = logging.getLogger(__name__)

_ENDINGS = "relief.endings"
_SENT = "relief.commit-sent"
_COMMITTED = "relief.committed"


def on_commit(session: Session, act: Callable[[], object]) -> None:
    """Do something once the present transaction has committed."""
    _add(session, (act, None))


def on_rollback(session: Session, act: Callable[[], object]) -> None:
    """Do something if the present transaction ends without a commit."""
    _add(session, (None, act))


def _add(session: Session, ending: tuple[Any, Any]) -> None:
    session.connection()  # begins the transaction that is meant
    session.info.setdefault(_ENDINGS, []).append(ending)


@event.listens_for(Session, "before_commit")
def _note_sent(session: Session) -> None:
    if _ENDINGS in session.info and not session.in_nested_transaction():
        session.flush()  # what fails here has surely not been committed
        session.info[_SENT] = True


@event.listens_for(Session, "after_commit")
def _note_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_COMMITTED] = True


@event.listens_for(Session, "after_transaction_end")
def _finish(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    sent, committed = session.info.pop(_SENT, False), session.info.pop(_COMMITTED, False)
    endings = session.info.pop(_ENDINGS, ())
    if sent and not committed:
        logger.warning("the end of a transaction is not known", extra={"acts_left": len(endings)})
        return
    for if_committed, if_not in endings:
        act = if_committed if committed else if_not
        if act is not None:
            act()
