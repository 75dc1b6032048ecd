"""Referring somebody who was found, and handing a referral on. One transaction of the caller's."""

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core import citizen_id as citizen_ids
from relief.core.clock import local_date
from relief.core.db import bigint
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_citizen_id
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.core.workdays import DueDay
from relief.organisation import queries as organisation
from relief.organisation.errors import RegionNotFound
from relief.organisation.models import Region
from relief.review import deadlines
from relief.review.deadlines import Clock, Limit
from relief.review.referring import telling
from relief.review.referring.errors import FoundLater, NotByReferral, RegionTooWide, SameOffice
from relief.review.referring.models import Referral, bound
from relief.review.referring.noting import note
from relief.review.referring.types import FoundBy, ReferralStatus, ReferralStep
from relief.review.referring.visible import hold
from relief.review.settling.errors import NotANumber
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.schemes.types import Entry, StageKind

_COUNTY, _DIGITS = 10**6, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of somebody who was found. `name`, `citizen_id` None: nobody knows.

    `condition`: how they are, what they look like, what they need now. `contact`: whom to call
    back. Both are kept sealed.
    """

    found_by: FoundBy
    finder: str
    found_at: datetime
    place: str
    handed_to: str
    condition: str
    minor: bool = False
    contact: str | None = None
    name: str | None = None
    citizen_id: str | None = None


def refer(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    scheme_code: str,
    region: str,
    found: Found,
    now: datetime,
) -> uuid.UUID:
    """Hand somebody over to the managing department's office of a region; return the id.

    Whoever enters applications may, of any department: where somebody was found has nothing to do
    with whom they aid. Raises SchemeNotFound; NotByReferral for a scheme of another entry;
    ProcedureNotFound, RegionNotFound, RegionTooWide, FoundLater, NotANumber.
    """
    scheme = schemes.get_scheme(session, code=scheme_code)
    if scheme.entry is not Entry.REFERRAL:
        raise NotByReferral
    if found.found_at > now:
        raise FoundLater
    due = _due(session, scheme, on=local_date(now))
    number_id, masked = _number(session, cipher, found.citizen_id, now=now)
    referral_id = new_id(now)
    row = Referral(
        id=referral_id,
        scheme_code=scheme.code,
        department_code=scheme.department_code,
        region_code=_office(session, region),
        found_by=found.found_by,
        finder=found.finder,
        found_at=found.found_at,
        place=found.place,
        handed_to=found.handed_to,
        minor=found.minor,
        name=found.name,
        number_id=number_id,
        number_masked=masked,
        found=False,
        told=_sealed(referral_id, found, cipher),
        status=ReferralStatus.WAITING,
        hands=[actor.id],
        referred_by=actor.id,
        referred_at=now,
        due_on=due.day if due else None,
        due_provisional=bool(due and due.provisional),
        steps=0,
        version=1,
    )
    session.add(row)
    session.flush()
    note(session, row, ReferralStep.REFERRED, actor_id=actor.id, now=now)
    telling.tell(session, row, now=now)
    return referral_id


def hand_on(
    session: Session,
    *,
    actor: Actor,
    referral_id: uuid.UUID,
    region: str,
    reason: str,
    now: datetime,
) -> None:
    """Send a referral on to the office of another region, which has its own time to answer.

    The case still counts from the day of the referral. Raises what `visible.hold` does,
    RegionNotFound, RegionTooWide, SameOffice.
    """
    row = hold(session, actor, referral_id, ReferralStatus.WAITING)
    office = _office(session, region)
    if office == row.region_code:
        raise SameOffice
    due = _due(session, schemes.get_scheme(session, code=row.scheme_code), on=local_date(now))
    row.region_code = office
    row.late_told_at = None
    row.hands = list(dict.fromkeys([*row.hands, actor.id]))
    row.due_on, row.due_provisional = (due.day, due.provisional) if due else (None, False)
    session.flush()
    note(session, row, ReferralStep.HANDED_ON, actor_id=actor.id, now=now, text=reason)
    telling.tell(session, row, now=now)


def _due(session: Session, scheme: Scheme, *, on: date) -> DueDay | None:
    """Return by when an office answers: the limit of the stage in which its case is accepted.

    Three queries. Raises ProcedureNotFound.
    """
    plan = schemes.procedure(session, code=scheme.procedure_code, on=on)
    stage = next((one for one in plan.stages if one.kind is StageKind.ACCEPTANCE), None)
    if stage is None:
        return None
    limit = Limit(stage.limit, stage.day_type, rolls=plan.procedure.rolls)
    return deadlines.due(organisation.calendar(session), Clock(on, limit))


def _office(session: Session, region: str) -> bigint:
    """Return the code of a township or village. Raises RegionNotFound, RegionTooWide."""
    if not (region.isascii() and region.isdecimal() and len(region) == _DIGITS):
        raise RegionNotFound
    code = int(region)
    if not session.scalar(select(exists().where(Region.code == code))):
        raise RegionNotFound
    if code % _COUNTY == 0:
        raise RegionTooWide
    return bigint(code)


def _number(
    session: Session, cipher: Cipher, stated: str | None, *, now: datetime
) -> tuple[uuid.UUID | None, str | None]:
    """Keep the number that somebody says is theirs. Raises NotANumber."""
    if not stated:
        return None, None
    number = citizen_ids.parse(citizen_ids.normalise(stated), today=local_date(now))
    if number is None:
        raise NotANumber
    with registrar(session):
        ids = store.put_many(session, cipher, SecretKind.CITIZEN_ID, [number.number], now=now)
    return ids[number.number], mask_citizen_id(number.number)


def _sealed(referral_id: uuid.UUID, found: Found, cipher: Cipher) -> bytes:
    told = json.dumps([found.condition, found.contact], ensure_ascii=False).encode()
    return cipher.seal_bytes(told, associated=bound(referral_id))
