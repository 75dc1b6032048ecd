"""How each file describes each person: rightly, or with the mistakes real registers have.

A mistake belongs to a person and a file, so it comes back month after month, as it does in
life. The rates stand in docs/sample-data.md.
"""

import duckdb
import pyarrow as pa

from devtools.sample import numbers
from devtools.sample.names import HOMOPHONES, RARE, Ints
from devtools.sample.schedule import MONEY_TO_HOUSEHOLDER

MISSING, MISTYPED, GUARDIANS, OLD = 0.03, 0.02, 0.005, 0.01
STALE, BIRTH_SWAPPED, NAME_SPACED, NAME_BY_EAR = 0.05, 0.01, 0.008, 0.008
# Only these days can be swapped with their month and stay a date: 11 × 12 of 365.
_SWAPPABLE = 0.36
LOOK_ALIKES = "洁龑宏哲坤奔渺尧冲升斌或伟英玮？"

_ADDRESSES = """
CREATE TABLE address AS
WITH lived AS (
    SELECT DISTINCT h, variant, village FROM era
    UNION ALL SELECT h, 2, old_village FROM hh
    UNION ALL SELECT DISTINCT h, 3, village FROM extra WHERE village IS NOT NULL
)
SELECT h, variant, village, code, county_code, county_name, township_name, village_name,
    county_name || township_name || short_name || CASE
        WHEN urban THEN
            one_of(k, 'street', ['胜利路', '建国路', '园林路', '解放街', '春光街', '民生路'])
            || (1 + pick(k, 'block', 60)) || '号楼' || (1 + pick(k, 'gate', 5)) || '单元'
            || (1 + pick(k, 'floor', 7)) || '0' || (1 + pick(k, 'door', 4)) || '室'
        ELSE (1 + pick(k, 'group', 9)) || '组' || (1 + pick(k, 'door', 180)) || '号' END AS address
FROM (SELECT *, h * 4 + variant AS k FROM lived) JOIN place USING (village);
"""

_ENROLMENTS = """
CREATE TABLE enrolment AS
WITH stay AS (
    SELECT s.scheme, m.p, m.h, m.village, m.variant, m.householder, m.relation,
        m.other_householder, m.other_relation, greatest(s.from_m, m.from_m) AS from_m,
        least(s.to_m, m.to_m) AS to_m, s.fen, s.item
    FROM spell s JOIN member m ON m.h = s.h WHERE s.p IS NULL
    UNION ALL
    SELECT s.scheme, m.p, m.h, m.village, m.variant, m.householder, m.relation,
        m.other_householder, m.other_relation, greatest(s.from_m, m.from_m),
        least(s.to_m, m.to_m), s.fen, s.item
    FROM spell s JOIN member m ON m.p = s.p
    UNION ALL
    SELECT x.scheme, x.p, x.h, coalesce(x.village, m.village),
        CASE WHEN x.village IS NULL THEN m.variant ELSE 3 END, m.householder,
        CASE WHEN m.p = x.p THEN m.relation ELSE '97' END, -1, NULL, x.from_m, x.to_m, x.fen, x.item
    FROM extra x JOIN member m ON m.h = x.h AND m.to_m > 90000
    QUALIFY row_number() OVER (PARTITION BY x.scheme, x.p, x.h, x.village, x.from_m
        ORDER BY m.p <> x.p, m.relation <> '02', m.p) = 1
)
SELECT row_number() OVER (ORDER BY scheme, h, p, from_m, variant, to_m, fen, item) AS e, *,
    CAST(substr(scheme, 2) AS BIGINT) AS number_of_scheme
FROM stay WHERE from_m <= to_m ORDER BY e;
"""

_CHOICES = """
CREATE TABLE choice AS
SELECT e.* EXCLUDE (householder, relation, variant),
    e.p * 64 + number_of_scheme AS k, e.h * 64 + number_of_scheme AS hk,
    ph.h IS NOT NULL AS clean_home, clean_home OR pp.p IS NOT NULL AS clean,
    pp.p IS NOT NULL AS clean_self,
    NOT clean AND other_relation IS NOT NULL AND u(hk, 'householder') < 0.05 AS other_head,
    CASE WHEN other_head THEN other_householder ELSE householder END AS householder,
    CASE WHEN other_head THEN other_relation ELSE relation END AS relation,
    NOT clean AND variant < 3 AND u(hk, 'stale') < $stale AS stale,
    CASE WHEN stale THEN 2 ELSE variant END AS variant,
    w.name AS true_name, w.number AS true_number, w.born, w.sex AS true_sex, w.ethnicity, w.marital,
    w.died_m, w.died_day, w.account AS one_account, w.phone AS one_phone, w.old_phone,
    date_diff('year', w.born, DATE '2026-11-01') AS about_age,
    CASE WHEN own.kind IS NOT NULL AND scheme = 'S01' THEN own.kind
        WHEN clean_self THEN 'right'
        WHEN u(k, 'id') < $missing THEN 'missing'
        WHEN u(k, 'id') < $missing + $mistyped THEN 'mistyped'
        WHEN w.born > DATE '2008-11-01' AND householder <> e.p AND u(k, 'of guardian') < $guardians
            THEN 'guardian_number'
        WHEN w.born < DATE '1999-01-01' AND u(k, 'old') < $old THEN 'old_number'
        WHEN u(k, 'written') < 0.003 THEN 'full_width' WHEN u(k, 'written') < 0.006 THEN 'spaced'
        WHEN right(w.number, 1) = 'X' AND u(k, 'x') < 0.15 THEN 'lower_case' ELSE 'right'
        END AS number_kind,
    CASE WHEN clean_self THEN 'right' WHEN contains(w.name, '·') AND u(k, 'dot') < 0.4 THEN 'dot'
        WHEN translate(w.name, $rare, '') <> w.name AND u(k, 'rare') < 0.3 THEN 'rare'
        WHEN u(k, 'name') < $spaced THEN 'spaced'
        WHEN u(k, 'name') < $spaced + $by_ear
            THEN CASE translate(w.name, $heard, $written)
                WHEN w.name THEN 'spaced' ELSE 'by_ear' END
        ELSE 'right' END AS name_kind,
    NOT clean_self AND day(w.born) <= 12 AND day(w.born) <> month(w.born)
        AND u(k, 'born') < $swapped AS birth_swapped,
    scheme IN ('S01', 'S02', 'S05', 'S28') AND ws.p IS NOT NULL AS wrong_sex
FROM enrolment e JOIN (SELECT * EXCLUDE (h, relation, other_relation) FROM who) w ON w.p = e.p
LEFT JOIN own_number own ON own.p = e.p LEFT JOIN own_sex ws ON ws.p = e.p
LEFT JOIN (SELECT DISTINCT h FROM plant) ph ON ph.h = e.h
LEFT JOIN (SELECT DISTINCT p FROM plant) pp ON pp.p = e.p;
"""

_NUMBERS = """
CREATE MACRO mistype(x, k) AS CASE
    WHEN u(k, 'typo') < 0.5 AND substr(x, pos(k), 1) <> substr(x, pos(k) + 1, 1)
    THEN left(x, pos(k) - 1) || substr(x, pos(k) + 1, 1) || substr(x, pos(k), 1)
        || substr(x, pos(k) + 2)
    ELSE left(x, pos(k) - 1) || (CAST(substr(x, pos(k), 1) AS INT) + 1 + pick(k, 'digit', 9)) % 10
        || substr(x, pos(k) + 1) END;
CREATE MACRO digit(x, i) AS CAST(substr(x, i, 1) AS INT);
CREATE MACRO checked(x) AS x || substr('10X98765432', 1 + (
    digit(x, 1) * 7 + digit(x, 2) * 9 + digit(x, 3) * 10 + digit(x, 4) * 5 + digit(x, 5) * 8
    + digit(x, 6) * 4 + digit(x, 7) * 2 + digit(x, 8) + digit(x, 9) * 6 + digit(x, 10) * 3
    + digit(x, 11) * 7 + digit(x, 12) * 9 + digit(x, 13) * 10 + digit(x, 14) * 5 + digit(x, 15) * 8
    + digit(x, 16) * 4 + digit(x, 17) * 2) % 11, 1);
CREATE MACRO written_number(x, kind, guardians, k) AS CASE kind
    WHEN 'right' THEN x
    WHEN 'missing' THEN ''
    WHEN 'mistyped' THEN mistype(x, k)
    WHEN 'guardian_number' THEN guardians
    WHEN 'old_number' THEN left(x, 6) || substr(x, 9, 9)
    WHEN 'full_width' THEN translate(x, '0123456789X', '０１２３４５６７８９Ｘ')
    WHEN 'spaced' THEN left(x, 6) || ' ' || substr(x, 7, 8) || ' ' || substr(x, 15)
    WHEN 'lower_case' THEN lower(x)
    WHEN 'unknown_prefix' THEN checked('990101' || substr(x, 7, 11))
    WHEN 'future_birth' THEN checked(left(x, 6) || '20280315' || substr(x, 15, 3))
    ELSE checked(left(x, 6) || '19800231' || substr(x, 15, 3)) END;
"""

_FACES = """
CREATE TABLE face AS
SELECT c.e, c.scheme, c.p, c.h, c.village, c.variant, c.from_m, c.to_m, c.item, c.clean, c.k,
    CASE WHEN list_contains($to_householder, c.scheme) AND c.relation <> '02' THEN 0 ELSE c.fen END
        AS fen,
    CASE name_kind WHEN 'right' THEN true_name
        WHEN 'dot' THEN replace(true_name, '·', one_of(c.k, 'which dot', ['•', '・', '．', '。']))
        WHEN 'rare' THEN translate(true_name, $rare, $look_alike)
        WHEN 'by_ear' THEN translate(true_name, $heard, $written)
        ELSE left(true_name, 1) || one_of(c.k, 'gap', [' ', '　', '  ']) || substr(true_name, 2)
        END AS name,
    written_number(true_number, number_kind, g.number, c.k) AS number,
    mistype(true_number, c.k + 7) AS mistyped_number,
    CASE WHEN birth_swapped THEN make_date(year(c.born), day(c.born), month(c.born))
        ELSE c.born END AS born,
    CASE WHEN wrong_sex THEN CASE true_sex WHEN '1' THEN '2' ELSE '1' END ELSE true_sex END AS sex,
    c.ethnicity, c.marital, c.relation, g.name AS householder_name, c.h AS household,
    CASE WHEN c.died_m IS NOT NULL AND c.scheme = 'S14'
        THEN make_date(c.died_m // 12, c.died_m % 12 + 1, c.died_day) END AS died_on,
    CASE WHEN u(c.k, 'phone') < 0.08 THEN NULL WHEN about_age < 17 THEN g.phone
        WHEN u(c.k, 'phone') < 0.14 THEN c.old_phone ELSE one_phone END AS phone,
    CASE WHEN own.account IS NOT NULL THEN own.account
        WHEN c.item IN ('集中供养', '机构养育') THEN i.account
        WHEN about_age < 17 OR c.scheme IN ('S01', 'S21', 'S26') THEN g.account
        ELSE one_account END AS account,
    CASE c.scheme
        WHEN 'S32' THEN one_of(c.p, 'child health',
            ['听力障碍', '智力障碍', '脑瘫', '孤独症谱系障碍', '视力障碍'])
        WHEN 'S31' THEN one_of(c.p, 'woman health', ['宫颈恶性肿瘤', '乳腺恶性肿瘤'])
        WHEN 'S16' THEN one_of(c.p, 'ill with', [
            '脑梗死', '冠心病', '尿毒症', '恶性肿瘤', '糖尿病伴并发症', '慢性阻塞性肺疾病',
            '精神分裂症', '肝硬化失代偿期'])
        WHEN 'S25' THEN one_of(c.p, 'emergency',
            ['急性心肌梗死', '颅脑外伤', '急性脑出血', '多发骨折', '急性中毒'])
        WHEN 'S02' THEN coalesce(b.health, one_of(c.p, 'old health', ['健康', '一般', '患慢性病']))
        WHEN 'S33' THEN b.health
        ELSE coalesce(b.health, '肢体二级') END AS health,
    CASE WHEN number_kind IN ('mistyped', 'unknown_prefix', 'future_birth', 'impossible_birth')
        THEN number_kind END AS bad_number,
    number_kind, birth_swapped, wrong_sex,
    CASE WHEN number_kind = 'guardian_number' THEN g.sex ELSE true_sex END AS number_sex,
    CASE WHEN number_kind = 'guardian_number' THEN g.born ELSE c.born END AS number_born,
    concat_ws(';', CASE WHEN number_kind <> 'right' THEN 'number_' || number_kind END,
        CASE WHEN name_kind <> 'right' THEN 'name_' || name_kind END,
        CASE WHEN birth_swapped THEN 'birth_swapped' END, CASE WHEN wrong_sex THEN 'wrong_sex' END,
        CASE WHEN stale THEN 'stale_address' END,
        CASE WHEN other_head THEN 'other_householder' END) AS dirt
FROM choice c JOIN who g ON g.p = c.householder
LEFT JOIN own_account own ON own.p = c.p AND own.scheme = c.scheme
JOIN place USING (village) JOIN institution i ON i.county_code = place.county_code
LEFT JOIN (
    SELECT p, list_extract(['视力', '听力', '言语', '肢体', '智力', '精神', '多重'], disability)
        || list_extract(['一级', '二级', '三级', '四级'], grade) AS health FROM body
) b ON b.p = c.p
ORDER BY c.e;
"""


def build(con: duckdb.DuckDBPyConnection, *, counties: Ints, seed: int) -> None:
    """Make the table `face`: one description for each stay on a list."""
    institutions = pa.table(
        {
            "county_code": counties,
            "account": numbers.accounts(9_000_000 + counties % 1000, seed=seed),
        }
    )
    con.register("institutions", institutions)
    con.execute("CREATE TABLE institution AS FROM institutions")
    con.execute(_ADDRESSES)
    con.execute(_ENROLMENTS)
    con.execute(_CHOICES, {
        "missing": MISSING, "mistyped": MISTYPED, "guardians": GUARDIANS, "old": OLD,
        "stale": STALE, "swapped": BIRTH_SWAPPED / _SWAPPABLE, "spaced": NAME_SPACED,
        "by_ear": NAME_BY_EAR, "rare": "".join(RARE), "heard": HOMOPHONES[0],
        "written": HOMOPHONES[1],
    })  # fmt: skip
    con.execute("CREATE MACRO pos(k) AS 1 + pick(k, 'position', 17)")
    con.execute(_NUMBERS)
    con.execute(_FACES, {
        "to_householder": list(MONEY_TO_HOUSEHOLDER), "rare": "".join(RARE),
        "look_alike": LOOK_ALIKES, "heard": HOMOPHONES[0], "written": HOMOPHONES[1],
    })  # fmt: skip
    for table in ("choice", "enrolment", "live", "spell"):
        con.execute(f"DROP TABLE {table}")
