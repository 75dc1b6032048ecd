"""Keep what is handed in with cases: photos, recordings and PDFs.

Before: the platform knew that papers came, and kept none. After: each has a row that stays, and a
stored file until it is taken out.
"""

from alembic import op
import sqlalchemy as sa

revision = "0044_keep_enclosures"
down_revision = "0041_draw_rosters_from_registers"

# The table is new, so nobody waits for an index. Pixels and milliseconds of one file are small.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")


def upgrade() -> None:
    op.create_table(
        "case_enclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("picture", "sound", "document", name="mediakind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "title", sa.String(length=80), nullable=False, comment="what it shows, for people"
        ),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "received_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="of what came; it is not kept",
        ),
        sa.Column("received_size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True, comment="pixels, of what is kept"),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True, comment="of a sound, as decoded"),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)"
            " AND (removed_at IS NULL) = (removed_why IS NULL)"
            " AND (removed_at IS NULL) = (file_id IS NOT NULL)",
            name=op.f("ck_case_enclosure_removed_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["account.id"], name=op.f("fk_case_enclosure_added_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_enclosure_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_case_enclosure_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["account.id"], name=op.f("fk_case_enclosure_removed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_enclosure")),
        sa.UniqueConstraint("file_id", name=op.f("uq_case_enclosure_file_id")),
    )
    op.create_index(op.f("ix_case_enclosure_case_id"), "case_enclosure", ["case_id"], unique=False)
    op.create_index(
        "one_of_each_file",
        "case_enclosure",
        ["case_id", "received_sha256"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.execute("ALTER TABLE case_enclosure ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_enclosure FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON case_enclosure USING"
        " (EXISTS (SELECT FROM aid_case c WHERE c.id = case_enclosure.case_id))"
    )


def downgrade() -> None:
    op.drop_table("case_enclosure")
    # What no row names any more is removed from the storage folder by the daily cleaning.
    op.execute("DELETE FROM stored_file WHERE purpose = 'case-enclosure'")
