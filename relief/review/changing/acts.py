"""What people do to reduce or stop an entitlement: propose, serve, hear, decide.

Each is done under the case's lock, in the caller's transaction, with a line in its timeline.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.funds import service as funds
from relief.funds.models import Entitlement
from relief.review import deadlines, stages, standing_in, starts, turns
from relief.review.changing import queries
from relief.review.changing.errors import (
    ChangeOpen,
    HeardBefore,
    NoChangeOpen,
    NothingRuns,
    NotReduced,
    NotServed,
    ServedBefore,
    ServiceDay,
    StillTime,
    ViewsNotHeard,
    WrongExcuse,
)
from relief.review.changing.models import EntitlementChange
from relief.review.changing.types import ChangeKind, Excuse, ServedBy
from relief.review.errors import FourEyes, NotYours
from relief.review.papers import issuing as papers
from relief.review.recognition import watching
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes import queries as schemes

ANSWER_DAYS = "views_answer_days"
_PREPARING = (Role.CLERK, Role.REVIEWER)
_FIRST = (
    Step.CHANGE_PROPOSED, Step.NOTICE_SERVED, Step.VIEWS_RECORDED, Step.SILENCE_RECORDED,
)  # fmt: skip
_KINDS = {ChangeKind.REDUCE: "减发", ChangeKind.STOP: "停发"}


def propose(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    kind: ChangeKind,
    amount_fen: int | None,
    reason: str,
    legal: str,
    excuse: Excuse | None,
    excuse_proof: str | None,
    now: datetime,
) -> uuid.UUID:
    """Propose to reduce what a case granted to an amount, or to stop it; return the change's id.

    `excuse`: why nobody need be heard, with what proves it. Raises what `turns.enter` does;
    NotYours, NotReduced, WrongExcuse, ChangeOpen; NothingRuns, also for what ends anyhow before
    less could begin.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_lead(way, actor, *_PREPARING)
    entitlement = queries.running(session, case_id=case_id, on=way.today)
    if entitlement is None:
        raise NothingRuns
    _effective(way, entitlement)
    _refuse_amount(kind, amount_fen, entitlement)
    _refuse_excuse(kind, excuse, excuse_proof)
    change_id: uuid.UUID | None = session.scalar(
        insert(EntitlementChange)
        .values(
            id=new_id(now),
            case_id=case_id,
            entitlement_id=entitlement.id,
            kind=kind,
            amount_fen=amount_fen,
            reason=reason,
            legal=legal,
            excuse=excuse,
            excuse_proof=excuse_proof,
            proposed_by=actor.id,
            proposed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(EntitlementChange.id)
    )
    if change_id is None:
        raise ChangeOpen
    stages.note(way, Step.CHANGE_PROPOSED, None, f"{_KINDS[kind]}：{reason}")
    if excuse is None:
        days = int(schemes.parameter(session, ANSWER_DAYS, on=way.today))
        papers.hearing(way, session.get_one(EntitlementChange, change_id), days=days)
    return change_id


def serve(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    served_on: date,
    served_by: ServedBy,
    proof: str,
    now: datetime,
) -> None:
    """Enter that the notice arrived, with what proves it: from then on the time to answer runs.

    Raises what `turns.enter` does; NotYours, NoChangeOpen, ServedBefore, ServiceDay.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_lead(way, actor, *_PREPARING)
    change = _open(way)
    if change.served_on is not None:
        raise ServedBefore
    if not local_date(change.proposed_at) <= served_on <= way.today:
        raise ServiceDay
    days = int(schemes.parameter(session, ANSWER_DAYS, on=served_on))
    change.served_on, change.served_by, change.proof = served_on, served_by, proof
    due = way.calendar.add_working_days(served_on, days)
    change.answer_by, change.answer_provisional = due.day, due.provisional
    until = f"听取意见通知书于 {served_on} 送达，请在 {due} 前答复"
    stages.note(way, Step.NOTICE_SERVED, None, until)


def hear(
    session: Session, *, actor: Actor, case_id: uuid.UUID, views: str | None, now: datetime
) -> None:
    """Record the family's views; without any, that they were silent until their time was over.

    Silence lets the office go on; it agrees to nothing. Raises what `turns.enter` does; NotYours,
    NoChangeOpen, NotServed, HeardBefore, StillTime.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_lead(way, actor, *_PREPARING)
    change = _open(way)
    if change.answer_by is None:
        raise NotServed
    if change.heard_at is not None:
        raise HeardBefore
    if views is None and now < deadlines.ends_at(change.answer_by):
        until = f"答复期限至 {change.answer_due} 24 时止，期满后才能登记为逾期未答复"
        raise StillTime(until)
    change.views, change.heard_at = views, now
    stages.note(way, Step.SILENCE_RECORDED if views is None else Step.VIEWS_RECORDED, None, None)


def decide(
    session: Session, *, actor: Actor, case_id: uuid.UUID, carried: bool, reason: str, now: datetime
) -> uuid.UUID:
    """Decide on what was proposed, with reasons; return the change's id.

    Carried, the entitlement ends, and what is left begins, in this transaction. Who proposed,
    served or heard does not decide, nor who stands in for them. Raises what `turns.enter` does;
    NotYours, NoChangeOpen, FourEyes; ViewsNotHeard for carrying what nobody was heard on;
    NothingRuns if it has ended meanwhile.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_lead(way, actor, Role.APPROVER)
    change = _open(way)
    first = standing_in.first_eyes(way, *_FIRST, since=change.proposed_at)
    if standing_in.pair(way, actor) & first:
        raise FourEyes
    if carried and change.heard_at is None and change.excuse is None:
        raise ViewsNotHeard(_what_is_missing(change))
    change.carried, change.decision = carried, reason
    change.decided_by, change.decided_at = actor.id, now
    if carried:
        _carry(way, change, actor.id)
        papers.changed(way, change)
        watching.after(way)
    stages.note(way, Step.CHANGE_CARRIED if carried else Step.CHANGE_DROPPED, None, reason)
    session.flush()
    return change.id


def _carry(way: Way, change: EntitlementChange, actor_id: uuid.UUID) -> None:
    entitlement = queries.running(way.session, case_id=way.case.id, on=way.today)
    if entitlement is None:
        raise NothingRuns
    effective = _effective(way, entitlement)
    change.effective_on = effective
    way.session.flush()
    funds.change_entitlement(
        way.session,
        entitlement=entitlement,
        decision_id=change.id,
        amount_fen=change.amount_fen,
        effective_on=effective,
        actor_id=actor_id,
        now=way.now,
    )


def _effective(way: Way, entitlement: Entitlement) -> date:
    """Return the first day of less. Raises NothingRuns for what ends by then anyhow.

    Else a family that was stopped, or given something once, would be told that it gets less from a
    day on from which it gets nothing.
    """
    effective, after = (
        starts.changed_from(way.scheme, decided_on=way.today),
        entitlement.period.upper,
    )
    if after is not None and after <= effective:
        ends = (
            f"待遇至 {after} 前终止，现在减发或停发最早自 {effective} 起生效，已没有可以减停的待遇"
        )
        raise NothingRuns(ends)
    return effective


def _of_lead(way: Way, actor: Actor, *roles: Role) -> None:
    """Let only the office of the scheme's lead department act. Raises NotYours."""
    held = [role for role in roles if role in actor.roles] or [
        role for role in roles if role in actor.roles_in_cases
    ]
    if actor.department_code != way.scheme.department_code or not held:
        raise NotYours
    standing_in.take(way, actor, held[0])


def _open(way: Way) -> EntitlementChange:
    """Return what is under way. Raises NoChangeOpen."""
    found = way.session.scalars(
        select(EntitlementChange)
        .where(EntitlementChange.case_id == way.case.id, EntitlementChange.decided_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoChangeOpen
    return found


def _refuse_amount(kind: ChangeKind, amount_fen: int | None, entitlement: Entitlement) -> None:
    """Raise NotReduced unless what is left is less than what is."""
    if kind is ChangeKind.STOP:
        fits = amount_fen is None
    else:
        fits = amount_fen is not None and 0 < amount_fen < entitlement.amount_fen
    if not fits:
        raise NotReduced


def _refuse_excuse(kind: ChangeKind, excuse: Excuse | None, proof: str | None) -> None:
    """Raise WrongExcuse for one without proof, or that fits only a stop."""
    if (excuse is None) != (proof is None):
        raise WrongExcuse
    if excuse is Excuse.DEATH and kind is not ChangeKind.STOP:
        raise WrongExcuse


def _what_is_missing(change: EntitlementChange) -> str:
    """Return what the rule still asks for."""
    law = "（社会救助法第四十八条）"
    if change.answer_by is None:
        return f"还没有送达听取意见通知书；减发、停发之前须听取当事人的意见{law}"
    return f"还没有登记当事人的意见，或者在 {change.answer_due} 期满后登记逾期未答复{law}"
