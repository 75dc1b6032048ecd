"""The kinds of papers, and what one says."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class PaperKind(enum.StrEnum):
    """What people are given in writing."""

    ACCEPTANCE = "acceptance"
    MISSING = "missing"
    DECISION = "decision"
    HEARING = "hearing"
    CHANGE = "change"
    RISE = "rise"


# At the end of the number of a case, it makes the number of a paper; the second of a kind is
# followed by 2, and so on.
LETTERS = {
    PaperKind.ACCEPTANCE: "S",
    PaperKind.MISSING: "B",
    PaperKind.DECISION: "J",
    PaperKind.HEARING: "T",
    PaperKind.CHANGE: "G",
    PaperKind.RISE: "Z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a paper says: a heading, facts as (name, value), paragraphs, and who issues it."""

    title: str
    facts: Sequence[tuple[str, str]]
    paragraphs: Sequence[str]
    issuer: str
    issued_on: str  # in China, as 2026年11月29日

    def as_json(self) -> dict[str, Any]:
        """Return the words as they are kept."""
        return {
            "title": self.title,
            "facts": [list(fact) for fact in self.facts],
            "paragraphs": list(self.paragraphs),
            "issuer": self.issuer,
            "issued_on": self.issued_on,
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Words":
        """Return words that were kept."""
        return cls(
            title=kept["title"],
            facts=[(name, value) for name, value in kept["facts"]],
            paragraphs=kept["paragraphs"],
            issuer=kept["issuer"],
            issued_on=kept["issued_on"],
        )
