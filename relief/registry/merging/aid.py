"""Sums the records of each person: their place in each scheme, and what they got in each month.

Reads `identity`, `link`, `record`, `scheme`, `new_member`, `new_household`; makes `new_enrolment`,
`new_aid_year`, `new_region_aid`, `newest` and, when it is known who has left (see `leaving`),
`new_category(household, category)`.

A *place* is one person in one scheme; it has a number here, because numbers are summed several
times faster than names. `aid_month(place, month, times, fen)` is summed once over the records;
years, spells and regions are summed over it. A month is a whole number: year × 12 + month − 1.
"""

from relief.registry import periods
from relief.registry.merging import region_aid, spells
from relief.registry.merging.workbench import Workbench
from relief.registry.types import Category


def still_in(days: str, *, newest: str) -> str:
    """Return the condition that scheme `s` has not let someone go who was named so late.

    `days`: how long before the newest of the files of what was paid; `newest`: that file's day.
    A record that came by itself is no such file: one of next month lets nobody else fall silent.
    Without such files nobody falls silent.
    """
    periods_of = " ".join(
        f"WHEN s.period = '{period}' THEN {grace}" for period, grace in periods.GRACE_DAYS.items()
    )
    return f"({newest} IS NULL OR {days} <= CASE {periods_of} ELSE {periods.GRACE_DEFAULT} END)"


# The same of `e`, an enrolment, and `n`, the newest record of its scheme, in the workbench.
STILL_IN = still_in("date_diff('day', e.last_on, n.last_on)", newest="n.last_on")


def sum_aid(bench: Workbench, *, narrow: bool = False) -> None:
    """Fill `new_enrolment`, `new_aid_year`, `new_region_aid` and `newest(scheme, last_on)`.

    `narrow`: some parts are worked out, and `newest` is there.
    """
    _number_places(bench)
    _sum_months(bench)
    spells.find(bench)
    _sum_enrolments(bench)
    _sum_years(bench)
    region_aid.sum_regions(bench, narrow=narrow)
    if not narrow:
        bench.run("""
            CREATE TABLE newest AS
            SELECT scheme, max(last_on) AS last_on FROM (
                SELECT i.scheme, r.period_on AS last_on
                FROM record r JOIN identity i ON i.id = r.identity_id WHERE i.by_file
                UNION ALL SELECT scheme, last_on FROM delivered
            ) GROUP BY scheme
        """)


def _number_places(bench: Workbench) -> None:
    bench.run("""
        CREATE TABLE place_in AS
        SELECT row_number() OVER ()::INTEGER AS place, cluster, scheme
        FROM (SELECT DISTINCT l.cluster, i.scheme
              FROM link l JOIN identity i ON i.id = l.identity_id)
    """)
    bench.run("""
        CREATE TABLE aid AS
        WITH spoken AS (
            SELECT i.id, p.place FROM identity i JOIN link l ON l.identity_id = i.id
            JOIN place_in p ON p.cluster = l.cluster AND p.scheme = i.scheme
        )
        SELECT s.place, r.period_on, r.amount_fen
        FROM record r JOIN spoken s ON s.id = r.identity_id
    """)


def _sum_months(bench: Workbench) -> None:
    bench.run("""
        CREATE TABLE aid_month AS
        SELECT place, (year(period_on) * 12 + month(period_on) - 1)::INTEGER AS month,
               count(*) AS times, coalesce(sum(amount_fen), 0)::BIGINT AS fen
        FROM aid WHERE period_on IS NOT NULL GROUP BY ALL
    """)


def _sum_enrolments(bench: Workbench) -> None:
    bench.run("""
        CREATE TABLE new_enrolment AS
        WITH total AS (
            SELECT place, min(period_on) AS first_on, max(period_on) AS last_on,
                   count(*) AS record_count, coalesce(sum(amount_fen), 0) AS total_fen,
                   arg_max(amount_fen, row(period_on, amount_fen)) AS last_fen
            FROM aid GROUP BY place
        )
        SELECT p.cluster, p.scheme, t.* EXCLUDE (place), coalesce(s.spells, '{}') AS spells
        FROM total t JOIN place_in p USING (place) LEFT JOIN spells s USING (place)
    """)


def _sum_years(bench: Workbench) -> None:
    """Sum the months to years, and keep the months beside them in as few characters as may be.

    Nearly always there is one aid a month, of the same amount: then the set of months says all.
    """
    bench.run("""
        CREATE TABLE aid_year AS
        SELECT place, month // 12 AS year, sum(times)::BIGINT AS times,
               sum(fen)::BIGINT AS amount_fen, bit_or(1::SMALLINT << (month % 12)) AS months,
               max(times) > 1 AS often, min(fen) <> max(fen) AS uneven
        FROM aid_month GROUP BY ALL
    """)
    bench.run("""
        CREATE TABLE month_detail AS
        SELECT m.place, y.year,
               '{' || string_agg(m.times, ',' ORDER BY m.month) || '}' AS month_times,
               '{' || string_agg(m.fen, ',' ORDER BY m.month) || '}' AS month_fen
        FROM aid_month m JOIN aid_year y ON y.place = m.place AND y.year = m.month // 12
        WHERE y.often OR y.uneven GROUP BY m.place, y.year
    """)
    bench.run("""
        CREATE TABLE new_aid_year AS
        SELECT p.cluster, p.scheme, y.year, y.times, y.amount_fen, y.months,
               CASE WHEN y.often THEN d.month_times END AS month_times,
               CASE WHEN y.uneven THEN d.month_fen END AS month_fen
        FROM aid_year y JOIN place_in p USING (place) LEFT JOIN month_detail d USING (place, year)
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
