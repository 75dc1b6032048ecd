"""Say when somebody is told of a limit, and keep what is planned and what was told.

Before: a limit that passed was seen by whoever looked. After: rules (reference data) and, for each
open stage and whole, the moments at which somebody is told. What is open already gets its reminders
from `relief setup`, which counts the clocks anew when it loads the rules. A line of a timeline may
be the platform's own: a calendar that came out moved a last day.
"""

from alembic import op
import sqlalchemy as sa

revision = "0016_add_reminders"
down_revision = "0015_add_cases"

# Every table is new, so nobody waits for an index; what is counted are places and accounts. A line
# without an actor is new to a program of before, which only reads the cases that are opened: it is
# stopped before `relief setup` runs (docs/runbook.md). On the way down such lines go.
EXCUSED = ("ban-drop-not-null", "prefer-bigint-over-int", "require-concurrent-index-creation")
OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = case_reminder.case_id)"


def upgrade() -> None:
    op.create_table(
        "reminder_rule",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False, comment="what the notice says"),
        sa.Column(
            "moment",
            sa.Enum("share", "before", "after", name="moment", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "value",
            sa.Numeric(precision=6, scale=4),
            nullable=False,
            comment="a share, or working days",
        ),
        sa.Column(
            "whom",
            sa.Enum("office", "superior", "leader", name="told", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "city",
                "county",
                "township",
                "village",
                name="regionlevel",
                native_enum=False,
                length=40,
            ),
            nullable=True,
            comment="of the leaders",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint(
            "(whom = 'leader') = (level IS NOT NULL)",
            name=op.f("ck_reminder_rule_leaders_have_a_level"),
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_reminder_rule_value_not_negative")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reminder_rule")),
    )
    op.create_table(
        "case_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage_id", sa.Uuid(), nullable=True, comment="empty: of the whole, to the decision"
        ),
        sa.Column("rule_code", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False, comment="how many accounts"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_reminder_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["rule_code"],
            ["reminder_rule.code"],
            name=op.f("fk_case_reminder_rule_code_reminder_rule"),
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["case_stage.id"], name=op.f("fk_case_reminder_stage_id_case_stage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reminder")),
        sa.UniqueConstraint(
            "case_id",
            "stage_id",
            "rule_code",
            "at",
            name=op.f("uq_case_reminder_case_id_stage_id_rule_code_at"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_case_reminder_planned",
        "case_reminder",
        ["at"],
        unique=False,
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.alter_column(
        "case_step",
        "actor_id",
        existing_type=sa.UUID(),
        nullable=True,
        comment="empty: the platform, which only counts days",
    )
    op.execute("ALTER TABLE case_reminder ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_reminder FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON case_reminder USING ({OF_CASE})")


def downgrade() -> None:
    op.execute("DELETE FROM case_step WHERE actor_id IS NULL")
    op.alter_column(
        "case_step",
        "actor_id",
        existing_type=sa.UUID(),
        nullable=False,
        comment=None,
        existing_comment="empty: the platform, which only counts days",
    )
    op.drop_table("case_reminder")
    op.drop_table("reminder_rule")
