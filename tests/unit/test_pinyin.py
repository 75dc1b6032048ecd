"""How names sound, and what is typed for them."""

import importlib

import pytest

from relief.core import pinyin


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("王小明", ["wangxiaoming", "wangxiao", "xiaoming", "wang", "ming", "wxm", "wx", "xm"]),
        ("单小明", ["shanxiaoming", "danxiaoming", "sxm", "dxm"]),
        ("單芳", ["shanfang"]),
        ("曾国", ["zengguo", "cengguo"]),
        ("解放", ["xiefang", "jiefang"]),
        ("查良", ["zhaliang"]),
        ("仇英", ["qiuying"]),
        ("区红", ["ouhong"]),
        ("尉迟恭", ["yuchigong", "weichigong", "ycg"]),
        ("万俟雪", ["moqixue"]),
        ("张重乐", ["zhangzhongle", "zhangchongyue"]),
        ("吕芳", ["lvfang", "lf"]),
        ("欧阳娜娜", ["ouyangnana", "nana", "oynn"]),
        ("阿依古丽·买买提", ["ayiguli", "ayigulimaimaiti", "maimaiti", "ayglmmt", "mmt"]),
        ("MARIA·王", ["maria", "wang", "mariawang"]),
        ("𠅤一", ["yi"]),
    ],
)
def test_a_name_is_found_by_each_plausible_reading(name, keys):
    assert set(keys) <= set(pinyin.sound_keys(name))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("王小明", {"yuxiaoming", "w", "m", "angxiao", "wangxiaom"}),
        ("李红", {"ligong"}),  # a reading that one word in three hundred has
        ("安明国", {"andan"}),
        ("小单", {"xiaoshan"}),  # a family name's reading is not that of a given name
    ],
)
def test_a_name_is_not_found_by_what_it_does_not_sound_like(name, keys):
    assert keys.isdisjoint(pinyin.sound_keys(name))


@pytest.mark.parametrize("name", ["", "·", "123", "？"])
def test_what_has_no_sound_has_no_key(name):
    assert pinyin.sound_keys(name) == []


def test_the_longest_name_has_a_bounded_number_of_keys():
    assert len(pinyin.sound_keys("阿乐" * 40)) < 800


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Wang Xiaoming", "wangxiaoming"),
        ("wáng xiǎo míng", "wangxiaoming"),
        ("wang2 xiao3ming2", "wangxiaoming"),
        ("lǚ fāng", "lvfang"),
        ("LÜ", "lv"),
        ("lv", "lv"),
        ("xv'li", "xuli"),
        ("ＷＸＭ", ""),
        ("12", ""),
    ],
)
def test_tones_blanks_and_capitals_do_not_matter(text, key):
    assert pinyin.typed(text) == key


def test_the_migration_fills_the_same_keys():
    """Else the first merge after it would change every person."""
    migration = importlib.import_module("migrations.versions.0007_finding")
    names = ["王小明", "单乐", "尉迟恭", "阿依古丽·买买提", "吕女", "·", "A王", "李晟圳", "万俟长"]

    assert [migration.sound_keys(n) for n in names] == [pinyin.sound_keys(n) for n in names]
