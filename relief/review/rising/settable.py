"""What an office may set, where: of the rules of its own schemes, and within the city's frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.scope import is_city
from relief.organisation.models import Region, RegionLevel
from relief.review.rising import service
from relief.review.rising.errors import (
    NotCityOffice,
    NotCountyOffice,
    NotCountyStandard,
    ParameterBelowFloor,
    ParameterNotSettable,
)
from relief.schemes import county_standards, rules
from relief.schemes import queries as schemes
from relief.schemes.models import Parameter
from relief.schemes.regional_soundness import holding
from relief.schemes.wording import number_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settable:
    """A parameter that somebody may set in a region, with what holds there last.

    `own`: it is the region's and not the city's. `earliest`: the first day of a new value. `citys`:
    the values of the city; `floor`: it is not to be below them.
    """

    name: str
    label: str
    unit: str | None
    value: Decimal
    valid_from: date
    own: bool
    earliest: date
    citys: Sequence[Parameter]
    floor: bool

    @property
    def too_early(self) -> str:
        """Say why an earlier day is refused: what held is history."""
        if self.own:
            return f"“{self.label}”现有标准自 {self.valid_from} 起执行，新标准须晚于这一天"
        return f"“{self.label}”市级标准自 {self.valid_from} 起执行，区县标准不能早于这一天"


def settable(
    session: Session, *, department_code: str | None, region_code: int, on: date
) -> Mapping[str, Settable]:
    """Return name → parameter, for those that the rules of a department's schemes ask for.

    In a county, those that counties may set. Five queries.
    """
    if department_code is None:
        return {}
    led = {one.code for one in schemes.schemes(session, department_code=department_code)}
    book = rules.book(session)
    allowed = county_standards.by_name(session)
    county = not is_city(region_code)
    found = {}
    for row in book.rules:
        for name in rules.read(row).names & book.parameters.keys():
            if row.scheme_code in led and (not county or name in allowed):
                found[name] = _settable(
                    book.parameters[name],
                    label=row.labels[name],
                    region_code=region_code,
                    floor=county and allowed[name].floor,
                    on=on,
                )
    return dict(sorted(found.items()))


def of_office(session: Session, actor: Actor, name: str, region_code: int, *, on: date) -> Settable:
    """Return what the actor's office sets there.

    The city's by whoever works in the whole city; a county's by the county, or by the city. Raises
    NotCityOffice, NotCountyOffice, ParameterNotSettable, NotCountyStandard.
    """
    region = session.get(Region, region_code)
    if region is None or region.level not in service.PLACES:
        raise NotCountyOffice
    whole = service.covers(
        actor, department_code=actor.department_code or "", region_code=region_code
    )
    if not whole:
        raise NotCityOffice if region.level is RegionLevel.CITY else NotCountyOffice
    found = settable(session, department_code=actor.department_code, region_code=region_code, on=on)
    if name in found:
        return found[name]
    if region.level is RegionLevel.COUNTY and name in settable(
        session, department_code=actor.department_code, region_code=region.parent_code or 0, on=on
    ):
        raise NotCountyStandard
    raise ParameterNotSettable


def refuse_below_floor(known: Settable, *, value: Decimal, valid_from: date) -> None:
    """Raise ParameterBelowFloor for a value below what the city has on its first day or later."""
    if not known.floor:
        return
    first = holding(known.citys, on=valid_from)
    later = [one for one in known.citys if one.valid_from > valid_from]
    for one in ([first] if first else []) + later:
        if value < one.value:
            city = (
                f"{ParameterBelowFloor.title}：“{known.label}”市级为 {number_text(one.value)}，"
                f"自 {one.valid_from} 起（{one.source}）"
            )
            raise ParameterBelowFloor(city)


def _settable(
    rows: Sequence[Parameter], *, label: str, region_code: int, floor: bool, on: date
) -> Settable:
    own = [one for one in rows if one.region_code == region_code]
    citys = [one for one in rows if is_city(one.region_code)]
    last = own[-1] if own else holding(citys, on=on) or citys[0]
    return Settable(
        name=last.name,
        label=label,
        unit=last.unit,
        value=last.value,
        valid_from=last.valid_from,
        own=bool(own),
        earliest=last.valid_from + timedelta(days=1) if own else last.valid_from,
        citys=citys,
        floor=floor,
    )
