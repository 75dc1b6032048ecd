"""What the reader makes of whole files; run in this process instead of the child's."""

import io
import zipfile
from datetime import date

import pytest

from tests.support.files import (
    ACCOUNT,
    NUMBER,
    PHONE,
    S01,
    S04,
    TITLE,
    csv_bytes,
    read,
    s01,
    s04,
    write_csv,
    write_xlsx,
)

TOTALS = ["合计", *[""] * 10, "612.50"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_every_encoding_gives_the_same(tmp_path, folder, encoding):
    path = write_csv(tmp_path / "a.csv", [s01(), s01(姓名="李秀英", 身份证号="")], encoding)
    found = read(path, folder)
    assert found["scheme"] == "S01"
    assert (found["received"], found["rejected"]) == (2, 0)
    assert found["identities"][0] == {
        "identity_no": 1,
        "county_code": 210302,
        "region_code": 210302002001,
        "name": "王建国",
        "name_key": "王建国",
        "citizen_id": NUMBER,
        "citizen_id_valid": True,
        "number_born_on": date(1980, 3, 4),
        "sex": "1",
        "born_on": None,
        "ethnicity": "11",
        "marital": None,
        "phone": PHONE,
        "account": ACCOUNT,
        "health": None,
        "address": "鞍山市铁东区解放街道解放社区1号",
        "household_number": "D001",
        "householder_name": "王建国",
        "relation": "02",
        "died_on": None,
    }
    record = found["records"][0]
    assert (record["row_number"], record["identity_no"]) == (3, 1)
    assert (record["period"], record["amount"], record["item"]) == (date(2026, 1, 1), 61250, "A类")


def test_rows_of_one_person_are_one_identity_however_they_are_written(tmp_path, folder):
    rows = [
        s01(),
        s01(发放月份="2026年02月", 身份证号="２１０３０２１９８００３０４００１１", 姓名="王 建国"),
        s01(发放月份="2026年03月", 联系电话=f"{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}"),
    ]
    found = read(write_csv(tmp_path / "a.csv", rows), folder)
    assert len(found["identities"]) == 1
    assert [row["identity_no"] for row in found["records"]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("number", "kept", "valid"),
    [
        ("210302800304001", "210302198003040011", True),  # the old form, widened
        ("21030219750101001x", "21030219750101001X", False),
        ("210302198013040011", "210302198013040011", False),
        ("护照 E1234567", "护照E1234567", False),
        ("", None, False),
    ],
)
def test_a_wrong_or_missing_number_rejects_nothing(tmp_path, folder, number, kept, valid):
    found = read(write_csv(tmp_path / "a.csv", [s01(身份证号=number)]), folder)
    assert found["rejected"] == 0
    identity = found["identities"][0]
    assert (identity["citizen_id"], identity["citizen_id_valid"]) == (kept, valid)
    assert (identity["number_born_on"] is not None) == valid


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path, folder):
    rows = [
        s01(家庭住址="铁东区\n解放街道"),
        [""] * 16,
        [],
        s01(姓名="李 秀\n英", 家庭住址='门牌"三"号'),
        s01(姓名=""),
        TOTALS + [""] * 4,
    ]
    found = read(write_csv(tmp_path / "a.csv", rows), folder)
    assert [row["row_number"] for row in found["records"]] == [3, 6]
    assert [row["row_number"] for row in found["rejects"]] == [7]
    assert found["received"] == 3
    assert found["identities"][1]["name"] == "李秀英"


def test_rows_with_too_few_or_too_many_cells_are_sent_back(tmp_path, folder):
    rows = [s01(), s01()[:5], [*s01(姓名="甲"), "", ""], [*s01(姓名="乙"), "多"], TOTALS]
    found = read(write_csv(tmp_path / "a.csv", rows), folder)
    assert [(row["row_number"], row["code"]) for row in found["rejects"]] == [
        (4, "cell_count"),
        (6, "cell_count"),
    ]
    assert found["rejects"][0]["reason"] == "这一行有 5 个单元格，表头有 16 个。"
    assert [row["row_number"] for row in found["records"]] == [3, 5]
    assert found["received"] == 4


def test_each_reason_names_row_and_column_but_no_value(tmp_path, folder):
    rows = [
        s01(),
        s01(姓名=" "),
        s01(**{"发放金额（元）": "壹佰元"}),
        s01(发放月份="上个月"),
        s01(**{"县（市）区": "盖州市"}),
        s01(低保证号=""),
        s01(),
    ]
    found = read(write_csv(tmp_path / "a.csv", rows), folder)
    assert [(r["row_number"], r["column"], r["code"], r["reason"]) for r in found["rejects"]] == [
        (4, "姓名", "missing_value", "“姓名”为空，这一列必须填写。"),
        (5, "发放金额（元）", "unreadable_value", "“发放金额（元）”的内容无法识别。"),
        (6, "发放月份", "unreadable_value", "“发放月份”的内容无法识别。"),
        (7, "县（市）区", "unknown_region", "“县（市）区”不是本市的区划。"),
        (8, "低保证号", "missing_value", "“低保证号”为空，这一列必须填写。"),
        (9, None, "repeated_row", "与第 3 行完全相同。"),
    ]
    assert (found["received"], found["rejected"]) == (7, 6)


def test_a_row_with_two_faults_is_sent_back_once(tmp_path, folder):
    found = read(write_csv(tmp_path / "a.csv", [s01(姓名="", 发放月份="")]), folder)
    assert [row["column"] for row in found["rejects"]] == ["姓名"]


def test_optional_values_that_cannot_be_read_are_empty(tmp_path, folder):
    rows = [s01(性别="不详", 与户主关系="邻居", 联系电话="无", 开户账号="现金", 民族="外星")]
    identity = read(write_csv(tmp_path / "a.csv", rows), folder)["identities"][0]
    fields = ("sex", "relation", "phone", "account", "ethnicity")
    assert [identity[name] for name in fields] == [None] * 5


def test_a_workbook_is_read_with_its_dates_and_numbers(tmp_path, folder):
    rows = [["支出型临时救助审批发放情况统计表"], S04, s04(), s04(家庭成员姓名="钱多"), ["合计"]]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows), folder)
    assert (found["scheme"], found["received"], found["rejected"]) == ("S04", 2, 0)
    record = found["records"][0]
    assert (record["row_number"], record["period"], record["amount"]) == (
        3,
        date(2026, 3, 4),
        120050,
    )
    assert found["identities"][0]["region_code"] == 210381000000


def test_a_workbook_that_begins_further_down_and_right_keeps_its_row_numbers(tmp_path, folder):
    rows = [[], [], ["", *S04], ["", *s04(家庭成员姓名="")]]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows), folder)
    assert found["rejects"][0]["row_number"] == 4


def test_hidden_and_foreign_sheets_are_left_alone(tmp_path, folder):
    table = [S04, s04()]
    path = write_xlsx(tmp_path / "a.xlsx", [["说明"]], table, table, [], hidden=2)
    assert read(path, folder)["received"] == 1


def test_totals_are_left_out_only_at_the_end(tmp_path, folder):
    rows = [s01(**{"县（市）区": "合计区"}), s01(), TOTALS + [""] * 4]
    found = read(write_csv(tmp_path / "a.csv", rows), folder)
    assert found["received"] == 2
    assert found["rejects"][0]["row_number"] == 3


def test_a_file_with_only_headings_is_a_list_with_nobody_on_it(tmp_path, folder):
    found = read(write_csv(tmp_path / "a.csv", []), folder)
    assert (found["scheme"], found["received"], found["rejects"]) == ("S01", 0, [])


def test_another_delimiter_is_found(tmp_path, folder):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([TITLE, S01, s01()], "utf-8", "\t"))
    assert read(path, folder)["received"] == 1


def zipped(entries):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return sink.getvalue()


BROKEN = {
    "empty": (b"", "empty", "文件是空的，没有任何内容。"),
    "garbage": (bytes(range(256)) * 40, "not_a_table", "文件不是 xlsx 或 csv 表格，无法读取。"),
    "old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "old_or_locked",
        (
            "文件设有打开密码，或是旧版 Office 格式，无法读取；"
            "请在表格软件中打开后另存为 xlsx 或 csv 再导入。"
        ),
    ),
    "utf-16": (
        "姓名,金额\n".encode("utf-16"),
        "encoding",
        "文件是 UTF-16 编码（“Unicode 文本”），请另存为 UTF-8 编码的 csv 后导入。",
    ),
    "neither encoding": (
        csv_bytes([TITLE, S01, s01()]) + b"\xff\xff\xff\n",
        "encoding",
        "第 4 行附近有无法识别的字符，请另存为 UTF-8 编码后导入。",
    ),
    "truncated workbook": (
        zipped({"xl/workbook.xml": "x" * 10_000})[:80],
        "broken_workbook",
        "xlsx 文件不完整或已损坏，请重新导出后导入。",
    ),
    "workbook of nonsense": (
        zipped({"xl/workbook.xml": "nonsense"}),
        "broken_workbook",
        "xlsx 文件不完整或已损坏，请重新导出后导入。",
    ),
    "some other zip": (
        zipped({"readme.txt": "hello"}),
        "not_a_table",
        "压缩文件里没有工作簿，不是 xlsx 表格。",
    ),
    "zip bomb": (
        zipped({"xl/workbook.xml": "<a/>", "xl/sharedStrings.xml": "0" * 4_000_000}),
        "zip_bomb",
        "xlsx 文件展开后的内容大得不正常，为保护系统未予读取。",
    ),
    "wrong layout": (
        "品名,单价\n苹果,3\n".encode(),
        "no_layout",
        "前 2 行里没有找到任何项目的表头，请使用本项目的模板，或指定救助项目后再导入。",
    ),
    "heading twice": (
        csv_bytes([[*S01, "姓名"], [*s01(), ""]]),
        "double_heading",
        "第 1 行表头中“姓名”出现了不止一次。",
    ),
    "open quote": (
        csv_bytes([TITLE, S01, s01()]) + '铁东区,"解放街道\n1,2\n'.encode("gb18030"),
        "open_quote",
        "第 4 行起有双引号没有配对，后面的内容无法分行。",
    ),
    "long cell": (
        csv_bytes([TITLE, S01, s01(), s01(家庭住址="长" * 70_000)]),
        "cell_too_long",
        "第 4 行第 15 列的单元格内容过长，无法读取。",
    ),
    "long row": (
        csv_bytes([TITLE, S01, s01(), s01(家庭住址="长" * 3_000_000)]),
        "row_too_long",
        "第 3 行之后有过长的行或单元格，无法读取；请检查引号是否配对。",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_has_one_clear_message(tmp_path, folder, name):
    content, fault, message = BROKEN[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    found = read(path, folder)
    assert (found["fault"], found["message"]) == (fault, message)
    assert "records" not in found


def test_missing_headings_of_a_named_scheme_are_told(tmp_path, folder):
    rows = [[text for text in S01 if text not in {"姓名", "低保证号"}], ["铁东区"]]
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(rows))
    message = "缺少必需的列：低保证号、姓名。请对照 S01 的模板检查表头。"
    assert read(path, folder, "S01")["message"] == message


def test_two_sheets_with_data_are_refused(tmp_path, folder):
    path = write_xlsx(tmp_path / "a.xlsx", [S04, s04()], [S04, s04()])
    message = "有 2 个工作表都含有数据，请每个文件只保留一个工作表。"
    assert read(path, folder)["message"] == message


def test_an_empty_workbook_is_refused(tmp_path, folder):
    assert read(write_xlsx(tmp_path / "a.xlsx", []), folder)["fault"] == "empty"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_of_headings_alone_is_a_month_without_cases(tmp_path, folder, form):
    if form == "csv":
        path = write_csv(tmp_path / "a.csv", [])
    else:
        path = write_xlsx(tmp_path / "a.xlsx", [S04])

    found = read(path, folder)

    assert (found.get("fault"), found["received"]) == (None, 0)


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ({"rows": 2}, "too_many_rows"),
        ({"columns": 3}, "too_many_columns"),
        ({"file_bytes": 10}, "too_large"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_limits_hold(tmp_path, folder, limits, fault, form):
    if form == "csv":
        path = write_csv(tmp_path / "a.csv", [s01(姓名=f"王{n}") for n in range(5)])
    else:
        path = write_xlsx(tmp_path / "a.xlsx", [S04, *(s04(家庭成员姓名=f"王{n}") for n in "abcd")])
    assert read(path, folder, **limits)["fault"] == fault
