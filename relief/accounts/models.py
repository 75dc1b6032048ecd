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

from relief.accounts.types import POST_OF, Post, Role
from relief.core.db import Base

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
    )

    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    post: Mapped[Post]
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID | None]


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
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(10), comment="cookie or bearer")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="absolute end")
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(200))


class SignInAttempt(Base):
    """Failed sign-ins by account name and by address, for throttling."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
