"""Payees of cases: entered by one person, confirmed by another, and never deleted."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base
from relief.funds.payees.types import AccountForm, PayeeKind, PayeeState


class CasePayee(Base):
    """To whom what a case grants is paid (收款账户). Of a case one is in force at a time.

    A department that only takes part in the case does not see it: it is the payer's.
    """

    __tablename__ = "case_payee"
    __table_args__ = (
        ExcludeConstraint(("case_id", "="), ("held", "&&"), name="one_payee_at_a_time"),
        Index(
            "uq_case_payee_proposed",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
        Index(None, "case_id"),
        CheckConstraint("(state IN ('in_force', 'replaced')) = (held IS NOT NULL)", name="held"),
        CheckConstraint(
            "(state = 'in_force') = (held IS NOT NULL AND upper_inf(held))", name="held_still"
        ),
        CheckConstraint(
            "(state = 'proposed') = (answered_at IS NULL)"
            " AND (answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (answer IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("state = 'withdrawn' OR answered_by <> proposed_by", name="two_persons"),
        CheckConstraint("(kind = 'guardian') = (relation IS NOT NULL)", name="related_guardian"),
        CheckConstraint(
            "(kind IN ('self', 'guardian')) = (form <> 'corporate')", name="form_fits_kind"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("aid_case.id"))
    kind: Mapped[PayeeKind]
    form: Mapped[AccountForm]
    bank_code: Mapped[str] = mapped_column(String(12), comment="of the branch: 联行号")
    number_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="secret value: the account")
    number_masked: Mapped[str] = mapped_column(String(40))
    holder: Mapped[str] = mapped_column(String(120), comment="in whose name the account is")
    relation: Mapped[str | None] = mapped_column(
        String(2), comment="of a guardian to who the aid is for, GB/T 4761"
    )
    phone_id: Mapped[uuid.UUID | None] = mapped_column(comment="secret value")
    phone_masked: Mapped[str | None] = mapped_column(String(20))
    proof: Mapped[str] = mapped_column(Text(), comment="by what the holder is known")
    reason: Mapped[str] = mapped_column(Text())
    households: Mapped[int] = mapped_column(
        comment="that had the account when it was entered, this one counted; 0: not a person's"
    )
    old_phones: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(Uuid()), comment="secret values: known before it was entered; they are told"
    )
    told: Mapped[list[str]] = mapped_column(ARRAY(String(20)), comment="the same, masked")
    state: Mapped[PayeeState]
    held: Mapped[Range[datetime] | None] = mapped_column(
        TSTZRANGE(), comment="from when it is in force, up to the next one"
    )
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text())
