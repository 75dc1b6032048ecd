"""How much staff may take away in one file, and for how long it is kept: settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

_OWN_WORK, _OFFICE, _CITY = 2_000, 20_000, 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRules:
    """What an installation may set of exports. A role that has no number takes nothing away."""

    days: int = 7
    rows: Mapping[str, int] = field(
        default_factory=lambda: {
            "clerk": _OWN_WORK,
            "appeals_operator": _OWN_WORK,
            "reviewer": _OFFICE,
            "approver": _OFFICE,
            "supervisor": _OFFICE,
            "steward": _CITY,
            "auditor": _CITY,
            "leader": _CITY,
        }
    )

    def most(self, roles: Iterable[str]) -> int:
        """Return how many rows someone with these roles may take in one file."""
        return max((self.rows.get(role, 0) for role in roles), default=0)

    @property
    def keep(self) -> timedelta:
        """Return how long a file may be fetched."""
        return timedelta(days=self.days)


DEFAULT_EXPORT_RULES = ExportRules()
