"""What an approver does with a list: draw it, sign it, stop the work on it and let it go on.

Whoever drew a list signs it; nobody else sees it. Each act is one transaction of the caller's.
"""

import hmac
import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.audit import service as audit
from relief.core.ids import new_id
from relief.organisation import queries as organisation
from relief.review.lists import drawing, standing
from relief.review.lists.digest import digest_of
from relief.review.lists.errors import (
    AmountOutside,
    DigestDiffers,
    ListNotFound,
    ListNotRunning,
    ListNotStopped,
    ListSigned,
    NotByList,
    NothingListed,
    NothingWaits,
    NotListed,
    NotYourOffice,
)
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.types import EntryStatus, ListStatus, Reason, StopReason
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.tasks import queries as tasks
from relief.tasks import service as queue

KIND = "decision-list"


def draw(
    session: Session,
    *,
    actor: Actor,
    scheme_code: str,
    region: str | None,
    amount_fen: int,
    reason: str,
    now: datetime,
) -> uuid.UUID:
    """Draw a list of the cases that wait for the actor's decision; return its id.

    Each is granted `amount_fen`. `region`: a region or zone, None: all of the actor's. Decides
    nothing. A fixed number of statements, however many cases. Raises SchemeNotFound, NotByList,
    AmountOutside, RegionNotFound; NothingWaits where there is no case to look at.
    """
    scheme = schemes.get_scheme(session, code=scheme_code)
    if not by_list(scheme):
        raise NotByList
    _refuse_amount(scheme, amount_fen)
    ranges = organisation.ranges_of(session, codes=[region]) if region else None
    cases, beyond, earlier = drawing.cases_waiting(
        session, actor=actor, scheme_code=scheme_code, ranges=ranges
    )
    if not cases or actor.department_code is None:
        raise NothingWaits
    drawn = DecisionList(
        id=new_id(now),
        scheme_code=scheme_code,
        department_code=actor.department_code,
        region=region,
        amount_fen=amount_fen,
        reason=reason,
        digest=b"",
        status=ListStatus.DRAWN,
        drawn_by=actor.id,
        drawn_at=now,
        earlier=earlier,
        beyond=beyond,
    )
    rules = standing.rules_of(session, scheme_code=scheme_code)
    entries = drawing.entries_of(rules, drawn, actor=actor, cases=cases, now=now)
    listed = [entry for entry in entries if entry.status is EntryStatus.LISTED]
    drawn.digest = digest_of(drawn, listed)
    session.add(drawn)
    session.flush()
    session.add_all(entries)
    counts = {"cases": len(listed), "left_out": len(entries) - len(listed)}
    _note(session, drawn, "drawn", counts, now)
    return drawn.id


def take_off(
    session: Session, *, actor: Actor, list_id: uuid.UUID, case_id: uuid.UUID, now: datetime
) -> None:
    """Take a case off a list that is not signed yet: it is decided by itself, or on another.

    What is to be signed is another content then, with another digest. Raises ListNotFound,
    ListSigned, NotListed.
    """
    drawn = own(session, actor_id=actor.id, list_id=list_id, lock=True)
    if drawn.status is not ListStatus.DRAWN:
        raise ListSigned
    listed = signed_entries(session, drawn)
    entry = next((one for one in listed if one.case_id == case_id), None)
    if entry is None:
        raise NotListed
    entry.status, entry.reason = EntryStatus.LEFT_OUT, Reason.TAKEN_OFF
    listed.remove(entry)
    drawn.digest = digest_of(drawn, listed)
    _note(session, drawn, "taken_off", {"case": str(case_id), "cases": len(listed)}, now)


def sign(session: Session, *, actor: Actor, list_id: uuid.UUID, digest: str, now: datetime) -> None:
    """Sign what was looked at, which `digest` (hexadecimal) names: its cases are decided next.

    Raises ListNotFound, ListSigned, NotYourOffice, DigestDiffers, NothingListed.
    """
    drawn = own(session, actor_id=actor.id, list_id=list_id, lock=True)
    if drawn.status is not ListStatus.DRAWN:
        raise ListSigned
    _refuse_office(drawn, actor)
    entries = signed_entries(session, drawn)
    given = digest.strip().lower().encode()
    if not hmac.compare_digest(digest_of(drawn, entries).hex().encode(), given):
        raise DigestDiffers
    if not entries:
        raise NothingListed
    drawn.status, drawn.signed_at = ListStatus.SIGNED, now
    _note(session, drawn, "signed", {"cases": len(entries)}, now)
    _queue(session, drawn, now)


def stop(session: Session, *, actor: Actor, list_id: uuid.UUID, now: datetime) -> None:
    """Stop the work on a list: what is decided stays so, the rest waits.

    Raises ListNotFound, ListNotRunning.
    """
    drawn = own(session, actor_id=actor.id, list_id=list_id, lock=True)
    if drawn.status is not ListStatus.SIGNED:
        raise ListNotRunning
    drawn.status, drawn.stopped_for = ListStatus.STOPPED, StopReason.SIGNER
    _note(session, drawn, "stopped", {"for": StopReason.SIGNER.value}, now)


def resume(session: Session, *, actor: Actor, list_id: uuid.UUID, now: datetime) -> None:
    """Let the work on a list go on where it stood, as it was signed.

    Also where its task was given up: a list never stays behind for good. Raises ListNotFound,
    NotYourOffice, ListNotStopped.
    """
    drawn = own(session, actor_id=actor.id, list_id=list_id, lock=True)
    _refuse_office(drawn, actor)
    left_behind = drawn.status is ListStatus.SIGNED and not tasks.is_open(
        session, kind=KIND, key=str(list_id)
    )
    if drawn.status is not ListStatus.STOPPED and not left_behind:
        raise ListNotStopped
    drawn.status, drawn.stopped_for = ListStatus.SIGNED, None
    _note(session, drawn, "resumed", {}, now)
    _queue(session, drawn, now)


def own(
    session: Session, *, actor_id: uuid.UUID, list_id: uuid.UUID, lock: bool = False
) -> DecisionList:
    """Return a list that an account drew; with `lock`, held to the end. Raises ListNotFound."""
    query = select(DecisionList).where(
        DecisionList.id == list_id, DecisionList.drawn_by == actor_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    drawn = session.scalars(query).one_or_none()
    if drawn is None:
        raise ListNotFound
    return drawn


def signed_entries(session: Session, drawn: DecisionList) -> list[DecisionListEntry]:
    """Return the cases that stand on a list, whatever became of them, by position."""
    return list(
        session.scalars(
            select(DecisionListEntry)
            .where(
                DecisionListEntry.list_id == drawn.id,
                DecisionListEntry.status != EntryStatus.LEFT_OUT,
            )
            .order_by(DecisionListEntry.position)
        )
    )


def by_list(scheme: Scheme) -> bool:
    """Tell whether a scheme's cases may be decided by list (`signed_list` of the catalogue)."""
    return bool(scheme.extra.get("signed_list"))


def _refuse_amount(scheme: Scheme, amount_fen: int) -> None:
    least, most = scheme.amount_min_fen or 0, scheme.amount_max_fen
    if amount_fen < least or (most is not None and amount_fen > most):
        upto = f"至 {most / 100:.2f} 元" if most is not None else "元以上"
        basis = scheme.amount_basis or "救助项目目录"
        allowed = f"{scheme.short_name}每份 {least / 100:.2f} {upto}（{basis}）"
        raise AmountOutside(allowed)


def _refuse_office(drawn: DecisionList, actor: Actor) -> None:
    if actor.department_code != drawn.department_code:
        raise NotYourOffice


def _queue(session: Session, drawn: DecisionList, now: datetime) -> None:
    queue.enqueue(
        session,
        kind=KIND,
        key=str(drawn.id),
        arguments={"list_id": str(drawn.id)},
        actor_id=drawn.drawn_by,
        now=now,
    )


def _note(
    session: Session, drawn: DecisionList, verb: str, details: Mapping[str, object], now: datetime
) -> None:
    """Write into the trail what the signer did, with what names the content of the list."""
    note(session, drawn, verb, details, actor_id=drawn.drawn_by, now=now)


def note(
    session: Session,
    drawn: DecisionList,
    verb: str,
    details: Mapping[str, object],
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Write into the trail what happened to a list. `actor_id` None: the platform did it."""
    audit.record(
        session,
        f"decision_list:{verb}",
        subject_type="decision_list",
        subject_id=drawn.id,
        actor_id=actor_id,
        now=now,
        details={"scheme": drawn.scheme_code, "digest": drawn.digest.hex(), **details},
        region_code=int(drawn.region) if drawn.region and drawn.region.isdecimal() else None,
    )
