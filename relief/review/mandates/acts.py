"""What is done about mandates: recorded, revoked, and used to hand something over.

Each is done under the case's lock, in the caller's transaction, with a line in its timeline. What
an agent does is done by the same act as if the applicant did, and a line more says by whom.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.core import citizen_id
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_citizen_id
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.registry.models import Person
from relief.review import service, stages, turns
from relief.review.mandates import agents
from relief.review.mandates.errors import (
    AgentHandles,
    AgentIsApplicant,
    AgentNumber,
    MandateActs,
    MandateDays,
    MandateEnded,
    MandateNotFound,
    MandateOverlaps,
    MandateRevoked,
    NotMandated,
    WitnessMissing,
)
from relief.review.mandates.models import CaseMandate
from relief.review.mandates.queries import of_office
from relief.review.mandates.types import NEEDS, AgentKind, Handed, MandateAct, MandateForm
from relief.review.stages import Way
from relief.review.types import Step

_APPLIED = "代为提出申请"
_WHAT = {
    Handed.PAPERS: "代为递交材料",
    Handed.RESUBMIT: "代为递交补正材料，再次提交",
    Handed.WITHDRAW: "代为撤回申请",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What the applicant lets someone do, from a day to the end of another.

    `witness_id`: of what was dictated, the other of the staff who were there.
    """

    agent: str
    kind: AgentKind
    number: str
    acts: Collection[MandateAct]
    from_on: date
    until_on: date
    form: MandateForm
    proof: str
    witness_id: uuid.UUID | None = None


def record(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    cipher: Cipher,
    mandate: Mandate,
    now: datetime,
) -> uuid.UUID:
    """Record a mandate of an applicant; return its id.

    Staff who are the agent stand back from the case by it. Raises what `turns.enter` does;
    CaseClosed, AgentNumber, AgentIsApplicant, MandateDays, MandateActs, WitnessMissing,
    MandateOverlaps; AgentHandles if the actor is the agent.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    number = citizen_id.normalise(mandate.number)
    if citizen_id.parse(number, today=way.today) is None:
        raise AgentNumber
    if not mandate.acts:
        raise MandateActs
    # The last day that there is has none after it, up to which the mandate could be kept.
    if not mandate.from_on <= mandate.until_on >= way.today or mandate.until_on == date.max:
        raise MandateDays
    with registrar(session):
        ids = store.put_many(session, cipher, SecretKind.CITIZEN_ID, [number], now=now)
        own = session.scalar(select(Person.citizen_id).where(Person.id == way.case.person_id))
    if own == ids[number]:
        raise AgentIsApplicant
    staff = agents.accounts(session, {ids[number]})
    if actor.id in staff:
        raise AgentHandles
    _refuse_witness(way, actor, mandate, staff)
    mandate_id: uuid.UUID | None = session.scalar(
        insert(CaseMandate)
        .values(
            id=new_id(now),
            case_id=case_id,
            agent=mandate.agent,
            kind=mandate.kind,
            number_id=ids[number],
            number_masked=mask_citizen_id(number),
            acts=sorted({one.value for one in mandate.acts}),
            days=Range(mandate.from_on, mandate.until_on + timedelta(days=1)),
            form=mandate.form,
            proof=mandate.proof,
            witness_id=mandate.witness_id,
            recorded_by=actor.id,
            recorded_at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseMandate.id)
    )
    if mandate_id is None:
        raise MandateOverlaps
    stages.note(way, Step.MANDATE_RECORDED, None, f"受托人{mandate.agent}")
    agents.stand_back(session, case_id=case_id, people=staff, now=now)
    return mandate_id


def with_application(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    cipher: Cipher,
    mandate: Mandate,
    now: datetime,
) -> None:
    """Record the mandate under which an application is entered just now.

    Raises what `record` does; NotMandated, MandateEnded if it is not for that.
    """
    mandate_id = record(
        session, actor=actor, case_id=case_id, cipher=cipher, mandate=mandate, now=now
    )
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    found = in_force(way, mandate_id, MandateAct.APPLY)
    _say(way, found, _APPLIED)


def hand_over(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    mandate_id: uuid.UUID,
    what: Handed,
    words: str,
    now: datetime,
) -> None:
    """Take from an agent what was asked for, what was missing, or the wish to end the case.

    `words`: what was handed over, or the wish. Raises what `turns.enter` and the act itself do;
    MandateNotFound, MandateEnded, NotMandated.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    found = in_force(way, mandate_id, NEEDS[what])
    if what is Handed.WITHDRAW:
        service.withdraw(session, actor=actor, case_id=case_id, reason=words, now=now)
    elif what is Handed.RESUBMIT:
        service.resubmit(session, actor=actor, case_id=case_id, now=now)
    elif turns.open_pause(way) is not None:
        service.resume(session, actor=actor, case_id=case_id, now=now)
    _say(way, found, f"{_WHAT[what]}：{words}")


def revoke(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    mandate_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> None:
    """End a mandate at the applicant's wish, or since it does not hold; what was done stays done.

    Raises what `turns.enter` does; MandateNotFound, MandateRevoked.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    found = _one(way, mandate_id)
    if found.revoked_at is not None:
        raise MandateRevoked
    found.revoked_by, found.revoked_at, found.revoked_why = actor.id, now, reason
    session.flush()
    stages.note(way, Step.MANDATE_REVOKED, None, f"受托人{found.agent}：{reason}")


def in_force(way: Way, mandate_id: uuid.UUID, act: MandateAct) -> CaseMandate:
    """Return a mandate that holds today for an act.

    Raises MandateNotFound, MandateEnded also if the applicant or the agent has died, NotMandated.
    """
    found = _one(way, mandate_id)
    if found.revoked_at is not None or not found.days.contains(way.today):
        raise MandateEnded
    with registrar(way.session):
        died = exists().where(
            or_(Person.id == way.case.person_id, Person.citizen_id == found.number_id),
            Person.died_on.is_not(None),
        )
        if way.session.scalar(select(died)):
            dead = "申请人或受托人已去世，授权委托终止"
            raise MandateEnded(dead)
    if act not in found.acts:
        raise NotMandated
    return found


def _say(way: Way, mandate: CaseMandate, what: str) -> None:
    stages.note(way, Step.HANDED_OVER, None, f"受托人{mandate.agent}{what}")


def _one(way: Way, mandate_id: uuid.UUID) -> CaseMandate:
    found = way.session.scalars(
        select(CaseMandate)
        .where(CaseMandate.id == mandate_id, CaseMandate.case_id == way.case.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise MandateNotFound
    return found


def _refuse_witness(way: Way, actor: Actor, mandate: Mandate, staff: Collection[uuid.UUID]) -> None:
    """Raise WitnessMissing unless a dictated mandate has another of the office as witness."""
    if mandate.form is MandateForm.WRITTEN:
        if mandate.witness_id is not None:
            raise WitnessMissing
        return
    there = exists().where(Account.id == mandate.witness_id, of_office(actor))
    if mandate.witness_id in {None, actor.id, *staff} or not way.session.scalar(select(there)):
        raise WitnessMissing
