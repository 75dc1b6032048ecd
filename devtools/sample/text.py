"""How each field of a face and a row is written in a file: SQL for one column of a layout.

What belongs to the person is written once a face; only the period, the money and the faults of
a single row are written once a row.
"""

from devtools.sample.layouts import Column, Layout, is_whole_day
from devtools.sample.schedule import FIRST

# what stands before a household's number in the registers that number households
NUMBER_PREFIXES = {
    "S01": "鞍低", "S04": "LZ", "S05": "BY", "S06": "GX", "S13": "QN", "S21": "GZF", "S22": "WF",
    "S26": "ZH", "S28": "", "S30": "ZG", "S33": "WZA",
}  # fmt: skip
# Columns that only the department understands; we keep them in the original file alone.
FILLERS = {
    "序号": "r.n - heading_row",
    "经办人": "one_of(f.h, 'clerk', ['王岩', '李慧', '张弛', '刘畅', '陈曦'])",
    "年龄": "CAST(r.m // 12 AS INT) - year(f.born)",
    "经办人与逝者关系": "one_of(f.h, 'kin', ['子女', '配偶', '其他亲属', '村委会'])",
    "医疗总费用": "(2000 + pick(f.e, 'bill', 60000)) || '.00'",
    "就读幼儿园": "one_of(f.h, 'nursery', ['中心幼儿园', '蓝天幼儿园', '育红幼儿园'])",
    "学校名称": "one_of(f.h, 'school', ['中心小学', '第一初级中学', '实验学校', '九年一贯制学校'])",
    "录取院校": "one_of(f.p, 'college', ['本市师范学院', '省内理工大学', '外省院校'])",
    "竣工情况": "'已竣工'",
    "救治医院": "one_of(f.p, 'hospital', ['市中心医院', '市第三医院', '县人民医院'])",
    "承办律师": "one_of(f.p, 'lawyer', ['孙律师', '周律师', '赵律师'])",
    "工作单位": "one_of(f.h, 'works', ['机械厂', '纺织厂', '公交公司', '下岗失业'])",
    "康复机构": "one_of(f.p, 'clinic', ['市残疾人康复中心', '阳光康复中心'])",
}
# What stands in a column of a row that has this fault.
_FAULTS = {
    "name": {"no_name": "''"},
    "citizen_id": {"mistyped_once": "f.mistyped_number", "missing_once": "''"},
    "county": {
        "unknown_county": "one_of(f.k + r.m, 'county', ['盖州市', '沈河区', '辽阳县', '外县'])"
    },
    "region_code": {"unknown_county": "'210881001001'"},
    "amount": {
        "bad_amount": "one_of(f.k + r.m, 'amount', ['待核', '壹佰元', '——', '按标准', '见备注'])"
    },
}
_DAY = """make_date(r.m // 12, r.m % 12 + 1, CASE WHEN f.died_on IS NULL
    THEN 1 + pick(f.h * 512 + r.m - {first}, 'day', 28) ELSE day(f.died_on) + 3 END)"""
_PLAIN = {
    "name": "f.name", "citizen_id": "f.number", "phone": "f.phone", "account": "f.account",
    "health": "f.health", "householder_name": "f.householder_name", "item": "f.item",
    "county": "a.county_name", "township": "a.township_name", "village": "a.village_name",
    "region_code": "a.code",
}  # fmt: skip
_CODED = ("sex", "ethnicity", "marital", "relation")


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def of_face(column: Column, layout: Layout) -> str:
    """Return the SQL for what a column says of a person, from `face f` and `address a`."""
    field = column.field
    if field in _CODED:
        words = ", ".join(f"{quote(code)}: {quote(word)}" for code, word in column.words.items())
        return f"MAP {{{words}}}[f.{field}]"
    if field in {"born_on", "died_on"}:
        source = "f.born" if field == "born_on" else "f.died_on"
        return f"strftime({source}, {quote(column.format or '%Y-%m-%d')})"
    if field == "household_number":
        return _household_number(layout)
    if field == "address":
        return _address(layout)
    return _PLAIN.get(field or "", "NULL")


def of_row(column: Column, layout: Layout, face: str) -> str:
    """Return the SQL for what a column says in a row; `face` is what it says of the person."""
    field = column.field
    if field is None:
        return FILLERS.get(column.heading, "''")
    if field == "period":
        return _period(column)
    if field == "amount":
        face = written_money(column, fen(layout))
    if field == "region_code":
        face = f"CAST({face} AS VARCHAR)"
    faults = _FAULTS.get(field, {})
    cases = " ".join(f"WHEN '{fault}' THEN {instead}" for fault, instead in faults.items())
    return f"CASE r.fault {cases} ELSE {face} END" if cases else face


def fen(layout: Layout) -> str:
    """Return the SQL for a row's money; what is paid monthly rises by 4 % of 2023 a year."""
    if layout.grain != "month":
        return "f.fen"
    return "f.fen * (100 + 4 * (r.m // 12 - 2023)) // 10000 * 100"


def written_money(column: Column, amount: str) -> str:
    """Return the SQL for an amount in the form of the file."""
    if column.format == "fen":
        return f"CAST({amount} AS VARCHAR)"
    if column.format == "yuan_cn":
        return f"({amount}) // 100 || CASE ({amount}) % 100 WHEN 0 THEN '' ELSE '.5' END || '元'"
    whole = f"format('{{:,}}', ({amount}) // 100)" if column.grouped else f"({amount}) // 100"
    return f"{whole} || '.' || lpad(CAST(({amount}) % 100 AS VARCHAR), 2, '0')"


def _period(column: Column) -> str:
    if is_whole_day(column):
        day = _DAY.format(first=FIRST)
        return f"strftime({day}, {quote(column.format or '')})"
    return "w.word"


def _household_number(layout: Layout) -> str:
    number = int(layout.scheme[1:])
    # A step through a prime, so that the numbers of two registers have nothing in common.
    own = f"(f.household * 48271 + {number} * 7919) % 999983"
    prefix = quote(NUMBER_PREFIXES[layout.scheme])
    return f"{prefix} || hh.county || lpad(CAST({own} AS VARCHAR), 6, '0')"


def _address(layout: Layout) -> str:
    """Departments of the city begin an address with the city, others with the county."""
    first = "'鞍山市'" if int(layout.scheme[1:]) % 3 else "'辽宁省鞍山市'"
    return f"{first} || a.address"
