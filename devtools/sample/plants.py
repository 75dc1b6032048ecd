"""The kinds of things that are planted, for the rules A01, A02, A04, A20, C03, C04 and C05.

Each is a few lines of SQL over the tables of planted.py: whom to pick, and what to do with the
picked. All values in the SQL are constants of this file, hence the S608s.
"""

from dataclasses import dataclass

from devtools.sample.schedule import NEWEST_YEAR

# A plant lies in the newest months, so that it is there however few records are asked for.
_FROM, _TO = NEWEST_YEAR + 1, NEWEST_YEAR + 6
_LONG_AGO, _YEAR_END = NEWEST_YEAR - 48, NEWEST_YEAR + 11


_SECOND = """
INSERT INTO extra SELECT '{scheme}', p.p, o.h, NULL, {begin}, {end}, {fen}, '{item}' FROM (
    SELECT p, h, county, row_number() OVER (PARTITION BY county ORDER BY n) AS r
    FROM picked JOIN hh USING (h)
) p JOIN (
    SELECT h, county, row_number() OVER (PARTITION BY county ORDER BY u(h, 'second'), h) AS r
    FROM live JOIN hh USING (h) WHERE scheme = '{scheme}' AND class = '{scheme}' AND role = 'H'
        AND NOT far AND h NOT IN (SELECT h FROM plant)
) o USING (county, r);
"""


@dataclass(frozen=True, slots=True)
class Plant:
    """One kind: which rule it is for, whom to pick, and what to do with them."""

    rule: str
    kind: str
    what: str
    pick: str  # SELECT p, h
    act: tuple[str, ...] = ()
    planted: bool = True  # or a near miss
    group: int = 1  # how many of the picked make one case
    share: int = 1_000  # one case for so many households


def _on(scheme: str, condition: str = "TRUE") -> str:
    """Pick from those who are on a scheme's list now."""
    return f"SELECT p, h FROM live WHERE scheme = '{scheme}' AND {condition}"


def _born(youngest: int, oldest: int, month: int) -> str:
    """Pick by age in whole years in a month, both ends included."""
    return f"born_m BETWEEN {month - (oldest + 1) * 12 + 1} AND {month - youngest * 12}"


def _add(
    scheme: str, fen: str, item: str, *, begin: int = _FROM, end: int = _TO, village: str = "NULL"
) -> str:
    """Put the picked people on another list."""
    return (
        f"INSERT INTO extra SELECT '{scheme}', p, h, {village}, {begin}, {end}, {fen}, '{item}' "
        "FROM picked;"
    )


def _mark(*schemes: str, begin: int = _FROM, end: int = _TO, to: str = "TRUE") -> tuple[str, ...]:
    """Say in which rows of the picked people it shows."""
    return tuple(
        f"INSERT INTO mark SELECT kind, n, p, '{s}', {begin}, {end} FROM picked WHERE {to};"
        for s in schemes
    )


def _number(kind: str) -> tuple[str, ...]:
    """Give the picked people a wrong number."""
    return (f"INSERT INTO own_number SELECT p, '{kind}' FROM picked;",)


def _one_account(scheme: str) -> str:
    """Pay everyone of a case into the account of the first of them."""
    return (
        f"INSERT INTO own_account SELECT p, '{scheme}', first_value(account) "
        "OVER (PARTITION BY n ORDER BY p) "
        "FROM picked JOIN (SELECT p, account FROM persons) USING (p);"
    )


def _second(scheme: str, fen: int, item: str) -> str:
    """List the picked people once more with another household of their own county."""
    return _SECOND.format(scheme=scheme, fen=fen, item=item, begin=NEWEST_YEAR, end=_TO)


# villages stand in the order of their codes, and no county has 600 of them
_FAR = "(village + 600) % 1192"
_FOUND = "p IN (SELECT p FROM extra)"  # a second household was found for them
_STOP_ALLOWANCE = (
    f"UPDATE spell SET to_m = {_FROM + 1} WHERE scheme = 'S01' AND to_m > {_FROM + 1} "
    "AND h IN (SELECT h FROM picked);"
)
_ALL_MEMBERS = ("S01", "S05", "S06", "S28", "S30")
_ALONE_AND_WELL = "size = 1 AND disability IS NULL"

_FOR_NUMBERS = (
    Plant("A01", "unknown_prefix", "号码前六位不是任何时期的行政区划",
          _on("S01", "size > 1"), _number("unknown_prefix")),
    Plant("A01", "future_birth", "号码中的出生日期在将来",
          _on("S01", "size > 1"), _number("future_birth")),
    Plant("A01", "impossible_birth", "号码中的出生日期不存在",
          _on("S01", "size > 1"), _number("impossible_birth")),
    Plant("A01", "abolished_prefix", "号码前六位是已撤销的区划，号码正确",
          "SELECT l.p, l.h FROM live l JOIN persons USING (p) WHERE scheme = 'S01' AND odd_prefix",
          _mark("S01"), planted=False),
    Plant("A02", "wrong_sex", "登记性别与号码第十七位不一致",
          "SELECT p, h FROM live WHERE scheme IN ('S01', 'S02', 'S05', 'S28')",
          ("INSERT INTO own_sex SELECT p FROM picked;",)),
)  # fmt: skip

_FOR_HOUSEHOLDS = (
    Plant("A04", "two_households", "同一人同时列在两户低保家庭",
          _on("S01", "role IN ('A', 'K')"),
          (_second("S01", 40_000, "农村低保"),
           *_mark(*_ALL_MEMBERS, "S21", begin=NEWEST_YEAR, to=_FOUND))),
    Plant("A04", "two_registers", "同时列在低保家庭和另一户防返贫监测家庭",
          _on("S01", "role IN ('A', 'K')"),
          (_second("S28", 0, "边缘易致贫户"),
           *_mark(*_ALL_MEMBERS, "S21", begin=NEWEST_YEAR, to=_FOUND))),
    Plant("A04", "married_out", "婚后转入配偶家庭，前后不重叠",
          "SELECT w.p, w.joined_h AS h FROM wedding w JOIN spell s ON s.h = w.left_h "
          "WHERE s.scheme = 'S01'",
          _mark(*_ALL_MEMBERS, begin=_LONG_AGO, end=_YEAR_END), planted=False),
    Plant("A04", "twins", "双胞胎，号码相邻，是两个人",
          "SELECT a.p, a.h FROM persons a JOIN persons b ON a.h = b.h AND a.born = b.born "
          "WHERE a.p <> b.p AND a.role = 'K' AND b.role = 'K'",
          _mark(*_ALL_MEMBERS, begin=NEWEST_YEAR), planted=False),
)  # fmt: skip

_FOR_AGES = (
    Plant("A20", "S07_too_old", "满18周岁后仍发孤儿生活费",
          "SELECT p, h FROM body WHERE died_m IS NULL AND class IN ('S05', 'S06', 'S28') "
          f"AND role IN ('K', 'G') AND {_born(18, 20, _FROM)}",
          (_add("S07", "160000", "社会散居"), *_mark("S07"))),
    Plant("A20", "S11_too_young", "不满60周岁发高龄失能补贴",
          _on("S01", f"disability IS NULL AND {_born(45, 58, _TO)}"),
          (_add("S11", "10000", "高龄"), *_mark("S11"))),
    Plant("A20", "S24_too_old", "满60周岁后仍代缴养老保险费",
          _on("S01", _born(60, 65, NEWEST_YEAR)),
          (_add("S24", "20000", "低保", begin=NEWEST_YEAR, end=NEWEST_YEAR),
           *_mark("S24", begin=NEWEST_YEAR))),
    Plant("A20", "S07_still_17", "不满18周岁的最后几个月",
          _on("S07", _born(15, 17, _TO)), _mark("S07"), planted=False),
    Plant("A20", "S11_disabled_60", "60至79周岁失能，符合条件",
          _on("S11", f"disability IS NOT NULL AND {_born(60, 79, _TO)}"),
          _mark("S11"), planted=False),
    Plant("A20", "S24_still_59", "59周岁，符合条件",
          _on("S24", _born(59, 59, NEWEST_YEAR)),
          _mark("S24", begin=NEWEST_YEAR), planted=False),
)  # fmt: skip

_FOR_CLASHES = (
    Plant("C03", "S01_S02", "低保与特困供养同月领取", _on("S01", _ALONE_AND_WELL),
          (_add("S02", "90000", "分散供养"), *_mark("S01", "S02"))),
    Plant("C03", "S02_S10", "特困供养与重残护理补贴同月领取",
          _on("S02", "disability IS NOT NULL"),
          (_add("S10", "10000", ""), *_mark("S02", "S10"))),
    Plant("C03", "S08_S09", "全额事实无人抚养补贴与残疾人生活补贴同月领取", _on("S08"),
          (_add("S09", "9000", ""), *_mark("S08", "S09"))),
    Plant("C03", "S10_S11", "重残护理补贴与高龄失能补贴同月领取（应择高）",
          _on("S10", _born(80, 105, _FROM)),
          (_add("S11", "10000", "高龄"), *_mark("S10", "S11"))),
    Plant("C03", "S01_S05", "低保家庭同年又认定为低保边缘家庭", _on("S01", "size = 1"),
          (_add("S05", "NULL", "", begin=NEWEST_YEAR, end=NEWEST_YEAR),
           *_mark("S01", "S05", begin=NEWEST_YEAR, end=_YEAR_END))),
    Plant("C03", "S09_S10", "残疾人两项补贴可以同时享受",
          "SELECT p, h FROM live a WHERE scheme = 'S09' AND p IN "
          "(SELECT p FROM live WHERE scheme = 'S10')",
          _mark("S09", "S10"), planted=False),
    Plant("C03", "S30_S01", "困难职工帮扶与低保可以同时享受",
          _on("S30", "class = 'S01' AND role = 'H'"),
          _mark("S30", "S01", begin=NEWEST_YEAR), planted=False),
    Plant("C03", "S01_then_S02", "低保停发的次月起享受特困供养，前后不重叠",
          _on("S01", _ALONE_AND_WELL),
          (_STOP_ALLOWANCE, _add("S02", "90000", "分散供养", begin=_FROM + 2),
           *_mark("S01", "S02")), planted=False),
)  # fmt: skip

_FOR_COUNTIES = (
    Plant("C04", "S10_two_counties", "两个县区同月发放重残护理补贴", _on("S10"),
          (_add("S10", "10000", "", village=_FAR), *_mark("S10"))),
    Plant("C04", "S11_two_counties", "两个县区同月发放高龄失能补贴",
          _on("S11", _born(80, 105, _FROM)),
          (_add("S11", "10000", "高龄", village=_FAR), *_mark("S11"))),
    Plant("C04", "moved_county", "跨县区迁居，迁出地停发后迁入地才发",
          "SELECT head AS p, h FROM hh JOIN class USING (h) JOIN place a USING (village) "
          "JOIN place b ON b.village = far_village WHERE moved_m IS NOT NULL AND far "
          "AND class = 'S01' AND a.county_code <> b.county_code",
          _mark("S01", begin=_LONG_AGO, end=_YEAR_END), planted=False),
    Plant("C04", "namesake", "另一县区同名同日出生的另一人",
          "SELECT p, h FROM persons WHERE (name, born) IN (SELECT (name, born) FROM persons "
          "GROUP BY name, born HAVING count(DISTINCT h) > 1)",
          _mark("S02", *_ALL_MEMBERS, begin=NEWEST_YEAR), planted=False),
)  # fmt: skip

_FOR_ACCOUNTS = (
    Plant("C05", "shared_account", "互不相干的两户共用一个账户", _on("S09"),
          (_one_account("S09"), *_mark("S09")), group=2),
    Plant("C05", "account_ring", "一个账户收取三人的护理补贴", _on("S10"),
          (_one_account("S10"), *_mark("S10")), group=3, share=3_000),
    Plant("C05", "guardian", "未成年人补贴发到同户监护人账户",
          _on("S08"), _mark("S08"), planted=False),
    Plant("C05", "institution", "集中供养对象的供养金发到机构账户",
          "SELECT l.p, l.h FROM live l JOIN spell s ON s.p = l.p AND s.scheme = l.scheme "
          "WHERE l.scheme = 'S02' AND s.item = '集中供养'",
          _mark("S02"), planted=False),
)  # fmt: skip

PLANTS = (
    *_FOR_NUMBERS, *_FOR_HOUSEHOLDS, *_FOR_AGES, *_FOR_CLASHES, *_FOR_COUNTIES, *_FOR_ACCOUNTS,
)  # fmt: skip
