"""The settings of the mini program at WeChat."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DEFAULT_BASE = "https://api.weixin.qq.com/"
VERSIONS = ("release", "trial", "develop")
# Of each setting: what it must look like, and how that is said.
_FORMS = {
    "WECHAT_SECRET": (re.compile("[0-9a-f]{32}"), "32 hexadecimal digits, the AppSecret"),
    "WECHAT_PUSH_TOKEN": (re.compile("[0-9A-Za-z]{3,32}"), "3 to 32 letters and digits"),
    "WECHAT_PUSH_KEY": (re.compile("(?:[0-9A-Za-z]{43})?"), "43 letters and digits, or empty"),
}
_APPID = re.compile("wx[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatSettings:
    """One mini program. `base`: where its API is, with a slash at the end.

    `push_key`: with it pushes are encrypted (安全模式), without it they are not (明文模式).
    `version`: which version of the mini program codes and messages open.
    """

    appid: str
    secret: str = field(repr=False)
    push_token: str = field(repr=False)
    push_key: str = field(default="", repr=False)
    base: str = DEFAULT_BASE
    version: str = VERSIONS[0]


def read(env: Mapping[str, str], *, prefix: str) -> tuple[WeChatSettings | None, list[str]]:
    """Return the settings, None without an AppID, and a line for each that is wrong.

    No line holds the value of a setting.
    """
    given = {
        name: env.get(prefix + name, "")
        for name in ("WECHAT_APPID", *_FORMS, "WECHAT_API", "WECHAT_VERSION")
    }
    if not any(given.values()):
        return None, []
    faults = _faults(given)
    if faults:
        return None, [prefix + fault for fault in faults]
    return (
        WeChatSettings(
            appid=given["WECHAT_APPID"],
            secret=given["WECHAT_SECRET"],
            push_token=given["WECHAT_PUSH_TOKEN"],
            push_key=given["WECHAT_PUSH_KEY"],
            base=(given["WECHAT_API"] or DEFAULT_BASE).rstrip("/") + "/",
            version=given["WECHAT_VERSION"] or VERSIONS[0],
        ),
        [],
    )


def _faults(given: Mapping[str, str]) -> list[str]:
    faults = []
    if not _APPID.fullmatch(given["WECHAT_APPID"]):
        faults.append("WECHAT_APPID is not wx and 16 hexadecimal digits")
    faults += [
        f"{name} is not {meaning}"
        for name, (form, meaning) in _FORMS.items()
        if not form.fullmatch(given[name])
    ]
    if given["WECHAT_API"] and not _is_base(given["WECHAT_API"]):
        faults.append("WECHAT_API is not an address, such as https://api.weixin.qq.com/")
    if given["WECHAT_VERSION"] not in {"", *VERSIONS}:
        faults.append(f"WECHAT_VERSION is none of {', '.join(VERSIONS)}")
    return faults


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = not (parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_plain
