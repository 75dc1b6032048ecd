"""Keeps what lies outside the database in step with a transaction's end."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

_ENDINGS = "relief.endings"
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


@event.listens_for(Session, "after_commit")
def _note_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_COMMITTED] = True


@event.listens_for(Session, "after_transaction_end")
def _finish(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    committed = session.info.pop(_COMMITTED, False)
    for if_committed, if_not in session.info.pop(_ENDINGS, ()):
        act = if_committed if committed else if_not
        if act is not None:
            act()
