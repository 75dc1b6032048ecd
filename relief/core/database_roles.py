"""The accounts that the platform has in its database, each with the rights of its work only."""

import enum

# What the web account becomes for a moment to write what a steward decided into the registry:
# nobody signs in as it, and it has no address.
REGISTRAR = "registrar"


class DatabaseRole(enum.StrEnum):
    """Who connects, and as what."""

    OWNER = "owner"  # migrations, reference data and the commands of whoever runs the system
    WEB = "web"  # staff API and console: row security, no schema changes
    MINI = "mini"  # the mini program's API: row security
    WORKER = "worker"  # tasks and scheduled jobs: the whole city, so no row security
    AUDIT = "audit"  # reads the audit trail and its seals, and nothing else

    @property
    def setting(self) -> str:
        """The setting that holds its address, without the common prefix."""
        return f"{self.name}_DATABASE_URL"

    @property
    def sees_all_rows(self) -> bool:
        """Tell whether row security does not hold for it."""
        return self not in {DatabaseRole.WEB, DatabaseRole.MINI}
