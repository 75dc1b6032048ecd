"""When `relief run` starts a stand-in for WeChat, and what it tells the platform of it."""

import pytest

from relief.cli import stand_in
from relief.core import wechat_settings
from relief.integrations.outbound import Outbound

REAL = {"RELIEF_WECHAT_APPID": "wxba5fad812f8e6fb9"}


@pytest.mark.parametrize(
    ("env", "sample", "wanted"),
    [
        ({}, "small", True),
        ({"RELIEF_WECHAT_APPID": ""}, "city", True),
        ({}, "none", False),
        (REAL, "small", False),
    ],
)
def test_it_is_there_for_sample_data_without_a_mini_program(env, sample, wanted):
    assert stand_in.wanted(env, sample=sample) is wanted


def test_the_settings_lead_to_it_and_keep_what_was_allowed():
    env = {"RELIEF_OUTBOUND_HOSTS": "api.example.cn"}

    made = stand_in.settings(env, 8004)
    settings, faults = wechat_settings.read(made, prefix="RELIEF_")

    assert faults == []
    assert settings is not None
    assert settings.base == "http://127.0.0.1:8004/"
    assert made["RELIEF_OUTBOUND_HOSTS"] == "api.example.cn,127.0.0.1:8004"
    Outbound(made["RELIEF_OUTBOUND_HOSTS"].split(",")).check(settings.base)
