"""The small words of WeChat: what is asked, and what it says."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


class Scene(enum.IntEnum):
    """Where a text or a picture is shown (内容安全场景)."""

    PROFILE = 1  # 资料
    COMMENT = 2  # 评论
    FORUM = 3  # 论坛
    JOURNAL = 4  # 社交日志


class MediaKind(enum.IntEnum):
    """What is checked besides text."""

    AUDIO = 1
    IMAGE = 2


class Suggestion(enum.StrEnum):
    """What WeChat says of a content."""

    PASS = "pass"  # noqa: S105  # WeChat's word
    REVIEW = "review"
    RISKY = "risky"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `label`: 100 is nothing; `LABELS` has the words of the others."""

    suggestion: Suggestion
    label: int
    trace_id: str


LABELS: Mapping[int, str] = {
    100: "正常",
    10001: "广告",
    20001: "时政",
    20002: "色情",
    20003: "辱骂",
    20006: "违法犯罪",
    20008: "欺诈",
    20012: "低俗",
    20013: "版权",
    21000: "其他",
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in. The session key never leaves the server, and is kept encrypted."""

    openid: str = field(repr=False)
    session_key: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that WeChat vouches for, without the country's code."""

    number: str = field(repr=False)
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionMessage:
    """One subscription message (订阅消息).

    `fields`: name in the template, such as `thing1`, and value. `listed`: of each field of the
    kind `enum` what it may say. `page`: path in the mini program, with a query if need be.
    """

    openid: str
    template_id: str
    fields: Mapping[str, str] = field(repr=False)
    page: str = ""
    listed: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text to check, by whom and for where. `nickname` and `signature` are of a profile."""

    openid: str
    scene: Scene
    content: str = field(repr=False)
    title: str = field(default="", repr=False)
    nickname: str = field(default="", repr=False)
    signature: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CallSignature:
    """What a phone needs to enter a call (`wx.joinVoIPChat`). `timestamp` in seconds."""

    group_id: str
    nonce: str
    timestamp: int
    signature: str


@dataclass(frozen=True, slots=True)
class SubscriptionNews:
    """What happened to subscriptions: accepted, refused, or how a message was delivered."""

    template_id: str
    status: str  # accept · reject · ban; success or failure of a message
    msgid: str = ""
    errcode: int | None = None


@dataclass(frozen=True, slots=True)
class MediaChecked:
    """The result of a check that was asked for before. Without a verdict it could not be made."""

    trace_id: str
    verdict: Verdict | None
    errcode: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Someone took their consent back, changed it, or closed their account at WeChat."""

    openid: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """A verified push. `key` is the same for each delivery of it."""

    kind: str
    openid: str
    created_at: datetime
    key: str
    subscriptions: tuple[SubscriptionNews, ...] = ()
    media: MediaChecked | None = None
    withdrawal: Withdrawal | None = None
