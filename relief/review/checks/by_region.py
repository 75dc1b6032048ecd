"""Gives each case that is checked the parameters that hold in its region."""

from dataclasses import dataclass, field, replace

from relief.core.scope import is_city
from relief.review.checks.facts import Reference
from relief.schemes.models import Parameter
from relief.schemes.regional import Standards


@dataclass(frozen=True, slots=True)
class ByRegion:
    """What checks compare with, by region: the parameters differ, all else is the same."""

    common: Reference
    standards: Standards
    _known: dict[tuple[int, ...], Reference] = field(default_factory=dict, init=False, repr=False)

    def at(self, region_code: int) -> Reference:
        """Return the reference of a region; regions with the same values share one."""
        sources = self.standards.sources(region_code)
        if sources not in self._known:
            rows = self.standards.at(region_code)
            self._known[sources] = replace(
                self.common,
                numbers={name: row.value for name, row in rows.items()},
                dated={name: self._told(row) for name, row in rows.items()},
            )
        return self._known[sources]

    def _told(self, row: Parameter) -> str:
        since = f"{row.valid_from.isoformat()} 起，{row.source}"
        return since if is_city(row.region_code) else f"{self.standards.place(row)}，{since}"
