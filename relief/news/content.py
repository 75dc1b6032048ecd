"""What one version of an article says, whether it may say that, and how two versions differ."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from difflib import SequenceMatcher

from sqlalchemy.orm import Session

from relief.core.scope import is_city, subtree
from relief.news.errors import BadArticle
from relief.news.models import NewsVersion
from relief.organisation import queries as organisation
from relief.registry.types import Category

CATEGORY_TABLE = "news_category"
# How long each may be, in characters: what a page of titles weighs on a phone follows from these.
LENGTHS = {
    "title": 60, "summary": 120, "body": 20_000, "source": 80, "document_number": 60,
    "file_title": 60, "reason": 400,
}  # fmt: skip
MOST_REGIONS = 60
COMPARED_LINES = 2000  # of both versions
Named = tuple[str, uuid.UUID]  # a file by its title, and which it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One version. `shown_until`: the last day. Of no region or category: for all."""

    category: str
    title: str
    summary: str
    body: str
    source: str
    document_number: str | None
    shown_from: date
    shown_until: date | None
    region_codes: tuple[int, ...]
    aid_categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two versions say differently."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text: `-` gone, `+` new, or blank as it was."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version says otherwise: fields, the lines of its text, and its files by title.

    A title in both lists: another file took the place of one.
    """

    fields: Sequence[Change]
    lines: Sequence[Line]
    files_gone: Sequence[str]
    files_new: Sequence[str]

    @property
    def empty(self) -> bool:
        """Tell whether both say the same."""
        return not (self.fields or self.lines or self.files_gone or self.files_new)


_NAMES = tuple(one.name for one in fields(Content))
_WORDS = ("title", "summary", "body", "source")
_TITLES = {
    "title": "标题", "summary": "摘要", "body": "正文", "source": "发布单位（来源）",
    "document_number": "文号",
}  # fmt: skip


def content_of(row: NewsVersion) -> Content:
    """Return what a stored version says."""
    given = {name: getattr(row, name) for name in _NAMES}
    given["region_codes"] = tuple(row.region_codes)
    given["aid_categories"] = tuple(Category(one) for one in row.aid_categories)
    return Content(**given)


def checked(session: Session, content: Content, *, office: int) -> Content:
    """Return a content in its kept form: trimmed, in order, and for no one outside its office.

    `office`: the region of the department that writes it. Its readers are within; of an office
    that is not the city's, "all" means all of its own. Raises BadArticle.
    """
    said = {name: _trimmed(name, getattr(content, name)) for name in _TITLES}
    if content.category not in categories(session):
        detail = "没有这个栏目"
        raise BadArticle(detail)
    if content.shown_until is not None and content.shown_until < content.shown_from:
        detail = "最后展示日不能早于开始展示日"
        raise BadArticle(detail)
    regions = tuple(sorted(set(content.region_codes)))
    if len(regions) > MOST_REGIONS:
        detail = f"适用地区最多选 {MOST_REGIONS} 个"
        raise BadArticle(detail)
    if len(organisation.region_names(session, codes=regions)) < len(regions):
        detail = "适用地区中有不存在的区划"
        raise BadArticle(detail)
    if any(code not in subtree(office) for code in regions):
        detail = "适用地区须在起草单位的区划之内"
        raise BadArticle(detail)
    if not regions and not is_city(office):
        regions = (office,)
    wanted = set(content.aid_categories)
    return Content(
        **said,  # type: ignore[arg-type]  # each by its name
        category=content.category,
        shown_from=content.shown_from,
        shown_until=content.shown_until,
        region_codes=regions,
        aid_categories=tuple(one for one in Category if one in wanted),
    )


def categories(session: Session) -> dict[str, str]:
    """Return code → name of the kinds of articles (栏目), in the order of their codes."""
    return organisation.code_tables(session, tables=[CATEGORY_TABLE])[CATEGORY_TABLE]


def changed(before: Content, after: Content) -> list[str]:
    """Return the names of the fields that two versions say differently."""
    return [name for name in _NAMES if getattr(before, name) != getattr(after, name)]


def difference(
    before: Content, after: Content, *, files: tuple[Sequence[Named], Sequence[Named]]
) -> Difference:
    """Compare two versions; `files`: those of each, one that was exchanged is another."""
    was, has = files
    names = changed(before, after)
    said = [
        Change(name, getattr(before, name), getattr(after, name))
        for name in names
        if name != "body"
    ]
    return Difference(
        fields=said,
        lines=list(_lines(before.body, after.body)) if "body" in names else (),
        files_gone=[title for title, file_id in was if (title, file_id) not in has],
        files_new=[title for title, file_id in has if (title, file_id) not in was],
    )


def _lines(before: str, after: str) -> Iterator[Line]:
    """Yield what went and what came. A line is the same or another: what is like is not sought.

    To look for lines that are like (`ndiff`) takes minutes for a long list of them. Of more lines
    than any article has, all went and all came: to compare those takes seconds, too.
    """
    was, has = before.splitlines(), after.splitlines()
    steps: list[tuple[str, int, int, int, int]] = [("replace", 0, len(was), 0, len(has))]
    if len(was) + len(has) <= COMPARED_LINES:
        steps = list(SequenceMatcher(None, was, has).get_opcodes())
    for same, first, last, start, end in steps:
        if same == "equal":
            yield from (Line("", words) for words in has[start:end])
        else:
            yield from (Line("-", words) for words in was[first:last])
            yield from (Line("+", words) for words in has[start:end])


def _trimmed(name: str, value: str | None) -> str | None:
    given = (value or "").replace("\r\n", "\n").strip()
    if name in _WORDS and not given:
        detail = f"请填写{_TITLES[name]}"
        raise BadArticle(detail)
    if len(given) > LENGTHS[name]:
        detail = f"{_TITLES[name]}最多 {LENGTHS[name]} 个字"
        raise BadArticle(detail)
    return given or None
