"""A19: the newest data check of the case is too old to decide on."""

from collections.abc import Iterator

from relief.core.ages import months_after
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look how old it is; where a procedure has none there is nothing to be old."""
    reported = facts.reported_on
    months = facts.reference.number("check_report_months")
    if reported is not None and months_after(reported, months) < facts.on:
        yield Hit(
            key="report",
            message=f"信息核对完成于 {reported.isoformat()}，已超过 {months} 个月",
            evidence={"reported_on": reported.isoformat(), "months": months},
        )
