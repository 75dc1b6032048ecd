"""Checks of what people write, show and say before others see it."""

from collections.abc import Mapping
from typing import Any, Final

from devtools.wechat import calling
from devtools.wechat.events import Event
from devtools.wechat.refusals import (
    BAD_FORMAT,
    BAD_MEDIA_URL,
    DOWNLOAD_FAILED,
    INVALID_MEDIA_TYPE,
    INVALID_SCENE,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, World

LONGEST: Final = 2500
NORMAL: Final = 100
AUDIO, IMAGE = 1, 2
SCENES: Final = (1, 2, 3, 4)
_SEVERITY: Final = ("pass", "review", "risky")
_PROBABILITY: Final = 90
_TEXTS: Final = ("content", "title", "nickname", "signature")
_IMAGES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF8")
_AUDIO: Final = (
    b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2",  # mp3
    b"\xff\xf1", b"\xff\xf9",  # aac
    b"\x0bw", b"0&\xb2u", b"fLaC", b"OggS", b"RIFF",
)  # fmt: skip
_MAGIC: Final = {AUDIO: _AUDIO, IMAGE: _IMAGES}


def check_text(world: World, call: Call) -> Answer:
    """Tell at once what a text is like: by the words that the control API gave."""
    body = call.body
    _check_form(body)
    content = body.get("content")
    given = {name: body.get(name, "") for name in _TEXTS}
    if not content or not all(isinstance(text, str) for text in given.values()):
        raise Refusal(BAD_FORMAT)
    if len(str(content)) > LONGEST:
        raise Refusal(BAD_FORMAT)
    world.present(body.get("openid"))
    suggest, label, word = _worst(world, list(given.values()))
    detail: list[dict[str, Any]] = [_finding("content_model", suggest, label)]
    if word:
        by_word = {"level": _PROBABILITY, "keyword": word}
        detail.append(_finding("keyword", suggest, label) | by_word)
    return {
        "detail": detail,
        "trace_id": world.ids.trace(),
        "result": {"suggest": suggest, "label": label},
    }


def _worst(world: World, texts: list[str]) -> tuple[str, int, str]:
    found = [
        (suggest, label, word)
        for word, (suggest, label) in world.words.items()
        if any(word in text for text in texts)
    ]
    return max(found, key=lambda one: _SEVERITY.index(one[0]), default=("pass", NORMAL, ""))


def _finding(strategy: str, suggest: str, label: int) -> dict[str, Any]:
    return {
        "strategy": strategy,
        "errcode": 0,
        "suggest": suggest,
        "label": label,
        "prob": _PROBABILITY,
    }


def _check_form(body: Mapping[str, Any]) -> None:
    if body.get("scene") not in SCENES:
        raise Refusal(INVALID_SCENE)
    # The first version still answers, but has known no new words since 2021.
    if body.get("version") != 2:  # noqa: PLR2004  # the number of the version
        raise Refusal(BAD_FORMAT)


def check_media(world: World, call: Call) -> Answer:
    """Take an address to look at; what was found comes later, as an event."""
    body = call.body
    if body.get("media_type") not in (AUDIO, IMAGE):
        raise Refusal(INVALID_MEDIA_TYPE)
    _check_form(body)
    url = body.get("media_url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refusal(BAD_MEDIA_URL)
    person = world.present(body.get("openid"))
    trace, media = world.ids.trace(), int(body["media_type"])
    verdict = world.verdicts.popleft() if world.verdicts else ("pass", NORMAL)
    world.events.append(
        Event("wxa_media_check", person.openid, finish=lambda: _looked(world, url, media, trace,
                                                                       verdict))
    )  # fmt: skip
    return {"trace_id": trace}


def _looked(
    world: World, url: str, media: int, trace: str, verdict: tuple[str, int]
) -> Mapping[str, Any]:
    """Fetch the thing, once, and return what the event says of it."""
    about = {"appid": world.app.appid, "trace_id": trace, "version": 2}
    try:
        got = calling.call("GET", _here(world, url))
    except calling.Unreachable as error:
        return about | {"errcode": DOWNLOAD_FAILED, "errmsg": f"download failed: {error}"}
    if got.status != 200 or not got.content.startswith(_MAGIC[media]):  # noqa: PLR2004  # HTTP's
        return about | {"errcode": DOWNLOAD_FAILED, "errmsg": "download failed"}
    suggest, label = verdict
    return about | {
        "errcode": 0,
        "errmsg": "ok",
        "result": {"suggest": suggest, "label": label},
        "detail": [_finding("content_model", suggest, label)],
    }


def _here(world: World, url: str) -> str:
    """Return where on this machine an address of the public network is answered."""
    with world.lock:
        for public, here in world.origins.items():
            if url.startswith(public):
                return here + url.removeprefix(public)
    return url


CONTRACTS: Final = (
    Contract("/wxa/msg_sec_check", "POST", check_text),
    Contract("/wxa/media_check_async", "POST", check_media),
)
