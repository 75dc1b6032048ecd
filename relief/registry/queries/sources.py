"""Which department files speak of a household or person, and where each field came from."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.organisation.models import Department
from relief.registry.models import ImportBatch, Membership, SourceIdentity, SourceLink
from relief.registry.queries.rows import Origin, SchemeTag, SourceRow
from relief.registry.queries.visible import own
from relief.schemes.models import Scheme


def sources_of_household(
    session: Session, scope: Scope, household_id: uuid.UUID
) -> Sequence[SourceRow]:
    """Return the files that speak of any member. One query."""
    members = select(Membership.person_id).where(Membership.household_id == household_id)
    return _sources(session, scope, SourceLink.person_id.in_(members))


def sources_of_person(session: Session, scope: Scope, person_id: uuid.UUID) -> Sequence[SourceRow]:
    """Return the files that speak of a person. One query."""
    return _sources(session, scope, SourceLink.person_id == person_id)


def field_origins(
    session: Session, scope: Scope, stored: Mapping[str, str | None]
) -> Mapping[str, Origin]:
    """Return where each field's value came from, as far as the viewer may know. One query.

    `stored`: field → source identity, as a person or household keeps it.
    """
    identity_of = {field: uuid.UUID(identity) for field, identity in stored.items() if identity}
    found = _origins(session, scope, identity_of.values())
    return {field: found[i] for field, i in identity_of.items() if i in found}


def _origins(
    session: Session, scope: Scope, identity_ids: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Origin]:
    rows = session.execute(
        select(SourceIdentity.id, ImportBatch, Scheme.short_name, Department.name)
        .join(ImportBatch, ImportBatch.id == SourceIdentity.batch_id)
        .join(Scheme, Scheme.code == ImportBatch.scheme_code)
        .join(Department, Department.code == ImportBatch.department_code)
        .where(SourceIdentity.id.in_(identity_ids), own(scope, ImportBatch.department_code))
    )
    return {
        identity_id: Origin(
            scheme=SchemeTag(batch.scheme_code, scheme_name),
            department_code=batch.department_code,
            department_name=department_name,
            batch_id=batch.id,
            file_name=batch.file_name,
            data_on=batch.data_on,
        )
        for identity_id, batch, scheme_name, department_name in rows
    }


def _sources(session: Session, scope: Scope, condition: ColumnElement[bool]) -> Sequence[SourceRow]:
    per_batch = (
        select(
            SourceIdentity.batch_id,
            func.count().label("descriptions"),
            func.sum(SourceIdentity.record_count).label("records"),
        )
        .join(SourceLink, SourceLink.identity_id == SourceIdentity.id)
        .where(condition)
        .group_by(SourceIdentity.batch_id)
        .subquery()
    )
    rows = session.execute(
        select(
            ImportBatch,
            Scheme.short_name,
            Department.name,
            per_batch.c.descriptions,
            per_batch.c.records,
        )
        .join(per_batch, per_batch.c.batch_id == ImportBatch.id)
        .join(Scheme, Scheme.code == ImportBatch.scheme_code)
        .join(Department, Department.code == ImportBatch.department_code)
        .where(own(scope, ImportBatch.department_code))
        .order_by(ImportBatch.scheme_code, ImportBatch.id)
    )
    return [
        SourceRow(
            batch_id=batch.id,
            scheme=SchemeTag(batch.scheme_code, scheme_name),
            department_code=batch.department_code,
            department_name=department_name,
            file_name=batch.file_name,
            data_on=batch.data_on,
            loaded_at=batch.created_at,
            descriptions=descriptions,
            records=int(records),
        )
        for batch, scheme_name, department_name, descriptions, records in rows
    ]
