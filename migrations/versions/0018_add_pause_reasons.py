"""Say for what a clock may stand and how long, and keep the last day had it never stood.

Before: papers were waited for without end. After: a wait has a reason (reference data) with a
longest time, after which the clock runs on. Waits of before have neither and end as they would
have; the new last days come with the count that `relief setup` makes.
"""

from alembic import op
import sqlalchemy as sa

revision = "0018_add_pause_reasons"
down_revision = "0017_add_close_relatives"

# Cases are few when this comes, and what is checked are the waits among them; days are counted.
EXCUSED = (
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
    "prefer-bigint-over-int",
)


def upgrade() -> None:
    op.create_table(
        "pause_reason",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False, comment="calendar days"),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint("longest > 0", name=op.f("ck_pause_reason_longest_positive")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pause_reason")),
    )
    op.add_column(
        "aid_case",
        sa.Column("due_unpaused_on", sa.Date(), nullable=True, comment="had the clock never stood"),
    )
    op.add_column(
        "case_pause",
        sa.Column(
            "reason",
            sa.String(length=20),
            nullable=True,
            comment="empty: asked for before reasons were told",
        ),
    )
    op.add_column(
        "case_pause",
        sa.Column(
            "stands_until",
            sa.Date(),
            nullable=True,
            comment="the last day on which the clock may stand for it; empty: as `reason`",
        ),
    )
    op.create_foreign_key(
        op.f("fk_case_pause_reason_pause_reason"),
        "case_pause",
        "pause_reason",
        ["reason"],
        ["code"],
    )
    op.add_column(
        "case_stage",
        sa.Column("due_unpaused_on", sa.Date(), nullable=True, comment="had the clock never stood"),
    )


def downgrade() -> None:
    op.drop_column("case_stage", "due_unpaused_on")
    op.drop_constraint(op.f("fk_case_pause_reason_pause_reason"), "case_pause", type_="foreignkey")
    op.drop_column("case_pause", "stands_until")
    op.drop_column("case_pause", "reason")
    op.drop_column("aid_case", "due_unpaused_on")
    op.drop_table("pause_reason")
