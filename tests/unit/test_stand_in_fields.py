"""The rules of the fields of subscription messages."""

import pytest

from devtools.wechat.fields import fits, kind_of

GOOD = {
    "thing1": ["一" * 20, "A b，c！"],
    "number2": ["1" * 32, "12.50", "-3"],
    "letter3": ["a" * 32],
    "symbol4": ["+-*/!", "￥"],
    "character_string5": ["Z" * 32, "LS-2026/0001#"],
    "time6": ["15:01", "9:05:59", "2019年10月1日 15:01", "2019年10月1日15:01", "10:00~11:30",
              "2026-11-23 10:00 ~ 2026-11-24 11:30"],
    "date7": ["2019年10月1日", "2018-01-01", "2018/1/1", "2018.01.01", "2019年10月1日 15:01",
              "2018-01-01~2018-01-31", "2018-01-01 ~ 2018/02/01 08:00"],
    "amount8": ["¥100", "100元", "￥1234567890.55", "0.5"],
    "phone_number9": ["+86-0766-6688888", "13900000001"],
    "car_number10": ["粤A8Z888挂", "粤A8Z888"],
    "name11": ["十" * 10, "a" * 20, "Mary-Ann"],
    "phrase12": ["审核通过了", "好"],
}  # fmt: skip
BAD = {
    "thing1": ["一" * 21, "", "a\nb", "a\x7fb"],
    "number2": ["1" * 33, "1" * 31 + ".55", "1,000", "一", "1."],
    "letter3": ["a" * 33, "a1", "字"],
    "symbol4": ["+-*/!?", "a", " "],
    "character_string5": ["Z" * 33, "临时", "a\tb"],
    "time6": ["24:00", "10:60", "10点", "10:00~", "2019年10月1日"],
    "date7": ["2019-13-01", "2019-10-32", "2018-01/01", "10月1日", "15:01"],
    "amount8": ["¥12345678901", "¥¥1", "一百元", "1元整"],
    "phone_number9": ["1" * 18, "电话"],
    "car_number10": ["粤A8Z88888", "粤-A"],
    "name11": ["十" * 11, "a" * 21, "李" + "a" * 10],
    "phrase12": ["审核已经通过", "通过!", "ok"],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in GOOD.items() for v in vs])
def test_what_fits(name, value):
    assert fits(name, value)


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in BAD.items() for v in vs])
def test_what_does_not_fit(name, value):
    assert not fits(name, value)


def test_an_enum_holds_what_is_listed():
    assert fits("enum1", "男", ["男", "女"])
    assert not fits("enum1", "其他", ["男", "女"])
    assert not fits("enum1", "男")


@pytest.mark.parametrize("name", ["thing", "1thing", "things1", "Thing1", "thing1 ", ""])
def test_a_field_of_no_kind_holds_nothing(name):
    assert kind_of(name) is None
    assert not fits(name, "x")
