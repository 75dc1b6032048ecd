"""Finds the spells of each place in a scheme: the runs of months that the records cover.

A record covers the months of its list's own period (`relief.registry.periods`), so a person whom
a monthly list leaves out for one month was out for that month, and one whom a yearly list names in
two years running was in for both. Reads `aid_month`, `place_in`, `scheme`; makes
`spells(place, spells)`, a `datemultirange` as text: from the first day covered, inclusive, to the
first day not covered, exclusive.
"""

from relief.registry import periods
from relief.registry.merging.workbench import Workbench


def find(bench: Workbench) -> None:
    """Fill `spells`."""
    lengths = " ".join(f"WHEN '{period}' THEN {n}" for period, n in periods.MONTHS.items())
    # Most places are one run without a gap, which the ends and the count tell.
    bench.run(f"""
        CREATE TABLE span AS
        SELECT m.place, any_value(s.length) AS length, min(m.month) AS first, max(m.month) AS last,
               min(m.month % s.length) = max(m.month % s.length)
               AND max(m.month) - min(m.month) = (count(*) - 1) * any_value(s.length) AS whole
        FROM aid_month m JOIN place_in p USING (place)
        JOIN (SELECT code AS scheme, CASE period {lengths} ELSE {periods.ONCE_MONTHS} END AS length
              FROM scheme) s USING (scheme)
        GROUP BY m.place
    """)
    bench.run("""
        CREATE TABLE spells AS
        WITH step AS (
            SELECT m.place, m.month, s.length,
                   m.month - lag(m.month) OVER (PARTITION BY m.place ORDER BY m.month) > s.length
                   AS after_gap
            FROM aid_month m JOIN span s ON s.place = m.place AND NOT s.whole
        ),
        numbered AS (
            SELECT *, sum(coalesce(after_gap, false)::INT)
                      OVER (PARTITION BY place ORDER BY month) AS run
            FROM step
        ),
        run AS (
            SELECT place, min(month) AS first, max(month) + any_value(length) AS past
            FROM numbered GROUP BY place, run
            UNION ALL SELECT place, first, last + length FROM span WHERE whole
        )
        SELECT place, '{' || string_agg(
                   format('[{:04d}-{:02d}-01,{:04d}-{:02d}-01)',
                          first // 12, first % 12 + 1, past // 12, past % 12 + 1),
                   ',' ORDER BY first) || '}' AS spells
        FROM run GROUP BY place
    """)
