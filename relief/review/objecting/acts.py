"""Recording what is objected in a notice period, and telling who objected what became of it.

Each is done under the case's lock, in the caller's transaction, with a line in its timeline, which
never names who objected.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.registry import purposes
from relief.registry.errors import NumberInRemark
from relief.review import stages, turns
from relief.review.errors import CaseClosed
from relief.review.objecting import office
from relief.review.objecting.errors import (
    NotAnsweredYet,
    ObjectionNotFound,
    ObjectorUnknown,
    ReceivedDay,
    ToldBefore,
)
from relief.review.objecting.models import CaseObjection, bound
from relief.review.objecting.types import Channel, Told
from relief.review.stages import Way
from relief.review.types import CaseStatus, StageStatus, Step

_NO_NUMBER = "查看的原因中不能填写身份证号、电话、银行账号等 11 位以上的号码"
_TAKEN = (CaseStatus.ACCEPTED, CaseStatus.DECIDED)
_LATE = "公示期满后收到，不影响办理；请告知反映人向县级民政部门投诉举报"
_ENTERED_LATE = "公示期内收到，公示办结后才登记，不影响办理；请告知反映人向县级民政部门投诉举报"


@dataclass(frozen=True, slots=True)
class Objector:
    """Who objected, as far as they said."""

    name: str | None
    phone: str | None


def record(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    received_on: date,
    channel: Channel,
    words: str,
    name: str | None,
    phone: str | None,
    cipher: Cipher,
    now: datetime,
) -> uuid.UUID:
    """Enter an objection that came by a channel on a day; return its id.

    Anyone may object, also without a name. One that came while the notice hung, and before its end
    was entered, must be answered; a later one is kept, and stops nothing. Raises what `turns.enter`
    does; NoNotice, NotYours, CaseClosed, ReceivedDay.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *office.OFFICE)
    if way.case.status not in _TAKEN:
        raise CaseClosed
    if not notice.begun_on <= received_on <= way.today:
        raise ReceivedDay
    hung = notice.hangs_until is not None and received_on <= notice.hangs_until
    in_time = hung and notice.status is StageStatus.OPEN
    objection_id = new_id(now)
    session.add(
        CaseObjection(
            id=objection_id,
            case_id=case_id,
            in_time=in_time,
            received_on=received_on,
            channel=channel,
            words=words,
            objector=_sealed(objection_id, Objector(name, phone), cipher),
            recorded_by=actor.id,
            recorded_at=now,
        )
    )
    late = _ENTERED_LATE if hung else _LATE
    step = Step.OBJECTED if in_time else Step.OBJECTED_LATE
    stages.note(way, step, notice, words if in_time else late)
    session.flush()
    return objection_id


def tell(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    objection_id: uuid.UUID,
    how: Told,
    note: str | None,
    now: datetime,
) -> None:
    """Enter how who objected was told of the answer, or that they cannot be reached.

    Of a late one, that they were told where to complain. Raises what `turns.enter` does; NoNotice,
    NotYours, ObjectionNotFound, NotAnsweredYet, ToldBefore.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    notice = office.enter(way, actor, *office.OFFICE)
    objection = find(way, objection_id)
    if objection.in_time and objection.answered_at is None:
        raise NotAnsweredYet
    if objection.told_at is not None:
        raise ToldBefore
    objection.told_how, objection.told_note = how, note
    objection.told_by, objection.told_at = actor.id, now
    stages.note(way, Step.OBJECTOR_TOLD, notice, None)
    session.flush()


def reveal(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    objection_id: uuid.UUID,
    reason: str,
    cipher: Cipher,
    now: datetime,
) -> Objector:
    """Return who objected, to the office that has to ask or tell them, and record who looked.

    The reason stays in the trail for good, so no number may stand in it. Raises what `turns.enter`
    does; NoNotice, NotYours, ObjectionNotFound, ObjectorUnknown, NumberInRemark.
    """
    if purposes.holds_number(reason):
        raise NumberInRemark(_NO_NUMBER)
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    office.enter(way, actor, *office.OFFICE)
    objection = find(way, objection_id)
    if objection.objector is None:
        raise ObjectorUnknown
    audit.record(
        session,
        "case_objection:objector_seen",
        subject_type="case_objection",
        subject_id=objection_id,
        actor_id=actor.id,
        now=now,
        details={"number": way.case.number, "reason": reason},
        region_code=way.case.region_code,
    )
    opened = cipher.open_bytes(bytes(objection.objector), associated=bound(objection_id))
    return Objector(*json.loads(opened))


def find(way: Way, objection_id: uuid.UUID) -> CaseObjection:
    """Return an objection to a case, as it is under the case's lock. Raises ObjectionNotFound."""
    found = way.session.scalars(
        select(CaseObjection)
        .where(CaseObjection.id == objection_id, CaseObjection.case_id == way.case.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ObjectionNotFound
    return found


def _sealed(objection_id: uuid.UUID, objector: Objector, cipher: Cipher) -> bytes | None:
    if not objector.name and not objector.phone:
        return None
    known = json.dumps([objector.name, objector.phone], ensure_ascii=False).encode()
    return cipher.seal_bytes(known, associated=bound(objection_id))
