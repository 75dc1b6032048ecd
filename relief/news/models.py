"""Articles, their versions with their files, and how often they were read."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from relief.core.db import Base, bigint
from relief.news.types import FileKind, VersionStatus

_LIVE = "status IN ('draft', 'proposed')"


class NewsArticle(Base):
    """One article, of one department and region; what it says stands in its versions."""

    __tablename__ = "news_article"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    region_code: Mapped[bigint] = mapped_column(
        ForeignKey("region.code"), index=True, comment="of the office that writes it"
    )
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]


class NewsVersion(Base):
    """What an article says in one version; at most one of an article is not finished.

    Once it is published a trigger lets it be withdrawn only; once it is withdrawn or thrown away,
    nothing.
    """

    __tablename__ = "news_version"
    __table_args__ = (
        Index("uq_news_version_live", "article_id", unique=True, postgresql_where=text(_LIVE)),
        # What the mini program lists, the newest first.
        Index(
            "ix_news_version_shown",
            "shown_from",
            "article_id",
            postgresql_where=text("status = 'published'"),
        ),
        CheckConstraint("shown_until IS NULL OR shown_until >= shown_from", name="days"),
        CheckConstraint(
            "(status IN ('proposed', 'published', 'withdrawn')) = (proposed_by IS NOT NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)",
            name="proposed_whole",
        ),
        CheckConstraint(
            "(status IN ('published', 'withdrawn')) = (published_by IS NOT NULL)"
            " AND (published_by IS NULL) = (published_at IS NULL)",
            name="published_whole",
        ),
        CheckConstraint(
            "(status IN ('withdrawn', 'discarded')) = (closed_by IS NOT NULL)"
            " AND (closed_by IS NULL) = (closed_at IS NULL)"
            " AND (status = 'withdrawn') = (withdrawn_reason IS NOT NULL)",
            name="closed_whole",
        ),
        CheckConstraint(
            "published_by IS NULL"
            " OR published_by <> proposed_by AND NOT editors ? published_by::text",
            name="four_eyes",
        ),
    )

    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("news_article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(20), comment="code table news_category")
    title: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, comment="as it was written")
    html: Mapped[str] = mapped_column(Text, comment="sanitised; pictures as attachment:<id>")
    source: Mapped[str] = mapped_column(String(80), comment="who issued the policy")
    document_number: Mapped[str | None] = mapped_column(String(60), comment="文号")
    shown_from: Mapped[date] = mapped_column(comment="first day, in China")
    shown_until: Mapped[date | None] = mapped_column(comment="last day")
    region_codes: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), comment="for whom: of these regions; empty: of all"
    )
    aid_categories: Mapped[list[str]] = mapped_column(
        ARRAY(String(20)), comment="for whom: households of these categories; empty: of all"
    )
    status: Mapped[VersionStatus]
    editors: Mapped[list[Any]] = mapped_column(comment="ids of the accounts that wrote any of it")
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    edited_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), comment="last")
    edited_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime | None]
    returned_reason: Mapped[str | None] = mapped_column(
        String(400), comment="why it was last sent back"
    )
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("account.id"), comment="who withdrew it, or threw it away"
    )
    closed_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(comment="of the row: who saves late is told")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's form


class NewsFile(Base):
    """A file of one version; versions of an article share what did not change."""

    __tablename__ = "news_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "number"], ["news_version.article_id", "news_version.number"]
        ),
        Index(
            "uq_news_file_audio",
            "article_id",
            "number",
            unique=True,
            postgresql_where=text("kind = 'audio'"),
        ),
        Index("uq_news_file_title", "article_id", "number", "title", unique=True),
    )

    article_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("stored_file.id"), primary_key=True, index=True
    )
    kind: Mapped[FileKind]
    title: Mapped[str] = mapped_column(String(60), comment="by which the text names a picture")
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[bigint] = mapped_column(comment="bytes")


class NewsReadMark(Base):
    """That one reader read one article on one day, as a keyed digest; deleted after that day."""

    __tablename__ = "news_read_mark"

    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("news_article.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)


class NewsReadCount(Base):
    """How many readers read an article on a day in China."""

    __tablename__ = "news_read_count"

    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("news_article.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    readers: Mapped[int]
