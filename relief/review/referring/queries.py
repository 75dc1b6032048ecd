"""Reading referrals: those of one's office, and those that went through one's own hands."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.accounts.permissions import Permission
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.paging import Page, newest_first
from relief.core.privacy.cipher import Cipher
from relief.organisation import queries as organisation
from relief.review.models import Case
from relief.review.referring.models import Referral, ReferralEvent, bound
from relief.review.referring.types import (
    LIVE,
    AidEnd,
    FoundBy,
    ReferralStatus,
    ReferralStep,
)
from relief.review.referring.visible import get, is_receiving, seen_by
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.schemes.types import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """One referral in a list. `late`: it waits, and its time to be answered is over."""

    id: uuid.UUID
    scheme_code: str
    scheme_name: str
    department_code: str
    region_code: int
    found_by: FoundBy
    found_at: datetime
    place: str
    minor: bool
    status: ReferralStatus
    referred_at: datetime
    due_on: date | None
    due_provisional: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of a referral's history."""

    at: datetime
    actor: str
    step: ReferralStep
    region_code: int
    region_name: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDetail:
    """One referral. `may_answer`: the reader is of its office; `case_number`: as far as seen."""

    row: ReferralRow
    region_name: str
    finder: str
    handed_to: str
    condition: str
    contact: str | None
    name: str | None
    number_masked: str | None
    found: bool
    refusal: str | None
    case_id: uuid.UUID | None
    case_number: str | None
    aid: str | None
    aid_fen: int | None
    aid_end: AidEnd | None
    aid_until: date | None
    may_answer: bool
    events: Sequence[EventRow]


def offered(session: Session) -> Sequence[Scheme]:
    """Return the schemes that are entered by referral. One query."""
    return [one for one in schemes.schemes(session) if one.entry is Entry.REFERRAL]


def list_referrals(
    session: Session,
    *,
    actor: Actor,
    live: bool = False,
    mine: bool = False,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[ReferralRow]:
    """Return one page, newest first: of `live` those that wait; of `mine` those one referred.

    One query. Raises BadCursor.
    """
    query = (
        select(Referral, Scheme.short_name)
        .join(Scheme, Scheme.code == Referral.scheme_code)
        .where(seen_by(actor))
    )
    if live:
        query = query.where(Referral.status.in_(LIVE))
    if mine:
        query = query.where(Referral.referred_by == actor.id)
    today = local_date(now)
    return newest_first(
        session,
        query,
        Referral.id,
        limit=limit,
        cursor=cursor,
        make=lambda row, name: _row(row, name, today),
    )


def view(
    session: Session, cipher: Cipher, *, viewer: Actor, referral_id: uuid.UUID, now: datetime
) -> ReferralDetail:
    """Return a referral as its office or who referred it sees it; the look is recorded.

    Raises ReferralNotFound.
    """
    look(session, viewer=viewer, referral_id=referral_id, now=now)
    return detail(session, cipher, viewer=viewer, referral_id=referral_id, now=now)


def look(session: Session, *, viewer: Actor, referral_id: uuid.UUID, now: datetime) -> None:
    """Record that somebody looks at a referral. Raises ReferralNotFound."""
    row = get(session, viewer, referral_id)
    audit.record(
        session,
        "referral:viewed",
        subject_type="referral",
        subject_id=row.id,
        actor_id=viewer.id,
        now=now,
        region_code=row.region_code,
    )


def detail(
    session: Session, cipher: Cipher, *, viewer: Actor, referral_id: uuid.UUID, now: datetime
) -> ReferralDetail:
    """Return a referral after an act. Six queries. Raises ReferralNotFound."""
    row = get(session, viewer, referral_id)
    scheme = schemes.get_scheme(session, code=row.scheme_code)
    history = session.execute(
        select(ReferralEvent, Account.display_name)
        .join(Account, Account.id == ReferralEvent.actor_id)
        .where(ReferralEvent.referral_id == row.id)
        .order_by(ReferralEvent.number)
    ).all()
    names = organisation.region_names(
        session, codes={row.region_code, *(event.region_code for event, _ in history)}
    )
    condition, contact = json.loads(cipher.open_bytes(bytes(row.told), associated=bound(row.id)))
    number = session.scalar(select(Case.number).where(Case.id == row.case_id))
    return ReferralDetail(
        row=_row(row, scheme.short_name, local_date(now)),
        region_name=names.get(row.region_code, ""),
        finder=row.finder,
        handed_to=row.handed_to,
        condition=condition,
        contact=contact,
        name=row.name,
        number_masked=row.number_masked,
        found=row.found,
        refusal=row.refusal,
        case_id=row.case_id,
        case_number=number,
        aid=row.aid,
        aid_fen=row.aid_fen,
        aid_end=row.aid_end,
        aid_until=row.aid_until,
        may_answer=is_receiving(row, viewer) and viewer.may(Permission.OPEN_CASES),
        events=[
            EventRow(
                at=event.at,
                actor=actor,
                step=event.step,
                region_code=event.region_code,
                region_name=names.get(event.region_code, ""),
                note=event.note,
            )
            for event, actor in history
        ],
    )


def referrers(session: Session, *, case_id: uuid.UUID) -> set[uuid.UUID]:
    """Return who referred the person of a case or handed them on. One query."""
    hands = session.scalar(select(Referral.hands).where(Referral.case_id == case_id))
    return set(hands or ())


def _row(row: Referral, scheme_name: str, today: date) -> ReferralRow:
    waits = row.status is ReferralStatus.WAITING
    return ReferralRow(
        id=row.id,
        scheme_code=row.scheme_code,
        scheme_name=scheme_name,
        department_code=row.department_code,
        region_code=row.region_code,
        found_by=row.found_by,
        found_at=row.found_at,
        place=row.place,
        minor=row.minor,
        status=row.status,
        referred_at=row.referred_at,
        due_on=row.due_on,
        due_provisional=row.due_provisional,
        late=waits and row.due_on is not None and row.due_on < today,
    )
