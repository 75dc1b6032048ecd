"""Which values of parameters are in force on a day: all that there are, or those of one place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.scope import is_city
from relief.organisation.errors import RegionNotFound
from relief.organisation.models import Region
from relief.schemes import regional
from relief.schemes.models import Parameter
from relief.schemes.regional import Standards
from relief.schemes.rule_models import SchemeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueInForce:
    """A value that holds. `label`: what the rules call it, None where none asks for it.

    `own`: a county's of its own, which a newer one of the city does not change.
    """

    name: str
    label: str | None
    unit: str | None
    region_code: int
    region: str
    own: bool
    value: Decimal
    valid_from: date
    source: str
    confidence: str


def in_force(
    session: Session, *, on: date, region_code: int | None = None
) -> Sequence[ValueInForce]:
    """Return the values that hold on a day, by name, the city's before those of counties.

    With a region: what holds there, one of each parameter. Three queries at most. Raises
    RegionNotFound.
    """
    if region_code is not None and session.get(Region, region_code) is None:
        raise RegionNotFound
    standards = regional.standards(session, on=on)
    labels = {
        name: label
        for of_rule in session.scalars(select(SchemeRule.labels))
        for name, label in of_rule.items()
    }
    rows = sorted(_rows(standards, region_code), key=lambda one: (one.name, one.region_code))
    return [
        ValueInForce(
            name=row.name,
            label=labels.get(row.name),
            unit=row.unit,
            region_code=row.region_code,
            region=standards.place(row),
            own=not is_city(row.region_code),
            value=row.value,
            valid_from=row.valid_from,
            source=row.source,
            confidence=row.confidence,
        )
        for row in rows
    ]


def _rows(standards: Standards, region_code: int | None) -> Iterator[Parameter]:
    if region_code is not None:
        yield from standards.at(region_code).values()
        return
    for of_region in standards.rows.values():
        yield from of_region.values()
