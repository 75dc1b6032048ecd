"""Keep policy articles for the mini program, their versions and files, and counts of readings.

Before: nothing. After: an article of an office has versions, of which at most one is not finished;
a published one is only ever withdrawn, and its files stay as they are.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0045_add_policy_articles"
down_revision = "0043_add_helpers"

# The tables are new, so nobody waits for an index; versions are counted by hand, readers by day.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

# Of a published version the rest of the row is compared whole: a column that is added later is kept
# too.
KEEP_VERSION = """
CREATE FUNCTION keep_news_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing CONSTANT text[] := '{status,closed_by,closed_at,withdrawn_reason,version}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status IN ('draft', 'proposed') THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'withdrawn'
        AND to_jsonb(NEW) - closing = to_jsonb(OLD) - closing THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version % of article % is kept', OLD.number, OLD.article_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'news_version_kept';
END $$
"""
KEEP_FILE = """
CREATE FUNCTION keep_news_file() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one news_file := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF TG_OP = 'UPDATE' OR NOT EXISTS (
        SELECT FROM news_version v
        WHERE v.article_id = one.article_id AND v.number = one.number AND v.status = 'draft'
    ) THEN
        RAISE EXCEPTION 'the files of version % of article % are kept', one.number, one.article_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'news_file_kept';
    END IF;
    RETURN one;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "news_article",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "region_code", sa.BigInteger(), nullable=False, comment="of the office that writes it"
        ),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_news_article_created_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_news_article_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_news_article_region_code_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_article")),
    )
    op.create_index(
        op.f("ix_news_article_region_code"), "news_article", ["region_code"], unique=False
    )
    op.create_table(
        "news_read_count",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_article.id"],
            name=op.f("fk_news_read_count_article_id_news_article"),
        ),
        sa.PrimaryKeyConstraint("article_id", "day", name=op.f("pk_news_read_count")),
    )
    op.create_table(
        "news_read_mark",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_article.id"],
            name=op.f("fk_news_read_mark_article_id_news_article"),
        ),
        sa.PrimaryKeyConstraint("article_id", "day", "digest", name=op.f("pk_news_read_mark")),
    )
    op.create_index(op.f("ix_news_read_mark_day"), "news_read_mark", ["day"], unique=False)
    op.create_table(
        "news_version",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "category", sa.String(length=20), nullable=False, comment="code table news_category"
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("summary", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="as it was written"),
        sa.Column(
            "html", sa.Text(), nullable=False, comment="sanitised; pictures as attachment:<id>"
        ),
        sa.Column("source", sa.String(length=80), nullable=False, comment="who issued the policy"),
        sa.Column("document_number", sa.String(length=60), nullable=True, comment="文号"),
        sa.Column("shown_from", sa.Date(), nullable=False, comment="first day, in China"),
        sa.Column("shown_until", sa.Date(), nullable=True, comment="last day"),
        sa.Column(
            "region_codes",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="for whom: of these regions; empty: of all",
        ),
        sa.Column(
            "aid_categories",
            sa.ARRAY(sa.String(length=20)),
            nullable=False,
            comment="for whom: households of these categories; empty: of all",
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "proposed",
                "published",
                "withdrawn",
                "discarded",
                name="versionstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "editors",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="ids of the accounts that wrote any of it",
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=False, comment="last"),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "returned_reason",
            sa.String(length=400),
            nullable=True,
            comment="why it was last sent back",
        ),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closed_by", sa.Uuid(), nullable=True, comment="who withdrew it, or threw it away"
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=400), nullable=True),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="of the row: who saves late is told"
        ),
        sa.CheckConstraint(
            "(status IN ('proposed', 'published', 'withdrawn')) = (proposed_by IS NOT NULL)"
            " AND (proposed_by IS NULL) = (proposed_at IS NULL)",
            name=op.f("ck_news_version_proposed_whole"),
        ),
        sa.CheckConstraint(
            "(status IN ('published', 'withdrawn')) = (published_by IS NOT NULL)"
            " AND (published_by IS NULL) = (published_at IS NULL)",
            name=op.f("ck_news_version_published_whole"),
        ),
        sa.CheckConstraint(
            "(status IN ('withdrawn', 'discarded')) = (closed_by IS NOT NULL)"
            " AND (closed_by IS NULL) = (closed_at IS NULL)"
            " AND (status = 'withdrawn') = (withdrawn_reason IS NOT NULL)",
            name=op.f("ck_news_version_closed_whole"),
        ),
        sa.CheckConstraint(
            "published_by IS NULL"
            " OR published_by <> proposed_by AND NOT editors ? published_by::text",
            name=op.f("ck_news_version_four_eyes"),
        ),
        sa.CheckConstraint(
            "shown_until IS NULL OR shown_until >= shown_from", name=op.f("ck_news_version_days")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["news_article.id"],
            name=op.f("fk_news_version_article_id_news_article"),
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_news_version_closed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_news_version_created_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["account.id"], name=op.f("fk_news_version_edited_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_news_version_proposed_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk_news_version_published_by_account")
        ),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_news_version")),
    )
    op.create_index(
        "ix_news_version_shown",
        "news_version",
        ["shown_from", "article_id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "uq_news_version_live",
        "news_version",
        ["article_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'proposed')"),
    )
    op.create_table(
        "news_file",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("document", "picture", "audio", name="filekind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "title",
            sa.String(length=60),
            nullable=False,
            comment="by which the text names a picture",
        ),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.ForeignKeyConstraint(
            ["article_id", "number"],
            ["news_version.article_id", "news_version.number"],
            name=op.f("fk_news_file_article_id_number_news_version"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_news_file_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("article_id", "number", "file_id", name=op.f("pk_news_file")),
    )
    op.create_index(op.f("ix_news_file_file_id"), "news_file", ["file_id"], unique=False)
    op.create_index(
        "uq_news_file_audio",
        "news_file",
        ["article_id", "number"],
        unique=True,
        postgresql_where=sa.text("kind = 'audio'"),
    )
    op.create_index(
        "uq_news_file_title", "news_file", ["article_id", "number", "title"], unique=True
    )

    for function in (KEEP_VERSION, KEEP_FILE):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER keep_news_version BEFORE UPDATE OR DELETE ON news_version"
        " FOR EACH ROW EXECUTE FUNCTION keep_news_version()"
    )
    op.execute(
        "CREATE TRIGGER keep_news_file BEFORE INSERT OR UPDATE OR DELETE ON news_file"
        " FOR EACH ROW EXECUTE FUNCTION keep_news_file()"
    )


def downgrade() -> None:
    for table in ("file", "version", "read_mark", "read_count", "article"):
        op.drop_table(f"news_{table}")
    for kept in ("file", "version"):
        op.execute(f"DROP FUNCTION keep_news_{kept}()")
    # What no row names any more is removed from the storage folder by the daily cleaning.
    op.execute("DELETE FROM stored_file WHERE purpose = 'news'")
