"""What changed in a household, from the row history."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session, aliased

from relief.audit.models import RowVersion
from relief.core.scope import Scope
from relief.registry.models import Enrolment
from relief.registry.queries.rows import ChangeRow
from relief.registry.queries.visible import own

NEWEST = 50
HIDDEN = "(保密)"
# Personal values are ids of encrypted rows: that they changed may be seen, not to what.
_SECRET = frozenset({"citizen_id", "phone", "account", "health"})
# Of no use to a reader, or of a department that the viewer may not know of.
_UNTOLD = frozenset(
    {
        *("origins", "merged_at", "name_key", "name_sounds", "county_code"),
        *("home_region_code", "source_id", "spells"),
    }
)
_OTHERS = frozenset({"account", "health", "marital"})


def household_changes(
    session: Session, scope: Scope, household_id: uuid.UUID, people: Collection[uuid.UUID]
) -> Sequence[ChangeRow]:
    """Return the newest changes of a household, its members and their enrolments. One query."""
    return _changes(
        session,
        scope,
        _of("household", RowVersion.row_id == household_id),
        _of("person", RowVersion.row_id.in_(list(people))),
        _of("membership", RowVersion.row_id.in_(list(people))),
        _of_enrolments(scope, Enrolment.household_id == household_id),
    )


def person_changes(session: Session, scope: Scope, person_id: uuid.UUID) -> Sequence[ChangeRow]:
    """Return the newest changes of a person and the person's enrolments. One query."""
    return _changes(
        session,
        scope,
        _of("person", RowVersion.row_id == person_id),
        _of("membership", RowVersion.row_id == person_id),
        _of_enrolments(scope, Enrolment.person_id == person_id),
    )


def _of(table: str, condition: ColumnElement[bool]) -> "Select[RowVersion]":
    return select(RowVersion).where(RowVersion.table_name == table, condition)


def _of_enrolments(scope: Scope, condition: ColumnElement[bool]) -> "Select[RowVersion]":
    return (
        select(RowVersion)
        .join(Enrolment, Enrolment.id == RowVersion.row_id)
        .where(
            RowVersion.table_name == "enrolment",
            condition,
            own(scope, Enrolment.department_code),
        )
    )


def _changes(session: Session, scope: Scope, *parts: "Select[RowVersion]") -> Sequence[ChangeRow]:
    # Each part by its own index: one condition with OR reads the whole history.
    newest = (RowVersion.changed_at.desc(), RowVersion.id.desc())
    changes = aliased(
        RowVersion, union_all(*(part.order_by(*newest).limit(NEWEST) for part in parts)).subquery()
    )
    versions = session.scalars(
        select(changes).order_by(changes.changed_at.desc(), changes.id.desc()).limit(NEWEST)
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
