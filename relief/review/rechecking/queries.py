"""Reading the re-checks of a case."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.models import Account
from relief.review.rechecking.models import CaseRecheck
from relief.review.rechecking.types import Every, Found


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRow:
    """A re-check that is to be done by a day, or was done."""

    every: Every
    due_on: date
    done_at: datetime | None
    done_by: str | None
    found: Found | None
    finding: str | None


def rechecks_of(session: Session, *, case_id: uuid.UUID) -> Sequence[RecheckRow]:
    """Return the re-checks of a case, the newest first. One query."""
    rows = session.execute(
        select(CaseRecheck, Account.display_name)
        .outerjoin(Account, Account.id == CaseRecheck.done_by)
        .where(CaseRecheck.case_id == case_id)
        .order_by(CaseRecheck.done_at.desc().nulls_first(), CaseRecheck.id.desc())
    )
    return [
        RecheckRow(
            every=row.every,
            due_on=row.due_on,
            done_at=row.done_at,
            done_by=name,
            found=row.found,
            finding=row.finding,
        )
        for row, name in rows
    ]
