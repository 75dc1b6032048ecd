"""Divide the registry into parts, so that a merge works out only what a change can reach.

Before: each merge worked out everyone. After: a row of `link_part` names people who have a say in
each other, `source_link.part_id` who is in it, and `import_batch.shown` which files the registry
follows from. The next merge works out everything once more and fills them.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0010_parts"
down_revision = "0009_data_quality"

# `source_link` is some hundred thousand rows: the index takes under a second.
EXCUSED = (
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "prefer-bigint-over-int",  # one row
)


def upgrade() -> None:
    op.create_table(
        "link_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column(
            "ties",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="[identity, identity, weight] of each pair that comparing found",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_part")),
    )
    op.create_index(
        "ix_link_part_keys",
        "link_part",
        ["keys"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "merge_basis",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False, comment="SHA-256, hex"),
        sa.Column(
            "whole_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when everything was last worked out",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_merge_basis_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_basis")),
    )
    op.create_table(
        "newest_record",
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("scheme_code", name=op.f("pk_newest_record")),
    )
    op.add_column(
        "source_link",
        sa.Column(
            "part_id",
            sa.Uuid(),
            nullable=True,
            comment="link_part; none until a merge of the whole has divided the registry",
        ),
    )
    op.create_index(op.f("ix_source_link_part_id"), "source_link", ["part_id"])
    op.add_column(
        "import_batch",
        sa.Column(
            "shown",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the registry, as last merged, follows from it",
        ),
    )
    op.execute("UPDATE import_batch SET shown = true WHERE status = 'merged'")


def downgrade() -> None:
    op.drop_column("import_batch", "shown")
    op.drop_index(op.f("ix_source_link_part_id"), table_name="source_link")
    op.drop_column("source_link", "part_id")
    for table in ("newest_record", "merge_basis", "link_part"):
        op.drop_table(table)
