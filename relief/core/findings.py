"""What a check finds (疑点): a note, a doubt to verify, or a block; always with its evidence.

A finding decides nothing: people verify it, and people decide. The same words serve every room that
checks something, before, during and after aid is given.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Names, codes, counts and days: what the page of a case may show. Never a number or an account.
Evidence = Mapping[str, str | int | Sequence[str]]
# Of an evidence what only says where it was read: a later file may say the very same elsewhere.
_WHERE_READ = frozenset({"entry", "data_on"})


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


def said(evidence: Evidence) -> Evidence:
    """Return what evidence says, wherever it was read.

    >>> said({"member": "张三", "entry": "2026-10-31 的数据第 2 行"})
    {'member': '张三'}
    """
    return {name: value for name, value in evidence.items() if name not in _WHERE_READ}
