"""Turns what a clerk writes into the few HTML elements that a phone shows.

A line is a paragraph. `# ` and `## ` begin a heading, `- ` an item of a list; `**…**` is bold,
`[words](https://…)` or `[words](tel:…)` a link, `[图片：title]` a picture among the article's own
files. Numbers before a line stay as they were written: a list that counted by itself could number
the clauses of a policy anew. Everything else is text, HTML too.

What comes out goes through nh3 (Ammonia) all the same: not this file is what keeps scripts out.
"""

import html
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import nh3

from relief.news.errors import BadArticle

SCHEME = "attachment:"
LONGEST_TARGET = 500
_TAGS = {"h2", "h3", "p", "strong", "ul", "li", "a", "img"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_HEADINGS = (("## ", "h3"), ("# ", "h2"))
_ITEM = "- "
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\[\]]+)\]\(((?:[^()\s*]|\([^()\s*]*\))+)\)")
_PICTURE = re.compile(r"\[图片[：:]([^\[\]]+)\]")
_TARGET = re.compile(
    r"https://[^\s/?#@:]+\.[^\s/?#@:]+(?::\d{1,5})?(?:[/?#]\S*)?|tel:[0-9+-]{3,20}"
)
_KEPT_PICTURE = re.compile(
    r'src="attachment:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"'
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """Sanitised HTML, and the titles of pictures that the text names and the article lacks."""

    html: str
    missing: tuple[str, ...]


def render(text: str, *, pictures: Mapping[str, uuid.UUID]) -> Rendered:
    """Return the HTML of what was written; `pictures`: title → file.

    Raises BadArticle for a link that is neither https nor tel.
    """
    missing: list[str] = []

    def picture(match: re.Match[str]) -> str:
        title = html.unescape(match[1]).strip()
        if title not in pictures:
            missing.append(title)
            return match[0]
        return f'<img src="{SCHEME}{pictures[title]}" alt="{html.escape(title)}">'

    made = "".join(_blocks(text, lambda line: _inline(line, picture)))
    return Rendered(sanitised(made), tuple(dict.fromkeys(missing)))


def sanitised(made: str) -> str:
    """Return only what a phone is to show of some HTML, whatever it was."""
    return nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"https", "tel", SCHEME.removesuffix(":")},
        clean_content_tags={"script", "style"},
        link_rel="noopener noreferrer",
    )


def addressed(kept: str, address: Callable[[uuid.UUID], str]) -> str:
    """Return kept HTML with each picture at the address from which one front end serves it."""
    return _KEPT_PICTURE.sub(
        lambda match: f'src="{html.escape(address(uuid.UUID(match[1])))}"', kept
    )


def _blocks(text: str, inline: Callable[[str], str]) -> Iterator[str]:
    in_list = False
    for line in (one.strip() for one in text.splitlines()):
        tag, words = _block(line)
        if in_list and tag != "li":
            yield "</ul>"
        if tag == "li" and not in_list:
            yield "<ul>"
        in_list = tag == "li"
        if words:
            yield f"<{tag}>{inline(words)}</{tag}>"
    if in_list:
        yield "</ul>"


def _block(line: str) -> tuple[str, str]:
    if line.startswith(_ITEM):
        return "li", line.removeprefix(_ITEM).strip()
    for mark, tag in _HEADINGS:
        if line.startswith(mark):
            return tag, line.removeprefix(mark).strip()
    return "p", line


def _inline(line: str, picture: Callable[[re.Match[str]], str]) -> str:
    escaped = html.escape(line)
    linked = _LINK.sub(_link, escaped)
    return _PICTURE.sub(picture, _BOLD.sub(r"<strong>\1</strong>", linked))


def _link(match: re.Match[str]) -> str:
    target = html.unescape(match[2])
    if len(target) > LONGEST_TARGET:
        detail = f"链接“{target[:60]}…”过长，最多 {LONGEST_TARGET} 个字符"
        raise BadArticle(detail)
    if not _is_target(target):
        detail = f"链接“{target[:60]}”不能使用：只能链接到 https:// 网址或 tel: 电话号码"
        raise BadArticle(detail)
    return f'<a href="{html.escape(target)}">{match[1]}</a>'


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Let a link go to https and tel only, and a picture come from the article's files only."""
    if (tag, attribute) == ("img", "src"):
        return value if _KEPT_PICTURE.fullmatch(f'src="{value}"') else None
    if (tag, attribute) == ("a", "href"):
        return value if _is_target(value) else None
    return value


def _is_target(target: str) -> bool:
    # To look for the dot of a host takes time by the square of the length.
    return len(target) <= LONGEST_TARGET and _TARGET.fullmatch(target) is not None
