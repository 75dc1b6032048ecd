"""What a version of a procedure says, as a value: copied, edited, compared and signed.

Nothing here asks a database.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from relief.schemes.drafting.errors import BadContent
from relief.schemes.models import Procedure, ProcedureStage, Scheme
from relief.schemes.owners import joint_of
from relief.schemes.queries import Plan
from relief.schemes.types import DayType, StageKind

SURVEYED_BY = (0, 2)  # a sheet is signed by two (民发〔2021〕57号第十六条), or there is none
LARGEST = 9999  # of a limit: what a form can hold, and no rule
LENGTHS = {"name": 80, "note": 400, "legal": 300, "paper": 80}
PAPERS = 40
LONGEST_LIST = 60  # stages, and what one of them names: more than anybody could look through
CONFIDENCES = ("V", "S", "M", "D")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
_LISTS = ("raises", "after", "papers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage, in the words of `ProcedureStage`; its place is its place in the list."""

    code: str
    name: str
    kind: StageKind
    owner: str
    limit: int
    day_type: DayType
    starts_from: str
    raises: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    parallel: bool = False
    conceals: bool = False
    investigators: int = 0
    note: str | None = None
    confidence: str = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is said of the whole: its name, the limit of all stages together, and the source."""

    name: str
    total_limit: int | None
    total_day_type: DayType | None
    total_from: str | None
    extended_limit: int | None
    delegated_limit: int | None
    rolls: bool
    legal: str | None
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole version. `joint`: scheme → departments of its joint review."""

    head: Head
    stages: tuple[Stage, ...]
    joint: Mapping[str, tuple[str, ...]]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, for the draft's row, programs and the digest."""
        plain: dict[str, Any] = json.loads(
            json.dumps(
                {
                    "head": asdict(self.head),
                    "stages": [_said(one) for one in self.stages],
                    "joint": {code: list(which) for code, which in sorted(self.joint.items())},
                }
            )
        )
        return plain

    def stage(self, code: str) -> Stage | None:
        """Return one stage by its code."""
        return next((one for one in self.stages if one.code == code), None)


def content_of(plan: Plan, schemes: Sequence[Scheme]) -> Content:
    """Return what a version says, with the joint departments of the schemes that use it."""
    row = plan.procedure
    return Content(
        head=Head(**{one.name: getattr(row, one.name) for one in fields(Head)}),
        stages=tuple(_stage_of(stage) for stage in plan.stages),
        joint={one.code: tuple(joint_of(row, one)) for one in schemes},
    )


def read(given: Mapping[str, Any]) -> Content:
    """Return the content that plain values say. Raises BadContent with what is wrong."""
    try:
        head = dict(given["head"])
        unit = head.get("total_day_type")
        content = Content(
            head=Head(**head | {"total_day_type": DayType(unit) if unit else None}),
            stages=tuple(_read_stage(one) for one in given["stages"]),
            joint={code: tuple(which) for code, which in given["joint"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        message = "缺少内容，或有不认识的内容"
        raise BadContent(message) from error
    refuse(content)
    return content


def refuse(content: Content) -> None:
    """Raise BadContent for what no table could keep; soundness is another question."""
    wrong = [*_of_head(content.head)]
    codes = [one.code for one in content.stages]
    for stage in content.stages:
        wrong.extend(f"环节 {stage.code}：{one}" for one in _of_stage(stage))
    wrong.extend(f"环节代码 {code} 重复" for code in sorted(set(codes)) if codes.count(code) > 1)
    if not 0 < len(codes) <= LONGEST_LIST:
        wrong.append(f"环节须有 1 至 {LONGEST_LIST} 个")
    if wrong:
        raise BadContent("；".join(wrong))


def to_plan(content: Content, *, code: str, version: int, valid_from: date) -> Plan:
    """Return the rows that a version would be; they belong to no session."""
    procedure = Procedure(
        code=code,
        version=version,
        valid_from=valid_from,
        joint={scheme: list(which) for scheme, which in sorted(content.joint.items())},
        **asdict(content.head),
    )
    return Plan(
        procedure,
        tuple(
            ProcedureStage(
                procedure_code=code,
                procedure_version=version,
                position=position,
                **asdict(stage) | {name: list(getattr(stage, name)) for name in _LISTS},
            )
            for position, stage in enumerate(content.stages, start=1)
        ),
    )


def digest_of(content: Content, *, code: str, version: int, base: int, valid_from: date) -> bytes:
    """Return the SHA-256 of what is signed: the whole content, its place and its day."""
    told = {
        "procedure": code,
        "version": version,
        "base": base,
        "valid_from": valid_from.isoformat(),
        "content": content.as_json(),
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _said(stage: Stage) -> dict[str, Any]:
    """Return what a stage says. Without a survey it says what it said before there were any.

    So that what was signed then has the digest that it had.
    """
    said = asdict(stage)
    if not said["investigators"]:
        del said["investigators"]
    return said


def _stage_of(row: ProcedureStage) -> Stage:
    given = {one.name: getattr(row, one.name) for one in fields(Stage)}
    return Stage(**given | {name: tuple(given[name] or ()) for name in _LISTS})


def _read_stage(given: Mapping[str, Any]) -> Stage:
    read_ = {
        "kind": StageKind(given["kind"]),
        "day_type": DayType(given["day_type"]),
        **{name: tuple(given.get(name, ())) for name in _LISTS},
    }
    return Stage(**dict(given) | read_)


def _of_head(head: Head) -> list[str]:
    wrong = []
    if not 0 < len(head.name) <= LENGTHS["name"]:
        wrong.append(f"流程名称须填写，不超过 {LENGTHS['name']} 个字")
    if len(head.legal or "") > LENGTHS["legal"]:
        wrong.append(f"依据不超过 {LENGTHS['legal']} 个字")
    for limit in (head.total_limit, head.extended_limit, head.delegated_limit):
        if limit is not None and not 0 < limit <= LARGEST:
            wrong.append(f"总时限、延长和下放后的时限须是 1 至 {LARGEST} 的整数，或不填")
            break
    if (head.total_limit is None) != (head.total_day_type is None or head.total_from is None):
        wrong.append("总时限的天数、单位和起算须一并填写，或都不填")
    if head.confidence not in CONFIDENCES:
        wrong.append("依据的可信程度须是 V、S、M、D 之一")
    return wrong


def _of_stage(stage: Stage) -> list[str]:
    wrong = []
    if not _CODE.fullmatch(stage.code):
        wrong.append("环节代码须以大写字母开头，由大写字母、数字和下划线组成，不超过 20 个")
    if not 0 < len(stage.name) <= LENGTHS["name"]:
        wrong.append(f"环节名称须填写，不超过 {LENGTHS['name']} 个字")
    if not 0 <= stage.limit <= LARGEST:
        wrong.append(f"期限须是 0 至 {LARGEST} 的整数")
    if len(stage.note or "") > LENGTHS["note"]:
        wrong.append(f"说明和依据不超过 {LENGTHS['note']} 个字")
    if len(stage.papers) > PAPERS or any(
        not 0 < len(one) <= LENGTHS["paper"] for one in stage.papers
    ):
        wrong.append(f"所需材料不超过 {PAPERS} 项，每项不超过 {LENGTHS['paper']} 个字")
    if stage.investigators not in SURVEYED_BY:
        wrong.append("办结前入户调查的人数须是 0（不需要）或 2")
    if stage.confidence not in CONFIDENCES:
        wrong.append("依据的可信程度须是 V、S、M、D 之一")
    return wrong
