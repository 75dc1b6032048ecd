"""What the office does that somebody was referred to: take in, refuse, find out who it is, end.

Each is one transaction of the caller's, under the referral's lock. Aid does not wait for a name:
whoever cannot say who they are is taken in first (《城市生活无着的流浪乞讨人员救助管理办法》及其
实施细则), and a case begins when it is known.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import CHINA, local_date
from relief.core.db import bigint
from relief.review import service as cases
from relief.review.errors import FourEyes
from relief.review.referring import finding
from relief.review.referring.errors import AidDay, AidTooMuch, NotIdentified
from relief.review.referring.models import Referral
from relief.review.referring.noting import note
from relief.review.referring.types import AidEnd, ReferralStatus, ReferralStep
from relief.review.referring.visible import hold
from relief.review.shown import Referred
from relief.schemes import queries as schemes
from relief.schemes.types import StageKind

_OWN_REFUSAL = "转介由登记人以外的人决定不予接收"
_OWN_TAKING = "转介由登记人以外的人接收"
_OWN_CLOSING = "救助由接收人以外的人登记结束"
_TOLD = "{at} 在{place}发现，{finder}转介，{handed_to}接护"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody got who was never identified. `fen`: what it cost, in fen."""

    what: str
    fen: int
    end: AidEnd
    until_on: date


def accept(
    session: Session,
    *,
    actor: Actor,
    referral_id: uuid.UUID,
    need: str,
    as_found: bool,
    person_id: uuid.UUID | None,
    now: datetime,
) -> uuid.UUID | None:
    """Take in who was referred; return the id of the case, None where it is not known who it is.

    `as_found`: they are who was found by their number; `person_id`: they are somebody in scope.
    The case counts from the day of the referral: however often it was handed on, nobody waits
    longer. Who referred them may take them in only where another signs after the decision. Raises
    what `visible.hold` does, FourEyes, NotIdentified, and what `service.submit` does.
    """
    row = hold(session, actor, referral_id, ReferralStatus.WAITING)
    if actor.id in row.hands and not _signed_after(session, row, on=local_date(now)):
        raise FourEyes(_OWN_TAKING)
    row.taken_by, row.taken_at = actor.id, now
    row.status = ReferralStatus.TAKEN_IN
    if not as_found and person_id is None:
        note(session, row, ReferralStep.TAKEN_IN, actor_id=actor.id, now=now, text=need)
        return None
    return _begin(
        session,
        row,
        actor=actor,
        need=need,
        as_found=as_found,
        person_id=person_id,
        since=local_date(row.referred_at),
        now=now,
    )


def identify(
    session: Session,
    *,
    actor: Actor,
    referral_id: uuid.UUID,
    need: str,
    as_found: bool,
    person_id: uuid.UUID | None,
    now: datetime,
) -> uuid.UUID:
    """Say who it is that was taken in, and begin their case; return its id.

    It counts from today: before that nobody could decide for anybody. Raises what `visible.hold`
    does, NotIdentified, and what `service.submit` does.
    """
    row = hold(session, actor, referral_id, ReferralStatus.TAKEN_IN)
    return _begin(
        session,
        row,
        actor=actor,
        need=need,
        as_found=as_found,
        person_id=person_id,
        since=local_date(now),
        now=now,
    )


def refuse(
    session: Session, *, actor: Actor, referral_id: uuid.UUID, reason: str, now: datetime
) -> None:
    """Refuse to take somebody in, with the reason, which the one who referred them is told.

    Raises what `visible.hold` does; FourEyes for who referred them or handed them on.
    """
    row = hold(session, actor, referral_id, ReferralStatus.WAITING)
    if actor.id in row.hands:
        raise FourEyes(_OWN_REFUSAL)
    row.status, row.refusal = ReferralStatus.REFUSED, reason
    note(session, row, ReferralStep.REFUSED, actor_id=actor.id, now=now, text=reason)


def close(
    session: Session, *, actor: Actor, referral_id: uuid.UUID, given: Given, now: datetime
) -> None:
    """End the aid of somebody who was never identified, by a record of what they got.

    Raises what `visible.hold` does; FourEyes for who took them in; AidTooMuch, AidDay.
    """
    row = hold(session, actor, referral_id, ReferralStatus.TAKEN_IN)
    if actor.id == row.taken_by:
        raise FourEyes(_OWN_CLOSING)
    most = schemes.get_scheme(session, code=row.scheme_code).amount_max_fen
    if most is not None and given.fen > most:
        raise AidTooMuch
    assert row.taken_at is not None  # noqa: S101  # as a constraint says
    if not local_date(row.taken_at) <= given.until_on <= local_date(now):
        raise AidDay
    row.status = ReferralStatus.CLOSED
    row.aid, row.aid_fen = given.what, bigint(given.fen)
    row.aid_end, row.aid_until = given.end, given.until_on
    note(session, row, ReferralStep.CLOSED, actor_id=actor.id, now=now, text=given.what)


def _begin(
    session: Session,
    row: Referral,
    *,
    actor: Actor,
    need: str,
    as_found: bool,
    person_id: uuid.UUID | None,
    since: date,
    now: datetime,
) -> uuid.UUID:
    """Begin the case of who was referred, at the office that took them in."""
    shown = finding.of_number(session, row) if as_found and row.found else None
    if shown is None and (as_found or person_id is None):
        raise NotIdentified
    case_id = cases.submit(
        session,
        actor=actor,
        person_id=shown.person.id if shown else _given(person_id),
        scheme_code=row.scheme_code,
        need=need,
        now=now,
        shown=shown,
        referred=Referred(since, row.region_code, _told(row)),
    )
    row.status, row.case_id = ReferralStatus.CASE, case_id
    note(session, row, ReferralStep.CASE_BEGUN, actor_id=actor.id, now=now)
    return case_id


def _given(person_id: uuid.UUID | None) -> uuid.UUID:
    if person_id is None:
        raise NotIdentified
    return person_id


def _told(row: Referral) -> str:
    at = row.found_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    return _TOLD.format(at=at, place=row.place, finder=row.finder, handed_to=row.handed_to)


def _signed_after(session: Session, row: Referral, *, on: date) -> bool:
    """Tell whether another signs after the decision: then one officer on duty is enough."""
    scheme = schemes.get_scheme(session, code=row.scheme_code)
    plan = schemes.procedure(session, code=scheme.procedure_code, on=on)
    return any(one.kind is StageKind.COUNTERSIGN for one in plan.stages)
