"""A26: the applicant is asked for a paper although a list or a register has what it says.

It watches the office and not the citizen (社会救助法第六十二条): what can be known by comparing
data is not asked of the applicant.
"""

from collections.abc import Iterator

from relief.registers.types import State
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit
from relief.review.checks.types import How
from relief.schemes.held_papers import HeldPaper


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Compare each request with the papers that need not be asked for."""
    for asked in facts.asked:
        for hit in held(facts, asked.words):
            yield Hit(
                key=f"{hit.key}|{asked.on.isoformat()}",
                message=hit.message,
                evidence={**hit.evidence, "asked_on": asked.on.isoformat()},
            )


def held(facts: CaseFacts, words: str) -> Iterator[Hit]:
    """Yield a hit for each paper that a request names and somebody's entry makes needless."""
    for paper in facts.reference.papers:
        if not any(word in words for word in paper.words):
            continue
        if where := _where(facts, paper):
            yield Hit(
                key=paper.code,
                message=f"要求申请人提供“{paper.name}”，而系统已有：{where}",
                evidence={"paper": paper.name, "known_by": where},
            )


def _where(facts: CaseFacts, paper: HeldPaper) -> str | None:
    """Return by which list or register it is known, of the applicant."""
    for one in facts.holdings:
        is_theirs = one.person_id == facts.applicant.id and one.how is How.LIST
        if is_theirs and one.until is None and one.scheme_code in paper.lists:
            scheme = facts.reference.schemes[one.scheme_code].short_name
            return f"“{scheme}”名册"
    for entry in facts.outside.entries.get(facts.applicant.id, ()):
        if entry.register in paper.registers and entry.state is not State.ENDED:
            return f"{outside.NAMES[entry.register]}（{entry.data_on.isoformat()} 的数据）"
    return None
