"""Sums the records of each person: their place in each scheme, and what they got in each year.

Reads `identity`, `link`, `record`, `scheme`; makes `new_enrolment`, `new_aid_year` and
`new_category(household, category)`.
"""

from relief.registry.merging.workbench import Workbench
from relief.registry.types import Category

# A monthly list that last named someone this long before its newest month has let them go;
# the other lists are yearly at most.
_STILL_IN_DAYS = {"monthly": 62}
_STILL_IN_DEFAULT = 366


def sum_aid(bench: Workbench) -> None:
    """Fill `new_enrolment`, `new_aid_year` and `new_category`."""
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
    ranks = ", ".join(f"('{category}', {rank})" for rank, category in enumerate(Category))
    still_in = " ".join(
        f"WHEN s.period = '{period}' THEN {days}" for period, days in _STILL_IN_DAYS.items()
    )
    bench.run(f"""
        CREATE TABLE new_category AS
        SELECT m.household, arg_min(k.category, k.rank) AS category
        FROM new_enrolment e JOIN scheme s ON s.code = e.scheme
        JOIN (VALUES {ranks}) AS k(category, rank) ON k.category = s.category
        JOIN new_member m USING (cluster)
        JOIN (SELECT scheme, max(last_on) AS last_on FROM new_enrolment GROUP BY scheme) newest
             ON newest.scheme = e.scheme
        WHERE date_diff('day', e.last_on, newest.last_on)
              <= CASE {still_in} ELSE {_STILL_IN_DEFAULT} END
        GROUP BY m.household
    """)
