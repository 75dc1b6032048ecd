"""What is compared: each cleaner, on what people write."""

from datetime import date
from pathlib import Path

import pytest

from relief.registry.matching import cleaning
from relief.registry.matching.cleaning import CLEANERS
from relief.registry.matching.specification import MATCHES
from tests.support.workbench import digits

NUMBER = digits("A", date(1980, 3, 4))
WRONG = digits("A?", date(1980, 3, 4))
OLD = NUMBER[:6] + NUMBER[8:17]


@pytest.mark.parametrize(
    ("cleaner", "written", "cleaned"),
    [
        ("text", " 解放  社区\n3号 ", "解放 社区 3号"),
        ("text", "  ", None),
        ("latin", "  O'Brien-SMITH, Ann ", "o brien smith ann"),
        ("latin", "。", None),
        ("digits", "tel: 0412-３４５", "0412345"),
        ("digits", "none", None),
        ("chinese_name", " 张　伟 ", "张伟"),
        ("chinese_name", "阿不都•热合曼", "阿不都·热合曼"),
        ("chinese_name", " ", None),
        ("chinese_sound", "张伟", "zhang wei"),
        ("chinese_sound", "章炜", "zhang wei"),
        ("chinese_sound", "", None),
        ("citizen_number", NUMBER[:17] + NUMBER[17].lower(), NUMBER),
        ("citizen_number", OLD, NUMBER),
        ("citizen_number", WRONG, WRONG),
        ("citizen_number", " ", None),
        ("valid_citizen_number", NUMBER, NUMBER),
        ("valid_citizen_number", WRONG, None),
        ("birth_of_citizen_number", NUMBER, "1980-03-04"),
        ("birth_of_citizen_number", WRONG, "1980-03-04"),
        ("birth_of_citizen_number", OLD, "1980-03-04"),
        ("birth_of_citizen_number", "21030219800304", None),
        ("birth_of_citizen_number", NUMBER[:10] + "1340" + NUMBER[14:], None),
        ("sex_of_citizen_number", NUMBER, "1" if int(NUMBER[16]) % 2 else "2"),
        ("sex_of_citizen_number", WRONG, None),
        ("day", "1980-03-04", "1980-03-04"),
        ("day", "19800304", "1980-03-04"),
        ("day", "1980/3/4", "1980-03-04"),
        ("day", "1980.03.04", "1980-03-04"),
        ("day", "1980年3月4日", "1980-03-04"),
        ("day", "1980-02-30", None),
        ("day", "去年", None),
        ("phone", "+86 138 0000 1111", "13800001111"),
        ("account", "6222-0212 3456 7890", "6222021234567890"),
        ("sex", "男", "1"),
        ("sex", "女性", "2"),
        ("sex", "２", "2"),
        ("sex", "未知", None),
        ("door", "辽宁省鞍山市铁东区解放社区 3号", "铁东区解放社区3号"),
        ("door", "鞍山市", None),
        ("number", " ab－１２ ", "AB-12"),
    ],
)
def test_a_cleaner_makes_of_it(cleaner, written, cleaned):
    assert CLEANERS[cleaner](written) == cleaned


@pytest.mark.parametrize("cleaner", sorted(CLEANERS))
@pytest.mark.parametrize(
    "written", ["张伟", NUMBER, "1980年3月4日", "男", "鞍山市铁东区1号", "A-1"]
)
def test_what_is_clean_stays(cleaner, written):
    once = CLEANERS[cleaner](written)
    derives = cleaner in ("chinese_sound", "birth_of_citizen_number", "sex_of_citizen_number")

    if once is not None and not derives:
        assert CLEANERS[cleaner](once) == once


def test_every_cleaner_is_known_by_its_name():
    assert all(getattr(cleaning, name) is one for name, one in CLEANERS.items())


@pytest.mark.parametrize("name", [*CLEANERS, *MATCHES])
def test_the_manual_explains_each_cleaner_and_match(name):
    manual = Path(__file__).parents[2] / "docs" / "linkage.md"

    assert f"\n| `{name}` | " in manual.read_text("utf-8")
