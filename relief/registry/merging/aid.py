"""Sums the records of each person: their place in each scheme, and what they got in each year.

Reads `identity`, `link`, `record`, `scheme`; makes `new_enrolment`, `new_aid_year`, `newest` and,
when it is known who has left (see `leaving`), `new_category(household, category)`.
"""

from relief.registry.merging.workbench import Workbench
from relief.registry.types import Category

# A monthly list that last named someone this long before its newest month has let them go;
# the other lists are yearly at most.
_STILL_IN_DAYS = {"monthly": 62}
_STILL_IN_DEFAULT = 366
# The condition that `e`, an enrolment, was named so late that scheme `s` has not let them go,
# by `n`, when files of what was paid last named anyone. Without such files nobody falls silent.
STILL_IN = (
    "(n.last_on IS NULL OR date_diff('day', e.last_on, n.last_on) <= CASE {} ELSE {} END)".format(
        " ".join(
            f"WHEN s.period = '{period}' THEN {days}" for period, days in _STILL_IN_DAYS.items()
        ),
        _STILL_IN_DEFAULT,
    )
)


def sum_aid(bench: Workbench) -> None:
    """Fill `new_enrolment`, `new_aid_year` and `newest(scheme, last_on)`."""
    bench.run("""
        CREATE TABLE aid AS
        SELECT l.cluster, i.scheme, r.period_on, r.amount_fen
        FROM record r JOIN link l USING (identity_id) JOIN identity i ON i.id = r.identity_id
    """)
    bench.run("""
        CREATE TABLE new_enrolment AS
        SELECT cluster, scheme, min(period_on) AS first_on, max(period_on) AS last_on,
               count(*) AS record_count, coalesce(sum(amount_fen), 0) AS total_fen,
               arg_max(amount_fen, row(period_on, amount_fen)) AS last_fen
        FROM aid GROUP BY cluster, scheme
    """)
    bench.run("""
        CREATE TABLE new_aid_year AS
        SELECT cluster, scheme, year(period_on) AS year, count(*) AS times,
               coalesce(sum(amount_fen), 0) AS amount_fen
        FROM aid WHERE period_on IS NOT NULL GROUP BY cluster, scheme, year(period_on)
    """)
    bench.run("""
        CREATE TABLE newest AS
        SELECT scheme, max(last_on) AS last_on FROM new_enrolment GROUP BY scheme
    """)


def categorise(bench: Workbench) -> None:
    """Fill `new_category`: the strongest identity that a member's place in a scheme confirms."""
    ranks = ", ".join(f"('{category}', {rank})" for rank, category in enumerate(Category))
    bench.run(f"""
        CREATE TABLE new_category AS
        SELECT m.household, arg_min(k.category, k.rank) AS category
        FROM new_enrolment e JOIN scheme s ON s.code = e.scheme
        JOIN (VALUES {ranks}) AS k(category, rank) ON k.category = s.category
        JOIN new_member m USING (cluster)
        LEFT JOIN newest n ON n.scheme = e.scheme
        WHERE e.ended_on IS NULL AND {STILL_IN}
        GROUP BY m.household
    """)
