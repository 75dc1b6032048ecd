"""Reading the payees of a case: masked, and only by whom they concern."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.core.scope import Scope
from relief.funds.payees.models import CasePayee
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState, pays_cash
from relief.schemes.models import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeRow:
    """A payee as the page of its case shows it. `told`: telephones, masked.

    `households`: how many had the account when it was entered, this one counted; 0: no person's.
    """

    id: uuid.UUID
    state: PayeeState
    kind: PayeeKind
    form: AccountForm
    bank_code: str
    number: str
    holder: str
    relation: str | None
    phone: str | None
    proof: str
    reason: str
    households: int
    told: Sequence[str]
    since: datetime | None
    until: datetime | None
    proposed_by: str
    proposed_by_id: uuid.UUID
    proposed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeesOfCase:
    """The payees of a case, what waits and then the latest first.

    `shown`: the reader is of the payer, or sees all. `asked`: the scheme pays money, so one is to
    be entered.
    """

    asked: bool
    shown: bool
    rows: Sequence[PayeeRow]


def payees_of(
    session: Session, *, scope: Scope, case_id: uuid.UUID, scheme: Scheme
) -> PayeesOfCase:
    """Return the payees of a case that the caller found in scope. One query at most."""
    asked = pays_cash(scheme.kind)
    shown = asked and scope.department_code in {None, scheme.department_code}
    if not shown:
        return PayeesOfCase(asked=asked, shown=False, rows=())
    other = aliased(Account)
    rows = session.execute(
        select(CasePayee, Account.display_name, other.display_name)
        .join(Account, Account.id == CasePayee.proposed_by)
        .outerjoin(other, other.id == CasePayee.answered_by)
        .where(CasePayee.case_id == case_id)
        .order_by(CasePayee.answered_at.desc().nulls_first(), CasePayee.id.desc())
    )
    return PayeesOfCase(asked=True, shown=True, rows=[_row(*row) for row in rows])


def _row(payee: CasePayee, proposed_by: str, answered_by: str | None) -> PayeeRow:
    return PayeeRow(
        id=payee.id,
        state=payee.state,
        kind=payee.kind,
        form=payee.form,
        bank_code=payee.bank_code,
        number=payee.number_masked,
        holder=payee.holder,
        relation=payee.relation,
        phone=payee.phone_masked,
        proof=payee.proof,
        reason=payee.reason,
        households=payee.households,
        told=payee.told,
        since=payee.held.lower if payee.held else None,
        until=payee.held.upper if payee.held else None,
        proposed_by=proposed_by,
        proposed_by_id=payee.proposed_by,
        proposed_at=payee.proposed_at,
        answered_by=answered_by,
        answered_at=payee.answered_at,
        answer=payee.answer,
    )
