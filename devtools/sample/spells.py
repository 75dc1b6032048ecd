"""Who is helped by which scheme, from when to when.

One spell is one stay on one scheme's list, of a household (p is null) or of a person. The
exclusions of the catalogue hold here: what breaks them is planted on purpose (planted.py).
"""

import duckdb

_CLASSES = """
CREATE TABLE class AS
SELECT h, urban, size, pattern, CASE
    WHEN pattern = 2 THEN 'S07'
    WHEN pattern = 0 THEN CASE WHEN chance < 0.30 THEN 'S02' WHEN chance < 0.64 THEN 'S01'
        WHEN chance < 0.80 THEN 'S05' WHEN chance < 0.88 THEN 'S06'
        WHEN urban THEN 'S30' ELSE 'S28' END
    WHEN pattern = 1 THEN CASE WHEN chance < 0.06 THEN 'S02' WHEN chance < 0.50 THEN 'S01'
        WHEN chance < 0.72 THEN 'S05' WHEN chance < 0.83 THEN 'S06'
        WHEN urban THEN 'S30' ELSE 'S28' END
    WHEN chance < 0.36 THEN 'S01' WHEN chance < 0.60 THEN 'S05' WHEN chance < 0.73 THEN 'S06'
    WHEN NOT urban THEN 'S28' WHEN chance < 0.90 THEN 'S30' ELSE 'S21' END AS class
FROM hh;

CREATE TABLE body AS
SELECT w.*, class, urban, size, pattern, e.from_m AS in_m,
    CASE WHEN u(w.p, 'disabled') < CASE WHEN born > DATE '2008-10-31' THEN 0.05
        WHEN born > DATE '1966-10-31' THEN 0.13 ELSE 0.16 END
        THEN list_extract([1, 2, 2, 3, 4, 4, 4, 4, 4, 5, 5, 6, 6, 7],
            1 + pick(w.p, 'disability', 14)) END AS disability,
    list_extract([1, 2, 2, 2, 3, 3, 3, 4, 4, 4], 1 + pick(w.p, 'grade', 10)) AS grade,
    u(w.p, 'ill') < CASE WHEN born < DATE '1966-11-01' THEN 0.24
        WHEN born < DATE '1991-11-01' THEN 0.12 ELSE 0.04 END AS ill,
    sex = '1' AND born < DATE '1987-01-01' AND u(w.p, 'veteran') < 0.04 AS veteran
FROM who w JOIN class USING (h) JOIN (SELECT h, p, min(from_m) AS from_m FROM member GROUP BY ALL) e
    ON e.p = w.p AND e.h = w.h;

CREATE TABLE spell (scheme VARCHAR, p BIGINT, h BIGINT, from_m BIGINT, to_m BIGINT,
    fen BIGINT, item VARCHAR);
"""

_HOUSEHOLDS = """
INSERT INTO spell
SELECT class, NULL, h, begins(h, class), getvariable('year_end'),
    CASE class WHEN 'S01' THEN 10000 * (24 + pick(h, 'S01', 60)) // 10 WHEN 'S21' THEN
        5000 * (3 + pick(h, 'S21', 13)) WHEN 'S28' THEN 50000 * (1 + pick(h, 'S28', 16))
        WHEN 'S30' THEN 50000 * (2 + pick(h, 'S30', 18)) END,
    CASE class WHEN 'S01' THEN CASE WHEN urban THEN '城市低保' ELSE '农村低保' END
        WHEN 'S21' THEN '租赁补贴'
        WHEN 'S28' THEN one_of(h, 'i28', ['脱贫不稳定户', '边缘易致贫户', '突发严重困难户'])
        WHEN 'S30' THEN one_of(h, 'i30', ['深度困难', '相对困难', '意外致困'])
        WHEN 'S06' THEN one_of(h, 'i06', ['医疗', '教育', '残疾康复']) END
FROM class WHERE class IN ('S01', 'S05', 'S21', 'S28', 'S30');
-- a certificate of heavy spending is given once a year, each household in its own month
INSERT INTO spell
SELECT 'S06', NULL, h, y * 12 + pick(h, 'S06', 10), y * 12 + pick(h, 'S06', 10), NULL,
    one_of(h, 'i06', ['医疗', '教育', '残疾康复'])
FROM class, range(getvariable('first') // 12, 2027) years(y)
WHERE class = 'S06' AND y >= begins(h, 'S06') // 12;
-- some edge households drew the minimum allowance before
INSERT INTO spell
SELECT 'S01', NULL, h, getvariable('first'), s.from_m // 12 * 12 - 1,
    10000 * (24 + pick(h, 'S01', 60)) // 10, CASE WHEN urban THEN '城市低保' ELSE '农村低保' END
FROM spell s JOIN class USING (h)
WHERE scheme = 'S05' AND u(h, 'fell') < 0.12 AND s.from_m > getvariable('usual')
    AND h NOT IN (SELECT h FROM body WHERE role = 'G'); -- they may draw S08, which excludes S01
INSERT INTO spell
SELECT 'S28', NULL, h, begins(h, 'x28'), ends(h, 'x28'), 50000 * (1 + pick(h, 'S28', 16)),
    '边缘易致贫户' FROM class
WHERE NOT urban AND class IN ('S01', 'S05', 'S06') AND u(h, 'has28') < 0.25;
INSERT INTO spell
SELECT 'S30', NULL, h, begins(h, 'x30'), ends(h, 'x30'), 50000 * (2 + pick(h, 'S30', 18)),
    '深度困难' FROM class
WHERE urban AND class IN ('S01', 'S05', 'S06') AND size > 1 AND u(h, 'has30') < 0.18;
INSERT INTO spell
SELECT 'S21', NULL, h, begins(h, 'x21'), ends(h, 'x21'), 5000 * (3 + pick(h, 'S21', 13)),
    '租赁补贴' FROM class
WHERE urban AND class IN ('S01', 'S05', 'S06') AND u(h, 'has21') < 0.05;
INSERT INTO spell
SELECT 'S13', NULL, h, begins(h, 'x13'), ends(h, 'x13'), 10000 * (4 + pick(h, 'S13', 18)),
    CASE WHEN urban THEN '集中供热' ELSE '自采暖' END FROM class
WHERE class IN ('S01', 'S02', 'S05', 'S06') AND u(h, 'has13') < 0.92;
-- one year or one event each
INSERT INTO spell
SELECT 'S22', NULL, h, m, m, 50000 * (12 + pick(h, 'S22', 60)), one_of(h, 'i22', ['C级', 'D级'])
FROM (SELECT *, 12 * (2019 + pick(h, 'y22', 8)) AS m FROM class)
WHERE NOT urban AND u(h, 'has22') < 0.035;
INSERT INTO spell
SELECT 'S26', NULL, h, m, m, 5000 * (4 + pick(h, 'S26', 40)),
    one_of(h, 'i26', ['冬春生活救助', '洪涝灾害应急救助', '过渡期生活救助'])
FROM (SELECT *, getvariable('first') + pick(h, 'm26', 130) AS m FROM class)
WHERE NOT urban AND u(h, 'has26') < 0.09 AND u(h, 'has22') >= 0.035;
INSERT INTO spell
SELECT 'S04', NULL, h, m, m, 50000 * (2 + pick(h, 'S04', 40)),
    one_of(h, 'i04', ['重大疾病', '子女教育', '意外事故', '残疾照护'])
FROM (SELECT *, getvariable('usual') - 24 + pick(h, 'm04', 70) AS m FROM class)
WHERE class <> 'S07' AND u(h, 'temporary') < 0.10;
INSERT INTO spell
SELECT 'S33', NULL, h, m, m, 20000 * (5 + pick(h, 'S33', 35)),
    one_of(h, 'i33', ['坡道扶手', '卫生间改造', '辅具适配', '低位灶台'])
FROM (SELECT DISTINCT h, getvariable('usual') - 12 + pick(h, 'm33', 58) AS m FROM body
    WHERE disability IS NOT NULL AND grade <= 2 AND pattern <> 2 AND u(h, 'has22') >= 0.035
        AND u(h, 'has33') < 0.22);
"""

_PERSONS = """
INSERT INTO spell
SELECT 'S02', p, NULL, begins(p, 'S02'), getvariable('year_end'), 85000 + 1000 * pick(p, 'S02', 60),
    CASE WHEN u(p, 'i02') < 0.15 THEN '集中供养' ELSE '分散供养' END FROM body WHERE class = 'S02';
INSERT INTO spell
SELECT 'S07', p, NULL, greatest(begins(p, 'S07'), born_m),
    least(getvariable('year_end'), born_m + 18 * 12 - 1),
    CASE WHEN pattern = 2 THEN 240000 ELSE 160000 END,
    CASE WHEN pattern = 2 THEN '机构养育' ELSE '社会散居' END
FROM body WHERE pattern = 2 OR (role = 'G' AND u(p, 'orphan') < 0.10);
INSERT INTO spell
SELECT 'S08', p, NULL, greatest(begins(p, 'S08'), born_m),
    least(ends(p, 'S08'), born_m + 18 * 12 - 1), 150000,
    one_of(h, 'i08', ['父母重残', '父母重病', '父母服刑', '父母失联'])
FROM body WHERE role = 'G' AND class <> 'S01' AND u(p, 'orphan') BETWEEN 0.10 AND 0.45;
INSERT INTO spell
SELECT 'S09', p, NULL, greatest(begins(p, 'S09'), born_m), ends(p, 'S09'), 9000, NULL
FROM body WHERE disability IS NOT NULL AND class = 'S01' AND u(p, 'has09') < 0.85
    AND NOT EXISTS (SELECT 1 FROM spell s WHERE s.p = body.p AND s.scheme = 'S08');
INSERT INTO spell
SELECT 'S10', p, NULL, greatest(begins(p, 'S10'), born_m), ends(p, 'S10'),
    9000 + 1000 * (2 - grade), NULL FROM body
WHERE (grade <= 2 OR (grade = 3 AND disability IN (5, 6))) AND disability IS NOT NULL
    AND class <> 'S02' AND u(p, 'has10') < 0.85;
INSERT INTO spell
SELECT 'S11', p, NULL, greatest(begins(p, 'S11'), born_m + 12 * age), ends(p, 'S11'),
    5000 * (1 + pick(p, 'S11', 6)), CASE age WHEN 80 THEN '高龄' ELSE '失能' END
FROM (SELECT *, CASE WHEN disability IS NULL THEN 80 ELSE 60 END AS age FROM body)
WHERE class IN ('S01', 'S05', 'S06') AND u(p, 'has11') < 0.75
    AND born_m + 12 * age <= getvariable('last')
    AND p NOT IN (SELECT s.p FROM spell s WHERE s.scheme = 'S10');
INSERT INTO spell
SELECT 'S15', p, NULL, greatest(begins(p, 'S15'), born_m), ends(p, 'S15'),
    CASE class WHEN 'S02' THEN 40000 WHEN 'S01' THEN 28000 ELSE 20000 END,
    CASE class WHEN 'S02' THEN '特困' WHEN 'S01' THEN '低保' WHEN 'S05' THEN '低保边缘'
        ELSE '监测对象' END
FROM body WHERE class IN ('S01', 'S02', 'S05', 'S06', 'S28') AND u(p, 'has15') < 0.92;
INSERT INTO spell
SELECT 'S23', p, NULL, m, least(m + 5 + pick(p, 't23', 30), born_m + 59 * 12),
    30000 + 5000 * pick(p, 'S23', 40),
    one_of(p, 'i23', ['公益性岗位补贴', '社会保险补贴', '岗位补贴'])
FROM (SELECT *, greatest(begins(p, 'S23'), born_m + 18 * 12) AS m FROM body)
WHERE class IN ('S01', 'S05', 'S06', 'S30') AND role IN ('H', 'S', 'A') AND u(p, 'has23') < 0.07
    AND born BETWEEN DATE '1968-01-01' AND DATE '2004-01-01';
INSERT INTO spell
SELECT 'S24', p, NULL, greatest(begins(p, 'S24'), born_m + 16 * 12),
    least(ends(p, 'S24'), born_m + 60 * 12 - 1), 10000 + 2000 * pick(p, 'S24', 5),
    CASE WHEN class = 'S02' THEN '特困' WHEN class = 'S01' THEN '低保' ELSE '重度残疾' END
FROM body WHERE (class IN ('S01', 'S02', 'S28') OR (disability IS NOT NULL AND grade <= 2))
    AND u(p, 'has24') < 0.85 AND p NOT IN (SELECT s.p FROM spell s WHERE s.scheme = 'S23');
INSERT INTO spell
SELECT 'S17', p, NULL, greatest(born_m + 36, s), least(born_m + 72 - 1, getvariable('last')),
    10000 * (3 + pick(p, 'S17', 12)), NULL
FROM (SELECT *, getvariable('first') AS s FROM body)
WHERE u(p, 'pupil') < 0.6 AND born > DATE '2010-01-01';
INSERT INTO spell
SELECT 'S18', p, NULL, born_m + 72, born_m + 15 * 12 - 1, CASE WHEN u(p, 'boards') < 0.4 THEN
    62500 ELSE 31250 END, NULL FROM body WHERE u(p, 'pupil') < 0.65 AND born > DATE '2001-01-01';
INSERT INTO spell
SELECT 'S19', p, NULL, born_m + 15 * 12, born_m + 18 * 12 - 1, 10000 * (5 + pick(p, 'S19', 15)),
    one_of(p, 'i19', ['普通高中', '中职']) FROM body
WHERE u(p, 'pupil') < 0.55 AND born > DATE '1998-01-01';
INSERT INTO spell
SELECT 'S20', p, NULL, born_m + 18 * 12, born_m + 22 * 12 - 1, 50000 * (2 + pick(p, 'S20', 20)),
    one_of(p, 'i20', ['生源地助学贷款', '新生入学资助']) FROM body
WHERE u(p, 'pupil') < 0.4 AND born > DATE '1994-01-01';
INSERT INTO spell
SELECT 'S32', p, NULL, born_m, born_m + 8 * 12 - 1, 100000 * (3 + pick(p, 'S32', 20)), NULL
FROM body WHERE disability IS NOT NULL AND u(p, 'has32') < 0.7 AND born > DATE '2008-01-01';
"""

_EVENTS = """
INSERT INTO spell
SELECT 'S16', p, NULL, m, m, 100 * (50 + CAST(floor(u(k, 'S16') ** 4 * 30000) AS BIGINT)),
    one_of(k, 'i16', ['住院', '门诊慢特病', '门诊慢特病', '依申请重病救助'])
FROM (SELECT *, p * 512 + m - getvariable('first') AS k
    FROM body, range(getvariable('first'), getvariable('last') + 1) months(m)
    WHERE ill AND m >= born_m AND class NOT IN ('S30', 'S21'))
WHERE u(k, 'has16') < 0.07;
INSERT INTO spell
SELECT scheme, p, NULL, m, m, fen, item FROM (
    SELECT p, born_m, 'S03' AS scheme, 5000 * (4 + pick(p, 'S03', 14)) AS fen,
        one_of(p, 'i03', ['突发疾病', '交通事故', '火灾', '生活陷入困境']) AS item,
        getvariable('usual') - 12 + pick(p, 'm03', 58) AS m
    FROM body WHERE role = 'H' AND pattern <> 2 AND u(h, 'temporary') > 0.93
    UNION ALL SELECT p, born_m, 'S12', 1000 * pick(p, 'S12', 60),
        one_of(p, 'i12', ['食宿', '返乡车票', '医疗救治', '护送返乡']),
        getvariable('usual') - 12 + pick(p, 'm12', 58)
    FROM body WHERE pattern = 1 AND u(p, 'has12') < 0.03
    UNION ALL SELECT p, born_m, 'S25', 100 * (300 + pick(p, 'S25', 9000)), NULL,
        getvariable('usual') - 12 + pick(p, 'm25', 58)
    FROM body WHERE NOT ill AND pattern <> 2 AND u(p, 'has25') < 0.004
    UNION ALL SELECT p, born_m, 'S27', NULL,
        one_of(p, 'i27', ['劳动报酬', '抚养赡养', '交通事故', '婚姻家庭', '工伤']),
        getvariable('usual') - 12 + pick(p, 'm27', 58)
    FROM body WHERE born < DATE '2002-01-01' AND u(p, 'has27') < 0.012
    UNION ALL SELECT p, born_m, 'S29', 50000 * (2 + pick(p, 'S29', 30)),
        one_of(p, 'i29', ['复员军人', '退役士兵', '参战退役人员', '烈士遗属']),
        getvariable('usual') - 12 + pick(p, 'm29', 58)
    FROM body WHERE veteran AND u(p, 'has29') < 0.7
    UNION ALL SELECT p, born_m, 'S31', 1000000, NULL, getvariable('usual') + pick(p, 'm31', 46)
    FROM body WHERE sex = '2' AND born BETWEEN DATE '1962-01-01' AND DATE '1991-01-01'
        AND u(p, 'has31') < 0.012
) WHERE m >= born_m;
INSERT INTO spell
SELECT 'S14', p, NULL, died_m, died_m, 50000 + 10000 * pick(p, 'S14', 11),
    '遗体接运火化等基本服务费'
FROM body WHERE died_m IS NOT NULL AND class IN ('S01', 'S02') AND u(p, 'has14') < 0.85;
DELETE FROM spell WHERE from_m > to_m;
"""


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `class`, `body` (people with their class and health) and `spell`."""
    con.execute("SET VARIABLE year_end = getvariable('newest') + 11")
    for script in (_CLASSES, _HOUSEHOLDS, _PERSONS, _EVENTS):
        con.execute(script)
