"""Message push (消息推送): verified, opened, and read into our words.

With a key in the settings the mode is 安全模式, and only what is encrypted counts: in 兼容模式 the
plain copy beside it is not looked at. Without one it is 明文模式, where WeChat signs the time and
not the content. The format is JSON in both; XML is refused.
"""

import binascii
import hashlib
import hmac
import json
import logging
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from relief.core.errors import Forbidden
from relief.integrations.wechat.types import (
    MediaChecked,
    Push,
    SubscriptionNews,
    Suggestion,
    Verdict,
    Withdrawal,
)

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=1)  # a signature is good for as long; WeChat's deliveries are seconds apart
MOST_BYTES = 256 << 10
_CONTAINERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_WITHDRAWALS = frozenset(
    {"user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"}
)
# Of a withdrawal `FromUserName` is WeChat's own account, and here stands who withdrew what.
_ABOUT = ("OpenID", "OpenPID", "PluginID", "RevokeInfo")


class PushRefused(Forbidden):
    """What came is not WeChat's, or not readable. `reason` is for the log, not for the sender."""

    code, title = "wechat-push-refused", "消息推送校验未通过"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class PushReader:
    """Reads the pushes to one mini program."""

    def __init__(self, *, appid: str, token: str, key: str = "") -> None:
        self._token = token
        self._crypto = WeChatCrypto(token, key, appid) if key else None

    def echo(self, query: Mapping[str, str], *, now: datetime) -> str:
        """Return what WeChat expects when our address is entered there. Raises PushRefused."""
        self._verify(query, "signature", now=now)
        return query.get("echostr", "")

    def read(self, query: Mapping[str, str], body: bytes, *, now: datetime) -> Push:
        """Return what was pushed. Raises PushRefused."""
        if len(body) > MOST_BYTES:
            reason = "too long"
            raise PushRefused(reason)
        outer = _object(body)
        if self._crypto is None:
            self._verify(query, "signature", now=now)
            return _push(outer)
        sealed = outer.get("Encrypt")
        if not isinstance(sealed, str) or not sealed.isascii():
            reason = "not encrypted"
            raise PushRefused(reason)
        self._verify(query, "msg_signature", sealed, now=now)
        return _push(_object(self._open(self._crypto, query, sealed)))

    def _verify(self, query: Mapping[str, str], name: str, *more: str, now: datetime) -> None:
        at, nonce = query.get("timestamp", ""), query.get("nonce", "")
        signer = WeChatSigner()
        signer.add_data(self._token, at, nonce, *more)
        if not hmac.compare_digest(signer.signature.encode(), query.get(name, "").encode()):
            reason = "wrong signature"
            raise PushRefused(reason)
        if abs(now - _moment(at)) > FRESH:
            reason = "signed long ago"
            raise PushRefused(reason)

    @staticmethod
    def _open(crypto: Any, query: Mapping[str, str], sealed: str) -> bytes:
        try:
            plain: str = crypto.decrypt_message(
                {"Encrypt": sealed}, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except (WeChatException, ValueError, IndexError, struct.error, binascii.Error):
            reason = "does not open"
        else:
            return plain.encode()
        raise PushRefused(reason)


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        reason = "not an object of JSON"
        raise PushRefused(reason)
    return read


def _moment(said: Any) -> datetime:
    text = str(said)
    if not (text.isascii() and text.isdecimal() and len(text) <= len("253402300799")):
        reason = "no time"
        raise PushRefused(reason)
    return datetime.fromtimestamp(min(int(text), 253402300799), UTC)


def _push(said: dict[str, Any]) -> Push:
    kind = _text(said, "Event") or _text(said, "MsgType")
    openid = _text(said, "OpenID") or _text(said, "FromUserName")
    if not kind or not openid:
        reason = "says neither what nor who"
        raise PushRefused(reason)
    created_at, items = _moment(said.get("CreateTime")), _items(said)
    return Push(
        kind,
        openid,
        created_at,
        _key(kind, openid, created_at, items, said),
        subscriptions=tuple(map(_news, items)),
        media=_media(said) if kind == "wxa_media_check" else None,
        withdrawal=_withdrawal(said, openid) if kind in _WITHDRAWALS else None,
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return str(value) if isinstance(value, str | int) else ""


def _items(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the list: an object where there is one thing, and at one of two places."""
    inner = next((said[name] for name in _CONTAINERS if isinstance(said.get(name), dict)), said)
    found = inner.get("List", [])
    return [item for item in (found if isinstance(found, list) else [found]) if _is_item(item)]


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and bool(_text(item, "TemplateId"))


def _key(
    kind: str,
    openid: str,
    created_at: datetime,
    items: list[dict[str, Any]],
    said: Mapping[str, Any],
) -> str:
    """Return a digest of what tells one push from another, and is the same each time it comes."""
    own = next((text for name in ("trace_id", "MsgId") if (text := _text(said, name))), "")
    about = [_text(said, name) for name in _ABOUT]
    told = [kind, openid, own] if own else [kind, openid, created_at.isoformat(), about, items]
    # In ASCII: JSON may hold half of a character, which has no bytes of its own.
    plain = json.dumps(told, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _news(item: Mapping[str, Any]) -> SubscriptionNews:
    errcode = _text(item, "ErrorCode")
    return SubscriptionNews(
        template_id=_text(item, "TemplateId"),
        status=_text(item, "SubscribeStatusString") or _text(item, "ErrorStatus"),
        msgid=_text(item, "MsgID"),
        errcode=_whole(errcode),
    )


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _media(said: Mapping[str, Any]) -> MediaChecked:
    trace_id, errcode = _text(said, "trace_id"), _whole(_text(said, "errcode")) or 0
    verdict = None if errcode else verdict_of(said.get("result"), trace_id)
    return MediaChecked(trace_id, verdict, errcode)


def _withdrawal(said: Mapping[str, Any], openid: str) -> Withdrawal:
    what = _text(said, "RevokeInfo").split(",")
    return Withdrawal(openid, tuple(filter(None, what)))


def verdict_of(result: object, trace_id: str) -> Verdict | None:
    """Return what a check found, or None if it is not told in words that we know."""
    if not isinstance(result, dict):
        return None
    try:
        return Verdict(Suggestion(result["suggest"]), int(result["label"]), trace_id)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
