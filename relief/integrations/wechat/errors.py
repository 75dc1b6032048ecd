"""What WeChat refused, or did not answer.

None of these holds a secret, an address, a code, an openid or WeChat's own words: only which call
it was, WeChat's number (`errcode`, None when it said none), its mark of the call (`rid`, for its
support), and a reason of ours. They come without the error they stem from.
"""

import re
from typing import ClassVar

from relief.core.errors import DomainError, Forbidden, Invalid, Unavailable

_RID = re.compile(r"rid: ?([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})")


class WeChatError(DomainError):
    """Base class."""

    nothing_done: ClassVar[bool] = True  # the call may be made again without doing a thing twice

    def __init__(
        self, call: str, *, errcode: int | None = None, rid: str = "", reason: str = ""
    ) -> None:
        super().__init__()
        self.call, self.errcode, self.rid, self.reason = call, errcode, rid, reason

    def __str__(self) -> str:
        said = self.reason if self.errcode is None else str(self.errcode)
        return f"{self.call}: {said}{f' (rid {self.rid})' if self.rid else ''}"


class Refused(WeChatError, Invalid):
    """WeChat does not take what was asked: by a number that is not told apart below."""

    code, title = "wechat-refused", "微信未接受这次请求"


class CodeRefused(WeChatError, Invalid):
    """The code of a sign-in or of a phone number ran out, was used, or never was."""

    code, title = "wechat-code-refused", "微信授权已失效，请重新操作一次"


class PersonBlocked(WeChatError, Forbidden):
    """WeChat holds the person for a risk and does not let them sign in."""

    code, title = "wechat-person-blocked", "该微信号已被微信限制登录"


class UnknownPerson(WeChatError, Invalid):
    """The openid is none of this mini program."""

    code, title = "wechat-unknown-person", "该微信用户不属于本小程序"


class NoConsent(WeChatError, Invalid):
    """The person did not subscribe, or each subscription is used up."""

    code, title = "wechat-no-consent", "用户未订阅该消息，或订阅次数已用完"


class NotSeenLately(WeChatError, Invalid):
    """What this person wrote cannot be checked: they were not in the mini program for two hours."""

    code, title = "wechat-not-seen-lately", "用户近两小时未使用小程序，微信不能检查其内容"


class WordsRefused(WeChatError, Invalid):
    """A message holds words that WeChat does not deliver."""

    code, title = "wechat-words-refused", "消息内容含有微信禁止下发的词语"


class Limited(WeChatError, Unavailable):
    """Too many calls, for this minute or this day, or two at once about one person."""

    code, title = "wechat-limited", "微信接口调用次数已达上限，请稍后再试"


class Busy(WeChatError, Unavailable):
    """WeChat asks to come again later. It may say so though it did what was asked."""

    code, title = "wechat-busy", "微信服务繁忙，请稍后再试"
    nothing_done = False


class Unreached(WeChatError, Unavailable):
    """The call did not get as far as WeChat."""

    code, title = "wechat-unreached", "暂时无法连接微信服务，请稍后再试"


class Unanswered(WeChatError, Unavailable):
    """The call may have arrived; what became of it is unknown."""

    code, title = "wechat-unanswered", "微信没有回应，请稍后再试"
    nothing_done = False


class Misconfigured(WeChatError, Unavailable):
    """The settings, or those of the mini program at WeChat, are wrong: nothing helps but a hand."""

    code, title = "wechat-misconfigured", "小程序的微信接口配置有误，请联系系统管理员"


class TokenRefused(Misconfigured):
    """WeChat does not take the access token; a fresh one may help."""


_KINDS: dict[type[WeChatError], tuple[int, ...]] = {
    Busy: (-1,),
    TokenRefused: (40001, 40014, 41001, 42001),
    CodeRefused: (40029, 40163, 41008),
    PersonBlocked: (40226,),
    UnknownPerson: (40003, 43104),
    NoConsent: (43101, 43107),
    NotSeenLately: (61010,),
    WordsRefused: (45168,),
    Limited: (43108, 44991, 45009, 45011),
    Misconfigured: (
        *(40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001),
        *(50004, 50007, 89503, 89506, 89507),
    ),
}
_KIND_OF = {errcode: kind for kind, errcodes in _KINDS.items() for errcode in errcodes}


def refusal(call: str, errcode: int, said: str) -> WeChatError:
    """Return the error of a number; of what WeChat said with it only the mark of the call."""
    rid = _RID.search(said)
    kind = _KIND_OF.get(errcode, Refused)
    return kind(call, errcode=errcode, rid=rid[1] if rid else "")
