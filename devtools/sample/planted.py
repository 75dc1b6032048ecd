"""Plants what the monitoring rules should find, and what looks alike but is right (plants.py).

`plant` names people who are picked, each for one thing only, so that no two plants disturb
each other; `mark` says which rows of theirs the thing shows in. Extra spells and changed
accounts, numbers and sexes go to `extra`, `own_account`, `own_number` and `own_sex`.
"""

import duckdb

from devtools.sample.plants import PLANTS

_TABLES = """
CREATE TABLE plant (kind VARCHAR, n BIGINT, p BIGINT, h BIGINT);
CREATE TABLE mark (kind VARCHAR, n BIGINT, p BIGINT, scheme VARCHAR, from_m BIGINT, to_m BIGINT);
CREATE TABLE extra (scheme VARCHAR, p BIGINT, h BIGINT, village BIGINT, from_m BIGINT, to_m BIGINT,
    fen BIGINT, item VARCHAR);
CREATE TABLE own_account (p BIGINT, scheme VARCHAR, account VARCHAR);
CREATE TABLE own_number (p BIGINT, kind VARCHAR);
CREATE TABLE own_sex (p BIGINT);
CREATE TABLE live (scheme VARCHAR, p BIGINT, h BIGINT, born_m BIGINT, role VARCHAR, size BIGINT,
    class VARCHAR, disability INT);
"""

# On a list through all of this year and the last, and neither moved, married nor died meanwhile.
_LIVE = """
INSERT INTO live
SELECT s.scheme, m.p, m.h, b.born_m, b.role, b.size, b.class, b.disability
FROM spell s JOIN member m ON {on} JOIN body b ON b.p = m.p
WHERE s.from_m <= getvariable('newest') AND s.to_m >= getvariable('last') - 1
    AND m.from_m <= getvariable('newest') - 12 AND m.to_m > 90000 AND b.died_m IS NULL;
"""
_PICKED = """
CREATE OR REPLACE TABLE picked AS
WITH one AS (
    SELECT p, h, row_number() OVER (PARTITION BY h ORDER BY u(p, 'of' || '{kind}'), p) AS r
    FROM ({pick}) WHERE h NOT IN (SELECT h FROM plant) AND p NOT IN (SELECT p FROM plant)
    GROUP BY p, h
), chosen AS (
    SELECT p, h, row_number() OVER (ORDER BY u(p, '{kind}'), p) - 1 AS i FROM one WHERE r = 1
)
SELECT '{kind}' AS kind, i // {group} AS n, p, h,
    (SELECT min(village) FROM member m WHERE m.p = chosen.p AND m.h = chosen.h) AS village
FROM chosen WHERE i < {limit} QUALIFY count(*) OVER (PARTITION BY i // {group}) = {group};
"""


def build(con: duckdb.DuckDBPyConnection, *, households: int) -> None:
    """Pick people for every kind and note what is to be changed for them."""
    con.execute(_TABLES)
    con.execute(_LIVE.format(on="m.p = s.p"))
    con.execute(_LIVE.format(on="s.p IS NULL AND m.h = s.h"))
    for plant in PLANTS:
        limit = max(1, households // plant.share) * plant.group
        con.execute(
            _PICKED.format(kind=plant.kind, pick=plant.pick, group=plant.group, limit=limit)
        )
        con.execute("INSERT INTO plant SELECT kind, n, p, h FROM picked")
        for statement in plant.act:
            con.execute(statement)
