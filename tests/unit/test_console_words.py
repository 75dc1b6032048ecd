"""What the pages make of values: numbers, ages, charts, changes, searches."""

import uuid
from datetime import UTC, date, datetime

import pytest

from relief.console import formats, labels
from relief.console.charts import TONES, aid_chart
from relief.console.households import aid, search
from relief.console.households.changes import Words, regions_named, told
from relief.core.privacy.cipher import Cipher
from relief.registry.queries import AidRow, ChangeRow, SchemeTag

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CIPHER = Cipher(
    data_keys={1: b"d" * 32}, current_key=1, index_keys={1: b"i" * 32}, current_index_key=1
)
ALICE = uuid.UUID(int=1)


@pytest.mark.parametrize(
    ("born", "died", "age"),
    [
        (date(1950, 11, 22), None, "76 岁"),
        (date(1950, 11, 23), None, "75 岁"),
        (date(2026, 11, 22), None, "0 岁"),
        (date(1950, 1, 1), date(2000, 1, 1), "50 岁"),
        (date(2027, 1, 1), None, "—"),
        (None, None, "—"),
    ],
)
def test_age_is_counted_on_china_s_today(born, died, age):
    assert formats.age(born, NOON, died) == age


def test_an_age_turns_at_midnight_in_china():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)

    assert formats.age(date(1950, 11, 23), late) == "76 岁"


def test_values_that_are_missing_are_a_dash():
    for form in (formats.yuan, formats.day, formats.month, formats.moment, formats.count):
        assert form(None) == "—"


def test_values_are_written_as_clerks_write_them():
    assert formats.yuan(123_456_78) == "123,456.78"
    assert formats.short_yuan(99_999_00) == "99,999"
    assert formats.short_yuan(123_456_00) == "12.3万"
    assert formats.day(date(2026, 3, 1)) == "2026-03-01"
    assert formats.month(date(2026, 3, 1)) == "2026年3月"
    assert formats.moment(NOON) == "2026-11-22 12:00"
    assert formats.count(1234) == "1,234"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("辽宁省鞍山市铁东区胜利路1号", "铁东区胜利路1号"),
        ("鞍山市铁东区胜利路1号", "铁东区胜利路1号"),
        ("鞍山市海城市析木镇", "海城市析木镇"),
        ("海城市析木镇", "海城市析木镇"),
        ("岫岩满族自治县阜昌街道", "岫岩满族自治县阜昌街道"),
        ("解放社区1号楼", "解放社区1号楼"),
    ],
)
def test_a_list_leaves_out_what_lies_above_the_county(address, shown):
    assert formats.in_city(address) == shown


def test_a_code_without_a_name_is_shown_as_it_is():
    assert labels.label("clerk", "role") == "经办人"
    assert labels.label("new", "role") == "new"


def test_a_chart_stacks_the_largest_schemes_and_joins_the_rest():
    amounts = [(2026, f"项目{n}", (n + 1) * 100_00) for n in range(9)]

    chart = aid_chart([*amounts, (2024, "项目8", 50_00), (2010, "旧", 1)])

    assert chart is not None
    assert [bar.year for bar in chart.bars] == [2024, 2025, 2026]
    assert chart.bars[1].pieces == ()
    assert chart.bars[2].total_fen == 4500_00
    assert len(chart.bars[2].pieces) == TONES + 1
    assert chart.bars[2].pieces[-1].amount_fen == (1 + 2 + 3) * 100_00
    assert chart.legend[0] == (0, "项目8")
    assert chart.legend[-1] == (TONES, "其他项目")
    assert chart.rules[-1].amount_fen >= 4500_00
    assert all(0 <= piece.y <= chart.base for bar in chart.bars for piece in bar.pieces)


def test_a_chart_of_few_schemes_has_no_rest():
    chart = aid_chart([(2026, "低保", 1)])

    assert chart is not None
    assert chart.legend == ((0, "低保"),)
    assert chart.rules[-1].amount_fen == 100_00


def test_no_money_makes_no_chart():
    assert aid_chart([(2026, "低保", 0)]) is None


def test_the_table_of_aid_shows_five_years_and_sums_all():
    tag = SchemeTag("S01", "低保")
    rows = [AidRow(scheme=tag, year=year, times=1, amount_fen=100) for year in range(2020, 2027)]

    table = aid.aid_table(rows, [], {})

    assert list(table.years) == [2022, 2023, 2024, 2025, 2026]
    assert table.lines[0].name == "低保"
    assert table.lines[0].total_fen == table.total_fen == 700
    assert list(table.totals) == [100] * 5
    assert table.lines[0].times == 7
    assert table.earlier


PERSON, ACTOR = uuid.UUID(int=1), uuid.UUID(int=2)
WORDS = Words(
    members={PERSON: "张三"},
    regions={210302002001: "铁东区解放街道解放社区"},
    codes={"marital": {"20": "已婚"}},
    actors={ACTOR: "李姐"},
)


def change(op="U", table="person", actor=None, at=NOON, **fields):
    return ChangeRow(
        id=1,
        changed_at=at,
        table=table,
        row_id=PERSON,
        op=op,
        actor_id=actor,
        reason=None,
        fields=fields,
    )


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"marital": [None, "20"]}, "张三：婚姻状况由“空”改为“已婚”"),
        ({"phone": ["(保密)", "(保密)"]}, "张三：联系电话已更换"),
        ({"phone": [None, "(保密)"]}, "张三：联系电话已登记"),
        ({"phone": ["(保密)", None]}, "张三：联系电话已清空"),
        ({"total_fen": [100, 200]}, "张三：累计金额由“1.00 元”改为“2.00 元”"),
        ({"last_on": ["2026-01-01", "2026-02-01"]}, "张三：最近月份由“2026年1月”改为“2026年2月”"),
        ({"category": ["other", "monitored"]}, "张三：困难类别由“其他困难”改为“防止返贫监测”"),
        (
            {"region_code": [1, 210302002001]},
            "张三：所在区划由“1”改为“铁东区解放街道解放社区”",
        ),
    ],
)
def test_a_change_is_told_in_words(fields, line):
    assert list(told([change(**fields)], WORDS)[0].lines) == [line]


def test_changes_of_one_moment_are_one_entry():
    rows = [
        change("I", "membership"),
        change("I", "membership"),
        change("D", "enrolment"),
        change(at=datetime(2025, 1, 1, tzinfo=UTC), actor=ACTOR, name=["张", "张三"]),
        change("U", unknown=[1, 2]),
    ]

    entries = told(rows, WORDS)

    assert entries[0].title == "登记 2 名家庭成员，移出 1 个在册项目"
    assert entries[1].title == "信息变更（李姐）"
    assert list(entries[2].lines) == []


def test_a_long_list_of_changes_is_cut_and_says_so():
    rows = [change(name=[str(n), "张三"]) for n in range(60)]

    entry = told(rows, WORDS)[0]

    assert entry.lines[-1] == "另有 48 处变化"
    assert entry.title == "信息变更等"


def test_the_regions_that_changes_speak_of_are_known():
    assert regions_named([change(region_code=[None, 5]), change(name=["a", "b"])]) == {5}


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("王芳", "name"),
        ("古丽·阿卜杜热依木", "name"),
        ("21030219500101123x", "citizen_id"),
        ("２１０３０２１９５００１０１１２３Ｘ", "citizen_id"),
        ("210302500101123", "citizen_id"),
        ("138-0000-0000", "phone"),
        ("04121234567", "phone"),
        ("胜利路", "address"),
        ("解放社区 3 号楼", "address"),
        ("欧阳娜娜家的", "address"),
    ],
)
def test_a_search_is_understood(text, way):
    assert search.understand(text) == way


def test_a_sealed_search_opens_to_itself_and_nothing_else():
    asked = search.read("auto", " 王  芳 ")
    assert asked is not None
    token = search.seal(CIPHER, asked, ALICE)

    assert search.unseal(CIPHER, token, ALICE) == asked
    assert search.unseal(CIPHER, token, uuid.UUID(int=2)) is None
    assert "王" not in token
    for broken in ("", "!", "YQ", token[:-4] + "AAAA"):
        assert search.unseal(CIPHER, broken, ALICE) is None


def test_an_unknown_way_is_understood_anew():
    asked = search.read("nonsense", "王芳")

    assert asked is not None
    assert (asked.chosen, asked.way) == ("auto", "name")
    assert search.read("name", "  ") is None
