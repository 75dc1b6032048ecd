"""A new value of a parameter: drafted by one with its document, published by another.

It is the city's, or a county's of its own, from its day on; nothing that held before is changed.
"""

import functools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.audit import service as audit
from relief.core import locks
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.paging import Page, newest_first
from relief.core.scope import is_city
from relief.organisation.models import Region
from relief.review.rising import listed, service
from relief.review.rising.errors import (
    DraftEnded,
    DrafterPublishes,
    DraftNotFound,
    NotCityOffice,
    NotCountyOffice,
    ParameterDrafted,
    ParameterNotLater,
)
from relief.review.rising.models import ParameterDraft
from relief.review.rising.settable import Settable, of_office, refuse_below_floor
from relief.schemes import rules
from relief.schemes.models import Parameter
from relief.schemes.types import Origin

_STANDS_IN = "代为办理的人员不能发布标准，由本人有审批职务的人员发布"
PUBLISHED = "V"  # confidence: its document was seen by two persons
_LARGEST, _PLACES = Decimal(10**9), 4  # what its column keeps unrounded, with room to spare


def fits(value: Decimal) -> bool:
    """Whether a parameter can be worth this: above nothing, of four places at most."""
    return value.is_finite() and 0 < value <= _LARGEST and value == round(value, _PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A new value, and how far it is."""

    id: uuid.UUID
    name: str
    label: str
    region_code: int
    region: str
    value: Decimal
    valid_from: date
    source: str
    drafted_by: str
    drafted_at: datetime
    published_by: str | None
    published_at: datetime | None
    discarded_at: datetime | None


def draft(
    session: Session,
    *,
    actor: Actor,
    name: str,
    region_code: int,
    valid_from: date,
    value: Decimal,
    source: str,
    now: datetime,
) -> uuid.UUID:
    """Draft what a parameter is to be worth somewhere from a day on, by which document; its id.

    `region_code`: the city, or a county that has its own from then on. The day may be in the past,
    but not before what holds by now. `value` in yuan where it is money. Raises NotCityOffice,
    NotCountyOffice, ParameterNotSettable, NotCountyStandard, ParameterNotLater,
    ParameterBelowFloor, ParameterDrafted.
    """
    known = of_office(session, actor, name, region_code, on=local_date(now))
    _refuse_value(known, value, valid_from)
    draft_id: uuid.UUID | None = session.scalar(
        insert(ParameterDraft)
        .values(
            id=new_id(now),
            name=name,
            region_code=region_code,
            valid_from=valid_from,
            value=value,
            source=source,
            drafted_by=actor.id,
            drafted_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ParameterDraft.id)
    )
    if draft_id is None:
        raise ParameterDrafted
    _note(session, session.get_one(ParameterDraft, draft_id), "drafted", actor.id, now)
    return draft_id


def publish(session: Session, *, actor: Actor, draft_id: uuid.UUID, now: datetime) -> None:
    """Publish a draft of somebody else's: from its day on the rules go by it.

    Raises DraftNotFound, DraftEnded, NotCityOffice, NotCountyOffice, DrafterPublishes,
    ParameterNotSettable, NotCountyStandard, ParameterNotLater, ParameterBelowFloor.
    """
    found = _open(session, actor, draft_id)
    # Two drafts of one parameter, of wherever: each is compared with what the other made of it.
    locks.hold(session, f"parameter {found.name}")
    known = of_office(session, actor, found.name, found.region_code, on=local_date(now))
    if not service.decides(actor):
        raise (NotCityOffice if is_city(found.region_code) else NotCountyOffice)(_STANDS_IN)
    if actor.id == found.drafted_by or found.drafted_by in {one.id for one in actor.acts_for}:
        raise DrafterPublishes
    _refuse_value(known, found.value, found.valid_from)
    found.published_by, found.published_at = actor.id, now
    session.flush()  # first: the database takes from the web what stands in a published draft
    session.add(
        Parameter(
            name=found.name,
            region_code=found.region_code,
            valid_from=found.valid_from,
            value=found.value,
            unit=known.unit,
            source=found.source,
            confidence=PUBLISHED,
            origin=Origin.CONSOLE,
        )
    )
    _note(session, found, "published", actor.id, now)
    session.flush()


def discard(session: Session, *, actor: Actor, draft_id: uuid.UUID, now: datetime) -> None:
    """Discard a draft that is not published.

    Raises DraftNotFound, DraftEnded, NotCityOffice, NotCountyOffice, ParameterNotSettable,
    NotCountyStandard.
    """
    found = _open(session, actor, draft_id)
    of_office(session, actor, found.name, found.region_code, on=local_date(now))
    found.discarded_at = now
    _note(session, found, "discarded", actor.id, now)
    session.flush()


def get_draft(session: Session, *, draft_id: uuid.UUID) -> DraftRow:
    """Return one draft. Raises DraftNotFound."""
    found = session.execute(_drafts().where(ParameterDraft.id == draft_id)).one_or_none()
    if found is None:
        raise DraftNotFound
    return _row(labels(session), *found)


def drafts(session: Session, *, actor: Actor, limit: int, cursor: str | None) -> Page[DraftRow]:
    """Return one page of the drafts listed to an actor, newest first. Raises BadCursor."""
    book = rules.book(session)
    return newest_first(
        session,
        _drafts().where(listed.to(session, actor, book)),
        ParameterDraft.id,
        limit=limit,
        cursor=cursor,
        make=functools.partial(_row, rules.called(book)),
    )


def _drafts() -> "Select[*tuple[Any, ...]]":
    other = aliased(Account)
    return (
        select(ParameterDraft, Region.name, Account.display_name, other.display_name)
        .join(Region, Region.code == ParameterDraft.region_code)
        .join(Account, Account.id == ParameterDraft.drafted_by)
        .outerjoin(other, other.id == ParameterDraft.published_by)
    )


def _row(
    called: Mapping[str, str],
    one: ParameterDraft,
    region: str,
    drafted_by: str,
    published_by: str | None,
) -> DraftRow:
    return DraftRow(
        id=one.id,
        name=one.name,
        label=called.get(one.name, one.name),
        region_code=one.region_code,
        region=region,
        value=one.value,
        valid_from=one.valid_from,
        source=one.source,
        drafted_by=drafted_by,
        drafted_at=one.drafted_at,
        published_by=published_by,
        published_at=one.published_at,
        discarded_at=one.discarded_at,
    )


def labels(session: Session) -> Mapping[str, str]:
    """Return parameter → what the rules call it."""
    return rules.called(rules.book(session))


def _open(session: Session, actor: Actor, draft_id: uuid.UUID) -> ParameterDraft:
    """Hold a draft that is listed to an actor: another county's is as if it did not exist."""
    found = session.scalar(
        select(ParameterDraft)
        .where(ParameterDraft.id == draft_id, listed.to(session, actor, rules.book(session)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise DraftNotFound
    if found.published_at is not None or found.discarded_at is not None:
        raise DraftEnded
    return found


def _refuse_value(known: Settable, value: Decimal, valid_from: date) -> None:
    if valid_from < known.earliest:
        raise ParameterNotLater(known.too_early)
    refuse_below_floor(known, value=value, valid_from=valid_from)


def _note(
    session: Session, found: ParameterDraft, verb: str, actor_id: uuid.UUID, now: datetime
) -> None:
    audit.record(
        session,
        f"parameter_draft:{verb}",
        subject_type="parameter_draft",
        subject_id=found.id,
        actor_id=actor_id,
        now=now,
        details={
            "name": found.name,
            "region": found.region_code,
            "from": found.valid_from.isoformat(),
            "value": str(found.value),
            "source": found.source,
        },
        # A county's auditor reads what the county set; the city's is in the trail of the whole.
        region_code=None if is_city(found.region_code) else found.region_code,
    )
