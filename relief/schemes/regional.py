"""Which value of a parameter holds where, on a day.

Going from a region up (village, township, county, city), the nearest region that has a value on
that day wins, however old it is: a newer value of the city does not reach a county with one of its
own. Before a county's first day the city's value holds there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.core.reading_once import once
from relief.core.scope import is_city, upward
from relief.organisation.models import Region
from relief.schemes.errors import ParameterNotSet
from relief.schemes.models import Parameter

Values = Mapping[str, Parameter]
CLOSING = "notice_closing_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """All parameters as they hold on a day. `rows`: region → name → row; `places`: its name."""

    on: date
    rows: Mapping[int, Values]
    places: Mapping[int, str]
    _known: dict[tuple[int, ...], Values] = field(default_factory=dict, init=False, repr=False)

    def at(self, region_code: int | None) -> Values:
        """Return name → the row that holds in a region; without one, in the city as a whole.

        What is asked again is answered by the same mapping.
        """
        sources = self.sources(region_code)
        if sources not in self._known:
            found: dict[str, Parameter] = {}
            for code in reversed(sources):  # what is nearer takes the place of what is above
                found.update(self.rows[code])
            self._known[sources] = found
        return self._known[sources]

    def sources(self, region_code: int | None) -> tuple[int, ...]:
        """Return the regions whose values hold in a region, the nearest first."""
        path = () if region_code is None else upward(region_code)
        cities = (code for code in self.rows if is_city(code))
        return tuple(dict.fromkeys(code for code in (*path, *cities) if code in self.rows))

    def place(self, row: Parameter) -> str:
        """Return the name of the region whose value a row is."""
        return self.places[row.region_code]


@once(Parameter, Region)
def standards(session: Session, *, on: date) -> Standards:
    """Return the parameters of a day, of the city and of each county. One query."""
    rows: dict[int, dict[str, Parameter]] = {}
    places: dict[int, str] = {}
    newest = (
        select(Parameter, Region.name)
        .ext(distinct_on(Parameter.name, Parameter.region_code))
        .join(Region, Region.code == Parameter.region_code)
        .where(Parameter.valid_from <= on)
        .order_by(Parameter.name, Parameter.region_code, Parameter.valid_from.desc())
    )
    for row, place in session.execute(newest):
        rows.setdefault(row.region_code, {})[row.name] = row
        places[row.region_code] = place
    return Standards(on=on, rows=rows, places=places)


def closing_days(values: Standards, region_code: int | None) -> int:
    """Return in how many working days after its last day a notice is to be ended in a region.

    No law says how many. Without any a notice would be late as soon as it may be ended, since it
    runs its full days (民发〔2021〕57号第十九条). Raises ParameterNotSet.
    """
    row = values.at(region_code).get(CLOSING)
    if row is None:
        raise ParameterNotSet(name=CLOSING, on=values.on.isoformat())
    return int(row.value)
