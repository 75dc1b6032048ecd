"""Aid in sums (救助统计): by month or year, by the regions below, and by scheme."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request

from relief.accounts.permissions import Permission
from relief.console import regions as region_filter
from relief.core.db import unit_of_work
from relief.registry.queries import statistics
from relief.registry.queries.statistics import By
from relief.schemes import queries as scheme_queries
from relief.web.context import current_actor, requires

statistics_pages = Blueprint("statistics", __name__, url_prefix="/aid-statistics")

_KEPT = (*region_filter.LEVELS, "scheme", "year")
_EVERY_YEAR = "all"


@statistics_pages.get("")
@requires(Permission.SEE_HOUSEHOLDS, scope="region")
def index() -> str:
    """Show what the chosen regions got: without a choice of year, in the newest."""
    scope = current_actor().scope
    asked = {name: request.args.get(name, "") for name in _KEPT}
    with unit_of_work() as session:
        levels = region_filter.levels(session, scope, [asked[n] for n in region_filter.LEVELS])
        schemes = scheme_queries.schemes(session, department_code=scope.department_code)
        area = statistics.area(session, scope=scope, region=region_filter.narrowest(levels))
        years = statistics.years(session, scope=scope, area=area)
        year = _year(asked["year"], years)
        scheme = asked["scheme"] if asked["scheme"] in {row.code for row in schemes} else None
        tables = {
            by: statistics.aid_table(
                session, scope=scope, area=area, by=by, scheme=scheme, year=year
            )
            for by in (By.MONTH if year else By.YEAR, By.REGION, By.SCHEME)
        }
    return render_template(
        "console/statistics/list.html",
        levels=levels,
        schemes=[(row.code, row.short_name) for row in schemes],
        full_names={row.code: row.name for row in schemes},
        scheme=scheme or "",
        years=[(_EVERY_YEAR, "全部年度"), *((str(one), f"{one} 年") for one in years)],
        year=str(year) if year else _EVERY_YEAR,
        tables=tables,
        own_only=scope.department_code is not None,
        narrowed=any(asked.values()),
    )


def _year(asked: str, years: Sequence[int]) -> int | None:
    """Return the year asked for, the newest where none or a strange one is, or None for all."""
    if asked == _EVERY_YEAR or not years:
        return None
    return int(asked) if asked in {str(year) for year in years} else years[0]
