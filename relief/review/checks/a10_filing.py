"""A10: who handles the case has not filed close relatives this year. It never delays the aid."""

from collections.abc import Iterator
from datetime import date

from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look who acted in the case and, after the last day for it, has not filed."""
    month, day = divmod(facts.reference.number("kin_filing_due"), 100)
    if facts.on <= date(facts.on.year, month, day):
        return
    for account_id, name in facts.unfiled.items():
        yield Hit(
            key=str(account_id),
            message=f"经办人员{name}今年还没有申报近亲属（没有的也要零申报）",
            evidence={"official": name, "year": facts.on.year},
        )
