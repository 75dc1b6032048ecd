"""Draws a paper as PDF: A4, Chinese, the font inside, no seal. The same words, the same bytes."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import TTFFont

from relief.review.papers.types import Words

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
UNKNOWN = "〓"
_FAMILY = "paper"
_MARGIN, _WIDTH = 25.0, 160.0  # millimetres; A4 is 210 wide
_LABEL_WIDTH = 32.0
_TITLE, _TEXT, _SMALL = 20, 12, 9.5  # points
_LINE, _SMALL_LINE = 8.0, 5.5  # millimetres
_INDENT = "\u3000\u3000"
# Chinese typesetting: none of these begins a line, none of those ends one.
_NOT_FIRST = frozenset("，。、；：？！）》”’】〕%")
_NOT_LAST = frozenset("（《“‘【〔")
_CHECK = (
    "文书编号 {number}，核验码 {code}。在平台“文书核验”页面输入这两项，"
    "可以核对本文书是否由平台出具；核验只显示真伪，不显示内容。"
)
_RARE = f"“{UNKNOWN}”代表字库中没有的字，以登记的姓名为准。"


def draw(words: Words, *, number: str, code: str, issued_at: datetime) -> bytes:
    """Return a paper as PDF. A character that the font lacks is drawn as 〓, and that is said."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(issued_at)
    pdf.set_title(f"{words.title} {number}")
    pdf.set_author(known(words.issuer))
    pdf.set_lang("zh-CN")
    pdf.set_margins(_MARGIN, _MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.add_font(_FAMILY, fname=FONT)
    pdf.add_page()
    _head(pdf, words, number)
    for name, value in words.facts:
        _fact(pdf, name, value)
    pdf.ln(_LINE / 2)
    for paragraph in words.paragraphs:
        _lines(pdf, _INDENT + paragraph)
    pdf.ln(_LINE)
    for line in (words.issuer, words.issued_on):
        pdf.cell(_WIDTH, _LINE, known(line), align="R", new_x="LMARGIN", new_y="NEXT")
    _foot(pdf, words, number, code)
    drawn = bytes(pdf.output())
    close(pdf)
    return drawn


def close(pdf: FPDF) -> None:
    """Close the font, which the library leaves open."""
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


def _head(pdf: FPDF, words: Words, number: str) -> None:
    pdf.set_font(_FAMILY, size=_TITLE)
    pdf.cell(_WIDTH, 2 * _LINE, known(words.title), align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FAMILY, size=_TEXT)
    pdf.cell(_WIDTH, _LINE, number, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(_LINE / 2)


def _fact(pdf: FPDF, name: str, value: str) -> None:
    """Draw a name and, beside it, its value in as many lines as it needs."""
    for place, line in enumerate(broken(pdf, known(value), _WIDTH - _LABEL_WIDTH)):
        pdf.cell(_LABEL_WIDTH, _LINE, "" if place else f"{name}：")
        pdf.cell(_WIDTH - _LABEL_WIDTH, _LINE, line, new_x="LMARGIN", new_y="NEXT")


def _lines(pdf: FPDF, text: str, height: float = _LINE) -> None:
    for line in broken(pdf, known(text), _WIDTH):
        pdf.cell(_WIDTH, height, line, new_x="LMARGIN", new_y="NEXT")


def _foot(pdf: FPDF, words: Words, number: str, code: str) -> None:
    pdf.ln(_LINE)
    pdf.line(_MARGIN, pdf.get_y(), _MARGIN + _WIDTH, pdf.get_y())
    pdf.ln(_LINE / 4)
    pdf.set_font(_FAMILY, size=_SMALL)
    _lines(pdf, _CHECK.format(number=number, code=code), _SMALL_LINE)
    said = [words.issuer, *(part for fact in words.facts for part in fact), *words.paragraphs]
    if any(UNKNOWN in known(text) for text in said):
        _lines(pdf, _RARE, _SMALL_LINE)


def broken(pdf: FPDF, text: str, width: float) -> Iterator[str]:
    """Yield the lines of a text, broken between characters as Chinese is."""
    room = width - 2 * pdf.c_margin
    line, used = "", 0.0
    for character in text:
        wide = pdf.get_string_width(character)
        if used + wide > room and character not in _NOT_FIRST:
            carried = line[-1:] if line[-1:] in _NOT_LAST else ""
            yield line.removesuffix(carried) if carried else line
            line = carried
            used = pdf.get_string_width(carried) if carried else 0.0
        line, used = line + character, used + wide
    yield line


def known(text: str) -> str:
    """Return a text with what cannot be drawn replaced."""
    drawable = _drawable()
    return "".join(one if ord(one) in drawable else UNKNOWN for one in text)


@cache
def _drawable() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())
