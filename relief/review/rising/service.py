"""What officers do with a rise: begin it, sign its list, stop the work, let it go on, cancel it.

Who signs is not who drew. Each act is one transaction of the caller's.
"""

import hmac
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.permissions import Permission, permissions_of
from relief.audit import service as audit
from relief.core.ages import months_after
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.scope import Scope, subtree, within
from relief.funds.models import Entitlement
from relief.organisation.models import Region, RegionLevel
from relief.review import starts
from relief.review.lists.types import EntryStatus
from relief.review.rising import applying, standing
from relief.review.rising.errors import (
    NoNewStandard,
    NothingInPayment,
    NotMonthly,
    RiseDigestDiffers,
    RiseFourEyes,
    RiseLate,
    RiseMonths,
    RiseNotDrawn,
    RiseNotFound,
    RiseNothingListed,
    RiseNotRunning,
    RiseNotStopped,
    RiseOffice,
    RiseOpen,
    RiseRunning,
)
from relief.review.rising.models import RiseEntry, StandardRise
from relief.review.rising.types import RiseStatus, RiseStop
from relief.schemes import queries as schemes
from relief.schemes import rules
from relief.schemes.models import Scheme
from relief.tasks import queries as tasks
from relief.tasks import service as queue

KIND = "standard-rise"
PLACES = (RegionLevel.CITY, RegionLevel.COUNTY)


def start(
    session: Session,
    *,
    actor: Actor,
    scheme_code: str,
    effective_on: date,
    region_code: int,
    paid_from: date,
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Begin a rise of a scheme by the standard of a day, in a county or the city; return its id.

    `paid_from`: the first month that is paid by it. The list of differences is drawn in the
    background; nothing is decided. Raises SchemeNotFound, RiseOffice, NotMonthly, RiseMonths,
    NoNewStandard, RiseOpen, NothingInPayment.
    """
    scheme = schemes.get_scheme(session, code=scheme_code)
    _refuse_place(session, actor, scheme, region_code)
    _refuse_months(effective_on, paid_from, today=local_date(now))
    standards = _standards(session, scheme, effective_on, region_code)
    there = standing.in_payment(scheme_code=scheme_code, region_code=region_code, now=now)
    total = session.scalar(select(func.count()).select_from(Entitlement).where(there))
    if not total:
        raise NothingInPayment
    begun = session.scalar(
        insert(StandardRise)
        .values(
            id=new_id(now),
            scheme_code=scheme_code,
            department_code=scheme.department_code,
            region_code=region_code,
            effective_on=effective_on,
            paid_from=paid_from,
            standards=standards,
            reason=reason,
            status=RiseStatus.DRAWING,
            total=total,
            drawn_by=actor.id,
            begun_at=now,
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(StandardRise.id)
    )
    if begun is None:
        raise RiseOpen
    kept = session.get_one(StandardRise, begun)
    note(session, kept, "begun", {"in_payment": total}, actor_id=actor.id, now=now)
    _queue(session, kept, actor.id, now)
    return kept.id


def sign(session: Session, *, actor: Actor, rise_id: uuid.UUID, digest: str, now: datetime) -> None:
    """Sign the list that was looked at, which `digest` (hexadecimal) names; it is decided next.

    Raises RiseNotFound, RiseOffice, RiseNotDrawn, RiseFourEyes, RiseDigestDiffers, RiseLate,
    RiseNothingListed.
    """
    rise = seen(session, actor=actor, rise_id=rise_id, lock=True)
    _refuse_office(actor, rise.department_code, rise.region_code)
    if not decides(actor):
        raise RiseOffice(_STANDS_IN)
    if rise.status is not RiseStatus.DRAWN or rise.digest is None:
        raise RiseNotDrawn
    if rise.drawn_by == actor.id or rise.drawn_by in {one.id for one in actor.acts_for}:
        raise RiseFourEyes
    if not hmac.compare_digest(rise.digest.hex().encode(), digest.strip().lower().encode()):
        raise RiseDigestDiffers
    if is_late(rise, now=now):
        raise RiseLate
    listed = session.scalar(
        select(func.count()).where(
            RiseEntry.rise_id == rise.id, RiseEntry.status == EntryStatus.LISTED
        )
    )
    if not listed:
        raise RiseNothingListed
    rise.status, rise.signed_by, rise.signed_at = RiseStatus.SIGNED, actor.id, now
    note(session, rise, "signed", {"entitlements": listed}, actor_id=actor.id, now=now)
    _queue(session, rise, actor.id, now)
    session.flush()


def stop(session: Session, *, actor: Actor, rise_id: uuid.UUID, now: datetime) -> None:
    """Stop the work on a signed list: what is decided stays so, the rest waits.

    Raises RiseNotFound, RiseOffice, RiseNotRunning.
    """
    rise = seen(session, actor=actor, rise_id=rise_id, lock=True)
    _refuse_office(actor, rise.department_code, rise.region_code)
    if rise.status is not RiseStatus.SIGNED:
        raise RiseNotRunning
    rise.status, rise.stopped_for = RiseStatus.STOPPED, RiseStop.PERSON
    note(session, rise, "stopped", {"for": RiseStop.PERSON.value}, actor_id=actor.id, now=now)
    session.flush()


def resume(session: Session, *, actor: Actor, rise_id: uuid.UUID, now: datetime) -> None:
    """Let the work go on where it stood: by who signed, or while it is drawn, by the office.

    Also where its task was given up: a rise never stays behind for good. Raises RiseNotFound,
    RiseOffice, RiseNotStopped, RiseLate.
    """
    rise = seen(session, actor=actor, rise_id=rise_id, lock=True)
    _refuse_office(actor, rise.department_code, rise.region_code)
    behind = rise.status in (RiseStatus.DRAWING, RiseStatus.SIGNED) and not _works(session, rise)
    if rise.status is not RiseStatus.STOPPED and not behind:
        raise RiseNotStopped
    if rise.status is not RiseStatus.DRAWING:
        if rise.signed_by != actor.id:
            raise RiseOffice(_ONLY_SIGNER)
        if is_late(rise, now=now):
            raise RiseLate
        rise.status, rise.stopped_for = RiseStatus.SIGNED, None
    note(session, rise, "resumed", {}, actor_id=actor.id, now=now)
    _queue(session, rise, actor.id, now)
    session.flush()


def cancel(session: Session, *, actor: Actor, rise_id: uuid.UUID, now: datetime) -> None:
    """Give up a rise that nothing works on: what was decided stays so.

    Raises RiseNotFound, RiseOffice, RiseRunning.
    """
    rise = seen(session, actor=actor, rise_id=rise_id, lock=True)
    _refuse_office(actor, rise.department_code, rise.region_code)
    ended = rise.status in (RiseStatus.DONE, RiseStatus.CANCELLED)
    if ended or (rise.status is RiseStatus.SIGNED and _works(session, rise)):
        raise RiseRunning
    rise.status, rise.stopped_for, rise.ended_at = RiseStatus.CANCELLED, None, now
    note(session, rise, "cancelled", {}, actor_id=actor.id, now=now)
    session.flush()


def visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `standard_rise`: of one's whole county or city, and one's own."""
    department = (
        true()
        if scope.department_code is None
        else StandardRise.department_code == scope.department_code
    )
    return and_(within(StandardRise.region_code, scope.ranges), department)


def seen(session: Session, *, actor: Actor, rise_id: uuid.UUID, lock: bool = False) -> StandardRise:
    """Return a rise in scope; with `lock`, held to the end. Raises RiseNotFound."""
    query = select(StandardRise).where(StandardRise.id == rise_id, visible(actor.scope))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise RiseNotFound
    return found


def is_late(rise: StandardRise, *, now: datetime) -> bool:
    """Tell whether the first month that was to be paid by the new sum is over."""
    return rise.paid_from < local_date(now).replace(day=1)


def note(
    session: Session,
    rise: StandardRise,
    verb: str,
    details: Mapping[str, object],
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Write into the trail what happened to a rise. `actor_id` None: the platform did it."""
    audit.record(
        session,
        f"standard_rise:{verb}",
        subject_type="standard_rise",
        subject_id=rise.id,
        actor_id=actor_id,
        now=now,
        details={
            "scheme": rise.scheme_code,
            "effective_on": rise.effective_on.isoformat(),
            "digest": rise.digest.hex() if rise.digest else None,
            **details,
        },
        region_code=rise.region_code,
    )


_STANDS_IN = "代为办理的人员不能签署提标清单，由本人有审批职务的人员签署"
_ONLY_SIGNER = "签署后由签署人继续；签署人不能办理的，取消后重新生成清单"


def _works(session: Session, rise: StandardRise) -> bool:
    return tasks.is_open(session, kind=KIND, key=str(rise.id))


def covers(actor: Actor, *, department_code: str, region_code: int) -> bool:
    """Tell whether somebody is of the office that raises there: the lead's, of all of the place."""
    whole = subtree(region_code)
    return actor.department_code == department_code and any(
        part.lo <= whole.lo and whole.hi <= part.hi for part in actor.scope.ranges
    )


def decides(actor: Actor) -> bool:
    """Tell whether somebody decides in their own right.

    Who stands in acts in cases, one by one, where the timeline says for whom.
    """
    return Permission.DECIDE_CASES in permissions_of(actor.roles)


def may_rise(scheme: Scheme) -> bool:
    """Tell whether a scheme is one that rises: what it gives is paid by the month."""
    return scheme.period == starts.MONTHLY


def _refuse_office(actor: Actor, department_code: str, region_code: int) -> None:
    if not covers(actor, department_code=department_code, region_code=region_code):
        raise RiseOffice


def _refuse_place(session: Session, actor: Actor, scheme: Scheme, region_code: int) -> None:
    _refuse_office(actor, scheme.department_code, region_code)
    region = session.get(Region, region_code)
    if region is None or region.level not in PLACES:
        raise RiseOffice
    if not may_rise(scheme):
        raise NotMonthly


def _refuse_months(effective_on: date, paid_from: date, *, today: date) -> None:
    month = today.replace(day=1)
    if effective_on.day != 1 or effective_on > today:
        raise RiseMonths
    if paid_from not in (month, months_after(month, 1)):
        raise RiseMonths


def _standards(
    session: Session, scheme: Scheme, on: date, region_code: int
) -> list[dict[str, Any]]:
    """Return which parameters of the scheme's rule have a new value there from a day on."""
    row = rules.rule_on(session, scheme_code=scheme.code, on=on)
    if row is None:
        raise NotMonthly
    risen = applying.new_values(session, row, on=on, region_code=region_code)
    if not risen:
        kept = applying.kept_values(session, row, on=on, region_code=region_code)
        raise NoNewStandard(kept or "")
    return risen


def _queue(session: Session, rise: StandardRise, actor_id: uuid.UUID, now: datetime) -> None:
    queue.enqueue(
        session,
        kind=KIND,
        key=str(rise.id),
        arguments={"rise_id": str(rise.id)},
        actor_id=actor_id,
        now=now,
    )
