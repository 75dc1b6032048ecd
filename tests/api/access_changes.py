"""Tells what a request of the access test changed: the statements that write, the state after."""

from sqlalchemy import String, cast, event, func, literal_column, select, text, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import Connection

from tests.api import access_rows

# What a connection made for itself goes when it reads as registrar; no table is touched.
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "WITH", "SET LOCAL ROLE", "DISCARD TEMP")
TOUCH = "UPDATE STAFF_SESSION SET LAST_SEEN_AT"


def fingerprint(connection: Connection) -> str:
    """Return a digest of all that routes can change."""
    rows = [
        select(cast(literal_column(table), String).label("row")).select_from(text(table))
        for table in access_rows.WATCHED
    ]
    everything = union_all(*rows).subquery()
    digest = func.md5(func.string_agg(everything.c.row, aggregate_order_by("|", everything.c.row)))
    return str(connection.scalar(select(digest)))


class written:  # noqa: N801  # reads as a clause
    """Collects the statements that change rows, but for the touch of a session."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self.connection, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_error: object) -> None:
        event.remove(self.connection, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_rest) -> None:
        if not statement.lstrip().upper().startswith((*READS, TOUCH)):
            self.statements.append(statement[:60])
