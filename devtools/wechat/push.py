"""Tells the app's server what happened: signed, perhaps sealed, and again if nobody answers."""

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from devtools.wechat import calling, crypto
from devtools.wechat.events import Callback, Envelope, Event, wrap
from devtools.wechat.world import World

ATTEMPTS: Final = 3
_GOOD: Final = (b"", b"success", b'"success"')
_OK: Final = 200
_NONCE: Final = 10


class NoCallback(Exception):
    """Nobody said where to push to."""


@dataclass(frozen=True)
class How:
    """How one event is told. `times` is how often although it was answered well."""

    times: int = 1
    shape: str | None = None
    time_as_text: bool = False
    wrong: str | None = None


def deliver(world: World, event: Event, how: How | None = None) -> list[dict[str, Any]]:
    """Tell one event and return the attempts. Not to be called under the world's lock.

    An attempt that is not answered well within five seconds is repeated twice, with the same
    content; what is told more than once by `how` has the same content as well.
    """
    how = how or How()
    finished = event.finish() if event.finish else {}
    with world.lock:
        callback = world.callback
        if callback is None:
            raise NoCallback
        message = event.message(
            receiver=world.app.original_id,
            time=int(world.now().timestamp()),
            shape=how.shape,
            time_as_text=how.time_as_text,
        )
    message |= finished
    made: list[dict[str, Any]] = []
    for _ in range(how.times):
        for _ in range(ATTEMPTS):
            attempt = _try(world, callback, message, how.wrong)
            made.append(attempt)
            if attempt["good"]:
                break
    return made


def _try(
    world: World, callback: Callback, message: Mapping[str, Any], wrong: str | None
) -> dict[str, Any]:
    with world.lock:
        envelope = _envelope(world)
    text = json.dumps(message, ensure_ascii=False).encode()
    query, body = wrap(callback, envelope, message, text, wrong=wrong)
    begun = time.monotonic()
    attempt: dict[str, Any] = {"event": message["Event"], "openid": message["FromUserName"]}
    try:
        got = calling.call(
            "POST", _with(callback.url, query), json.dumps(body, ensure_ascii=False).encode()
        )
    except calling.Unreachable as error:
        attempt |= {"status": 0, "answer": str(error), "good": False}
    else:
        good = got.status == _OK and got.content.strip() in _GOOD
        attempt |= {
            "status": got.status,
            "answer": got.content.decode("utf-8", "replace")[:500],
            "good": good,
        }
    attempt["seconds"] = round(time.monotonic() - begun, 3)
    with world.lock:
        world.deliveries.append({**attempt, "message": dict(message)})
    return attempt


def _envelope(world: World) -> Envelope:
    return Envelope(
        world.app.appid,
        world.app.original_id,
        str(int(world.now().timestamp())),
        world.ids.digits(_NONCE),
        world.ids.bytes16(),
    )


def _with(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def check_address(world: World, callback: Callback) -> str:
    """Ask an address whether it knows the token, as when it is entered; "" if it does."""
    if callback.aes_key:
        crypto.push_key(callback.aes_key)
    with world.lock:
        envelope = _envelope(world)
    echo = secrets.token_hex(8)
    query = {
        "signature": crypto.signature(callback.token, envelope.timestamp, envelope.nonce),
        "timestamp": envelope.timestamp,
        "nonce": envelope.nonce,
        "echostr": echo,
    }
    try:
        got = calling.call("GET", _with(callback.url, query))
    except calling.Unreachable as error:
        return str(error)
    if got.status != _OK or got.content != echo.encode():
        return f"answered {got.status} and not the echostr"
    return ""


def flush(world: World) -> list[dict[str, Any]]:
    """Tell all that waits, in its order. Not to be called under the world's lock."""
    made: list[dict[str, Any]] = []
    with world.pushing:
        while True:
            with world.lock:
                event = world.events.popleft() if world.callback and world.events else None
            if event is None:
                return made
            made += deliver(world, event)


def flush_if_automatic(world: World) -> None:
    """Tell all that waits from a thread of its own, if the callback wants that."""
    with world.lock:
        due = bool(world.callback and world.callback.automatic and world.events)
    if due:
        threading.Thread(target=flush, args=(world,), name="wechat-push", daemon=True).start()
