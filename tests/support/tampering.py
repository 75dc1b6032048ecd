"""What a superuser can do to the database past every guard, and waiting for the sealer's turn."""

import psycopg
from sqlalchemy.engine import make_url

from tests.support.waiting import wait_until


def tamper(url: str, *statements: tuple[object, ...]) -> None:
    """Run each (statement, values…) as a superuser with every trigger switched off."""
    with psycopg.connect(_plain(url)) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement, *values in statements:
            connection.execute(str(statement).encode(), values)


def until_settled(url: str) -> None:
    """Wait for every transaction on the server, also in other databases: they hold sealing up."""
    ended = "SELECT coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true)"
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        wait_until(
            lambda: connection.execute(f"{ended} FROM audit_event").fetchone() == (True,),
            seconds=90,  # where the processes of a run share a server that was given to them
        )


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
