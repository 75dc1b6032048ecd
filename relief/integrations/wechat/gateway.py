"""All that we ask of WeChat, and the only door to it.

Whatever is asked ends within ALL_SECONDS, with an answer or with an error of `errors.py`. A
message is never sent twice: if its answer is lost the error is Unanswered, if WeChat is busy it is
Busy, and whether the message came is unknown.
"""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from relief.core.clock import Clock
from relief.core.config import PREFIX, ConfigError
from relief.core.errors import Invalid
from relief.core.privacy.cipher import Cipher
from relief.core.wechat_settings import WeChatSettings
from relief.integrations.outbound import NotAllowed, Outbound
from relief.integrations.wechat import calls, codes, fields
from relief.integrations.wechat.client import Call, Caller, Reply, not_understood
from relief.integrations.wechat.errors import CodeRefused, Misconfigured, Refused, TokenRefused
from relief.integrations.wechat.push import PushReader, verdict_of
from relief.integrations.wechat.tokens import Opened, Tokens
from relief.integrations.wechat.types import (
    CallSignature,
    MediaKind,
    Phone,
    Scene,
    SignedIn,
    SubscriptionMessage,
    Text,
    Verdict,
)

logger = logging.getLogger(__name__)

ALL_SECONDS = 9.0
MOST_CHARACTERS = 2500
CHECK_VERSION = 2
_INVALID_SIGNATURE = 87009
_FOREIGN_CODE = 40013  # of a phone number's code: it is another app's; else our appid is wrong

_SIGN_IN = Call(name="sign-in", path="sns/jscode2session", method="get", repeatable=False)
_PHONE = Call(name="phone-number", path="wxa/business/getuserphonenumber", repeatable=False)
_SESSION = Call(name="check-session", path="wxa/checksession", method="get")
_SEND = Call(name="send-message", path="cgi-bin/message/subscribe/send", repeatable=False)
_TEXT = Call(name="check-text", path="wxa/msg_sec_check")
_MEDIA = Call(name="check-media", path="wxa/media_check_async")
_QR_CODE = Call(name="qr-code", path="wxa/getwxacodeunlimit")


class ContentInvalid(Invalid):
    """A text that WeChat does not check: nothing, or too much at once."""

    code, title = "wechat-content-invalid", f"待检查的内容应为1至{MOST_CHARACTERS}字"


class MediaAddressInvalid(Invalid):
    """A file that WeChat cannot fetch."""

    code, title = "wechat-media-address-invalid", "待检查文件的地址应以https开头"


def build(
    settings: WeChatSettings, *, outbound: Outbound, opened: Opened, cipher: Cipher, clock: Clock
) -> "Gateway":
    """Return the gateway of a mini program. `opened` opens a transaction of its own.

    Raises ConfigError if WeChat may not be called by the settings.
    """
    try:
        outbound.check(settings.base)
    except NotAllowed as error:
        message = f"{PREFIX}WECHAT_API: {error.reason}: {error.host}"
        raise ConfigError(message) from None
    caller = Caller(settings.appid, settings.base, outbound)
    tokens = Tokens(
        appid=settings.appid,
        secret=settings.secret,
        caller=caller,
        opened=opened,
        cipher=cipher,
        clock=clock,
    )
    reader = PushReader(appid=settings.appid, token=settings.push_token, key=settings.push_key)
    return Gateway(settings, caller, tokens, reader, codes.Version(settings.version))


@dataclass(frozen=True, slots=True)
class Gateway:
    """One mini program at WeChat. May be shared by threads. `push` reads what WeChat sends us."""

    _settings: WeChatSettings
    _caller: Caller
    _tokens: Tokens
    push: PushReader
    _version: codes.Version

    def sign_in(self, code: str) -> SignedIn:
        """Return who the code of `wx.login` stands for; it is used up. Raises WeChatError."""
        params = {
            "appid": self._settings.appid,
            "secret": self._settings.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        until = monotonic() + ALL_SECONDS
        said = _object(_SIGN_IN, self._caller.ask(_SIGN_IN, until=until, params=params))
        openid, key = _text(_SIGN_IN, said, "openid"), _text(_SIGN_IN, said, "session_key")
        unionid = said.get("unionid")
        return SignedIn(openid, key, unionid if isinstance(unionid, str) and unionid else None)

    def phone_number(self, code: str, *, openid: str = "") -> Phone:
        """Return the number that the code stands for; it is used up. Raises WeChatError.

        `openid`: who must have got the code, if that is known.
        """
        body = {"code": code, **({"openid": openid} if openid else {})}
        said = self._redeemed(body)
        info = said.get("phone_info")
        if not isinstance(info, dict) or not _is_ours(info.get("watermark"), self._settings.appid):
            raise not_understood(_PHONE)
        return Phone(_text(_PHONE, info, "purePhoneNumber"), str(info.get("countryCode", "")))

    def _redeemed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return _object(_PHONE, self._call(_PHONE, body))
        except Misconfigured as error:
            if error.errcode != _FOREIGN_CODE:
                raise
            refused = CodeRefused(error.call, errcode=error.errcode, rid=error.rid)
        raise refused  # here, so that it keeps no cause

    def is_session_fresh(self, openid: str, session_key: str) -> bool:
        """Tell whether WeChat still takes a session key. Raises WeChatError."""
        params = {
            "openid": openid,
            "signature": hmac.digest(session_key.encode(), b"", "sha256").hex(),
            "sig_method": "hmac_sha256",
        }
        try:
            _object(_SESSION, self._call(_SESSION, None, params))
        except Refused as error:
            if error.errcode == _INVALID_SIGNATURE:
                return False
            raise
        return True

    def send(self, message: SubscriptionMessage) -> str:
        """Send a subscription message; return WeChat's number of it, empty if it tells none.

        Raises FieldsRefused and PageInvalid before anything is sent, and WeChatError: after
        Unanswered and Busy nobody knows whether it was sent, and it must not be sent again.
        """
        fields.check(message.fields, listed=message.listed)
        codes.check_page(message.page)
        body = {
            "touser": message.openid,
            "template_id": message.template_id,
            "data": {name: {"value": value} for name, value in message.fields.items()},
            "miniprogram_state": self._version.of_messages,
            "lang": "zh_CN",
            **({"page": message.page} if message.page else {}),
        }
        return str(_object(_SEND, self._call(_SEND, body)).get("msgid", ""))

    def check_text(self, given: Text) -> Verdict:
        """Return what WeChat says of a text, before anybody else reads it.

        Raises ContentInvalid, and WeChatError: NotSeenLately for what was written long ago.
        """
        if not given.content.strip() or len(given.content) > MOST_CHARACTERS:
            raise ContentInvalid
        named = {"title": given.title, "nickname": given.nickname, "signature": given.signature}
        body = {
            "openid": given.openid,
            "scene": int(given.scene),
            "version": CHECK_VERSION,
            "content": given.content,
            **{name: value for name, value in named.items() if value},
        }
        said = _object(_TEXT, self._call(_TEXT, body))
        verdict = verdict_of(said.get("result"), str(said.get("trace_id", "")))
        if verdict is None:
            raise not_understood(_TEXT)
        return verdict

    def check_media(self, url: str, kind: MediaKind, *, openid: str, scene: Scene) -> str:
        """Have a picture or a sound checked; return the mark by which the result is pushed.

        WeChat fetches it from `url`. Raises MediaAddressInvalid, WeChatError.
        """
        if not url.startswith("https://"):
            raise MediaAddressInvalid
        body = {
            "media_url": url,
            "media_type": int(kind),
            "version": CHECK_VERSION,
            "scene": int(scene),
            "openid": openid,
        }
        return _text(_MEDIA, _object(_MEDIA, self._call(_MEDIA, body)), "trace_id")

    def qr_code(self, code: codes.QrCode) -> bytes:
        """Return a picture that opens the mini program: JPEG, or PNG on clear ground.

        Raises WeChatError.
        """
        body = {
            "scene": code.scene,
            "width": code.width,
            "is_hyaline": code.clear,
            "env_version": self._version.value,
            # Only the pages of the released version are known there.
            "check_path": self._version is codes.Version.RELEASE,
            **({"page": code.page} if code.page else {}),
        }
        said = self._call(_QR_CODE, body)
        if not isinstance(said, Reply) or not codes.is_picture(said.content):
            raise not_understood(_QR_CODE)
        return said.content

    def sign_call(self, session_key: str, group_id: str, *, now: datetime) -> CallSignature:
        """Return what the person of a session key needs to enter a call. Raises GroupInvalid."""
        return calls.sign(self._settings.appid, session_key, group_id, now=now)

    def _call(
        self,
        call: Call,
        body: Mapping[str, Any] | None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """Call with the token, and with a fresh one if that is refused: then nothing was done."""
        until = monotonic() + ALL_SECONDS
        token = self._tokens.current(until=until)
        try:
            return self._with(token, call, body, params, until)
        except TokenRefused:
            logger.info("WeChat: the token is refused", extra={"call": call.name})
        token = self._tokens.other_than(token, until=until)
        return self._with(token, call, body, params, until)

    def _with(
        self,
        token: str,
        call: Call,
        body: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
        until: float,
    ) -> Any:
        named = {**(params or {}), "access_token": token}
        said = self._caller.ask(call, until=until, params=named, body=body)
        # Whatever wants a token answers with a picture or with an errcode, also when all is well.
        if not isinstance(said, Reply) and _object(call, said).get("errcode") != 0:
            raise not_understood(call)
        return said


def _object(call: Call, said: object) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise not_understood(call)
    return said


def _text(call: Call, said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise not_understood(call)
    return value


def _is_ours(watermark: object, appid: str) -> bool:
    return isinstance(watermark, dict) and watermark.get("appid") == appid
