"""Draw rosters from registers that departments deliver.

Before: a roster was drawn from confirmed identities alone, so that of schemes that accept none nobody
could be named. After: which register names whom is reference data, and a case keeps by which entry,
and for which event, it came in. Cases of before name no event, and are taken for one before them.
Taken back, the timeline keeps what it told of a register, as a step that the old code can read; it
stays so when this is applied again.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0041_draw_rosters_from_registers"
down_revision = "0047_find_late_cases"

# The tables are new, so nobody waits for an index; what is counted is the row of a file.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = case_register_basis.case_id)"
NEW = "('disaster_victims', 'monitored_households')"


def upgrade() -> None:
    op.create_table(
        "roster_register",
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("register", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "states",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="of the entries that are drawn",
        ),
        sa.Column(
            "kinds",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="of the entries that are drawn",
        ),
        sa.Column(
            "assessed", sa.Boolean(), nullable=False, comment="only with an amount above nothing"
        ),
        sa.Column(
            "per_event",
            sa.Boolean(),
            nullable=False,
            comment="once for each event; else whoever has nothing of the scheme",
        ),
        sa.Column(
            "counted_from",
            sa.Enum("happened", "told", name="countedfrom", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "months",
            sa.String(length=60),
            nullable=False,
            comment="parameter: for how long after that day an entry is drawn",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_roster_register_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint(
            "scheme_code", "register", "valid_from", name=op.f("pk_roster_register")
        ),
    )
    op.create_table(
        "case_register_basis",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("register", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False, comment="in the file"),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True, comment="hit, or found"),
        sa.Column(
            "data_on", sa.Date(), nullable=False, comment="the day of which the register speaks"
        ),
        sa.Column("told", sa.Text(), nullable=False, comment="what it says, in words"),
        sa.Column(
            "legal",
            sa.String(length=300),
            nullable=False,
            comment="the rule's source, as it was then",
        ),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_register_basis_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_register_basis")),
    )
    op.create_index(
        op.f("ix_case_register_basis_event_id"),
        "case_register_basis",
        ["event_id"],
        unique=False,
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.execute("ALTER TABLE case_register_basis ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_register_basis FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON case_register_basis USING ({OF_CASE})")


def downgrade() -> None:
    # The code of before knows no such step, and could open no case that has one.
    op.execute("UPDATE case_step SET step = 'recognised' WHERE step = 'listed'")
    op.drop_index(
        op.f("ix_case_register_basis_event_id"),
        table_name="case_register_basis",
        postgresql_where=sa.text("event_id IS NOT NULL"),
    )
    op.drop_table("case_register_basis")
    op.drop_table("roster_register")
    # The code of before knows no such registers, and could not read a file of one.
    op.execute(f"DELETE FROM register_entry WHERE register IN {NEW}")
    batches = f"SELECT id FROM register_batch WHERE register IN {NEW}"
    op.execute(f"DELETE FROM register_rejected_row WHERE batch_id IN ({batches})")
    op.execute(f"DELETE FROM register_batch WHERE register IN {NEW}")
