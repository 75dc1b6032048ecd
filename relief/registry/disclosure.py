"""Seeing a person's data unmasked: asked for, granted by a second person, and written down.

What lets someone see is an open access ground (`relief.audit.grounds`); whose data may be seen
at all is the reader's scope.
"""

import dataclasses
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.models import Account
from relief.accounts.permissions import Permission, permissions_of
from relief.audit import grounds
from relief.audit import service as audit
from relief.audit.errors import AccessRequestNotFound
from relief.audit.models import AccessRequest, GroundKind
from relief.core.paging import Page, newest_first
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.scope import Scope
from relief.registry.errors import NothingToUnmask, PersonNotFound
from relief.registry.models import Household, Membership, Person
from relief.registry.queries.households import HouseholdFilter
from relief.registry.queries.persons import MASKS, visible_fields
from relief.registry.queries.visible import get_person, person_visible

SECRET_FIELDS = tuple(MASKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequestRow:
    """One request to see a person's data, with the person's name."""

    id: uuid.UUID
    person_id: uuid.UUID
    person_name: str
    region_code: int
    purpose: str
    asked_by: uuid.UUID
    asked_at: datetime
    decided_by: uuid.UUID | None
    decided_at: datetime | None
    approved: bool | None
    reason: str | None


def unmask_person(
    session: Session,
    cipher: Cipher,
    *,
    scope: Scope,
    person_id: uuid.UUID,
    fields: Collection[str],
    purpose: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Mapping[str, str | None]:
    """Return personal values of one person in clear, and record who saw which and why.

    Fields the reader may not see at all are left out. Raises PersonNotFound, NoOpenGround,
    NothingToUnmask.
    """
    person, _, _ = get_person(session, scope, person_id)
    ground = grounds.require_ground(
        session,
        person_id=person_id,
        actor_id=actor_id,
        works=_works(session, actor_id),
        now=now,
    )
    allowed = visible_fields(session, scope, person)
    chosen = [field for field in SECRET_FIELDS if field in fields and field in allowed]
    if not chosen:
        raise NothingToUnmask
    ids: dict[str, uuid.UUID | None] = {field: getattr(person, field) for field in chosen}
    values = store.reveal(session, cipher, ids.values())
    audit.record(
        session,
        "person:unmasked",
        subject_type="person",
        subject_id=person_id,
        actor_id=actor_id,
        now=now,
        details={"fields": chosen, "ground": str(ground.id), "purpose": purpose},
    )
    return {field: values[secret] if secret else None for field, secret in ids.items()}


def record_search(
    session: Session, *, filters: HouseholdFilter, actor_id: uuid.UUID, now: datetime
) -> None:
    """Record that someone searched, and by which fields; what was searched for is not kept."""
    by = [item.name for item in dataclasses.fields(filters) if getattr(filters, item.name)]
    audit.record(
        session,
        "household:searched",
        subject_type="household",
        subject_id=audit.NOBODY,
        actor_id=actor_id,
        now=now,
        details={"by": by},
    )


def record_download(
    session: Session, *, batch_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> None:
    """Record that someone took the rejected rows of a file, which hold personal data."""
    audit.record(
        session,
        "import_batch:rejected_rows_taken",
        subject_type="import_batch",
        subject_id=batch_id,
        actor_id=actor_id,
        now=now,
    )


def ask_access(
    session: Session,
    *,
    scope: Scope,
    person_id: uuid.UUID,
    purpose: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> AccessRequestRow:
    """Ask to see a person's data. Raises PersonNotFound."""
    person, _, household = get_person(session, scope, person_id)
    request = grounds.ask(
        session,
        person_id=person_id,
        region_code=household.region_code if household else person.region_code,
        purpose=purpose,
        actor_id=actor_id,
        now=now,
    )
    return _row(request, person.name)


def decide_access(
    session: Session,
    *,
    scope: Scope,
    request_id: uuid.UUID,
    approve: bool,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> AccessRequestRow:
    """Decide a request about a person whom the decider has in scope, and of a colleague.

    Raises AccessRequestNotFound, OwnAccessRequest, AccessRequestDecided.
    """
    request = grounds.lock_request(session, request_id)
    try:
        person, _, _ = get_person(session, scope, request.subject_id)
    except PersonNotFound:
        raise AccessRequestNotFound from None
    asker = accounts.account_detail(session, account_id=request.asked_by)
    if scope.department_code not in {None, asker.department_code}:
        raise AccessRequestNotFound
    grounds.decide(
        session, request=request, approve=approve, reason=reason, actor_id=actor_id, now=now
    )
    return _row(request, person.name)


def list_access_requests(
    session: Session,
    *,
    scope: Scope,
    actor_id: uuid.UUID,
    decides: bool,
    limit: int,
    cursor: str | None = None,
    waiting: bool = False,
) -> Page[AccessRequestRow]:
    """Return one page of requests about persons in scope, newest first. One query.

    Who decides sees all of them, or those of the own department; others their own.
    `waiting`: only those that nobody has decided.
    """
    query = (
        select(AccessRequest, Person.name)
        .join(Person, Person.id == AccessRequest.subject_id)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .where(person_visible(scope))
    )
    if not decides:
        query = query.where(AccessRequest.asked_by == actor_id)
    elif scope.department_code is not None:
        # What others ask tells of their cases.
        query = query.join(Account, Account.id == AccessRequest.asked_by).where(
            Account.department_code == scope.department_code
        )
    if waiting:
        query = query.where(AccessRequest.decided_at.is_(None))
    return newest_first(session, query, AccessRequest.id, limit=limit, cursor=cursor, make=_row)


def _works(session: Session, actor_id: uuid.UUID) -> Collection[GroundKind]:
    """Return the kinds of work an account does: a steward's question is a ground for no clerk."""
    may = permissions_of(accounts.account_detail(session, account_id=actor_id).roles)
    return [
        kind
        for kind in GroundKind
        if kind is not GroundKind.TASK or Permission.SEE_LINK_REVIEWS in may
    ]


def _row(request: AccessRequest, person_name: str) -> AccessRequestRow:
    return AccessRequestRow(
        id=request.id,
        person_id=request.subject_id,
        person_name=person_name,
        region_code=request.region_code,
        purpose=request.purpose,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        decided_by=request.decided_by,
        decided_at=request.decided_at,
        approved=request.approved,
        reason=request.reason,
    )
