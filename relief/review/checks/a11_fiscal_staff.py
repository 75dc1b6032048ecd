"""A11: someone of the family was paid by the state in the month of the application (财政供养)."""

from collections.abc import Iterator

from relief.registers.entries import FiscalPost
from relief.review.checks import outside
from relief.review.checks.facts import CaseFacts, Hit


def check(facts: CaseFacts) -> Iterator[Hit]:
    """Look where means are checked; who left before that month is left alone."""
    if not outside.asks_means(facts):
        return
    for one, post in outside.of(facts, FiscalPost):
        if outside.in_post(post, facts):
            more = {"employer": post.employer} if post.employer else {}
            pay = {"amount": f"每月 {outside.yuan(post.pay_fen)}"} if post.pay_fen else {}
            yield Hit(
                key=f"{one.id}|{post.employer or ''}"[:160],
                message=f"{one.name}在申请当月由财政供养",
                evidence=outside.told(one, post, post.from_on, **more, **pay),
            )
