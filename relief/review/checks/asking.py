"""Refuses to ask an applicant for what the platform has (社会救助法第六十二条)."""

from dataclasses import replace

from relief.review.checks import a26_held_papers
from relief.review.checks.errors import PapersHeld
from relief.review.checks.look import look
from relief.review.stages import Way
from relief.schemes import check_rules

CODE = "A26"


def refuse_held(way: Way, words: str, *, nonetheless: str | None) -> str:
    """Return the words of a request, with the reason where one insists on a paper that is held.

    Somebody else's paper may be meant, or the entry may be wrong: who says why may ask all the
    same, and it is kept as found in the case (A26). Raises PapersHeld.
    """
    rule = check_rules.in_force(way.session, on=way.today).get(CODE)
    if rule is None:
        return words
    [facts] = look(way.session, [way.case], now=way.now)
    hits = list(a26_held_papers.held(replace(facts, asked=()), words))
    if not hits:
        return words
    if nonetheless:
        return f"{words}（仍须提供的理由：{nonetheless}）"
    said = "；".join(hit.message for hit in hits)
    refusal = f"{said}。{rule.mend}（{rule.source}）"
    raise PapersHeld(
        refusal,
        conflicts=[
            {"check": CODE, "name": rule.name, "detail": hit.message, "mend": rule.mend,
             "source": rule.source, "evidence": dict(hit.evidence)}
            for hit in hits
        ],
    )  # fmt: skip
