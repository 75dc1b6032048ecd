"""What a check finds (疑点): a note, a doubt to verify, or a block; always with its evidence.

A finding decides nothing: people verify it, and people decide. The same words serve every room that
checks something, before, during and after aid is given.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Names, codes, counts and days: what the page of a case may show. Never a number or an account.
Evidence = Mapping[str, str | int | Sequence[str]]


class Grade(enum.StrEnum):
    """How heavy a finding is."""

    NOTE = "note"  # to be known; holds nothing
    DOUBT = "doubt"  # to be verified by a person before aid is granted
    BLOCK = "block"  # to be mended first


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found.

    `key`: tells it from what else the same check finds, today and when it looks again.
    """

    check: str
    key: str
    grade: Grade
    message: str
    evidence: Evidence = field(default_factory=dict)
