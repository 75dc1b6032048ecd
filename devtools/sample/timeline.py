"""What happens to households: people die, move and marry.

Makes the tables `hh`, `who`, `era` and `member`. Every choice hangs on a hash of the seed, a
key and a tag, never on the order of rows, so it comes out the same on any number of cores.
"""

import duckdb

from devtools.sample.schedule import FIRST, LAST, NEWEST_YEAR, USUAL

MACROS = """
CREATE MACRO u(k, tag) AS (
    hash(xor(k::UBIGINT, hash(concat(getvariable('seed'), tag)))) >> 11) / 9007199254740992.0;
CREATE MACRO pick(k, tag, n) AS CAST(floor(u(k, tag) * n) AS BIGINT);
CREATE MACRO one_of(k, tag, list) AS list[1 + pick(k, tag, len(list))];
CREATE MACRO begins(k, tag) AS CASE
    WHEN u(k, tag || 'b0') < 0.6 THEN getvariable('first') + pick(k, tag || 'b1', 84)
    ELSE getvariable('usual') + pick(k, tag || 'b1', 34) END;
CREATE MACRO ends(k, tag) AS CASE
    WHEN u(k, tag || 'e0') < 0.8 THEN getvariable('last')
    ELSE getvariable('usual') + 6 + pick(k, tag || 'e1', 38) END;
"""

_DEATHS = """
CREATE TABLE who AS
SELECT p.* EXCLUDE (luck, luck2),
    year(born) * 12 + month(born) - 1 + CAST(day(born) > 1 AS INT) AS born_m,
    CASE WHEN NOT dies THEN NULL
        WHEN hh.size = 1 THEN getvariable('newest') + pick(p.p, 'died', 8)
        ELSE getvariable('usual') + 5 + pick(p.p, 'died', 38) END AS died_m,
    1 + pick(p.p, 'died_day', 20) AS died_day,
    CASE WHEN role = 'K' OR role = 'G' OR hh.pattern = 2 THEN '10'
        WHEN hh.spouse >= 0 AND role IN ('H', 'S') THEN '20'
        WHEN role IN ('F', 'M') OR date_diff('year', born, DATE '2026-11-01') > 70 THEN '30'
        WHEN luck < 0.5 THEN '10' ELSE '40' END AS marital
FROM (
    SELECT p.*, luck2 < CASE
        WHEN role = 'H' AND hh.size > 1 AND hh.spouse < 0 THEN 0
        WHEN role IN ('S', 'K', 'G') OR hh.pattern = 2 THEN 0
        WHEN born < DATE '1961-01-01' THEN 0.05 WHEN born < DATE '1986-01-01' THEN 0.01
        ELSE 0 END AS dies
    FROM persons p JOIN households hh USING (h)
) p JOIN households hh USING (h)
ORDER BY p;
"""

_MARRIAGES = """
CREATE TABLE wedding AS
WITH bride AS (
    SELECT p, h, sex, row_number() OVER (PARTITION BY sex ORDER BY u(p, 'bride'), p) AS n
    FROM who WHERE role IN ('A', 'K') AND died_m IS NULL AND u(p, 'weds') < 0.15
        AND born BETWEEN DATE '1988-01-01' AND DATE '2002-12-31'
), groom AS (
    SELECT p, h, sex, row_number() OVER (PARTITION BY sex ORDER BY u(p, 'groom'), p) AS n
    FROM who JOIN households USING (h)
    WHERE size = 1 AND died_m IS NULL AND born BETWEEN DATE '1980-01-01' AND DATE '2002-12-31'
        AND pattern = 1 AND households.chance3 >= 0.03
)
SELECT bride.p, bride.h AS left_h, groom.h AS joined_h,
    getvariable('usual') + 12 * (1 + pick(bride.p, 'wedding', 3)) AS m, -- lists change in January
    CASE WHEN bride.sex = '2' THEN '12' ELSE '11' END AS relation
FROM bride JOIN groom ON bride.n = groom.n AND bride.sex <> groom.sex;
"""

_ERAS = """
CREATE TABLE hh AS
SELECT hh.*, head.died_m AS head_died_m,
    CASE WHEN head.died_m IS NULL AND chance3 < 0.03
        THEN getvariable('usual') + 5 + pick(hh.h, 'moves', 37) END AS moved_m,
    chance3 < 0.008 AS far,
    (village + 1 + pick(hh.h, 'far', 1191)) % 1192 AS far_village
FROM households hh JOIN who head ON head.p = hh.head ORDER BY hh.h;

CREATE TABLE era AS
WITH change AS (
    SELECT *, coalesce(CASE WHEN spouse >= 0 THEN head_died_m + 1 END, moved_m) AS m FROM hh
)
SELECT h, 0 AS era, 0 AS from_m, coalesce(m - 1, 99999) AS to_m, village, 0 AS variant,
    head AS householder, FALSE AS swapped FROM change
UNION ALL
SELECT h, 1, m, 99999,
    CASE WHEN moved_m IS NULL THEN village WHEN far THEN far_village
        ELSE (village + 1) % 1192 END,
    CASE WHEN moved_m IS NULL THEN 0 ELSE 1 END,
    CASE WHEN moved_m IS NULL THEN spouse ELSE head END, moved_m IS NULL
FROM change WHERE m IS NOT NULL;

CREATE TABLE member AS
WITH belongs AS (
    SELECT w.p, w.h, w.relation, w.other_relation, 0 AS from_m,
        least(coalesce(died_m, 99999), coalesce(wedding.m - 1, 99999)) AS to_m
    FROM who w LEFT JOIN wedding USING (p)
    UNION ALL
    SELECT p, joined_h, relation, NULL, m, 99999 FROM wedding
)
SELECT b.p, b.h, era.era, era.village, variant, householder, swapped,
    CASE WHEN swapped THEN b.other_relation ELSE b.relation END AS relation,
    CASE WHEN hh.spouse >= 0 AND NOT swapped THEN b.other_relation END AS other_relation,
    hh.spouse AS other_householder,
    greatest(b.from_m, era.from_m) AS from_m, least(b.to_m, era.to_m) AS to_m
FROM belongs b JOIN era USING (h) JOIN hh USING (h)
WHERE greatest(b.from_m, era.from_m) <= least(b.to_m, era.to_m);
"""


def build(con: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Make the tables from `persons`, `households` and `place`."""
    # Written into the macro, so that the hash of a tag is worked out once and not once a row.
    macros = MACROS.replace("getvariable('seed')", f"'{int(seed)}.'")
    for name, month in (
        ("first", FIRST),
        ("usual", USUAL),
        ("newest", NEWEST_YEAR),
        ("last", LAST),
    ):
        con.execute(f"SET VARIABLE {name} = {month}")
    for script in (macros, _DEATHS, _MARRIAGES, _ERAS):
        con.execute(script)
