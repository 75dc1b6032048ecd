"""What a field of a subscription message may hold, and what a QR code may carry."""

import pytest

from relief.integrations.wechat import codes, fields
from relief.integrations.wechat.fields import FieldsRefused

GOOD = [
    ("thing1", "高龄津贴年度复核请在12月前完成"),
    ("number2", "12.50"),
    ("number2", "1" * 32),
    ("letter3", "ABCxyz"),
    ("symbol4", "!?*"),
    ("character_string5", "AJ-2026/000123"),
    ("time6", "15:01"),
    ("time6", "2026年11月30日 15:01:02"),
    ("time6", "9:00~17:30"),
    ("time6", "2026-11-30 09:00 ~ 2026-12-01 17:30"),
    ("date7", "2026年1月5日"),
    ("date7", "2026/01/05"),
    ("date7", "2026.1.5 08:30"),
    ("date7", "2026-01-05~2026-02-28"),
    ("amount8", "¥1234.50"),
    ("amount8", "620元"),
    ("phone_number9", "0412-5500000"),
    ("car_number10", "辽C12345"),
    ("car_number10", "粤Z1234澳"),
    ("name11", "欧阳建国"),
    ("name11", "Anna-Maria Li"),
    ("phrase12", "审核通过"),
    ("enum13", "已发放"),
]
BAD = [
    ("thing1", "长" * 21),
    ("thing1", ""),
    ("thing1", "   "),
    ("thing1", "一行\n两行"),
    ("thing1", "一行\u2028两行"),
    ("thing1", "铃\a"),
    ("number2", "1" * 33),
    ("number2", "-1"),
    ("number2", "１２"),
    ("letter3", "abc1"),
    ("letter3", "a" * 33),
    ("symbol4", "!!!!!!"),
    ("symbol4", "好"),
    ("character_string5", "编号1"),
    ("character_string5", "a" * 33),
    ("time6", "24:00"),
    ("time6", "15:60"),
    ("time6", "2026-02-30 15:00"),
    ("date7", "2026年13月1日"),
    ("date7", "2026-02-29"),
    ("date7", "0000-01-01"),
    ("date7", "明天"),
    ("amount8", "12345678901"),
    ("amount8", "¥¥5"),
    ("amount8", "五百元"),
    ("phone_number9", "1" * 18),
    ("phone_number9", "电话5500000"),
    ("car_number10", "辽C1234567"),
    ("car_number10", "辽辽C1234"),
    ("name11", "甲" * 11),
    ("name11", "A" * 21),
    ("name11", "王5"),
    ("name11", "甲" + "A" * 10),
    ("phrase12", "审核未能通过"),
    ("phrase12", "OK"),
    ("enum13", "发放中"),
    ("enum14", "已发放"),
    ("thing", "没有编号"),
    ("thing0", "编号从1起"),
    ("colour1", "红"),
    ("Thing1", "大写"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_what_wechat_takes_passes(name, value):
    fields.check({name: value}, listed={"enum13": ["已发放"]})


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_wechat_refuses_is_refused_before(name, value):
    with pytest.raises(FieldsRefused, match=f"^{name}：") as caught:
        fields.check({name: value}, listed={"enum13": ["已发放"]})

    assert not value.strip() or value not in str(caught.value)


def test_each_fault_is_told():
    with pytest.raises(FieldsRefused) as caught:
        fields.check({"thing1": "好", "phrase2": "OK", "number3": "x"}, listed={})

    assert str(caught.value) == "phrase2：应为不超过5个汉字；number3：应为不超过32位数字，可带小数"


def test_a_message_says_something():
    with pytest.raises(FieldsRefused, match="没有任何内容"):
        fields.check({}, listed={})


@pytest.mark.parametrize(
    ("kind", "text", "cut"),
    [
        ("thing", "短", "短"),
        ("thing", "两行\n 字", "两行 字"),
        ("thing", "字" * 20, "字" * 20),
        ("thing", "字" * 21, "字" * 19 + "…"),
        ("phrase", "审核未能通过", "审核未能通"),
        ("name", "甲" * 11, "甲" * 10),
        ("name", "A" * 25, "A" * 20),
        ("letter", "a" * 40, "a" * 32),
    ],
)
def test_a_cut_text_fits(kind, text, cut):
    assert fields.clip(kind, text) == cut
    fields.check({f"{kind}1": cut}, listed={})


@pytest.mark.parametrize("scene", ["h=01J9ZK", "a", "!#$&'()*+,/:;=?@-._~", "x" * 32])
def test_a_scene_of_wechats_signs_is_taken(scene):
    assert codes.QrCode(scene=scene).scene == scene


@pytest.mark.parametrize(
    "wrong",
    [
        {"scene": ""},
        {"scene": "x" * 33},
        {"scene": "村=1"},
        {"scene": "a%20"},
        {"scene": "a b"},
        {"scene": "a\n"},
        {"scene": "a", "page": "/pages/index"},
        {"scene": "a", "page": "pages/index?x=1"},
        {"scene": "a", "page": "pages/index/"},
        {"scene": "a", "width": 279},
        {"scene": "a", "width": 1281},
    ],
)
def test_a_code_that_wechat_would_not_draw_is_refused(wrong):
    with pytest.raises(codes.CodeInvalid):
        codes.QrCode(**wrong)


@pytest.mark.parametrize("page", ["", "pages/index", "pages/aid/one?id=5&tab=2"])
def test_a_page_of_a_message_may_have_a_query(page):
    codes.check_page(page)


@pytest.mark.parametrize("page", ["/pages/index", "https://evil.cn", "pages/一", "pages/a b"])
def test_a_page_that_is_none_is_refused(page):
    with pytest.raises(codes.PageInvalid):
        codes.check_page(page)


@pytest.mark.parametrize(
    ("version", "word"), [("release", "formal"), ("trial", "trial"), ("develop", "developer")]
)
def test_messages_call_a_version_otherwise(version, word):
    assert codes.Version(version).of_messages == word
