"""How entitlements stand in a rise, some at once: what the rule gives now, and what speaks against.

The same look when the list is drawn and when it is decided: the number of statements does not grow
with that of the entitlements.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, aliased

from relief.core.clock import local_date
from relief.core.scope import subtree, within
from relief.funds.models import Entitlement
from relief.review.changing.models import EntitlementChange
from relief.review.facts import computing
from relief.review.facts.computing import Book, Worked
from relief.review.kin import locks
from relief.review.kin.models import CaseKin, CaseRecusal
from relief.review.models import Case, CaseDecision
from relief.review.rising import applying
from relief.review.rising.applying import Applying, Standard
from relief.review.rising.models import RiseEntry, StandardRise
from relief.review.rising.reckoning import Difference, Running, Why, reckon
from relief.review.rising.types import RiseReason
from relief.schemes import regional


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An entitlement in payment, its case, and whether a rule alone made its sum."""

    entitlement: Entitlement
    case: Case
    by_rule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one stands. `risen`: what holds for it of what rises. `why`: it is left to a person."""

    held: Held
    worked: Worked
    difference: Difference
    risen: Sequence[Standard]
    why: Why | None


def in_payment(*, scheme_code: str, region_code: int, now: datetime) -> ColumnElement[bool]:
    """Return the condition on `entitlement`: the scheme's, there, and not ended today."""
    today = local_date(now)
    period = Entitlement.period
    return and_(
        Entitlement.scheme_code == scheme_code,
        within(Entitlement.region_code, [subtree(region_code)]),
        ~func.isempty(period),
        or_(func.upper_inf(period), func.upper(period) > today),
    )


def held(
    session: Session,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    lock: bool = False,
) -> Sequence[Held]:
    """Return entitlements by id, with their cases. One query; of what no case granted, none."""
    query = (
        select(
            Entitlement,
            Case,
            or_(
                RiseEntry.decision_id.is_not(None),
                and_(CaseDecision.calculation.is_not(None), CaseDecision.departs.is_(None)),
            ),
        )
        .outerjoin(CaseDecision, CaseDecision.id == Entitlement.decision_id)
        .outerjoin(RiseEntry, RiseEntry.decision_id == Entitlement.decision_id)
        .outerjoin(EntitlementChange, EntitlementChange.id == Entitlement.decision_id)
        .join(
            Case,
            Case.id
            == func.coalesce(CaseDecision.case_id, RiseEntry.case_id, EntitlementChange.case_id),
        )
        .where(*conditions)
        .order_by(Entitlement.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=Entitlement)
    return [
        Held(entitlement=entitlement, case=case, by_rule=bool(by_rule))
        for entitlement, case, by_rule in session.execute(query)
    ]


def look(
    session: Session,
    rise: StandardRise,
    book: Book,
    *,
    found: Sequence[Held],
    account_id: uuid.UUID,
    now: datetime,
) -> Mapping[uuid.UUID, Standing]:
    """Return entitlement → how it stands, for whom an account would raise it.

    Keeps whose kin the families are, as filed by now, like every decision does.
    """
    cases = [one.case for one in found]
    ids = [case.id for case in cases]
    facts = computing.facts_of_all(session, ids)
    kin = _kin(session, cases, account_id=account_id, now=now)
    known = _Known(
        stood_back=set(
            session.scalars(
                select(CaseRecusal.case_id).where(
                    CaseRecusal.case_id.in_(ids), CaseRecusal.account_id == account_id
                )
            )
        ),
        kin=kin,
        changing=set(
            session.scalars(
                select(EntitlementChange.case_id).where(
                    EntitlementChange.case_id.in_(ids), EntitlementChange.decided_at.is_(None)
                )
            )
        ),
        pieces=_pieces(session, rise, [one.entitlement.id for one in found]),
    )
    # Whose standard a family goes by is told by today: its county may have its own since the day.
    today = regional.standards(session, on=local_date(now))
    standings = {}
    for one in found:
        # Whoever is aided was checked with the family's authorisation; one that ran out since
        # is for the next re-check.
        worked = book.apply(one.case, facts.get(one.case.id, ()), authorised=True)
        difference = _difference(rise, one, worked)
        there = applying.in_region(rise.standards, today, one.case.region_code)
        standings[one.entitlement.id] = Standing(
            held=one,
            worked=worked,
            difference=difference,
            risen=there.risen,
            why=_keeps(rise, there, difference, book) or _against(known, one) or difference.why,
        )
    return standings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read of all at once: cases, and entitlements with others beside them."""

    stood_back: Collection[uuid.UUID]
    kin: Collection[uuid.UUID]
    changing: Collection[uuid.UUID]
    pieces: Collection[uuid.UUID]


def _keeps(rise: StandardRise, there: Applying, difference: Difference, book: Book) -> Why | None:
    """Say that a county's own standard stands, where it is why nothing rises by this.

    A sum of the rise's day would run on behind the day from which the county has a newer one.
    """
    same = difference.why is not None and difference.why[0] is RiseReason.SAME
    newer = any(one.valid_from > rise.effective_on for one in there.own)
    stands = there.nothing or newer or (there.own and same)
    return there.why(book.row.labels) if stands else None


def _against(known: _Known, one: Held) -> Why | None:
    case_id = one.case.id
    if case_id in known.stood_back:
        return RiseReason.STOOD_BACK, None
    if case_id in known.kin:
        return RiseReason.KIN, None
    if case_id in known.changing:
        return RiseReason.CHANGING, None
    if not one.by_rule:
        return RiseReason.BY_HAND, None
    if one.entitlement.id in known.pieces:
        return RiseReason.PIECES, None
    return None


def _difference(rise: StandardRise, one: Held, worked: Worked) -> Difference:
    first = one.entitlement.period.lower
    running = Running(
        amount_fen=one.entitlement.amount_fen,
        per=one.entitlement.per,
        first=first or rise.effective_on,
        after=one.entitlement.period.upper,
    )
    done = worked.calculation
    return reckon(
        running,
        done,
        names=[worked.kinds[code].name for code in done.missing],
        effective_on=rise.effective_on,
        paid_from=rise.paid_from,
    )


def _kin(
    session: Session, cases: Sequence[Case], *, account_id: uuid.UUID, now: datetime
) -> Collection[uuid.UUID]:
    """Return the cases whose families are of the account's kin."""
    hits = locks.compare_all(session, cases, on=local_date(now), now=now)
    kept = session.scalars(
        select(CaseKin.case_id).where(
            CaseKin.case_id.in_([case.id for case in cases]), CaseKin.account_id == account_id
        )
    )
    filed = {
        case.id
        for case in cases
        if any(hit.account_id == account_id for hit in hits.get(case.person_id, ()))
    }
    return filed.union(kept)


def _pieces(
    session: Session, rise: StandardRise, ids: Sequence[uuid.UUID]
) -> Collection[uuid.UUID]:
    """Return the entitlements whose person had another one of the scheme since the day."""
    other = aliased(Entitlement)
    since = Range(rise.effective_on, None, bounds="[)")
    return set(
        session.scalars(
            select(Entitlement.id)
            .join(
                other,
                and_(
                    other.person_id == Entitlement.person_id,
                    other.scheme_code == Entitlement.scheme_code,
                    other.id != Entitlement.id,
                ),
            )
            .where(Entitlement.id.in_(ids), other.period.overlaps(since))
        )
    )
