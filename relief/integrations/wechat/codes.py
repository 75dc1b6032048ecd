"""What a QR code of the mini program (小程序码) may carry."""

import enum
import re
from dataclasses import dataclass

from relief.core.errors import Invalid

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_PAGE = re.compile(r"[0-9A-Za-z_\-]+(?:/[0-9A-Za-z_\-]+)*")
_PAGE_WITH_QUERY = re.compile(_PAGE.pattern + r"(?:\?[!-~]{0,512})?")
NARROWEST, WIDEST, USUAL_WIDTH = 280, 1280, 430
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")  # JPEG; PNG when the ground is clear


class Version(enum.StrEnum):
    """Which version of the mini program a code or a message opens."""

    RELEASE = "release"
    TRIAL = "trial"
    DEVELOP = "develop"

    @property
    def of_messages(self) -> str:
        """The word that messages have for it."""
        return {"release": "formal", "trial": "trial", "develop": "developer"}[self.value]


class CodeInvalid(Invalid):
    """A code that WeChat would not draw."""

    code, title = "wechat-qr-code-invalid", "小程序码的参数不符合微信的要求"


class PageInvalid(Invalid):
    """A path that no mini program has."""

    code, title = "wechat-page-invalid", "小程序页面路径无效"


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A code to draw. `scene`: what the page is told; never a number or name of anybody.

    `page`: without a leading slash and without a query; empty is the first page. `width` in
    pixels. Raises CodeInvalid.
    """

    scene: str
    page: str = ""
    width: int = USUAL_WIDTH
    clear: bool = False

    def __post_init__(self) -> None:
        if not _SCENE.fullmatch(self.scene):
            detail = "场景值应为1至32位数字、字母和部分符号，不含汉字、空格和百分号"
            raise CodeInvalid(detail)
        if self.page and not _PAGE.fullmatch(self.page):
            detail = "页面路径不以“/”开头，也不带参数"
            raise CodeInvalid(detail)
        if not NARROWEST <= self.width <= WIDEST:
            detail = f"宽度应为{NARROWEST}至{WIDEST}像素"
            raise CodeInvalid(detail)


def check_page(page: str) -> None:
    """Raise PageInvalid unless a message may open this path, which may have a query."""
    if page and not _PAGE_WITH_QUERY.fullmatch(page):
        raise PageInvalid


def is_picture(content: bytes) -> bool:
    """Tell by the content whether it is a picture that WeChat draws."""
    return content.startswith(PICTURES)
