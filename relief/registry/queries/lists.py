"""The schemes' lists: what each is called, whose it is, and up to which day it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from relief.organisation.models import Department
from relief.registry import periods
from relief.registry.models import ImportBatch
from relief.registry.queries.rows import SchemeTag
from relief.registry.types import Category, Channel
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeList:
    """One scheme's list. `until`: the first day of which it no longer speaks; None: no list yet."""

    tag: SchemeTag
    department_code: str
    department_name: str
    period: str
    category: Category | None
    until: date | None


def scheme_lists(session: Session, *, before: datetime) -> Mapping[str, SchemeList]:
    """Return the lists by scheme code, as far as their files were merged before a moment.

    One query, over the batches and not over what they hold.
    """
    newest = (
        select(ImportBatch.scheme_code, func.max(ImportBatch.data_on).label("data_on"))
        .where(
            # What a department's system sends as it arises tells nothing of those it does not name.
            ImportBatch.channel == Channel.FILE,
            ImportBatch.merged_at < before,
            or_(ImportBatch.undone_at.is_(None), ImportBatch.undone_at >= before),
        )
        .group_by(ImportBatch.scheme_code)
        .subquery()
    )
    rows = session.execute(
        select(Scheme, Department.name, newest.c.data_on)
        .join(Department, Department.code == Scheme.department_code)
        .outerjoin(newest, newest.c.scheme_code == Scheme.code)
        .order_by(Scheme.code)
    )
    return {
        scheme.code: SchemeList(
            tag=SchemeTag(scheme.code, scheme.short_name),
            department_code=scheme.department_code,
            department_name=department,
            period=scheme.period,
            category=Category(scheme.category) if scheme.category else None,
            until=periods.covered_until(data_on, scheme.period) if data_on else None,
        )
        for scheme, department, data_on in rows
    }
