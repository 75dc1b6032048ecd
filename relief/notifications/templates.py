"""What a telephone may be told: templates from `seeds/`, checked when they are loaded.

A provider sends no free words, only a template that was registered with it and short values in its
places. So the outbox keeps the two apart, and a message that no provider would take is refused
here, when its template is loaded, and not on its way.
"""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import seeds
from relief.core import documents

SEED = "reference/sms_templates.yml"
LONGEST_TITLE = 80
LIMITS = frozenset({"text_max", "fields_max", "field_max"})
_CONFIDENCE = frozenset("VSMD")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_KEYS = {"code", "zh", "text", "fields", "conf", "source"}


class UnsoundTemplates(Exception):
    """The templates cannot be used. One line a fault."""


class UnfitValues(ValueError):
    """What is to stand in a template's places does not fit them: the template and the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands. `most`: characters that it takes."""

    name: str
    label: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One thing that a telephone may be told; its places in the order of the declaration."""

    code: str
    title: str
    text: str
    places: Sequence[Place]

    @property
    def longest(self) -> int:
        """Return how many characters the longest message of it has, without the signature."""
        fixed = sum(len(part) for part, *_ in string.Formatter().parse(self.text))
        return fixed + sum(place.most for place in self.places)

    def in_order(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values in the order of the places. Raises UnfitValues."""
        if set(values) != {place.name for place in self.places}:
            raise UnfitValues(self.code, "other places")
        for place in self.places:
            value = values[place.name]
            fits = isinstance(value, str) and 0 < len(value) <= place.most
            if not fits or not value.isprintable():
                # Not the value: it may say of whom it speaks.
                raise UnfitValues(self.code, place.name)
        return tuple(values[place.name] for place in self.places)

    def words(self, values: Mapping[str, str]) -> str:
        """Return the message, without the signature. Raises UnfitValues."""
        self.in_order(values)
        return self.text.format_map(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All templates, by code, and what stands before each message."""

    signature: str
    templates: Mapping[str, Template]


@lru_cache(maxsize=1)
def load_all() -> Book:
    """Return the templates of `seeds/`. Raises UnsoundTemplates."""
    return book(documents.read(seeds.path(SEED)))


def book(document: Mapping[str, Any]) -> Book:
    """Return what a document says. Raises UnsoundTemplates with every fault."""
    faults = list(_incomplete(document))
    if faults:
        raise UnsoundTemplates("\n".join(faults))
    limits = {entry["name"]: int(entry["value"]) for entry in document["limits"]}
    signature = str(document["signature"]["zh"])
    templates = [_template(entry) for entry in document["templates"]]
    faults = [
        f"{template.code}: {fault}"
        for template in templates
        for fault in _faults(template, limits, len(f"【{signature}】"))
    ]
    codes = [template.code for template in templates]
    faults += [f"{code}: 模板编码重复" for code in sorted(set(codes)) if codes.count(code) > 1]
    if faults:
        raise UnsoundTemplates("\n".join(faults))
    return Book(signature=signature, templates={one.code: one for one in templates})


def _incomplete(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is missing, so that the rest can be read without a look."""
    limits, templates = document.get("limits", []), document.get("templates", [])
    if {entry.get("name") for entry in limits} != LIMITS:
        yield "limits: 必须且只能有 " + "、".join(sorted(LIMITS))
    signed = document.get("signature", {})
    if not signed.get("zh"):
        yield "signature: 缺少签名"
    for entry in templates:
        if lacking := _KEYS - set(entry):
            yield f"{entry.get('code', '？')}: 缺少 " + "、".join(sorted(lacking))
        if any({"name", "zh", "max"} - set(place) for place in entry.get("fields", [])):
            yield f"{entry.get('code', '？')}: 变量须有 name、zh、max"
    yield from _unsourced([signed, *limits, *templates])


def _unsourced(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for entry in entries:
        if not entry.get("source") or entry.get("conf") not in _CONFIDENCE:
            name = entry.get("code") or entry.get("name") or "signature"
            yield f"{name}: 缺少来源或可信度"


def _template(entry: Mapping[str, Any]) -> Template:
    return Template(
        code=str(entry["code"]),
        title=str(entry["zh"]),
        text=str(entry["text"]),
        places=[
            Place(name=str(one["name"]), label=str(one["zh"]), most=int(one["max"]))
            for one in entry["fields"]
        ],
    )


def _faults(template: Template, limits: Mapping[str, int], signature: int) -> Iterator[str]:
    if not _CODE.fullmatch(template.code):
        yield "模板编码只能用小写字母、数字和连字符，最长 40 个字符"
    if not 0 < len(template.title) <= LONGEST_TITLE:
        yield f"标题须有 1 至 {LONGEST_TITLE} 个字"
    try:
        parsed = list(string.Formatter().parse(template.text))
    except ValueError:
        yield "文字中的花括号不成对"
        return
    named = [name for _, name, _, _ in parsed if name is not None]
    if any(form or conversion for _, _, form, conversion in parsed):
        yield "变量只能写成 {名称}"
    if sorted(named) != sorted(place.name for place in template.places):
        yield "文字中的变量与声明的变量不一致，或者一个变量出现多次"
    yield from _too_long(template, limits, signature)


def _too_long(template: Template, limits: Mapping[str, int], signature: int) -> Iterator[str]:
    if len(template.places) > limits["fields_max"]:
        yield f"变量超过 {limits['fields_max']} 个"
    for place in template.places:
        if not 0 < place.most <= limits["field_max"]:
            yield f"变量“{place.label}”的字数须为 1 至 {limits['field_max']}"
    if template.longest + signature > limits["text_max"]:
        yield f"最长 {template.longest + signature} 个字，超过 {limits['text_max']} 个字的上限"
