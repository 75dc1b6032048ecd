"""Aid in sums over HTTP (救助统计)."""

from typing import Any

from relief.api.statistics.schemas import AidTableOut, StatisticsArgs
from relief.core.db import unit_of_work
from relief.registry.queries import statistics
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, requires

blp = Blueprint("statistics", __name__, url_prefix="/v1", description="救助统计")


@blp.get("/aid-statistics")
@requires(Permission.SEE_HOUSEHOLDS, scope="region")
@blp.arguments(StatisticsArgs, location="query")
@blp.response(200, AidTableOut)
def aid_statistics(args: dict[str, Any]) -> dict[str, Any]:
    """Return amount and number of aids of the regions and schemes that the caller may see."""
    scope, by = current_actor().scope, args["by"]
    with unit_of_work() as session:
        area = statistics.area(session, scope=scope, region=args["region"])
        table = statistics.aid_table(
            session, scope=scope, area=area, by=by, scheme=args["scheme"], year=args["year"]
        )
    return {
        "by": by,
        "lines": table.lines,
        "times": table.times,
        "amount_fen": table.amount_fen,
        "persons": table.persons,
    }
