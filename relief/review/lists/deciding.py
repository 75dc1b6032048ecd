"""Decides the cases of a signed list, some at once, as each would be decided by itself.

What the single decision refuses is refused here; what it writes is written here, by the same
functions (`review/service.py`, `review/stages.py`), in few statements for all of them.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.funds import service as funds
from relief.funds.payees import queries as payees
from relief.review import clocks, decisions
from relief.review.facts import computing
from relief.review.lists import standing
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.standing import Rules, Standing, Why
from relief.review.lists.types import EntryStatus, Reason
from relief.review.models import Case, CaseDecision
from relief.review.papers import issuing as papers
from relief.review.types import Outcome
from relief.review.visible import case_visible

logger = logging.getLogger(__name__)

_FAILED = "办理时出现意外错误，请逐件办理"


@dataclass(frozen=True, slots=True)
class Signed:
    """A list that is being decided, by whom and when."""

    session: Session
    drawn: DecisionList
    signer: Actor
    now: datetime


def decide(signed: Signed, entries: Sequence[DecisionListEntry]) -> None:
    """Decide some cases of a list, each or say why not; one that fails stops no other.

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
        logger.exception("a case of a list failed", extra={"case_id": str(entry.case_id)})
        _close(entry, (Reason.FAILED, _FAILED))


def _decide(signed: Signed, entries: Sequence[DecisionListEntry]) -> None:
    session, drawn, now = signed.session, signed.drawn, signed.now
    rules = standing.rules_of(session, scheme_code=drawn.scheme_code)
    cases = _lock(signed, entries)
    found = standing.look(
        rules, actor=signed.signer, cases=cases, amount_fen=drawn.amount_fen, now=now
    )
    good: list[tuple[DecisionListEntry, Standing, CaseDecision]] = []
    for entry in entries:
        one = found.get(entry.case_id)
        if one is None:
            _close(entry, (Reason.GONE, None))
        elif (why := _refusal(entry, one)) is not None:
            _close(entry, why)
        else:
            good.append((entry, one, _decision(signed, rules, entry, one)))
    opened = _entitle(signed, rules, good)
    offices = papers.offices_of(session, cases, on=local_date(now))
    decided: list[Case] = []
    for entry, one, decision in good:
        if decision.id not in opened:
            _close(entry, (Reason.OVERLAP, None))
            continue
        _conclude(signed, rules, one, decision, offices)
        entry.status, entry.decided_at = EntryStatus.DECIDED, now
        decided.append(one.case)
    session.flush()
    if decided:
        clocks.count(session, decided, law=rules.law(), now=now)


def _lock(signed: Signed, entries: Sequence[DecisionListEntry]) -> Sequence[Case]:
    """Return the cases in the signer's scope, held to the end, in one order for everybody."""
    return signed.session.scalars(
        select(Case)
        .where(Case.id.in_([entry.case_id for entry in entries]), case_visible(signed.signer.scope))
        .order_by(Case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _refusal(entry: DecisionListEntry, one: Standing) -> Why | None:
    """Tell why a case is not decided as it was signed for."""
    if one.version != entry.case_version:
        return Reason.CHANGED, None
    if one.why is not None:
        return one.why
    if (one.period.lower, one.period.upper) != (entry.starts_on, entry.ends_on):
        return Reason.DATES, None
    return None


def _decision(
    signed: Signed, rules: Rules, entry: DecisionListEntry, one: Standing
) -> CaseDecision:
    return CaseDecision(
        id=new_id(signed.now),
        case_id=entry.case_id,
        outcome=Outcome.GRANTED,
        amount_fen=entry.amount_fen,
        reason=signed.drawn.reason,
        legal="；".join(rules.scheme.legal),
        calculation=computing.snapshot(one.worked) if one.worked else None,
        decided_by=signed.signer.id,
        decided_at=signed.now,
        list_id=signed.drawn.id,
    )


def _entitle(
    signed: Signed,
    rules: Rules,
    good: Sequence[tuple[DecisionListEntry, Standing, CaseDecision]],
) -> Mapping[uuid.UUID, uuid.UUID]:
    """Open what is granted; return decision → entitlement, without those that overlap."""
    scheme = rules.scheme
    paid_to = payees.in_force(signed.session, [one.case.id for _, one, _ in good])
    return funds.open_all(
        signed.session,
        [
            funds.Grant(
                decision_id=decision.id,
                person_id=one.case.person_id,
                identity_id=one.case.identity_id,
                scheme_code=scheme.code,
                department_code=scheme.department_code,
                region_code=one.case.region_code,
                amount_fen=entry.amount_fen,
                per=(one.worked and one.worked.calculation.per) or scheme.amount_per,
                starts_on=entry.starts_on,
                ends_on=entry.ends_on,
                payee_id=paid_to.get(one.case.id),
            )
            for entry, one, decision in good
        ],
        actor_id=signed.signer.id,
        now=signed.now,
    )


def _conclude(
    signed: Signed,
    rules: Rules,
    one: Standing,
    decision: CaseDecision,
    offices: papers.Offices,
) -> None:
    way = rules.way(one.case, one.rows, actor_id=signed.signer.id, now=signed.now)
    assert one.row is not None  # noqa: S101  # else it would be gone
    decisions.conclude(way, one.row, decision, period=one.period, offices=offices)


def _close(entry: DecisionListEntry, why: Why) -> None:
    entry.status = EntryStatus.NOT_DECIDED
    entry.reason, entry.note = why
