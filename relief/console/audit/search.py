"""What the audit trail is searched by; none of it is personal, so it stands in the address."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from relief.accounts import queries as accounts
from relief.accounts.errors import AccountNotFound
from relief.audit.queries import EventFilter
from relief.console.labels import LABELS
from relief.core.clock import CHINA

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_NAMES = ("actor", "action", "subject_type", "subject_id", "since", "until")


@dataclass(frozen=True, slots=True)
class Search:
    """The form as it was filled in."""

    actor: str
    action: str
    subject_type: str
    subject_id: str
    since: str
    until: str

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Read an address."""
        return cls(*(args.get(name, "").strip()[:80] for name in _NAMES))

    @property
    def kept(self) -> dict[str, str]:
        """Return what the next page's address must carry."""
        return {name: value for name in _NAMES if (value := getattr(self, name))}

    @property
    def faults(self) -> dict[str, str]:
        """Return what was not understood, by field."""
        found = {}
        if self.subject_id and _uuid(self.subject_id) is None:
            found["subject_id"] = "记录编号不完整。"
        for name in ("since", "until"):
            if getattr(self, name) and _day(getattr(self, name)) is None:
                found[name] = "日期应为 2026-11-23 这样的形式。"
        return found

    def actor_id(self, session: "Session") -> uuid.UUID | None:
        """Return the account that was named, if there is one."""
        try:
            return accounts.account_id_of(session, username=self.actor) if self.actor else None
        except AccountNotFound:
            return None

    def filters(self, actor_id: uuid.UUID | None) -> EventFilter:
        """Return the query's filters; both days belong to the period."""
        since, until = _day(self.since), _day(self.until)
        return EventFilter(
            actor_id=actor_id,
            action=self.action if self.action in LABELS["action"] else None,
            subject_type=self.subject_type if self.subject_type in LABELS["subject_type"] else None,
            subject_id=_uuid(self.subject_id),
            since=_midnight(since) if since else None,
            until=_midnight(until + timedelta(days=1)) if until else None,
        )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
