"""Drafts are begun, edited, proposed, sent back, signed and thrown away.

Each act is one transaction of the caller's under the lock of the draft's row, names the version of
the draft that its author looked at, and leaves a row in the audit trail.
"""

import hmac
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.schemes import queries as schemes
from relief.schemes.drafting import proof
from relief.schemes.drafting.content import Content, content_of, digest_of, read, to_plan
from relief.schemes.drafting.difference import difference
from relief.schemes.drafting.errors import (
    BadContent,
    BaseSuperseded,
    DateInPast,
    DraftClosed,
    DraftEditedMeanwhile,
    DraftExists,
    DraftNotFound,
    DraftNotProposed,
    DraftProposed,
    DraftUnchanged,
    DraftUnsound,
    SecondPersonNeeded,
    SignedOther,
)
from relief.schemes.drafting.models import ProcedureDraft
from relief.schemes.drafting.types import LIVE, DraftStatus
from relief.schemes.models import Procedure, Scheme
from relief.schemes.queries import Plan
from relief.schemes.types import Origin

Edit = Callable[[Content], Content]
_OTHER_SCHEMES = "联审部门须逐个项目填写：使用这个流程的项目不能增减"


def begin(
    session: Session,
    *,
    code: str,
    actor_id: uuid.UUID,
    now: datetime,
    on: date | None = None,
) -> uuid.UUID:
    """Copy the version of a procedure that holds on a day (today) into a draft; return its id.

    Raises ProcedureNotFound; DraftExists if another is not finished yet.
    """
    plan = schemes.procedure(session, code=code, on=on or local_date(now))
    copied = content_of(plan, users(session, code))
    draft_id: uuid.UUID | None = session.scalar(
        insert(ProcedureDraft)
        .values(
            id=new_id(now),
            procedure_code=code,
            base_version=plan.procedure.version,
            content=copied.as_json(),
            editors=[str(actor_id)],
            status=DraftStatus.OPEN,
            created_by=actor_id,
            created_at=now,
            edited_by=actor_id,
            edited_at=now,
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(ProcedureDraft.id)
    )
    if draft_id is None:
        raise DraftExists
    draft = session.get_one(ProcedureDraft, draft_id)
    _record(session, draft, "begun", {"base": draft.base_version}, actor_id=actor_id, now=now)
    return draft_id


def edit(
    session: Session,
    *,
    draft_id: uuid.UUID,
    version: int,
    change: Edit,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Let `change` make another content of the draft's; what says the same is not saved.

    `version`: of the draft, as its author saw it. Raises DraftNotFound, DraftClosed,
    DraftProposed, DraftEditedMeanwhile, BadContent.
    """
    draft = _held(session, draft_id, version)
    if draft.status is not DraftStatus.OPEN:
        raise DraftProposed
    before = read(draft.content)
    after = change(before)
    if after.joint.keys() != before.joint.keys():
        raise BadContent(_OTHER_SCHEMES)
    told = difference(before, after)
    if told.empty:
        return
    draft.content = after.as_json()
    draft.edited_by, draft.edited_at = actor_id, now
    _have_a_hand(draft, actor_id)
    details = {
        "head": [one.field for one in told.head],
        "stages": [f"{one.kind.value} {one.code}" for one in told.stages],
        "joint": [one.scheme for one in told.joint],
    }
    _record(session, draft, "edited", details, actor_id=actor_id, now=now)


def replace(
    session: Session,
    *,
    draft_id: uuid.UUID,
    version: int,
    content: Mapping[str, Any],
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Save a whole content, as programs send it. Raises as `edit` does."""
    wanted = read(content)
    edit(
        session,
        draft_id=draft_id,
        version=version,
        change=lambda _before: wanted,
        actor_id=actor_id,
        now=now,
    )


def propose(
    session: Session,
    *,
    draft_id: uuid.UUID,
    version: int,
    valid_from: date,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Lay a draft before a second person, to hold for cases that begin on a day or later.

    Raises DraftNotFound, DraftClosed, DraftProposed, DraftEditedMeanwhile, DateInPast,
    BaseSuperseded, DraftUnchanged, DraftUnsound.
    """
    draft = _held(session, draft_id, version)
    if draft.status is not DraftStatus.OPEN:
        raise DraftProposed
    content = read(draft.content)
    plan = _publishable(session, draft, content, valid_from, now)
    draft.status, draft.valid_from = DraftStatus.PROPOSED, valid_from
    draft.proposed_by, draft.proposed_at = actor_id, now
    _have_a_hand(draft, actor_id)  # still so when it was sent back and another proposes it
    draft.digest = _digest(draft, content, plan)
    draft.returned_reason = None
    details = {"valid_from": valid_from.isoformat(), "digest": draft.digest.hex()}
    _record(session, draft, "proposed", details, actor_id=actor_id, now=now)


def send_back(
    session: Session,
    *,
    draft_id: uuid.UUID,
    version: int,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Open a proposed draft again, with a reason.

    Raises DraftNotFound, DraftClosed, DraftNotProposed, DraftEditedMeanwhile.
    """
    draft = _held(session, draft_id, version)
    if draft.status is not DraftStatus.PROPOSED:
        raise DraftNotProposed
    _withdraw_proposal(draft)
    draft.status, draft.returned_reason = DraftStatus.OPEN, reason
    _record(session, draft, "sent_back", {"reason": reason}, actor_id=actor_id, now=now)


def publish(
    session: Session,
    *,
    draft_id: uuid.UUID,
    version: int,
    digest: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> int:
    """Sign what was looked at, which `digest` (hexadecimal) names; return the new version.

    Raises DraftNotFound, DraftClosed, DraftNotProposed, DraftEditedMeanwhile, SecondPersonNeeded,
    SignedOther; and DateInPast, BaseSuperseded, DraftUnsound, which may have come since.
    """
    draft = _held(session, draft_id, version)
    if draft.status is not DraftStatus.PROPOSED or draft.valid_from is None:
        raise DraftNotProposed
    if str(actor_id) in draft.editors:
        raise SecondPersonNeeded
    content = read(draft.content)
    plan = _publishable(session, draft, content, draft.valid_from, now)
    seen = _digest(draft, content, plan)
    if not hmac.compare_digest(seen.hex().encode(), digest.strip().lower().encode()):
        raise SignedOther
    row = plan.procedure
    row.origin, row.digest, row.published_at = Origin.CONSOLE, seen, now
    row.proposed_by, row.signed_by = draft.proposed_by, actor_id
    # The stages first: to a version that is published none can be added.
    session.add_all(plan.stages)
    session.flush()
    session.add(row)
    _close(draft, DraftStatus.PUBLISHED, actor_id, now)
    draft.published_version = row.version
    details = {
        "version": row.version,
        "valid_from": row.valid_from.isoformat(),
        "digest": seen.hex(),
    }
    _record(session, draft, "published", details, actor_id=actor_id, now=now)
    return row.version


def discard(
    session: Session, *, draft_id: uuid.UUID, version: int, actor_id: uuid.UUID, now: datetime
) -> None:
    """Throw a draft away; it stays readable. Raises DraftNotFound, DraftClosed, …Meanwhile."""
    draft = _held(session, draft_id, version)
    _withdraw_proposal(draft)
    _close(draft, DraftStatus.DISCARDED, actor_id, now)
    _record(session, draft, "discarded", {}, actor_id=actor_id, now=now)


def users(session: Session, code: str) -> list[Scheme]:
    """Return the schemes that use a procedure, by code."""
    return list(
        session.scalars(select(Scheme).where(Scheme.procedure_code == code).order_by(Scheme.code))
    )


def next_version(session: Session, code: str) -> int:
    """Return the number that the next version of a procedure gets."""
    newest = select(func.max(Procedure.version)).where(Procedure.code == code)
    return 1 + (session.scalar(newest) or 0)


def _held(session: Session, draft_id: uuid.UUID, version: int) -> ProcedureDraft:
    """Return a live draft under its row lock, in the version that its author looked at."""
    draft = session.get(ProcedureDraft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise DraftNotFound
    if draft.status not in LIVE:
        raise DraftClosed
    if draft.version != version:
        raise DraftEditedMeanwhile
    return draft


def _publishable(
    session: Session, draft: ProcedureDraft, content: Content, valid_from: date, now: datetime
) -> Plan:
    """Return the version that a draft would be on a day, if nothing stands against it."""
    if valid_from < local_date(now):
        raise DateInPast
    code = draft.procedure_code
    base = schemes.procedure(session, code=code, on=valid_from)
    if base.procedure.version != draft.base_version:
        raise BaseSuperseded
    if difference(content_of(base, users(session, code)), content).empty:
        raise DraftUnchanged
    plan = to_plan(content, code=code, version=next_version(session, code), valid_from=valid_from)
    if found := proof.faults(session, plan, on=valid_from):
        raise DraftUnsound(
            "；".join(f"{one}（规则：{one.asks}；依据：{one.source}）" for one in found),
            conflicts=[proof.as_json(one) for one in found],
        )
    return plan


def _digest(draft: ProcedureDraft, content: Content, plan: Plan) -> bytes:
    return digest_of(
        content,
        code=draft.procedure_code,
        version=plan.procedure.version,
        base=draft.base_version,
        valid_from=plan.procedure.valid_from,
    )


def _have_a_hand(draft: ProcedureDraft, actor_id: uuid.UUID) -> None:
    if str(actor_id) not in draft.editors:
        draft.editors = [*draft.editors, str(actor_id)]


def _withdraw_proposal(draft: ProcedureDraft) -> None:
    draft.valid_from = draft.digest = draft.proposed_by = draft.proposed_at = None


def _close(draft: ProcedureDraft, how: DraftStatus, actor_id: uuid.UUID, now: datetime) -> None:
    draft.status, draft.closed_by, draft.closed_at = how, actor_id, now


def _record(
    session: Session,
    draft: ProcedureDraft,
    verb: str,
    details: Mapping[str, object],
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    session.flush()  # what the database refuses is not recorded
    audit.record(
        session,
        f"procedure_draft:{verb}",
        subject_type="procedure_draft",
        subject_id=draft.id,
        actor_id=actor_id,
        now=now,
        details={"procedure": draft.procedure_code, **details},
    )
