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
from relief.accounts.identity import Actor
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
from relief.registry import purposes
from relief.registry.errors import NothingToUnmask, PersonNotFound
from relief.registry.models import Household, Membership, Person
from relief.registry.queries import department_lists
from relief.registry.queries.department_lists import HouseholdLists
from relief.registry.queries.households import household_detail
from relief.registry.queries.persons import MASKS, person_detail, place_of, visible_fields
from relief.registry.queries.rows import HouseholdDetail, PersonDetail
from relief.registry.queries.searching import HouseholdFilter
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
    remark: str | None = None,
) -> Mapping[str, str | None]:
    """Return personal values of one person in clear, and record who saw which and why.

    Fields the reader may not see at all are left out. Raises PersonNotFound, NoOpenGround,
    NothingToUnmask, and what `purposes.stated` raises.
    """
    person, _, household = get_person(session, scope, person_id)
    why = purposes.stated(session, code=purpose, remark=remark)
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
        details={
            "fields": chosen,
            "ground": str(ground.id),
            "purpose": why.code,
            "remark": why.remark,
        },
        region_code=place_of(person, household),
    )
    return {field: values[secret] if secret else None for field, secret in ids.items()}


def view_household(
    session: Session, cipher: Cipher, *, viewer: Actor, household_id: uuid.UUID, now: datetime
) -> HouseholdDetail:
    """Return a household for a page, and record the look and whom it showed.

    One insert, in the transaction that reads: without the row there is no page. Raises
    HouseholdNotFound.
    """
    detail = household_detail(session, cipher, scope=viewer.scope, household_id=household_id)
    shown = [member.id for member in detail.members]
    record_look(
        session,
        "household",
        household_id,
        viewer,
        {"persons": [str(person) for person in shown]},
        people=shown,
        region_code=detail.household.region_code,
        now=now,
    )
    return detail


def view_lists(
    session: Session, *, viewer: Actor, household_id: uuid.UUID, now: datetime
) -> HouseholdLists:
    """Return the departments' own lists of a household, and record the look and whom it showed.

    Raises HouseholdNotFound.
    """
    found = department_lists.of_household(session, scope=viewer.scope, household_id=household_id)
    listed = (each.id for one in found.lists for each in one.people)
    shown = list(dict.fromkeys((*found.members, *listed)))
    record_look(
        session,
        "household",
        household_id,
        viewer,
        {"persons": [str(person) for person in shown]},
        people=shown,
        region_code=found.region_code,
        now=now,
    )
    return found


def view_person(
    session: Session, cipher: Cipher, *, viewer: Actor, person_id: uuid.UUID, now: datetime
) -> PersonDetail:
    """Return a person for a page, and record the look like `view_household`.

    Raises PersonNotFound.
    """
    detail = person_detail(session, cipher, scope=viewer.scope, person_id=person_id)
    record_look(
        session,
        "person",
        person_id,
        viewer,
        {},
        people=[person_id],
        region_code=detail.place_code,
        now=now,
    )
    return detail


def record_look(
    session: Session,
    subject_type: str,
    subject_id: uuid.UUID,
    viewer: Actor,
    details: Mapping[str, object],
    *,
    people: Collection[uuid.UUID],
    region_code: int,
    now: datetime,
) -> None:
    """Record that someone looked, whom they saw, and on what grounds they might."""
    on = grounds.open_for(
        session,
        people=people,
        actor_id=viewer.id,
        works=works_of(viewer.permissions),
        now=now,
    )
    audit.record(
        session,
        f"{subject_type}:viewed",
        subject_type=subject_type,
        subject_id=subject_id,
        actor_id=viewer.id,
        now=now,
        details={**details, "grounds": [str(ground) for ground in on]},
        region_code=region_code,
    )


def record_search(
    session: Session,
    *,
    filters: HouseholdFilter,
    scope: Scope,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Record that someone searched, and by which fields; what was searched for is not kept.

    The event is of the region searched in, or that of the searcher, if there is only one.
    """
    by = searched_by(filters)
    audit.record(
        session,
        "household:searched",
        subject_type="household",
        subject_id=audit.NOBODY,
        actor_id=actor_id,
        now=now,
        details={"by": by},
        region_code=region_searched(filters, scope),
    )


def searched_by(filters: HouseholdFilter) -> list[str]:
    """Return the names of the fields that narrow a list."""
    return [item.name for item in dataclasses.fields(filters) if getattr(filters, item.name)]


def region_searched(filters: HouseholdFilter, scope: Scope) -> int | None:
    """Return the region that was searched in, or that of the searcher, if there is only one."""
    if filters.region and filters.region.isdecimal():
        return int(filters.region)
    return scope.ranges[0].lo if len(scope.ranges) == 1 else None


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
    remark: str | None = None,
) -> AccessRequestRow:
    """Ask to see a person's data. Raises PersonNotFound, and what `purposes.stated` raises."""
    person, _, household = get_person(session, scope, person_id)
    request = grounds.ask(
        session,
        person_id=person_id,
        region_code=place_of(person, household),
        purpose=purposes.stated(session, code=purpose, remark=remark).text,
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
    return works_of(permissions_of(accounts.account_detail(session, account_id=actor_id).roles))


def works_of(may: Collection[Permission]) -> Collection[GroundKind]:
    """Return the kinds of work that who has these rights does."""
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
