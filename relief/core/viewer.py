"""For whom this thread works now, as the database's row security must know it.

The second line behind the queries' own scope: the accounts of the web processes see a row with
personal data only where these settings allow it (migration 0002). They are made at the beginning
of each transaction and hold for that transaction alone, so that a pooled connection never
carries them to the next request. Without a viewer nothing is seen.
"""

import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from relief.core.scope import Scope, multirange


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account, and which households it may see."""

    account_id: uuid.UUID
    scope: Scope

    def settings(self) -> dict[str, str]:
        """Return the settings' values; no department means all of them."""
        return {
            "viewer": str(self.account_id),
            "regions": multirange(self.scope.ranges),
            "department": self.scope.department_code or "",
        }


current: ContextVar[Viewer | None] = ContextVar("viewer", default=None)

_DECLARE = text(
    "SELECT set_config('relief.viewer', :viewer, true),"
    " set_config('relief.regions', :regions, true),"
    " set_config('relief.department', :department, true)"
)


@event.listens_for(Session, "after_begin")
def _declare(_session: Session, _transaction: Any, connection: Connection) -> None:
    if (viewer := current.get()) is not None:
        connection.execute(_DECLARE, viewer.settings())
