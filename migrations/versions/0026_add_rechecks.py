"""Keep when what a case granted is to be re-checked, and what was found.

Before: how often a scheme is re-checked was read by nobody. After: the first is planned with the
grant. What was granted before has none until it is granted anew.
"""

from alembic import op
import sqlalchemy as sa

revision = "0026_add_rechecks"
down_revision = "0025_add_entitlement_changes"

# The table is new, so nobody waits for its indexes.
EXCUSED = ("require-concurrent-index-creation",)


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "case_recheck",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "every", words("quarterly", "half_yearly", "yearly", name="every"), nullable=False
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "told_at", sa.DateTime(timezone=True), nullable=True, comment="that it is overdue"
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("found", words("unchanged", "changed", name="found"), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (found IS NULL)",
            name=op.f("ck_case_recheck_done_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_recheck_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["account.id"], name=op.f("fk_case_recheck_done_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_recheck")),
    )
    op.create_index(op.f("ix_case_recheck_case_id"), "case_recheck", ["case_id"], unique=False)
    op.create_index(
        "ix_case_recheck_untold",
        "case_recheck",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND told_at IS NULL"),
    )
    op.create_index(
        "uq_case_recheck_open",
        "case_recheck",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.execute("ALTER TABLE case_recheck ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_recheck FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON case_recheck USING"
        " (EXISTS (SELECT FROM aid_case c WHERE c.id = case_recheck.case_id))"
    )


def downgrade() -> None:
    op.drop_table("case_recheck")
