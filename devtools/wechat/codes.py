"""Mini program codes: real pictures, though of a QR code and not of WeChat's own form."""

import io
import re
from typing import Any, Final
from urllib.parse import urlencode

import segno
from PIL import Image as Picture

from devtools.wechat.refusals import (
    INVALID_ARGS,
    INVALID_PAGE,
    INVALID_SCENE,
    SCENE_TOO_LONG,
    Refusal,
)
from devtools.wechat.world import Answer, Call, Contract, Image, World

VERSIONS: Final = ("release", "trial", "develop")
LONGEST_SCENE: Final = 32
NARROWEST, WIDEST, USUAL = 280, 1280, 430
MAIN_PAGE: Final = "pages/index/index"
_SCENE: Final = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_WHITE, _CLEAR = (255, 255, 255, 255), (255, 255, 255, 0)
_MOST: Final = 255

Colour = tuple[int, int, int, int]


def code_unlimited(world: World, call: Call) -> Answer:
    """Draw the code that opens a page with a scene."""
    body = call.body
    scene, page = _scene(body.get("scene")), _page(world, body)
    version, width = body.get("env_version", "release"), body.get("width", USUAL)
    switches = [body.get(name, False) for name in ("auto_color", "is_hyaline")]
    if version not in VERSIONS or not all(isinstance(switch, bool) for switch in switches):
        raise Refusal(INVALID_ARGS)
    if isinstance(width, bool) or not isinstance(width, int) or not NARROWEST <= width <= WIDEST:
        raise Refusal(INVALID_ARGS)
    hyaline = bool(body.get("is_hyaline", False))
    text = f"wechat-stand-in:{page or MAIN_PAGE}?{urlencode({'scene': scene})}"
    content = _draw(text, width, _colour(body.get("line_color")), clear=hyaline)
    world.drawn.append({"scene": scene, "page": page, "env_version": version, "text": text})
    return Image(content, "image/png" if hyaline else "image/jpeg")


def _scene(scene: object) -> str:
    if not isinstance(scene, str) or not scene:
        raise Refusal(INVALID_SCENE)
    if len(scene) > LONGEST_SCENE:
        raise Refusal(SCENE_TOO_LONG)
    if not _SCENE.fullmatch(scene):
        raise Refusal(INVALID_SCENE)
    return scene


def _page(world: World, body: Any) -> str:
    page = body.get("page", "")
    if not isinstance(page, str) or page.startswith("/") or "?" in page:
        raise Refusal(INVALID_PAGE)
    wanted = body.get("check_path", True)
    if page and wanted and world.pages is not None and page not in world.pages:
        raise Refusal(INVALID_PAGE)
    return page


def _colour(given: object) -> Colour:
    if given is None:
        return (0, 0, 0, 255)
    try:
        red, green, blue = (int(given[part]) for part in "rgb")  # type: ignore[index]  # checked here
    except (TypeError, KeyError, ValueError):
        raise Refusal(INVALID_ARGS) from None
    if not all(0 <= part <= _MOST for part in (red, green, blue)):
        raise Refusal(INVALID_ARGS)
    return (red, green, blue, 255)


def _draw(text: str, width: int, colour: Colour, *, clear: bool) -> bytes:
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    picture = Picture.new("RGBA", (len(rows), len(rows)), _CLEAR if clear else _WHITE)
    picture.putdata(
        [colour if dark else (_CLEAR if clear else _WHITE) for row in rows for dark in row]
    )
    picture = picture.resize((width, width), Picture.Resampling.NEAREST)
    out = io.BytesIO()
    if clear:
        picture.save(out, "PNG")
    else:
        picture.convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


CONTRACTS: Final = (Contract("/wxa/getwxacodeunlimit", "POST", code_unlimited),)
