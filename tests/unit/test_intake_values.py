"""What texts in department files mean."""

from datetime import date

import pytest

from relief.registry.intake import values
from relief.registry.intake.regions import RegionRow, Regions, Zone

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "name", "key"),
    [
        ("王建国", "王建国", "王建国"),
        (" 王　建 国 ", "王建国", "王建国"),
        ("阿依古丽•买买提", "阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽。买买提", "阿依古丽。买买提", "阿依古丽·买买提"),
        ("John  Smith", "John Smith", "JOHNSMITH"),
        ("ＡＢ\u200b李", "ＡＢ李", "AB李"),
        ("'=王", "=王", "=王"),
        ("\ufeff王", "王", "王"),
    ],
)
def test_names_are_trimmed_and_have_one_key(text, name, key):
    assert values.name(text) == name
    assert values.name_key(name) == key


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u200b"])
def test_an_empty_name_is_none(text):
    assert values.name(text) is None


@pytest.mark.parametrize(
    ("text", "form", "fen"),
    [
        ("1,234.50", "yuan", 123450),
        ("￥612.5", "yuan", 61250),
        ("６１２．５０", "yuan", 61250),
        ("1234.5元", "yuan_cn", 123450),
        ("9e999999", "yuan", None),
        ("1234元整", "yuan_cn", 123400),
        ("123450", "fen", 123450),
        ("-200", "yuan", -20000),
        ("'-200.00", "yuan", -20000),
        ("0.30000000000000004", "yuan", 30),
        ("0", "yuan", 0),
        ("", "yuan", None),
        ("壹佰元", "yuan", None),
        ("12.345", "yuan", None),
        ("1234.5元", "yuan", None),
        ("12.5", "fen", None),
        ("NaN", "yuan", None),
        ("Infinity", "yuan", None),
        ("1_000", "yuan", None),
        ("9" * 40, "yuan", None),
        ("99999999999999", "yuan", None),
    ],
)
def test_money_becomes_fen(text, form, fen):
    assert values.fen(text, form) == fen


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("2026年01月", "%Y年%m月", date(2026, 1, 1)),
        ("２０２６年１月", "%Y年%m月", date(2026, 1, 1)),
        ("2026", "%Y", date(2026, 1, 1)),
        ("2026/3/4", "%Y/%m/%d", date(2026, 3, 4)),
        ("20260304", "%Y%m%d", date(2026, 3, 4)),
        ("2026-03-04", "%Y年%m月%d日", date(2026, 3, 4)),  # a real date cell of a workbook
        ("春季学期", None, date(2026, 3, 1)),
        ("2026-02-30", "%Y-%m-%d", None),
        ("三月", "%Y-%m-%d", None),
        ("", "%Y-%m-%d", None),
        ("1026-03-04", "%Y-%m-%d", None),
        ("2062-03-04", "%Y-%m-%d", None),
    ],
)
def test_days_are_read_in_the_layouts_form(text, form, day):
    assert values.day(text, form, today=TODAY, codes={"春季学期": "2026-03-01"}) == day


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("138 0000 0001", "13800000001"),
        ("+86-13800000001", "13800000001"),
        ("0412-5555555", "04125555555"),
        ("１３８００００００００", "13800000000"),
        ("无", None),
        ("123", None),
    ],
)
def test_phones_keep_their_digits(text, phone):
    assert values.phone(text) == phone


@pytest.mark.parametrize(
    ("text", "account"),
    [("6217 0000-0000 1234", "6217000000001234"), ("现金", None), ("", None)],
)
def test_accounts_keep_letters_and_digits(text, account):
    assert values.account(text) == account


def test_words_are_one_line_and_cut():
    assert values.words(" 肢体\n二级　重度 ", 10) == "肢体 二级 重度"
    assert values.words("甲" * 12, 10) == "甲" * 10
    assert values.words(" ", 10) is None


def test_numbers_of_offices_lose_their_spaces():
    assert values.number(" d ００1 ") == "D001"
    assert values.number("") is None


def test_words_have_codes():
    assert values.coded(" 户 主 ", {"户主": "02"}) == "02"
    assert values.coded("邻居", {"户主": "02"}) is None


CITY, EAST, SEA, HORSE = 210300000000, 210302000000, 210381000000, 210323000000
REGIONS = Regions(
    [
        RegionRow(CITY, "鞍山市", "city"),
        RegionRow(EAST, "铁东区", "county"),
        RegionRow(210302002000, "解放街道", "township"),
        RegionRow(210302002001, "解放社区", "village"),
        RegionRow(210302002003, "长影社区", "village"),
        RegionRow(210302003000, "山南街道", "township"),
        RegionRow(SEA, "海城市", "county"),
        RegionRow(210381127000, "高坨镇", "township"),
        RegionRow(210381127211, "张房村委会", "village"),
        RegionRow(210381128000, "山南街道", "township"),
        RegionRow(HORSE, "岫岩满族自治县", "county"),
    ],
    [Zone("鞍山高新技术产业开发区", EAST), Zone("千山风景名胜区", EAST)],
)


@pytest.mark.parametrize(
    ("county", "township", "village", "address", "code"),
    [
        ("铁东区", "解放街道", "解放社区", "", 210302002001),
        ("鞍山市铁东区", "解放街道办事处", "解放社区居民委员会", "", 210302002001),
        ("辽宁省鞍山市铁东区", "解放街道", "别处", "", 210302002000),
        ("铁东区", "别处", "", "", EAST),
        ("铁东区", "别处", "", "鞍山市铁东区解放街道解放社区1号", 210302002001),
        ("铁东区", "解放街道", "", "鞍山市铁东区解放街道长影社区1号", 210302002003),
        ("铁东区", "", "", "海城市高坨镇", EAST),
        ("海城", "高坨镇", "张房村", "", 210381127211),
        ("海城市", "高坨镇人民政府", "张房村民委员会", "", 210381127211),
        ("岫岩县", "", "", "", HORSE),
        ("岫岩", "", "", "", HORSE),
        ("高新区", "", "", "", EAST),
        ("鞍山高新技术产业开发区", "", "", "", EAST),
        ("千山风景区", "", "", "", EAST),
        ("", "", "", "", CITY),
        ("市本级", "", "", "", CITY),
        ("鞍山市", "解放街道", "", "", 210302002000),
        ("", "解放街道", "", "", 210302002000),
        ("", "山南街道", "", "", CITY),  # there are two
        ("", "", "", "鞍山市海城市高坨镇张房村3组", 210381127211),
        ("", "", "", "解放街道长影社区", 210302002003),
        ("", "", "", "沈阳市和平区", CITY),
        ("盖州市", "", "", "", None),
        ("沈河区", "解放街道", "", "", None),
    ],
)
def test_regions_are_found_by_names_and_address(county, township, village, address, code):
    assert REGIONS.by_names(county, township, village, address) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("210302002001", 210302002001),
        ("210302002", 210302002000),
        ("210302", EAST),
        ("210302002999", 210302002000),  # a code of another year: the street is known
        ("210302999001", EAST),
        ("210399000000", CITY),
        ("210881001001", None),
        ("21030", None),
        ("铁东", None),
    ],
)
def test_regions_are_found_by_code(text, code):
    assert REGIONS.by_code(text) == code
