"""Reads reference data once in a transaction: one act asks a dozen times for the same parameters.

What was read is forgotten when the transaction ends, also a nested one that is rolled back; when
the session writes rows of the tables that it was read from; and when the session waited for a
lock, since what it waited for may have changed them. A statement in plain SQL is not looked into.
"""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

_KEPT = "relief.read-once"
_P = ParamSpec("_P")
_R = TypeVar("_R")
_Reading = Callable[Concatenate[Session, _P], _R]
_written: set[type[Any]] = set()  # whose rows, when written, make forget


def once(*models: type[Any]) -> Callable[[_Reading[_P, _R]], _Reading[_P, _R]]:
    """Let a function that reads `models` and nothing else be asked once in a transaction.

    Its arguments are hashable, and nobody changes what it returns.
    """
    _written.update(models)

    def wrap(read: _Reading[_P, _R]) -> _Reading[_P, _R]:
        @functools.wraps(read)
        def reading(session: Session, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            key = (read, args, tuple(sorted(kwargs.items())))
            kept = session.info.get(_KEPT, {})
            if key not in kept:
                found = read(session, *args, **kwargs)
                # Anew: the reading itself may have flushed, and so forgotten.
                kept = session.info.setdefault(_KEPT, {})
                kept[key] = found
            result: _R = kept[key]
            return result

        return reading

    return wrap


def forget(session: Session) -> None:
    """Forget what was read: the next question asks the database."""
    session.info.pop(_KEPT, None)


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        forget(session)


@event.listens_for(Session, "after_soft_rollback")
def _undo(session: Session, _transaction: SessionTransaction) -> None:
    forget(session)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: UOWTransaction) -> None:
    if _KEPT in session.info and any(
        type(one) in _written
        for part in (session.new, session.dirty, session.deleted)
        for one in part
    ):
        forget(session)


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    if _KEPT not in state.session.info:
        return
    statement = state.statement
    waits = isinstance(statement, Select) and statement._for_update_arg is not None  # noqa: SLF001
    writes = (state.is_insert or state.is_update or state.is_delete) and (
        state.bind_mapper is None or state.bind_mapper.class_ in _written
    )
    if waits or writes:
        forget(state.session)
