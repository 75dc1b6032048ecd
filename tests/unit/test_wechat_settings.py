"""The settings of the mini program."""

import pytest

from relief.core import wechat_settings
from relief.core.wechat_settings import DEFAULT_BASE

PREFIX = "RELIEF_"
SECRET, KEY = "0123456789abcdef" * 2, "Ab3" * 14 + "x"
GOOD = {
    "RELIEF_WECHAT_APPID": "wx0123456789abcdef",
    "RELIEF_WECHAT_SECRET": SECRET,
    "RELIEF_WECHAT_PUSH_TOKEN": "pushtoken",
    "RELIEF_WECHAT_PUSH_KEY": KEY,
}


def read(**changes):
    return wechat_settings.read({**GOOD, **changes}, prefix=PREFIX)


def test_without_any_there_is_no_mini_program():
    assert wechat_settings.read({}, prefix=PREFIX) == (None, [])


def test_good_settings_are_taken_and_not_shown():
    settings, faults = read()

    assert faults == []
    assert (settings.base, settings.version) == (DEFAULT_BASE, "release")
    assert (settings.secret, settings.push_key) == (SECRET, KEY)
    assert not any(word in repr(settings) for word in (SECRET, KEY, "pushtoken"))


def test_the_address_ends_with_one_slash():
    settings, _ = read(RELIEF_WECHAT_API="http://127.0.0.1:8080", RELIEF_WECHAT_VERSION="trial")

    assert (settings.base, settings.version) == ("http://127.0.0.1:8080/", "trial")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELIEF_WECHAT_APPID", ""),
        ("RELIEF_WECHAT_APPID", "wx5"),
        ("RELIEF_WECHAT_SECRET", ""),
        ("RELIEF_WECHAT_SECRET", "my secret"),
        ("RELIEF_WECHAT_PUSH_TOKEN", "a b"),
        ("RELIEF_WECHAT_PUSH_KEY", "short"),
        ("RELIEF_WECHAT_API", "api.weixin.qq.com"),
        ("RELIEF_WECHAT_API", "https://a.cn/?x=1"),
        ("RELIEF_WECHAT_API", "https://[a"),
        ("RELIEF_WECHAT_VERSION", "formal"),
    ],
)
def test_a_wrong_setting_is_one_line_without_its_value(name, value):
    settings, faults = read(**{name: value})

    assert settings is None
    assert [fault.split(" ")[0] for fault in faults] == [name]
    assert not value or value not in faults[0].partition(", such as")[0]


def test_plain_pushes_need_no_key():
    settings, faults = read(RELIEF_WECHAT_PUSH_KEY="")

    assert (settings.push_key, faults) == ("", [])
