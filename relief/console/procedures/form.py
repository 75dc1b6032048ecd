"""What the forms of a draft hold, and how they become its content."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from relief.schemes.drafting.content import LARGEST, SURVEYED_BY, Content, Head, Stage
from relief.schemes.drafting.errors import BadContent
from relief.schemes.types import DayType, StageKind

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

Filled = Mapping[str, Any]  # field → text, list of texts, or whether it is ticked
_STAGE_TEXTS = (
    "code", "name", "kind", "owner", "limit", "day_type", "starts_from", "note", "confidence",
)  # fmt: skip
_HEAD_TEXTS = (
    "name", "total_limit", "total_day_type", "total_from", "extended_limit", "delegated_limit",
    "legal", "confidence",
)  # fmt: skip
EMPTY_STAGE: Filled = {
    "kind": StageKind.DATA_CHECK.value, "day_type": DayType.WORKING.value, "confidence": "D",
    "raises": (), "after": (), "papers": "",
}  # fmt: skip


def stage_filled(stage: Stage) -> Filled:
    """Return the form of a stage as it is first shown."""
    filled = {name: _text(getattr(stage, name)) for name in _STAGE_TEXTS}
    return filled | {
        "raises": stage.raises,
        "after": stage.after,
        "papers": "\n".join(stage.papers),
        "parallel": stage.parallel,
        "conceals": stage.conceals,
        "surveyed": bool(stage.investigators),
    }


def stage_sent(form: "MultiDict[str, str]") -> Filled:
    """Return the form of a stage as it was sent."""
    filled: dict[str, Any] = {name: form.get(name, "").strip() for name in _STAGE_TEXTS}
    return filled | {
        "raises": tuple(form.getlist("raises")),
        "after": tuple(form.getlist("after")),
        "papers": form.get("papers", ""),
        "parallel": "parallel" in form,
        "conceals": "conceals" in form,
        "surveyed": "surveyed" in form,
    }


def to_stage(filled: Filled) -> Stage:
    """Return the stage that a form describes. Raises BadContent."""
    lines = [line.strip() for line in filled["papers"].splitlines()]
    try:
        kind, unit = StageKind(filled["kind"]), DayType(filled["day_type"])
    except ValueError as error:
        message = "请选择环节种类和期限的单位"
        raise BadContent(message) from error
    return Stage(
        code=filled["code"],
        name=filled["name"],
        kind=kind,
        owner=filled["owner"],
        limit=_number(filled["limit"], "期限"),
        day_type=unit,
        starts_from=filled["starts_from"],
        raises=filled["raises"],
        after=filled["after"],
        papers=tuple(line for line in lines if line),
        parallel=filled["parallel"],
        conceals=filled["conceals"],
        investigators=max(SURVEYED_BY) if filled["surveyed"] else 0,
        note=filled["note"] or None,
        confidence=filled["confidence"],
    )


def head_filled(head: Head) -> Filled:
    """Return the form of the whole as it is first shown."""
    return {name: _text(getattr(head, name)) for name in _HEAD_TEXTS} | {"rolls": head.rolls}


def head_sent(form: Mapping[str, str]) -> Filled:
    """Return the form of the whole as it was sent."""
    filled: dict[str, Any] = {name: form.get(name, "").strip() for name in _HEAD_TEXTS}
    return filled | {"rolls": "rolls" in form}


def to_head(filled: Filled) -> Head:
    """Return the head that a form describes. Raises BadContent."""
    unit = filled["total_day_type"]
    if unit and unit not in set(DayType):
        message = "请选择总时限的单位"
        raise BadContent(message)
    total = _number_or_none(filled["total_limit"], "总时限")
    return Head(
        name=filled["name"],
        total_limit=total,
        # Without a limit, what a form shows as chosen means nothing.
        total_day_type=DayType(unit) if unit and total is not None else None,
        total_from=filled["total_from"] or None if total is not None else None,
        extended_limit=_number_or_none(filled["extended_limit"], "延长后的时限"),
        delegated_limit=_number_or_none(filled["delegated_limit"], "下放后的时限"),
        rolls=filled["rolls"],
        legal=filled["legal"] or None,
        confidence=filled["confidence"],
    )


def joint_sent(
    form: "MultiDict[str, str]", content: Content, departments: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Return scheme → departments that were ticked, of departments that there are."""
    return {
        code: [one for one in departments if one in form.getlist(f"joint-{code}")]
        for code in content.joint
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number_or_none(text: str, what: str) -> int | None:
    return _number(text, what) if text else None


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))):
        message = f"{what}须是 0 至 {LARGEST} 的整数"
        raise BadContent(message)
    return int(text)
