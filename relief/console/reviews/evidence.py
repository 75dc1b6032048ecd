"""What the merge noted of a question, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one comparison of the two records gave; more than nothing speaks for one person."""

    label: str
    weight: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class Told:
    """All that is known beside the two records."""

    facts: Mapping[str, str]
    comparisons: Sequence[Comparison]
    weight: str | None


def told(facts: Mapping[str, Any], schemes: Mapping[str, str]) -> Told:
    """Return the facts, and each comparison with its weight where the linkage gives weights."""
    weight = facts.get("weight")
    return Told(
        facts=summary(facts, schemes),
        comparisons=[
            Comparison(
                label=str(row.get("label") or row.get("column") or ""),
                weight=_signed(row.get("weight")),
                speaks_for=(row.get("weight") or 0) > 0,
            )
            for row in facts.get("comparisons", ())
        ],
        weight=None if weight is None else _signed(weight),
    )


def summary(facts: Mapping[str, Any], schemes: Mapping[str, str]) -> dict[str, str]:
    """Put what the merge noted into words: both sides, and where the other stands."""
    return {
        "owner": str(facts.get("owner") or ""),
        "owner_born": _born(facts.get("owner_born_on")),
        "other": str(facts.get("other") or ""),
        "other_born": _born(facts.get("other_born_on")),
        "schemes": "、".join(schemes.get(code, code) for code in facts.get("schemes", ())),
        "candidates": f"与 {facts['candidates']} 人相符" if facts.get("candidates") else "",
    }


def _signed(weight: float | None) -> str:
    return "—" if weight is None else f"{weight:+.1f}"


def _born(born_on: str | None) -> str:
    return f"{born_on} 出生" if born_on else "出生日期未登记"
