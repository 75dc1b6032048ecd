"""Tell single records that came by program from files.

Before: all batches were files. After: `import_batch.channel`; a batch of single records is no
delivery of its scheme's file, and does not say how far the scheme's files speak.
"""

from alembic import op
import sqlalchemy as sa

revision = "0013_channel_of_a_batch"
down_revision = "0012_merged_without_keys"


def upgrade() -> None:
    op.add_column(
        "import_batch",
        sa.Column(
            "channel",
            sa.Enum("file", "records", name="channel", native_enum=False, length=40),
            server_default="file",
            nullable=False,
            comment="a file, or single records by program",
        ),
    )


def downgrade() -> None:
    # What an earlier program cannot read: where someone lives was asked and decided since then.
    op.execute(
        "UPDATE access_ground SET closed_at = now() WHERE closed_at IS NULL AND kind = 'task'"
        " AND reference IN (SELECT id::text FROM link_review WHERE kind = 'household')"
    )
    op.execute("DELETE FROM link_review WHERE kind = 'household'")
    op.execute("DELETE FROM link_decision WHERE verdict = 'lives'")
    op.drop_column("import_batch", "channel")
