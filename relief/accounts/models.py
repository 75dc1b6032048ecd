"""Staff accounts, their roles and regions, and their sessions."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from relief.accounts.types import POST_OF, GrantKind, Post, Role
from relief.core.db import Base, bigint

# Written out from POST_OF, so that the database refuses what the table of posts forbids.
_ROLE_FITS_POST = " OR ".join(
    "(post = '{}' AND role IN ({}))".format(
        post, ", ".join(f"'{role}'" for role in Role if POST_OF[role] is post)
    )
    for post in Post
)


class Account(Base):
    """One member of staff (工作人员)."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("id", "post"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(40))
    post: Mapped[Post]
    department_code: Mapped[str | None] = mapped_column(ForeignKey("department.code"))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(comment="someone else knows the present one")
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    roles: Mapped[list["AccountRole"]] = relationship(
        lazy="raise", order_by="AccountRole.role", cascade="all, delete-orphan"
    )
    regions: Mapped[list["AccountRegion"]] = relationship(
        lazy="raise", order_by="AccountRegion.code", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class AccountRole(Base):
    """A role of an account; one that does not fit the account's post is refused."""

    __tablename__ = "account_role"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "post"], ["account.id", "account.post"]),
        CheckConstraint(_ROLE_FITS_POST, name="role_fits_post"),
        CheckConstraint("granted_by <> account_id", name="not_granted_by_oneself"),
        CheckConstraint("proposed_by <> account_id", name="not_proposed_by_oneself"),
        CheckConstraint("proposed_by <> granted_by", name="two_persons"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    post: Mapped[Post]
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID | None] = mapped_column(comment="who approved it")
    proposed_by: Mapped[uuid.UUID | None]


class AccountRegion(Base):
    """A region or functional zone that an account works in."""

    __tablename__ = "account_region"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code: Mapped[str] = mapped_column(
        String(12), primary_key=True, comment="12-digit region code, or a zone's code"
    )


class StaffSession(Base):
    """One signed-in session or bearer token; the token itself is never stored."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("ix_staff_session_open", "account_id", postgresql_where=text("ended_at IS NULL")),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, comment="to name it without its hash")
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(10), comment="cookie or bearer")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="absolute end")
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(200))
    second_factor: Mapped[bool] = mapped_column(comment="a code was given in this session")
    confirmed_at: Mapped[datetime | None] = mapped_column(
        comment="when its holder last proved who they are: a code, or a password for want of one"
    )


class SignInAttempt(Base):
    """Failed sign-ins by account name and by address, for throttling."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class PasswordHistory(Base):
    """A password that an account no longer has, and may not take again so soon."""

    __tablename__ = "password_history"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[datetime]


class AccountTotp(Base):
    """The second factor of an account: its key, sealed, and the last step that was used.

    A code counts once: `last_step` only grows, by compare-and-set.
    """

    __tablename__ = "account_totp"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(comment="envelope; associated data: the account's id")
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None] = mapped_column(comment="empty: no first code given yet")
    last_step: Mapped[bigint | None] = mapped_column(comment="Unix time of the last code / 30")


class RecoveryCode(Base):
    """A code that stands in for the device once; only its digest is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class GrantProposal(Base):
    """A role, a region or the reset of a second factor that a second person must approve."""

    __tablename__ = "grant_proposal"
    __table_args__ = (
        CheckConstraint("proposed_by <> account_id", name="not_for_oneself"),
        CheckConstraint("decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("decided_by <> account_id", name="not_decided_by_its_subject"),
        CheckConstraint(
            "num_nonnulls(decided_by, decided_at, approved) IN (0, 3)", name="decided_or_open"
        ),
        Index(
            "uq_grant_proposal_open",
            "account_id",
            "kind",
            "what",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[GrantKind]
    what: Mapped[str] = mapped_column(String(40), comment="role, or region or zone code, or empty")
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(200))
