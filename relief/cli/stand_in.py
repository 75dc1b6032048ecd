"""The stand-in for WeChat beside a platform with sample data, and its two sample people."""

from collections.abc import Mapping

from devtools.wechat.world import AppSettings
from relief.cli.wechat import wechat
from relief.core.config import PREFIX

NAME = "wechat"
TITLE = "微信接口替身（没有配置小程序 AppID，仅供演示）"
APPID = f"{PREFIX}WECHAT_APPID"
_HOSTS = f"{PREFIX}OUTBOUND_HOSTS"
_APP = AppSettings()
_PUSH_TOKEN = "SampleDataOnly"  # noqa: S105  # of the stand-in
# Who of the sample signs in, and the openid that WeChat would know them by.
PEOPLE: Mapping[str, str] = {
    "household": "oSampleHousehold00000000000A",
    "helper": "oSampleHelper000000000000000",
}


def wanted(env: Mapping[str, str], *, sample: str) -> bool:
    """Tell whether a run starts it: with sample data, and without a real mini program."""
    return sample != "none" and not env.get(APPID)


def settings(env: Mapping[str, str], port: int) -> dict[str, str]:
    """Return the settings by which the platform asks it instead of WeChat."""
    host = f"127.0.0.1:{port}"
    hosts = [name for name in env.get(_HOSTS, "").split(",") if name]
    return {
        APPID: _APP.appid,
        f"{PREFIX}WECHAT_SECRET": _APP.secret,
        f"{PREFIX}WECHAT_PUSH_TOKEN": _PUSH_TOKEN,
        f"{PREFIX}WECHAT_PUSH_KEY": "",
        f"{PREFIX}WECHAT_API": f"http://{host}/",
        _HOSTS: ",".join([*hosts, host]),
    }


def serve(port: int) -> None:
    """Be the stand-in until told to stop; the sample people are there from the beginning."""
    people = [word for openid in PEOPLE.values() for word in ("--person", openid)]
    wechat.main(["--port", str(port), *people], prog_name="relief wechat")
