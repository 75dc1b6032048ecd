"""What the values of a procedure are called in Chinese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relief.console.procedure_labels import FIELDS
from relief.organisation import queries as organisation
from relief.schemes import queries as schemes
from relief.schemes.drafting.content import CONFIDENCES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Choices = Sequence[tuple[str, str]]
NOTHING = "（无）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Names of what a procedure names by its code, and how a value of a field reads."""

    events: Mapping[str, str]
    owners: Mapping[str, str]
    departments: Mapping[str, str]
    schemes: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]

    def field(self, name: str) -> str:
        """Return what a field is called."""
        return FIELDS.get(name, name)

    def say(self, name: str, value: Any) -> str:
        """Return a value of a field as a reader takes it."""
        if value is None or value in ("", (), []):
            return NOTHING
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, tuple | list):
            return "、".join(self.say(name, one) for one in value)
        return self.fields.get(name, {}).get(str(value), str(value))

    def choices(self, name: str) -> Choices:
        """Return what may be chosen for a field, in order."""
        return list(self.fields[name].items())


def words(session: "Session") -> Words:
    """Return the names. Four queries."""
    events = {code: one.name for code, one in sorted(schemes.events(session).items())}
    owners = {code: one.name for code, one in sorted(schemes.owners(session).items())}
    units = {"wd": "个工作日", "cd": "个自然日"}
    levels = dict(zip(CONFIDENCES, _LEVELS, strict=True))
    return Words(
        events=events,
        owners=owners,
        departments=organisation.department_names(session),
        schemes=schemes.scheme_names(session),
        fields={
            "kind": KINDS,
            "owner": owners,
            "day_type": units,
            "total_day_type": units,
            "starts_from": events,
            "total_from": events,
            "raises": events,
            "confidence": levels,
        },
    )


_LEVELS = ("已核对原文", "外地文件或摘要", "凭记忆，待核实", "平台默认，没有依据")
KINDS: Mapping[str, str] = {
    "acceptance": "受理",
    "kin_filing": "近亲属备案",
    "survey": "调查",
    "data_check": "信息核对",
    "examination": "部门审核",
    "joint": "并联会审",
    "first_opinion": "初审",
    "public_notice": "公示",
    "confirmation": "审核确认（作出决定）",
    "countersign": "第二人签字",
    "telling": "告知",
    "explanation": "补充说明",
    "assessment": "评估",
    "assignment": "指派",
    "settlement": "结算",
}
