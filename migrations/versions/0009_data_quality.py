"""Tell rolls and change files from files of what was paid, and hold a roll that says too much.

Before: every row of every file was a record of a past period, and nobody ever left a scheme.
After: a batch says what its rows say together, and of which part of the city; a row of a change
file has its action; an enrolment has its end, and which batch said so. Batches of before are
files of what was paid. Columns with a default cost no rewrite, and the older program goes on.

Also the figures of each file's faults, which the next merge fills, and how often files are due.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0009_data_quality"
down_revision = "0008_link_decisions"

# The index is on the list of files, a few hundred rows a year.
EXCUSED = (
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "prefer-bigint-over-int",  # days, and rows of one file
)

LIVE_FILE = "uq_import_batch_live_file"


def upgrade() -> None:
    _rolls()
    op.create_table(
        "delivery",
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "every",
            sa.Enum(
                "month", "quarter", "term", "year", name="rhythm", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "due_days", sa.Integer(), nullable=False, comment="days after the end of the period"
        ),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint("due_days >= 0", name=op.f("ck_delivery_due_days_not_negative")),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_delivery_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("scheme_code", "valid_from", name=op.f("pk_delivery")),
    )
    op.create_table(
        "quality_figure",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "empty",
                "invalid",
                "differs",
                "conflict",
                "twice",
                "repeated",
                "unreadable",
                name="measure",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "field",
            sa.String(length=20),
            nullable=False,
            comment="of a person; empty for faults of the whole row",
        ),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_quality_figure_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "measure", "field", name=op.f("pk_quality_figure")),
    )


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
    for table in ("quality_figure", "delivery"):
        op.drop_table(table)
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
