"""Reading the mandates of a case."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account, AccountRegion
from relief.review.mandates.models import CaseMandate
from relief.review.mandates.types import AgentKind, MandateAct, MandateForm


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRow:
    """A mandate as the page of its case shows it.

    `in_force`: on the day of the page, as far as its days and a revocation go.
    """

    id: uuid.UUID
    agent: str
    kind: AgentKind
    number: str
    acts: Sequence[MandateAct]
    from_on: date
    until_on: date
    in_force: bool
    form: MandateForm
    proof: str
    witness: str | None
    recorded_by: str
    recorded_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    revoked_why: str | None


def mandates_of(session: Session, *, case_id: uuid.UUID, on: date) -> Sequence[MandateRow]:
    """Return the mandates of a case, the newest first. One query."""
    witness, revoker = aliased(Account), aliased(Account)
    rows = session.execute(
        select(CaseMandate, Account.display_name, witness.display_name, revoker.display_name)
        .join(Account, Account.id == CaseMandate.recorded_by)
        .outerjoin(witness, witness.id == CaseMandate.witness_id)
        .outerjoin(revoker, revoker.id == CaseMandate.revoked_by)
        .where(CaseMandate.case_id == case_id)
        .order_by(CaseMandate.recorded_at.desc(), CaseMandate.id.desc())
    )
    return [_row(*row, on) for row in rows]


def witnesses(session: Session, *, actor: Actor) -> Sequence[tuple[uuid.UUID, str]]:
    """Return who of an actor's office in use may have been there too, by name. One query."""
    rows = session.execute(
        select(Account.id, Account.display_name)
        .where(of_office(actor), Account.id != actor.id)
        .order_by(Account.display_name, Account.id)
    )
    return [(row.id, row.display_name) for row in rows]


def of_office(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `account` of who in use is of an actor's department and place."""
    places = select(AccountRegion.code).where(AccountRegion.account_id == actor.id)
    there = exists().where(AccountRegion.account_id == Account.id, AccountRegion.code.in_(places))
    return and_(
        Account.department_code == actor.department_code, Account.disabled_at.is_(None), there
    )


def _row(
    mandate: CaseMandate, recorded_by: str, witness: str | None, revoked_by: str | None, on: date
) -> MandateRow:
    first, after = mandate.days.lower, mandate.days.upper
    assert first is not None  # noqa: S101  # a constraint of the table
    assert after is not None  # noqa: S101
    return MandateRow(
        id=mandate.id,
        agent=mandate.agent,
        kind=mandate.kind,
        number=mandate.number_masked,
        acts=[MandateAct(one) for one in mandate.acts],
        from_on=first,
        until_on=after - timedelta(days=1),
        in_force=mandate.revoked_at is None and mandate.days.contains(on),
        form=mandate.form,
        proof=mandate.proof,
        witness=witness,
        recorded_by=recorded_by,
        recorded_at=mandate.recorded_at,
        revoked_by=revoked_by,
        revoked_at=mandate.revoked_at,
        revoked_why=mandate.revoked_why,
    )
