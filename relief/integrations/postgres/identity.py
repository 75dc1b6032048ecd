"""Which database this is, whatever its address is called."""

import psycopg

_ASK = (
    "SELECT c.system_identifier, d.oid FROM pg_control_system() c, pg_database d"
    " WHERE d.datname = current_database()"
)


def identity(url: str) -> str:
    """Return what no other database has: one that is made anew under its name has another."""
    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10) as connection:
        row = connection.execute(_ASK).fetchone()
    assert row is not None  # noqa: S101  # one row always
    return f"{row[0]}_{row[1]}"
