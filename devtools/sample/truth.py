"""Writes what is true: which row is which person and household, and what was planted."""

from pathlib import Path

import duckdb
import pyarrow as pa

from devtools.sample.plants import PLANTS

_IDS = """
CREATE MACRO person_id(p) AS 'P' || lpad(CAST(p + 1 AS VARCHAR), 7, '0');
CREATE MACRO household_id(h) AS 'H' || lpad(CAST(h + 1 AS VARCHAR), 7, '0');
"""

_TRUTH = """
SELECT file_name AS file, n AS row, person_id(p) AS person_id, household_id(h) AS household_id,
    concat_ws(';', nullif(dirt, ''), CASE fault WHEN 'mistyped_once' THEN 'number_mistyped'
        WHEN 'missing_once' THEN 'number_missing' END) AS dirt,
    CASE WHEN again THEN 'repeated_row' WHEN fault IN ('no_name', 'bad_amount', 'unknown_county')
        THEN fault ELSE '' END AS rejected
FROM row r JOIN face f USING (e) JOIN file ON file.scheme = r.scheme
ORDER BY r.scheme, n
"""

_PEOPLE = """
WITH seen AS (SELECT DISTINCT p FROM row JOIN face USING (e)),
now AS (SELECT p, max_by(h, to_m) AS h, max_by(village, to_m) AS village FROM member GROUP BY p)
SELECT person_id(w.p) AS person_id, household_id(now.h) AS household_id, name,
    w.number AS citizen_id, sex, born AS born_on, ethnicity,
    CASE WHEN died_m IS NULL THEN NULL ELSE make_date(died_m // 12, died_m % 12 + 1, died_day) END
        AS died_on, place.code AS village_code
FROM who w JOIN seen ON seen.p = w.p JOIN now ON now.p = w.p JOIN place USING (village)
ORDER BY w.p
"""

# Rows that intake will refuse, or that are wrong by themselves, prove nothing about a rule.
_GOOD_ROWS = """
CREATE TABLE good AS
SELECT r.scheme, e, m, n, p, h FROM row r JOIN face USING (e) WHERE fault IS NULL AND NOT again;
"""

_BY_MARK = """
SELECT k.kind || '-' || (k.n + 1) AS id, k.rule, k.planted, k.what, g.scheme, g.p, g.h, g.n
FROM (SELECT * FROM mark JOIN kinds USING (kind)) k
JOIN good g ON g.p = k.p AND g.scheme = k.scheme AND g.m BETWEEN k.from_m AND k.to_m
"""

_BY_NUMBER = """
SELECT bad_number || '-' || e AS id, 'A01' AS rule, TRUE AS planted,
    CASE bad_number WHEN 'mistyped' THEN '号码录错'
        WHEN 'unknown_prefix' THEN '号码前六位不是任何时期的行政区划'
        WHEN 'future_birth' THEN '号码中的出生日期在将来' ELSE '号码中的出生日期不存在' END AS what,
    g.scheme, g.p, g.h, n
FROM good g JOIN face USING (e) WHERE bad_number IS NOT NULL
UNION ALL
SELECT 'mistyped-' || e || '-' || n, 'A01', TRUE, '号码仅在这一行录错', r.scheme, p, h, n
FROM row r JOIN face USING (e) WHERE fault = 'mistyped_once'
UNION ALL
SELECT number_kind || '-' || e, 'A01', FALSE,
    CASE number_kind WHEN 'old_number' THEN '15位旧号码' WHEN 'full_width' THEN '全角数字'
        WHEN 'spaced' THEN '号码中有空格' ELSE '小写x' END,
    g.scheme, g.p, g.h, n
FROM good g JOIN face USING (e)
WHERE number_kind IN ('old_number', 'full_width', 'spaced', 'lower_case')
UNION ALL
SELECT 'disagrees-' || e, 'A02', TRUE,
    CASE WHEN number_kind = 'guardian_number' THEN '填了监护人的号码'
        WHEN wrong_sex THEN '登记性别与号码第十七位不一致' ELSE '出生日期月日颠倒' END,
    g.scheme, g.p, g.h, n
FROM good g JOIN face f USING (e) JOIN file ON file.scheme = g.scheme
WHERE bad_number IS NULL AND number_kind <> 'missing'
    AND ((has_sex AND number_sex <> sex) OR (has_born AND number_born <> born))
UNION ALL
SELECT 'agrees-' || e, 'A02', FALSE, '15位旧号码，升位后性别和出生日期一致', g.scheme, g.p, g.h, n
FROM good g JOIN face f USING (e) JOIN file ON file.scheme = g.scheme
WHERE number_kind = 'old_number' AND (has_sex OR has_born) AND NOT birth_swapped AND NOT wrong_sex
"""

_IRREGULARITIES = """
WITH one AS (
    SELECT rule, planted, id, file_name, i.scheme, p, h, what,
        string_agg(n, ' ' ORDER BY n) AS rows
    FROM ({cases}) i JOIN file ON file.scheme = i.scheme GROUP BY ALL
), whole AS (
    SELECT *, count(DISTINCT scheme) OVER (PARTITION BY rule, id) AS files FROM one
)
SELECT rule, CASE WHEN planted THEN 'planted' ELSE 'near_miss' END AS kind, id AS "case",
    file_name AS file, rows, person_id(p) AS person_id, household_id(h) AS household_id, what
FROM whole WHERE rule <> 'C03' OR files > 1 -- a clash needs both its sides
ORDER BY rule, planted DESC, id, scheme, p, h
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Write truth.csv, people.tsv and irregularities.csv; return how many people there are."""
    con.register("plant_kinds", pa.table({
        "kind": [x.kind for x in PLANTS], "rule": [x.rule for x in PLANTS],
        "planted": [x.planted for x in PLANTS], "what": [x.what for x in PLANTS],
    }))  # fmt: skip
    con.execute("CREATE TABLE kinds AS FROM plant_kinds")
    con.execute(_IDS)
    con.execute(_GOOD_ROWS)
    _copy(con, _TRUTH, folder / "truth.csv")
    cases = f"{_BY_MARK} UNION ALL {_BY_NUMBER}"
    _copy(con, _IRREGULARITIES.format(cases=cases), folder / "irregularities.csv")
    return _copy(con, _PEOPLE, folder / "people.tsv")


def _copy(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    delimiter = "\\t" if target.suffix == ".tsv" else ","
    written = con.execute(
        f"COPY ({select}) TO '{target}' (FORMAT csv, HEADER true, DELIMITER '{delimiter}')"
    ).fetchall()
    return int(written[0][0])
