"""Which rows the files hold: exactly as many as asked for, the newest ones.

`row` is one line of one file: a face, a month, and what is wrong with this line alone.
"""

import duckdb
import pyarrow as pa

from devtools.sample.layouts import Layout
from devtools.sample.schedule import FIRST, LAST, NEWEST_YEAR, rhythm

DUPLICATES = 0.002
NO_NAME, BAD_AMOUNT, UNKNOWN_COUNTY = 0.0003, 0.0003, 0.0004
MISTYPED_ONCE, MISSING_ONCE = 0.0006, 0.0006

_CANDIDATES = """
CREATE TABLE candidate AS
SELECT e, CAST(unnest(range(first_m, last_m + 1, step)) AS INT) AS m FROM (
    -- from the first beat at or after the beginning
    SELECT e, step, last_m, begin_m + (beat - begin_m % step + step) % step AS first_m FROM (
        SELECT e, step, beat, least(to_m, $last) AS last_m, greatest(from_m, $first) AS begin_m
        FROM face JOIN file USING (scheme)
    )
);
"""

_CHOSEN = """
CREATE TABLE chosen AS
SELECT e, m FROM candidate WHERE m > $cut
UNION ALL
(SELECT e, m FROM candidate WHERE m = $cut
 ORDER BY u(e * 512 + m - $first, 'cut'), e LIMIT $rest);
"""
_TOLD = """
CREATE TABLE told AS
SELECT e, m, f.scheme, f.village, f.h, f.p, CASE
    WHEN f.clean OR luck >= $all THEN NULL
    WHEN luck < $no_name THEN 'no_name'
    WHEN luck < $no_name + $bad_amount THEN CASE WHEN has_amount THEN 'bad_amount' END
    WHEN luck < $no_name + $bad_amount + $unknown_county
        THEN CASE WHEN has_region THEN 'unknown_county' END
    WHEN f.bad_number IS NOT NULL OR number_kind IN ('missing', 'guardian_number') THEN NULL
    WHEN luck < $no_name + $bad_amount + $unknown_county + $mistyped THEN 'mistyped_once'
    ELSE 'missing_once' END AS fault
FROM (SELECT *, u(e * 512 + m - $first, 'fault') AS luck FROM chosen)
JOIN face f USING (e) JOIN file USING (scheme);
"""
_ROWS = """
CREATE TABLE row AS
WITH twice AS (
    SELECT *, FALSE AS again FROM told
    UNION ALL
    (SELECT *, TRUE FROM told WHERE fault IS NULL OR fault = 'missing_once'
     ORDER BY u(e * 512 + m - $first, 'again'), e, m LIMIT $duplicates)
)
SELECT scheme, e, m, fault, again, CAST(heading_row + row_number() OVER (
    PARTITION BY scheme ORDER BY m, again, village, h, p, e) AS INT) AS n
FROM twice JOIN file USING (scheme);
"""


class CannotMakeSoMany(ValueError):
    """So many records do not fit so many households."""


def build(con: duckdb.DuckDBPyConnection, *, layouts: tuple[Layout, ...], records: int) -> None:
    """Make the tables `file` and `row`; `row` holds exactly `records` lines.

    Raises CannotMakeSoMany if the households have no such number of months in them.
    """
    con.register("files", _files(layouts))
    con.execute("CREATE TABLE file AS FROM files")
    con.execute(_CANDIDATES, {"first": FIRST, "last": LAST})
    duplicates = int(records * DUPLICATES)
    cut, rest = _cut(con, records - duplicates)
    con.execute(_CHOSEN, {"first": FIRST, "cut": cut, "rest": rest})
    con.execute(_TOLD, {
        "first": FIRST, "no_name": NO_NAME, "bad_amount": BAD_AMOUNT,
        "unknown_county": UNKNOWN_COUNTY, "mistyped": MISTYPED_ONCE,
        "all": NO_NAME + BAD_AMOUNT + UNKNOWN_COUNTY + MISTYPED_ONCE + MISSING_ONCE,
    })  # fmt: skip
    con.execute(_ROWS, {"first": FIRST, "duplicates": duplicates})
    con.execute("DROP TABLE candidate; DROP TABLE chosen; DROP TABLE told")


def _files(layouts: tuple[Layout, ...]) -> pa.Table:
    """Return what the rows need to know of their files."""
    return pa.table(
        {
            "scheme": [x.scheme for x in layouts],
            "file_name": [x.file_name for x in layouts],
            "heading_row": [x.title_rows + 1 for x in layouts],
            "step": [rhythm(x.scheme).step for x in layouts],
            "beat": [rhythm(x.scheme).offset for x in layouts],
            "has_amount": [x.has("amount") for x in layouts],
            "has_region": [x.has("county") or x.has("region_code") for x in layouts],
            "has_sex": [x.has("sex") for x in layouts],
            "has_born": [x.has("born_on") for x in layouts],
        }
    )


def _cut(con: duckdb.DuckDBPyConnection, wanted: int) -> tuple[int, int]:
    """Return the oldest month that is needed, and how many of its rows."""
    counts = con.execute("SELECT m, count(*) FROM candidate GROUP BY m ORDER BY m DESC").fetchall()
    so_far = 0
    for month, count in counts:
        if so_far + count >= wanted:
            if month >= NEWEST_YEAR:
                message = f"记录数太少：这些户仅 2026 年就有 {_newest(counts)} 条记录"
                raise CannotMakeSoMany(message)
            return month, wanted - so_far
        so_far += count
    message = f"记录数太多：这些户从 2016 年起总共只有 {so_far} 条记录"
    raise CannotMakeSoMany(message)


def _newest(counts: list[tuple[int, int]]) -> int:
    return sum(count for month, count in counts if month >= NEWEST_YEAR)
