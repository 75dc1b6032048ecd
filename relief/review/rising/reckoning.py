"""What a new standard makes of one entitlement: the sum, the difference and what is owed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from relief.core.ages import months_after
from relief.review.rising.types import RiseReason
from relief.schemes.calculation import Calculation, Eligible

Why = tuple[RiseReason, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An entitlement as it runs. `after`: the first day after it; None: it runs on."""

    amount_fen: int
    per: str | None
    first: date
    after: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is given instead, from a day on, and what is owed for months that were paid before.

    `why`: why a person has to look at it; then nothing is owed by this.
    """

    new_fen: int | None
    starts_on: date
    back_months: int
    back_fen: int
    why: Why | None


def reckon(
    running: Running,
    done: Calculation,
    *,
    names: Sequence[str],
    effective_on: date,
    paid_from: date,
) -> Difference:
    """Compare what runs with what the rule gives by the standard of `effective_on`.

    `paid_from`: the first month that is paid by the new sum: for those before it, back to
    `effective_on` or to where the entitlement begins, the difference is owed. `names`: of the
    facts that are missing.
    """
    starts_on = max(effective_on, running.first)
    why = _why(running, done, names) or _partial(starts_on)
    if why is not None or done.amount_fen is None:
        return Difference(
            new_fen=done.amount_fen, starts_on=starts_on, back_months=0, back_fen=0, why=why
        )
    months = owed_months(starts_on, before=paid_from, after=running.after)
    return Difference(
        new_fen=done.amount_fen,
        starts_on=starts_on,
        back_months=months,
        back_fen=months * (done.amount_fen - running.amount_fen),
        why=None,
    )


def owed_months(first: date, *, before: date, after: date | None) -> int:
    """Return how many months begin from `first` on, before a month, and before an end if any.

    >>> owed_months(date(2026, 7, 1), before=date(2026, 12, 1), after=None)
    5
    """
    end = before if after is None else min(before, after)
    count = 0
    while months_after(first, count) < end:
        count += 1
    return count


def _why(running: Running, done: Calculation, names: Sequence[str]) -> Why | None:
    if done.eligible is Eligible.NO:
        failed = "、".join(step.name for step in done.steps if step.holds is False)
        return RiseReason.NOT_MET, failed
    if done.amount_fen is None:
        return RiseReason.MISSING, "、".join(names) or None
    if running.per is not None and running.per != done.per:
        return RiseReason.BY_HAND, None
    if done.amount_fen < running.amount_fen:
        return RiseReason.FALLS, None
    if done.amount_fen == running.amount_fen:
        return RiseReason.SAME, None
    return None


def _partial(starts_on: date) -> Why | None:
    return (RiseReason.PARTIAL, None) if starts_on.day != 1 else None
