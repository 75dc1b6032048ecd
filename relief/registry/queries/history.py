"""What changed in a household, from the row history."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from relief.audit.models import RowVersion
from relief.core.scope import Scope
from relief.registry.models import Enrolment
from relief.registry.queries.rows import ChangeRow

NEWEST = 50
HIDDEN = "(保密)"
# Personal values are ids of encrypted rows: that they changed may be seen, not to what.
_SECRET = frozenset({"citizen_id", "phone", "account", "health"})
# Of no use to a reader, or of a department that the viewer may not know of.
_UNTOLD = frozenset({"origins", "merged_at", "name_key", "county_code", "source_id"})
_OTHERS = frozenset({"account", "health", "marital"})


def household_changes(
    session: Session, scope: Scope, household_id: uuid.UUID, people: Collection[uuid.UUID]
) -> Sequence[ChangeRow]:
    """Return the newest changes of a household, its members and their enrolments. One query."""
    return _changes(
        session,
        scope,
        and_(RowVersion.table_name == "household", RowVersion.row_id == household_id),
        and_(
            RowVersion.table_name.in_(["person", "membership"]),
            RowVersion.row_id.in_(list(people)),
        ),
        _enrolments(scope, Enrolment.household_id == household_id),
    )


def person_changes(session: Session, scope: Scope, person_id: uuid.UUID) -> Sequence[ChangeRow]:
    """Return the newest changes of a person and the person's enrolments. One query."""
    return _changes(
        session,
        scope,
        and_(RowVersion.table_name.in_(["person", "membership"]), RowVersion.row_id == person_id),
        _enrolments(scope, Enrolment.person_id == person_id),
    )


def _enrolments(scope: Scope, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    ids = select(Enrolment.id).where(condition)
    if scope.department_code is not None:
        ids = ids.where(Enrolment.department_code == scope.department_code)
    return and_(RowVersion.table_name == "enrolment", RowVersion.row_id.in_(ids))


def _changes(
    session: Session, scope: Scope, *conditions: ColumnElement[bool]
) -> Sequence[ChangeRow]:
    versions = session.scalars(
        select(RowVersion)
        .where(or_(*conditions))
        .order_by(RowVersion.changed_at.desc(), RowVersion.id.desc())
        .limit(NEWEST)
    )
    hidden = _UNTOLD if scope.department_code is None else _UNTOLD | _OTHERS
    rows = [
        ChangeRow(
            id=version.id,
            changed_at=version.changed_at,
            table=version.table_name,
            row_id=version.row_id,
            op=version.op,
            actor_id=version.actor_id,
            reason=version.reason,
            fields=_fields(version.before or {}, version.after or {}, hidden)
            if version.op == "U"
            else {},
        )
        for version in versions
    ]
    return [row for row in rows if row.fields or row.op != "U"]


def _fields(
    before: Mapping[str, Any], after: Mapping[str, Any], hidden: Collection[str]
) -> Mapping[str, Sequence[Any]]:
    return {
        name: [_shown(name, before.get(name)), _shown(name, after.get(name))]
        for name in sorted(before.keys() | after.keys())
        if name not in hidden
    }


def _shown(name: str, value: Any) -> Any:
    return HIDDEN if name in _SECRET and value is not None else value
