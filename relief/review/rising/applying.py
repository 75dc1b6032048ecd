"""Whose standard a rise carries out, and for whom it holds.

A rise of the city is by the city's values. A county with a value of its own keeps it, however old
it is, until the county raises it: its families are told apart, and not raised by the city's value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from relief.core.scope import is_city
from relief.review.rising.reckoning import Why
from relief.review.rising.types import RiseReason
from relief.schemes import regional, rules
from relief.schemes.models import Parameter
from relief.schemes.regional import Standards
from relief.schemes.rule_models import SchemeRule
from relief.schemes.wording import number_text

Standard = Mapping[str, Any]
_KEPT = "这一天没有这个区县适用的新标准；以下执行本区县的标准，市级新标准不适用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What of a rise holds in a region. `own`: the values that a county keeps instead."""

    risen: Sequence[Standard]
    own: Sequence[Parameter]
    place: str

    @property
    def nothing(self) -> bool:
        """Tell whether nothing of the rise holds there."""
        return bool(self.own) and not self.risen

    def why(self, labels: Mapping[str, str]) -> Why:
        """Say that a county goes by its own standards: which, since when and by which document."""
        return RiseReason.OWN_STANDARD, _said(self.place, self.own, labels)


def in_region(risen: Sequence[Standard], standards: Standards, region_code: int) -> Applying:
    """Return which of the values of a rise hold in a region, and which it has of its own.

    A rise that began before counties had values of their own is the city's.
    """
    there = standards.at(region_code)
    holding: list[Standard] = []
    own: list[Parameter] = []
    for one in risen:
        row = there.get(one["name"])
        if row is None or is_city(row.region_code) or row.region_code == one.get("region_code"):
            holding.append(one)
        else:
            own.append(row)
    return Applying(risen=holding, own=own, place=standards.place(own[0]) if own else "")


def new_values(
    session: Session, row: SchemeRule, *, on: date, region_code: int
) -> list[dict[str, Any]]:
    """Return which parameters of a rule have a new value in a region from a day on. Two queries.

    For the city, those of the city alone. What held there the day before is told with it.
    """
    now = regional.standards(session, on=on)
    before = regional.standards(session, on=on - timedelta(days=1)).at(region_code)
    return [
        {
            "name": name,
            "label": row.labels[name],
            "before": str(before[name].value),
            "after": str(one.value),
            "unit": one.unit,
            "source": one.source,
            "region_code": one.region_code,
            "region": now.place(one),
        }
        for name, one in sorted(now.at(region_code).items())
        if name in rules.read(row).names and one.valid_from == on and name in before
    ]


def kept_values(session: Session, row: SchemeRule, *, on: date, region_code: int) -> str | None:
    """Say which values a county has of its own, so that a new one of the city does not hold there.

    None where it has none. One query.
    """
    standards = regional.standards(session, on=on)
    names = rules.read(row).names
    own = [
        one
        for name, one in sorted(standards.at(region_code).items())
        if name in names and not is_city(one.region_code)
    ]
    if not own:
        return None
    return f"{_KEPT}：{_said(standards.place(own[0]), own, row.labels)}"


def _said(place: str, own: Sequence[Parameter], labels: Mapping[str, str]) -> str:
    told = "；".join(
        f"{labels.get(row.name, row.name)} {number_text(row.value)}，"
        f"自 {row.valid_from.isoformat()} 起（{row.source}）"
        for row in own
    )
    return f"{place}：{told}"
