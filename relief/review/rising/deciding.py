"""Decides what stands on a signed list of differences, some at once, each by a decision of its own.

Each is looked at again under its case's lock. What is not as it was signed for is not decided.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.core.ages import months_after
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.scope import is_city
from relief.funds import raising
from relief.funds.models import Entitlement
from relief.review import stages
from relief.review.facts import computing
from relief.review.lists import standing as lists
from relief.review.lists.types import EntryStatus
from relief.review.models import Case
from relief.review.papers import issuing as papers
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind
from relief.review.rising import standing
from relief.review.rising.models import RiseEntry, StandardRise
from relief.review.rising.reckoning import Why
from relief.review.rising.standing import Standing
from relief.review.rising.types import RiseReason
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes.wording import yuan_text

logger = logging.getLogger(__name__)

_FAILED = "办理时出现意外错误，请逐件办理"


@dataclass(frozen=True, slots=True)
class Signed:
    """A rise that is being decided, by whom and when."""

    session: Session
    rise: StandardRise
    signer_id: uuid.UUID
    now: datetime


def decide(signed: Signed, entries: Sequence[RiseEntry]) -> None:
    """Raise each, or say why not; one that fails stops no other.

    What fails is found by halving under savepoints. Trouble of the database itself (a lost
    connection, a deadlock) is the caller's: the work is done again.
    """
    session = signed.session
    try:
        with session.begin_nested():
            _decide(signed, entries)
    except OperationalError:
        raise
    except Exception:
        if len(entries) > 1:
            middle = len(entries) // 2
            decide(signed, entries[:middle])
            decide(signed, entries[middle:])
            return
        [entry] = entries
        logger.exception("one of a rise failed", extra={"case_id": str(entry.case_id)})
        _close(entry, (RiseReason.FAILED, _FAILED))


def _decide(signed: Signed, entries: Sequence[RiseEntry]) -> None:
    session, rise, now = signed.session, signed.rise, signed.now
    found = _look(signed, entries)
    good: list[tuple[RiseEntry, Standing]] = []
    for entry in entries:
        one = found.get(entry.entitlement_id)
        if (why := _refusal(entry, one)) is not None or one is None:
            _close(entry, why or (RiseReason.GONE, None))
        else:
            good.append((entry, one))
    if not good:
        session.flush()
        return
    for entry, one in good:
        entry.status, entry.decision_id, entry.decided_at = EntryStatus.DECIDED, new_id(now), now
        entry.calculation = computing.snapshot(one.worked)
    raises = [
        raising.Raise(
            entitlement=one.held.entitlement,
            decision_id=entry.decision_id or entry.rise_id,
            amount_fen=entry.new_fen or 0,
            starts_on=entry.starts_on,
            back_months=entry.back_months,
        )
        for entry, one in good
    ]
    raising.raise_all(session, raises, actor_id=signed.signer_id, now=now)
    _tell(signed, rise, good)
    session.flush()


def _look(signed: Signed, entries: Sequence[RiseEntry]) -> Mapping[uuid.UUID, Standing]:
    """Return entitlement → how it stands, each held with its case, in one order for everybody."""
    session, rise, now = signed.session, signed.rise, signed.now
    session.execute(
        select(Case.id)
        .where(Case.id.in_([entry.case_id for entry in entries]))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    there = standing.in_payment(scheme_code=rise.scheme_code, region_code=rise.region_code, now=now)
    found = standing.held(
        session,
        there,
        Entitlement.id.in_([entry.entitlement_id for entry in entries]),
        lock=True,
    )
    book = computing.book_of(session, scheme_code=rise.scheme_code, on=rise.effective_on)
    if book is None or not found:
        return {}
    return standing.look(session, rise, book, found=found, account_id=signed.signer_id, now=now)


def _refusal(entry: RiseEntry, one: Standing | None) -> Why | None:
    """Tell why an entitlement is not raised as it was signed for."""
    if one is None:
        return RiseReason.GONE, None
    if one.why is not None:
        return one.why
    now, difference = one.held.entitlement.amount_fen, one.difference
    as_signed = (entry.old_fen, entry.new_fen, entry.starts_on, entry.back_months, entry.back_fen)
    if as_signed != (
        now,
        difference.new_fen,
        difference.starts_on,
        difference.back_months,
        difference.back_fen,
    ):
        return RiseReason.CHANGED, None
    return None


def _tell(signed: Signed, rise: StandardRise, good: Sequence[tuple[RiseEntry, Standing]]) -> None:
    """Write each decision into its case: a line of the timeline, and a paper for the family."""
    session, now = signed.session, signed.now
    rules = lists.rules_of(session, scheme_code=rise.scheme_code)
    cases = [one.held.case for _, one in good]
    offices = papers.offices_of(session, cases, on=local_date(now))
    rows = session.execute(
        select(CasePaper.case_id, func.count())
        .where(CasePaper.case_id.in_([case.id for case in cases]), CasePaper.kind == PaperKind.RISE)
        .group_by(CasePaper.case_id)
    )
    before = {row[0]: row[1] for row in rows}
    for entry, one in good:
        case = one.held.case
        way = Way(
            session=session,
            case=case,
            scheme=rules.scheme,
            plan=rules.plan(case),
            owners=rules.owners,
            calendar=rules.calendar,
            actor_id=signed.signer_id,
            now=now,
            known=[],
        )
        facts = _facts(entry)
        stages.note(way, Step.RAISED, None, "；".join(f"{name}{value}" for name, value in facts))
        papers.raised(
            way,
            facts=facts,
            paragraphs=[
                f"理由：{rise.reason}",
                f"标准：{'；'.join(_risen(standard) for standard in one.risen)}",
                f"依据：{'；'.join(rules.scheme.legal)}",
            ],
            before=before.get(case.id, 0),
            offices=offices,
        )


def _facts(entry: RiseEntry) -> list[tuple[str, str]]:
    facts = [
        ("原金额", yuan_text(entry.old_fen)),
        ("调整后的金额", yuan_text(entry.new_fen or 0)),
        ("起始日期", _day(entry.starts_on)),
    ]
    if entry.back_months:
        last = months_after(entry.starts_on, entry.back_months - 1)
        months = f"{_month(entry.starts_on)}至{_month(last)}，共 {entry.back_months} 个月"
        facts += [("补发月份", months), ("补发金额", yuan_text(entry.back_fen))]
    return facts


def _risen(standard: Mapping[str, Any]) -> str:
    before, after = (f"{Decimal(standard[key]).normalize():f}" for key in ("before", "after"))
    region = standard.get("region_code")
    whose = "" if region is None or is_city(region) else f"（{standard['region']}）"
    return f"{standard['label']}{whose}由 {before} 调整为 {after}（{standard['source']}）"


def _close(entry: RiseEntry, why: Why) -> None:
    entry.status = EntryStatus.NOT_DECIDED
    entry.reason, entry.note = why


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _month(day: date) -> str:
    return f"{day.year}年{day.month}月"
