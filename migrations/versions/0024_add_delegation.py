"""Let a colleague stand in for somebody in cases, on some days.

Before: what waited for somebody on leave waited. After: a delegation is a row with its days, of one
delegator one at a time; a line of a timeline says for whom its actor stood in.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0024_add_delegation"
down_revision = "0023_add_extensions"

# The table is new; the column is empty in every row that there is, so nothing is checked for long.
EXCUSED = (
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
    "require-concurrent-index-creation",
)


def upgrade() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegator_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column(
            "days", postgresql.DATERANGE(), nullable=False, comment="the last one not included"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("delegator_id"), "="),
            (sa.column("days"), "&&"),
            where=sa.text("withdrawn_at IS NULL"),
            using="gist",
            name="one_delegation_at_a_time",
        ),
        sa.CheckConstraint(
            "NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)",
            name=op.f("ck_delegation_from_to"),
        ),
        sa.CheckConstraint("delegate_id <> delegator_id", name=op.f("ck_delegation_two_persons")),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["account.id"], name=op.f("fk_delegation_delegate_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["delegator_id"], ["account.id"], name=op.f("fk_delegation_delegator_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(
        op.f("ix_delegation_delegate_id_days"), "delegation", ["delegate_id", "days"], unique=False
    )
    op.add_column(
        "case_step",
        sa.Column("acting_for_id", sa.Uuid(), nullable=True, comment="for whom the actor stood in"),
    )
    op.create_foreign_key(
        op.f("fk_case_step_acting_for_id_account"),
        "case_step",
        "account",
        ["acting_for_id"],
        ["id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_case_step_acting_for_id_account"), "case_step", type_="foreignkey")
    op.drop_column("case_step", "acting_for_id")
    op.drop_table("delegation")
