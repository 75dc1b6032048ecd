"""Staff who are the agent of an applicant: known by their own number, and kept from the case."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from relief.core.registrar import registrar
from relief.review.kin.models import CaseRecusal, KinFiling
from relief.review.mandates.errors import AgentHandles
from relief.review.mandates.models import CaseMandate

_WHY = "是申请人的受托人"


def refuse(session: Session, *, case_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Refuse an account whose own number is that of an agent of a case, of whatever time.

    One query where there is no mandate. Raises AgentHandles.
    """
    numbers = session.scalars(select(CaseMandate.number_id).where(CaseMandate.case_id == case_id))
    if (known := set(numbers)) and account_id in accounts(session, known):
        raise AgentHandles


def accounts(session: Session, numbers: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
    """Return the accounts whose newest filing names one of some numbers as their own.

    As registrar, since nobody else sees what others filed.
    """
    newest = (
        select(KinFiling.account_id, KinFiling.own_number_id)
        .ext(distinct_on(KinFiling.account_id))
        .order_by(KinFiling.account_id, KinFiling.id.desc())
        .subquery()
    )
    with registrar(session):
        return set(
            session.scalars(select(newest.c.account_id).where(newest.c.own_number_id.in_(numbers)))
        )


def cases_of(
    session: Session, cases: Collection[uuid.UUID], *, account_id: uuid.UUID
) -> Collection[uuid.UUID]:
    """Return of some cases those of which an account is the agent. Two queries, however many."""
    newest = (
        select(KinFiling.own_number_id)
        .where(KinFiling.account_id == account_id)
        .order_by(KinFiling.id.desc())
        .limit(1)
    )
    with registrar(session):
        number = session.scalar(newest)
    return set(
        session.scalars(
            select(CaseMandate.case_id).where(
                CaseMandate.case_id.in_(cases), CaseMandate.number_id == number
            )
        )
    )


def stand_back(
    session: Session, *, case_id: uuid.UUID, people: Collection[uuid.UUID], now: datetime
) -> None:
    """Let a case never wait for these accounts (回避), in lists too."""
    if people:
        session.execute(
            insert(CaseRecusal).on_conflict_do_nothing(),
            [
                {"case_id": case_id, "account_id": one, "reason": _WHY, "at": now}
                for one in sorted(people)
            ],
        )
