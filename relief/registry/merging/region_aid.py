"""Sums aid by region: for the village, and for everything above it, so that nobody need add up.

A region's row holds all that lies below it, and what no village or township is named for. Reads
`aid_month`, `aid_year`, `place_in`, `new_member`, `new_household`; makes
`new_region_aid(region, scheme, year, persons, times, amount_fen)`, the last two as arrays of
twelve months.

In a merge of some parts only, the rows are the differences: what these parts' people give now,
less what they gave before (`old_aid_year`).
"""

from relief.registry.merging.workbench import Workbench

# How many codes a region of each level spans, from the village up to the city.
_LEVELS = (1, 10**3, 10**6, 10**8)


# What was said of the same people before, month by month: an array is left out where all is one.
_BEFORE = """
    INSERT INTO region_month
    WITH told AS (
        SELECT region, scheme, year, amount_fen,
               list_filter(range(12), lambda m: (months >> m) & 1 = 1) AS present,
               string_split(trim(month_times, '{}'), ',')::BIGINT[] AS each_times,
               string_split(trim(month_fen, '{}'), ',')::BIGINT[] AS each_fen
        FROM old_aid_year
    )
    SELECT region, scheme, year, unnest(present),
           -unnest(coalesce(each_times, list_transform(present, lambda m: 1))),
           -unnest(coalesce(each_fen,
                            list_transform(present, lambda m: amount_fen // len(present)))), 0
    FROM told
    UNION ALL SELECT region, scheme, year, NULL, 0, 0, -1 FROM old_aid_year
"""
# Most months are as they were.
_CHANGED = """
    CREATE OR REPLACE TABLE region_month AS
    SELECT region, scheme, year, month, sum(times)::BIGINT AS times, sum(fen)::BIGINT AS fen,
           sum(persons)::BIGINT AS persons
    FROM region_month GROUP BY ALL
    HAVING sum(times) <> 0 OR sum(fen) <> 0 OR sum(persons) <> 0
"""


def sum_regions(bench: Workbench, *, narrow: bool = False) -> None:
    """Fill `new_region_aid`."""
    # Persons are counted once a year: their rows stand beside those of the months.
    bench.run("""
        CREATE TABLE region_month AS
        WITH home AS (
            SELECT p.place, p.scheme, h.region FROM place_in p
            JOIN new_member USING (cluster) JOIN new_household h USING (household)
        )
        SELECT h.region, h.scheme, m.month // 12 AS year, m.month % 12 AS month,
               sum(m.times)::BIGINT AS times, sum(m.fen)::BIGINT AS fen, 0 AS persons
        FROM aid_month m JOIN home h USING (place) GROUP BY ALL
        UNION ALL
        SELECT h.region, h.scheme, y.year, NULL, 0, 0, count(*)
        FROM aid_year y JOIN home h USING (place) GROUP BY ALL
    """)
    if narrow:
        bench.run(_BEFORE)
        bench.run(_CHANGED)
    rolled = " UNION ALL ".join(
        f"SELECT region // {step} * {step} AS region, scheme, year, month, sum(times) AS times,"
        f" sum(fen) AS fen, sum(persons) AS persons FROM region_month WHERE {_below(step)}"
        " GROUP BY ALL"
        for step in _LEVELS
    )
    bench.run(f"""
        CREATE TABLE new_region_aid AS
        SELECT region, scheme, year, sum(persons)::INTEGER AS persons,
               {_months("times")} AS times, {_months("fen")} AS amount_fen
        FROM ({rolled}) GROUP BY region, scheme, year
    """)
    if narrow:
        nothing = "'{" + ",".join(["0"] * 12) + "}'"
        bench.run(
            "DELETE FROM new_region_aid"
            f" WHERE persons = 0 AND times = {nothing} AND amount_fen = {nothing}"
        )


def _below(step: int) -> str:
    """Return the condition that a region is of this level or a lower one, and not above it."""
    higher = [level for level in _LEVELS if level > step]
    return f"region % {higher[0]} <> 0" if higher else "true"


def _months(column: str) -> str:
    parts = ", ".join(f"coalesce(sum({column}) FILTER (month = {month}), 0)" for month in range(12))
    return f"'{{' || concat_ws(',', {parts}) || '}}'"
