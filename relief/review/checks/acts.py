"""What people do about the checks in a case: enter authorisations, verify doubts."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.core.registrar import registrar
from relief.registry.models import Person, SourceIdentity, SourceLink
from relief.review import stages, turns
from relief.review.checks import running
from relief.review.checks.errors import (
    FindingNotFound,
    NothingToAnswer,
    NotOfFamily,
    SignedLater,
)
from relief.review.checks.look import with_household
from relief.review.checks.models import CaseAuthorisation, CaseFinding
from relief.review.checks.types import CLEARING, SignedBy, Verdict
from relief.review.mandates import signing
from relief.review.stages import Way
from relief.review.types import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """That someone of the family signed an authorisation to check."""

    person_id: uuid.UUID
    signed_on: date
    signed_by: SignedBy = SignedBy.ONESELF


def admit(way: Way, signed: Sequence[Signed]) -> None:
    """Check an application that is entered just now, with the authorisations that came with it.

    Raises CheckBlocked, and what `authorise` does.
    """
    _record(way, signed)
    running.admit(way)


def authorise(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    authorisations: Sequence[Signed],
    now: datetime,
) -> None:
    """Enter authorisations that came later, and look at the case again.

    Raises what `turns.enter` does; CaseClosed, NotOfFamily, SignedLater.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    _record(way, authorisations)
    running.look_again(way)


def answer(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    finding_id: uuid.UUID,
    verdict: Verdict,
    reason: str,
    now: datetime,
) -> None:
    """Enter what verifying a doubt came to, and how it is known.

    One that was confirmed may be answered anew, when it is settled. Raises what `turns.enter` does;
    CaseClosed, FindingNotFound, NothingToAnswer.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    found = session.scalars(
        select(CaseFinding)
        .where(CaseFinding.id == finding_id, CaseFinding.case_id == case_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise FindingNotFound
    if found.grade is not Grade.DOUBT or found.gone_at is not None or found.verdict in CLEARING:
        raise NothingToAnswer
    found.verdict, found.answer = verdict, reason
    found.answered_by, found.answered_at = actor.id, now
    stages.note(way, Step.DOUBT_ANSWERED, None, f"{found.check_code} {found.message}：{reason}")


def _record(way: Way, signed: Sequence[Signed]) -> None:
    """Keep who signed. Raises NotOfFamily, SignedLater, OthersAuthorisation."""
    if not signed:
        return
    if any(one.signed_on > way.today for one in signed):
        raise SignedLater
    family = _family(way.session, way.case.person_id)
    if not {one.person_id for one in signed} <= family.keys():
        raise NotOfFamily
    by_agent = [one for one in signed if one.signed_by is SignedBy.AGENT]
    signing.refuse(
        way.session,
        way.case,
        people={one.person_id for one in by_agent},
        days={one.signed_on for one in by_agent},
    )
    way.session.add_all(
        CaseAuthorisation(
            id=new_id(way.now),
            case_id=way.case.id,
            person_id=one.person_id,
            identity_id=family[one.person_id][1],
            name=family[one.person_id][0],
            signed_on=one.signed_on,
            signed_by=one.signed_by,
            recorded_by=way.actor_id,
            recorded_at=way.now,
        )
        for one in signed
    )
    names = "、".join(family[one.person_id][0] for one in signed)
    stages.note(way, Step.AUTHORISED, None, names)


def _family(
    session: Session, person_id: uuid.UUID
) -> Mapping[uuid.UUID, tuple[str, uuid.UUID | None]]:
    """Return person → name and newest source record, of the household of someone.

    As registrar: a department that takes part may see no more of the household than the case.
    """
    with registrar(session):
        rows = session.execute(
            select(Person.id, Person.name, SourceIdentity.id.label("identity_id"))
            .outerjoin(SourceLink, SourceLink.person_id == Person.id)
            .outerjoin(SourceIdentity, SourceIdentity.id == SourceLink.identity_id)
            .where(Person.id.in_(with_household([person_id])))
            .ext(distinct_on(Person.id))
            .order_by(Person.id, SourceIdentity.last_on.desc().nulls_last(), SourceIdentity.id)
        ).all()
    return {row.id: (row.name, row.identity_id) for row in rows}
