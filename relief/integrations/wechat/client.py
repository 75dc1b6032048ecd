"""wechatpy, on the one way out: one call, its answer, and nothing behind its caller's back.

wechatpy has a session of its own, fetches tokens by itself and repeats without limit. Here it
writes the request and reads the answer; sending is `relief.integrations.outbound`'s, tokens are
`tokens.py`'s, and a call is made again only here: once, if it surely did not get there, or if
doing it twice does no more than doing it once.
"""

import enum
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from wechatpy.client.base import BaseWeChatClient
from wechatpy.exceptions import WeChatClientException

from relief.integrations.outbound import Answer, NotAllowed, Outbound, OutboundError
from relief.integrations.wechat.errors import (
    Busy,
    Misconfigured,
    Unanswered,
    Unreached,
    WeChatError,
    refusal,
)

logger = logging.getLogger(__name__)

CALL_SECONDS = 4.0
_LEAST_SECONDS = 0.05
_PAUSE = (100, 300)  # milliseconds, so that many do not come again at once


class Reason(enum.StrEnum):
    """Why there is no answer, where nobody else says so."""

    NO_TIME = "no time left"
    NOT_UNDERSTOOD = "an answer that is none of WeChat's"
    STATUS = "a status of failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One kind of call. `repeatable`: doing it twice does no more than doing it once."""

    name: str
    path: str
    method: str = "post"
    repeatable: bool = True


class _BadStatus(Exception):
    """An answer whose status is not one of success."""


class Reply:
    """An answer in the form that wechatpy reads."""

    request = None  # wechatpy would keep it in its errors

    def __init__(self, answer: Answer) -> None:
        self._is_good, self.content = answer.is_good, answer.content

    def raise_for_status(self) -> None:
        """Raise what wechatpy does not know, and so lets pass."""
        if not self._is_good:
            raise _BadStatus


class _Wire:
    """Stands where wechatpy keeps a session of requests."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def request(
        self,
        *,
        method: str,
        url: str,
        params: Mapping[str, str],
        timeout: float,
        data: bytes | None = None,
    ) -> Reply:
        headers = {"Content-Type": "application/json"} if data is not None else {}
        return Reply(
            self._outbound.call(
                method.upper(), url, params=params, data=data, headers=headers, seconds=timeout
            )
        )


class _Client(BaseWeChatClient):  # type: ignore[misc]  # wechatpy ships no types
    """The base class has no ready-made calls: theirs hold hosts, old forms and no limits."""

    _http: Any

    def __init__(self, appid: str, base: str, outbound: Outbound) -> None:
        super().__init__(appid, auto_retry=False)
        self.API_BASE_URL = base
        self._http.close()
        self._http = _Wire(outbound)


class Caller:
    """Makes calls. May be shared by threads."""

    def __init__(self, appid: str, base: str, outbound: Outbound) -> None:
        self._client = _Client(appid, base, outbound)

    def ask(
        self,
        call: Call,
        *,
        until: float,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what wechatpy reads from the answer: an object of JSON, or a Reply of other bytes.

        `until` is monotonic. Raises WeChatError, which is logged here.
        """
        said = self._once(call, until, params, body)
        if _may_repeat(call, said):
            time.sleep((_PAUSE[0] + secrets.randbelow(_PAUSE[1] - _PAUSE[0])) / 1000)
            said = self._once(call, until, params, body)
        if isinstance(said, WeChatError):
            raise said
        return said

    def _once(
        self,
        call: Call,
        until: float,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Any:
        """Return the answer or the error: raised outside the handler it keeps no cause."""
        left = min(until - monotonic(), CALL_SECONDS)
        if left < _LEAST_SECONDS:
            return Unreached(call.name, reason=Reason.NO_TIME)
        # With a token named, be it none, wechatpy fetches none.
        named: dict[str, Any] = {"params": {"access_token": None, **(params or {})}}
        if body is not None:
            named["data"] = dict(body)
        said = self._try(call, left, named)
        return _logged(said) if isinstance(said, WeChatError) else said

    def _try(self, call: Call, seconds: float, named: dict[str, Any]) -> Any:
        send = self._client.get if call.method == "get" else self._client.post
        try:
            return send(call.path, timeout=seconds, **named)
        except WeChatClientException as error:
            return refusal(call.name, int(error.errcode), str(error.errmsg))
        except NotAllowed as error:
            return Misconfigured(call.name, reason=error.reason)
        except OutboundError as error:
            kind = Unanswered if error.reached else Unreached
            return kind(call.name, reason=error.reason)
        except _BadStatus:
            return Unanswered(call.name, reason=Reason.STATUS)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return Unanswered(call.name, reason=Reason.NOT_UNDERSTOOD)


def not_understood(call: Call) -> WeChatError:
    """Return the error of an answer that lacks what WeChat always says; it is logged."""
    return _logged(Unanswered(call.name, reason=Reason.NOT_UNDERSTOOD))


def _logged(error: WeChatError) -> WeChatError:
    facts = {"call": error.call, "errcode": error.errcode, "rid": error.rid}
    logger.warning("WeChat: a call failed", extra={**facts, "reason": error.reason})
    return error


def _may_repeat(call: Call, said: object) -> bool:
    if isinstance(said, Unreached):
        return said.reason != Reason.NO_TIME
    return call.repeatable and isinstance(said, Busy | Unanswered)
