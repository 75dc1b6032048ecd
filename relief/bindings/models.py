"""Accounts of the mini program: sessions, what they agreed to, and to whom they are bound."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from relief.bindings.types import Ending
from relief.core.db import Base, bigint


class MiniAccount(Base):
    """One WeChat user of the mini program. Not a person: who it is, bindings say.

    The openid is found by its keyed index, as personal values are, and kept sealed.
    """

    __tablename__ = "mini_account"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    openid_index: Mapped[bytes] = mapped_column(unique=True)
    index_key_id: Mapped[bigint] = mapped_column(comment="which key made openid_index")
    openid: Mapped[bytes] = mapped_column(comment="envelope; associated data: the row's id")
    session_key: Mapped[bytes | None] = mapped_column(
        comment="envelope: of the newest sign-in; WeChat's, and never sent out"
    )
    signed_in_at: Mapped[datetime]
    created_at: Mapped[datetime]


class MiniSession(Base):
    """One sign-in of a phone; the token itself is never stored."""

    __tablename__ = "mini_session"
    __table_args__ = (
        Index("ix_mini_session_open", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mini_account.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_until: Mapped[datetime] = mapped_column(comment="moves on with use")
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="absolute end")
    ended_at: Mapped[datetime | None]


class MiniConsent(Base):
    """That someone agreed to a version of the privacy policy, until they took it back."""

    __tablename__ = "mini_consent"
    __table_args__ = (
        Index(
            "uq_mini_consent_open",
            "account_id",
            "version",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mini_account.id"))
    version: Mapped[int]
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class HouseholdCode(Base):
    """A code on paper by which one member of a household binds a phone, once (绑定码).

    It is of the householder and of whatever household that person is in: households come and go
    with merges. What the code says, its scene, is kept as a digest.
    """

    __tablename__ = "household_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="the householder")
    scene_hash: Mapped[bytes] = mapped_column(unique=True)
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class HouseholdBinding(Base):
    """That an account is a member of a household (绑定), until it ends."""

    __tablename__ = "household_binding"
    __table_args__ = (
        Index(
            "uq_household_binding_open",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mini_account.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(index=True, comment="whose telephone it is")
    code_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("household_code.id"))
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(
        comment="staff; empty: the person, or a merge"
    )
    ending: Mapped[Ending | None]
    remark: Mapped[str | None] = mapped_column(String(200))


class HelperCode(Base):
    """A code on a helper's screen by which they bind their phone, once and soon."""

    __tablename__ = "helper_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class HelperBinding(Base):
    """That an account is a helper's, for as long as their staff account is one."""

    __tablename__ = "helper_binding"
    __table_args__ = (
        Index(
            "uq_helper_binding_open",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_helper_binding_staff",
            "staff_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mini_account.id"))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
