"""What a case granted and what became of it, as somebody with a calendar keeps it.

Days, sums and rhythms are counted here by hand, to hold the program against.
"""

import calendar as months
import itertools
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit.models import AuditEvent
from relief.funds.models import BackPay, Entitlement
from relief.review.changing.models import EntitlementChange
from relief.review.changing.types import ChangeKind, ChangeState
from relief.review.rechecking.models import CaseRecheck
from relief.review.rechecking.types import Every, Found
from tests.support.by_hand import works

MONTHLY = frozenset({"S01", "S02", "S09"})  # less from the next month on; else from tomorrow
YEARLY = frozenset({"S01", "S02", "S05", "S09", "S19"})  # re-checked; the others are not
# Working days for the family to answer, and months to the next re-check.
ANSWER_DAYS, RHYTHMS = 5, {Every.YEARLY: 12, Every.HALF_YEARLY: 6, Every.QUARTERLY: 3}
_DAY = timedelta(days=1)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return months_on(day.replace(day=1), 1)


def months_on(day: date, count: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def working_days_on(day: date, count: int) -> date:
    """The day that is so many working days later."""
    while count:
        day += _DAY
        count -= works(day)
    return day


@dataclass
class Piece:
    """A sum from a day on, up to another; one without a first day never ran."""

    amount: int
    first: date | None
    after: date | None
    closed: bool = False
    by_rule: bool = False

    def end(self, day: date) -> date:
        """End it before its time; return from when something else may run."""
        assert self.first is not None
        starts = max(self.first, day)
        assert self.after is None or starts < self.after, "it ends anyhow, and is ended"
        self.after, self.closed = starts, True
        if starts == self.first:
            self.first = self.after = None
        return starts

    def told(self) -> tuple[object, ...]:
        return self.amount, self.first, self.after, self.closed


@dataclass
class Change:
    """A reduction or stop under way."""

    kind: ChangeKind
    amount: int | None
    excused: bool
    proposed_on: date
    answer_by: date | None = None
    heard: bool = False
    hands: set[uuid.UUID] = field(default_factory=set)  # who proposed, served or heard

    @property
    def state(self) -> ChangeState:
        if self.heard:
            return ChangeState.HEARD
        return ChangeState.SERVED if self.answer_by else ChangeState.PROPOSED

    def told(self) -> tuple[ChangeState, ChangeKind, int | None]:
        return self.state, self.kind, self.amount


@dataclass
class Aid:
    """Of one person and scheme: what was granted, by whatever case; and of the case in hand."""

    pieces: list[Piece] = field(default_factory=list)
    closings: int = 0
    owed: list[tuple[date, int, int]] = field(default_factory=list)
    standard: int = 90  # of S09, in yuan
    change: Change | None = None
    ended: list[tuple[ChangeState, ChangeKind, int | None]] = field(default_factory=list)
    rechecks: list[tuple[Every, date, Found | None]] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)  # what nothing else tells of

    def running(self, today: date) -> Piece | None:
        """What is given or begins later."""
        alive = [one for one in self.pieces if one.first and (not one.after or one.after > today)]
        return max(alive, key=lambda one: str(one.first), default=None)

    def of_next_case(self) -> "Aid":
        """What is left of it when the same person applies again."""
        return Aid(pieces=self.pieces, closings=self.closings, owed=self.owed,
                   standard=self.standard)  # fmt: skip

    def told(self) -> Counter[str]:
        """How often what happened, so that a run shows that it did."""
        carried = [kind.value for state, kind, _ in self.ended if state is ChangeState.CARRIED]
        rechecked = [found.value for *_, found in self.rechecks if found is not None]
        return Counter([*carried, *rechecked, *["owed"] * len(self.owed), *self.acts])

    def grant(self, piece: Piece, scheme: str) -> None:
        self.pieces.append(piece)
        if scheme in YEARLY and piece.first is not None:
            self.plan(Every.YEARLY, since=piece.first, after=piece.after)

    def plan(self, every: Every, *, since: date, after: date | None) -> None:
        """Plan the next re-check, if there is one before it ends."""
        due = months_on(since, RHYTHMS[every])
        if after is None or due < after:
            self.rechecks.append((every, due, None))

    def recheck(self, found: Found, every: Every | None, today: date) -> None:
        """Record the one that waits; it changes nothing but what is planned."""
        rhythm, due, none = self.rechecks[-1]
        assert none is None, "a re-check that was done is done again"
        self.rechecks[-1] = (rhythm, due, found)
        runs = self.running(today)
        if runs is not None:
            self.plan(every or rhythm, since=today, after=runs.after)

    def carry(self, scheme: str, today: date) -> None:
        """Carry the change that is under way out."""
        change, runs = self.change, self.running(today)
        assert change is not None
        assert runs is not None, "nothing runs, and it is reduced"
        assert change.heard or change.excused, "nobody was heard"
        after = runs.after
        starts = runs.end(next_month(today) if scheme in MONTHLY else today + _DAY)
        self.closings += 1
        if change.kind is ChangeKind.REDUCE:
            assert change.amount is not None
            assert 0 < change.amount < runs.amount
            self.pieces.append(Piece(change.amount, starts, after))
        self.close(ChangeState.CARRIED)

    def close(self, state: ChangeState) -> None:
        assert self.change is not None
        self.ended.append((state, self.change.kind, self.change.amount))
        self.change = None

    def rise(self, standard: int, *, effective_on: date, paid_from: date, today: date) -> None:
        """Raise what the rule alone made, back to a day; for the months since, more is owed."""
        runs = self.running(today)
        assert runs is not None
        assert runs.by_rule, "a sum of a person's is raised by a list"
        assert self.change is None, "what is being reduced is raised"
        after, ends = runs.after, runs.closed
        starts = runs.end(effective_on)
        self.closings += 1
        more = standard * 100 - runs.amount
        assert more > 0
        self.pieces.append(Piece(standard * 100, starts, after, closed=ends, by_rule=True))
        self.acts.append("raised")
        self.standard, count, month = standard, 0, starts
        while month < min(paid_from, after or paid_from):
            count, month = count + 1, next_month(month)
        if count:
            self.owed.append((starts, count, more))


def holds(session: Session, aid: Aid, *, case_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Fail unless what is kept is what is remembered, and the trail says the same."""
    kept = session.scalars(select(Entitlement).where(Entitlement.person_id == person_id)).all()
    found = [
        (row.amount_fen, row.period.lower, row.period.upper, row.closed_by is not None)
        for row in kept
    ]
    assert _sorted(found) == _sorted(one.told() for one in aid.pieces)
    if not kept:
        return
    _nothing_overlaps(kept)
    _every_change_is_found_again(session, aid, case_id, kept)
    _the_trail_tells_of_each(session, aid, kept)
    rechecks = session.execute(
        select(CaseRecheck.every, CaseRecheck.due_on, CaseRecheck.found).where(
            CaseRecheck.case_id == case_id
        )
    ).all()
    assert _sorted(tuple(row) for row in rechecks) == _sorted(aid.rechecks)
    owed = session.execute(
        select(BackPay.first_month, BackPay.months, BackPay.monthly_fen).where(
            BackPay.entitlement_id.in_([row.id for row in kept])
        )
    ).all()
    assert _sorted(tuple(row) for row in owed) == _sorted(aid.owed)


def _sorted(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """In an order that what happened at one moment has too."""
    return sorted(rows, key=str)


def _nothing_overlaps(kept: Sequence[Entitlement]) -> None:
    """One person, one scheme, one sum on every day."""
    spans = sorted(
        (row.period.lower, row.period.upper or date.max) for row in kept if not row.period.isempty
    )
    for (_, after), (first, _) in itertools.pairwise(spans):
        assert after <= first, "two sums of one scheme on one day"


def _every_change_is_found_again(
    session: Session, aid: Aid, case_id: uuid.UUID, kept: Sequence[Entitlement]
) -> None:
    """Nothing is carried unheard; what was carried ended one sum, and opened what is left."""
    changes = session.scalars(
        select(EntitlementChange).where(EntitlementChange.case_id == case_id)
    ).all()
    told = [*aid.ended, *([aid.change.told()] if aid.change else [])]
    assert _sorted((one.state, one.kind, one.amount_fen) for one in changes) == _sorted(told)
    for one in changes:
        closed = [row for row in kept if row.closed_by == one.id]
        opened = [row.amount_fen for row in kept if row.decision_id == one.id]
        if one.state is not ChangeState.CARRIED:
            assert (closed, opened) == ([], [])
            continue
        assert one.decided_by != one.proposed_by
        heard = one.served_on is not None and one.heard_at is not None
        assert heard or (one.excuse is not None and one.excuse_proof is not None)
        assert len(closed) == 1, "what a decision ended is not told"
        assert opened == ([] if one.kind is ChangeKind.STOP else [one.amount_fen])


def _the_trail_tells_of_each(session: Session, aid: Aid, kept: Sequence[Entitlement]) -> None:
    """Each was opened once; each end before its time, and each sum that is owed, is told once."""
    told = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id.in_([row.id for row in kept]))
    )
    assert Counter(told) == Counter(
        {
            "entitlement:opened": len(kept),
            "entitlement:closed": aid.closings,
            "entitlement:back_pay_owed": len(aid.owed),
        }
    )
