"""Tell rolls and change files from files of what was paid, and hold a roll that says too much.

Before: every row of every file was a record of a past period, and nobody ever left a scheme.
After: a batch says what its rows say together, and of which part of the city; a row of a change
file has its action; an enrolment has its end, and which batch said so. Batches of before are
files of what was paid. Columns with a default cost no rewrite, and the older program goes on.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0009_data_quality"
down_revision = "0005_key_rotation"

# The index is on the list of files, a few hundred rows a year.
EXCUSED = ("require-concurrent-index-creation", "require-concurrent-index-deletion")

LIVE_FILE = "uq_import_batch_live_file"


def upgrade() -> None:
    _rolls()


def _rolls() -> None:
    op.add_column(
        "import_batch",
        sa.Column(
            "content",
            sa.Enum("history", "roll", "changes", name="filecontent", native_enum=False, length=40),
            server_default="history",
            nullable=False,
            comment="what its rows say together",
        ),
    )
    op.add_column(
        "import_batch",
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=True,
            comment="the part of the city whose whole roll it is; none: all of it",
        ),
    )
    op.add_column(
        "import_batch",
        sa.Column(
            "held",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="how many people a roll would have taken off, when a merge held it",
        ),
    )
    op.add_column(
        "import_batch",
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="on a held roll, by a steward",
        ),
    )
    op.add_column("import_batch", sa.Column("decided_by", sa.Uuid(), nullable=True))
    _live_file("'received', 'loaded', 'merged', 'held'")
    op.add_column(
        "source_record",
        sa.Column(
            "action",
            sa.String(length=8),
            nullable=True,
            comment="of a change file: joined, changed, left",
        ),
    )
    op.add_column(
        "enrolment",
        sa.Column(
            "ended_on",
            sa.Date(),
            nullable=True,
            comment="since when a source says they have left",
        ),
    )
    op.add_column(
        "enrolment",
        sa.Column("ended_by", sa.Uuid(), nullable=True, comment="the batch that says so"),
    )


def downgrade() -> None:
    for column in ("ended_by", "ended_on"):
        op.drop_column("enrolment", column)
    op.drop_column("source_record", "action")
    # The older program knows no roll: what is no file of what was paid is as if taken back.
    op.execute(
        "UPDATE import_batch SET status = 'undone', undone_at = now()"
        " WHERE status IN ('held', 'refused')"
        " OR (content <> 'history' AND status IN ('loaded', 'merged'))"
    )
    _live_file("'received', 'loaded', 'merged'")
    for column in ("decided_by", "decided_at", "held", "region_code", "content"):
        op.drop_column("import_batch", column)


def _live_file(states: str) -> None:
    """Make the index anew that lets the same bytes be one batch in these states."""
    op.drop_index(LIVE_FILE, table_name="import_batch")
    op.create_index(
        LIVE_FILE,
        "import_batch",
        ["scheme_code", "sha256"],
        unique=True,
        postgresql_where=sa.text(f"status IN ({states})"),
    )
