"""Asking for an export, fetching its file, and deleting what has expired."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import and_, cast, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Uuid

from relief.accounts.identity import Actor
from relief.attachments import queries as attachments
from relief.attachments import service as files
from relief.attachments.models import StoredFile
from relief.audit import service as audit
from relief.audit.models import AuditEvent
from relief.core import logs
from relief.core.export_rules import ExportRules
from relief.core.ids import new_id
from relief.core.privacy.cipher import Cipher
from relief.core.scope import Scope
from relief.organisation import queries as organisation
from relief.registry import disclosure, purposes
from relief.registry.exports import criteria, writing
from relief.registry.exports.errors import (
    ExportExpired,
    ExportNotAllowed,
    ExportNotFound,
    ExportNotReady,
    ExportOutOfScope,
)
from relief.registry.models import Export, ExportHousehold, Household
from relief.registry.queries.searching import HouseholdFilter
from relief.registry.queries.visible import household_visible
from relief.registry.types import ExportForm
from relief.tasks import service as tasks

KIND = "export"
MEDIA_TYPES = tuple(writing.MEDIA_TYPES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file on its way out."""

    name: str
    media_type: str
    size: int
    pieces: Iterator[bytes]


def ask(
    session: Session,
    cipher: Cipher,
    *,
    asker: Actor,
    filters: HouseholdFilter,
    form: ExportForm,
    purpose: str,
    remark: str | None,
    rules: ExportRules,
    now: datetime,
) -> uuid.UUID:
    """Queue a file of what the list shows with these filters, and return the export's id.

    Raises ExportNotAllowed, RegionNotFound, and what `purposes.stated` raises.
    """
    most = rules.most(asker.roles)
    if not most:
        raise ExportNotAllowed
    why = purposes.stated(session, code=purpose, remark=remark)
    if filters.region:
        organisation.ranges_of(session, codes=[filters.region])
    export_id = new_id(now)
    task = tasks.enqueue(
        session,
        kind=KIND,
        key=str(export_id),
        arguments={"export_id": str(export_id)},
        actor_id=asker.id,
        now=now,
    )
    session.add(
        Export(
            id=export_id,
            account_id=asker.id,
            form=form,
            purpose=why.code,
            remark=why.remark,
            criteria=criteria.seal(cipher, export_id, filters),
            told=dict(criteria.told(filters)),
            ranges=[[part.lo, part.hi] for part in asker.scope.ranges],
            department_code=asker.scope.department_code,
            most=most,
            task_id=task.id,
            asked_at=now,
        )
    )
    audit.record(
        session,
        "export:asked",
        subject_type="export",
        subject_id=export_id,
        actor_id=asker.id,
        now=now,
        details={
            "by": disclosure.searched_by(filters),
            "form": form.value,
            "purpose": why.code,
            "remark": why.remark,
        },
        region_code=disclosure.region_searched(filters, asker.scope),
    )
    session.flush()
    return export_id


def told(filters: HouseholdFilter) -> Mapping[str, Any]:
    """Return what may be told of filters: place, scheme, category, and what else was searched."""
    return criteria.told(filters)


def fetch(
    session: Session,
    cipher: Cipher,
    *,
    export_id: uuid.UUID,
    asker: Actor,
    storage: Path,
    now: datetime,
) -> Fetched:
    """Return one's own file, and record who took which households away and what for.

    Each household must still be in scope: what has left it since is not given out again. Raises
    ExportNotFound, ExportNotReady, ExportExpired, ExportOutOfScope.
    """
    export = session.scalars(
        select(Export)
        .where(Export.id == export_id, Export.account_id == asker.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if export is None:
        raise ExportNotFound
    if export.made_at is None or export.expires_at is None:
        raise ExportNotReady
    if export.file_id is None or export.expires_at <= now:
        raise ExportExpired
    if _holds_others(session, export_id, asker.scope):
        raise ExportOutOfScope
    stored = attachments.get(session, export.file_id)
    attachments.require_content(stored, storage=storage)
    export.fetched_at = now
    audit.record(
        session,
        "export:fetched",
        subject_type="export",
        subject_id=export_id,
        actor_id=asker.id,
        now=now,
        details={
            "rows": export.row_count,
            "sha256": bytes(stored.sha256).hex(),
            "purpose": export.purpose,
            "remark": export.remark,
        },
    )
    session.flush()
    _record_households(session, export, actor_id=asker.id, now=now)
    return Fetched(
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        pieces=attachments.pieces(stored, cipher=cipher, storage=storage),
    )


def remove_expired(session: Session, *, storage: Path, rules: ExportRules, now: datetime) -> int:
    """Delete the files whose time is over, and return how many.

    Of those that were never made only the criteria are deleted, as long after they were asked for.
    """
    over = session.execute(
        select(Export, StoredFile)
        .join(StoredFile, StoredFile.id == Export.file_id)
        .where(Export.expires_at <= now)
        .with_for_update(of=Export, skip_locked=True)
    ).all()
    for export, stored in over:
        export.file_id = export.criteria = None
        audit.record(
            session,
            "export:expired",
            subject_type="export",
            subject_id=export.id,
            actor_id=None,
            now=now,
            details={"rows": export.row_count},
        )
        session.flush()
        files.discard(session, stored, storage=storage)
    gone = [export.id for export, _ in over]
    session.execute(delete(ExportHousehold).where(ExportHousehold.export_id.in_(gone)))
    session.execute(
        update(Export)
        .where(
            Export.made_at.is_(None),
            Export.criteria.is_not(None),
            Export.asked_at <= now - rules.keep,
        )
        .values(criteria=None)
    )
    return len(gone)


def _holds_others(session: Session, export_id: uuid.UUID, scope: Scope) -> bool:
    """Tell whether a household of the file is gone or out of scope. One query."""
    still = exists().where(Household.id == ExportHousehold.household_id, household_visible(scope))
    others = select(ExportHousehold.household_id).where(
        ExportHousehold.export_id == export_id, ~still
    )
    return bool(session.scalar(select(others.exists())))


def _record_households(
    session: Session, export: Export, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """Write one event for each village: whoever audits it reads of its households alone.

    Two statements, however many households. `shown` names them and their householders.
    """
    own = ExportHousehold.export_id == export.id
    regions = session.scalars(
        select(ExportHousehold.region_code).where(own).group_by(ExportHousehold.region_code)
    ).all()
    event = (
        func.unnest(
            cast([new_id(now) for _ in regions], ARRAY(Uuid())),
            cast(list(regions), ARRAY(BigInteger())),
        )
        .table_valued("id", "region_code", name="event")
        .render_derived()
    )
    people = func.jsonb_agg(ExportHousehold.person_id).filter(
        ExportHousehold.person_id.is_not(None)
    )
    shown = func.jsonb_agg(ExportHousehold.household_id).op("||")(
        func.coalesce(people, cast([], JSONB))
    )
    facts = {"export": str(export.id), "purpose": export.purpose, "remark": export.remark}
    events = (
        select(
            event.c.id,
            literal(now, AuditEvent.occurred_at.type),
            literal(actor_id, Uuid()),
            literal("household:exported"),
            literal("export"),
            literal(export.id, Uuid()),
            literal(logs.request_id.get(), AuditEvent.request_id.type),
            cast(facts, JSONB).op("||")(func.jsonb_build_object("shown", shown)),
            event.c.region_code,
        )
        .select_from(ExportHousehold)
        .join(event, and_(event.c.region_code == ExportHousehold.region_code))
        .where(own)
        .group_by(event.c.id, event.c.region_code)
    )
    columns = ("id", "occurred_at", "actor_id", "action", "subject_type", "subject_id")
    session.execute(
        insert(AuditEvent).from_select(
            [*columns, "request_id", "details", "region_code"], events, include_defaults=False
        )
    )
