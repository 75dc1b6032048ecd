"""The form of an article: as it is filled in, and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import MultiDict

from relief.core.scope import is_city
from relief.news.content import Content, categories
from relief.news.errors import BadArticle
from relief.organisation import queries as organisation
from relief.registry.types import Category

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Filled = Mapping[str, Any]
_WORDS = ("category", "title", "summary", "body", "source", "document_number")
_DAYS = {"shown_from": "开始展示日", "shown_until": "最后展示日"}
_REGION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen in the form of one office. `whole`: what no region ticked means."""

    kinds: Sequence[tuple[str, str]]
    regions: Sequence[tuple[str, str]]
    categories: Sequence[str]
    whole: str


def choices(session: "Session", *, office: int, said: Sequence[int] = ()) -> Choices | None:
    """Return what may be chosen, or None if there is no such region as the office's.

    `said`: regions that a program chose further down.
    """
    below = {one.code for one in organisation.regions_below(session, parent_code=office)}
    names = organisation.region_names(session, codes=below | {office, *said} - {0})
    if office not in names:
        return None
    shown = sorted((below | set(said)) - {office})
    return Choices(
        kinds=list(categories(session).items()),
        regions=[(str(code), names[code]) for code in shown],
        categories=[one.value for one in Category],
        whole="全市" if is_city(office) else names[office],
    )


def empty(today: date) -> Filled:
    """Return the form of a new article."""
    return {"shown_from": today.isoformat(), "region_codes": (), "aid_categories": ()}


def filled(content: Content) -> Filled:
    """Return the form of what is kept."""
    return {
        **{name: getattr(content, name) for name in _WORDS},
        **{name: day.isoformat() if (day := getattr(content, name)) else "" for name in _DAYS},
        "region_codes": [str(code) for code in content.region_codes],
        "aid_categories": [one.value for one in content.aid_categories],
    }


def sent(form: MultiDict[str, str]) -> Filled:
    """Return a form as it was sent, to be shown again."""
    return {
        **{name: form.get(name, "") for name in (*_WORDS, *_DAYS)},
        "region_codes": form.getlist("region_codes"),
        "aid_categories": form.getlist("aid_categories"),
    }


def region(text: str) -> int | None:
    """Return the code of a region if a text can be one."""
    one = text.isascii() and text.isdecimal() and len(text) == _REGION_DIGITS
    return int(text) if one else None


def to_content(given: Filled) -> Content:
    """Return what a form says. Raises BadArticle."""
    first, last = (_day(given, name) for name in _DAYS)
    if first is None:
        detail = "请填写开始展示日"
        raise BadArticle(detail)
    regions = tuple(region(code) for code in given["region_codes"])
    wanted = tuple(one for one in Category if one in given["aid_categories"])
    if None in regions or len(wanted) < len(set(given["aid_categories"])):
        detail = "适用地区或适用类别不正确，请重新勾选"
        raise BadArticle(detail)
    return Content(
        **{name: given[name] for name in _WORDS},
        shown_from=first,
        shown_until=last,
        region_codes=tuple(code for code in regions if code is not None),
        aid_categories=wanted,
    )


def _day(given: Filled, name: str) -> date | None:
    text = given[name].strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        detail = f"{_DAYS[name]}不正确，请按 2026-12-01 的样子填写"
        raise BadArticle(detail) from None
