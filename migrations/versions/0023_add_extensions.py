"""Let a case take longer where its procedure says so, asked for and agreed to by different people.

Before: a procedure's extended limit was read by nobody. After: an extension is a row, asked for
once and answered once; the last day by the usual limit is kept beside the extended one.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0023_add_extensions"
down_revision = "0022_add_decision_lists"

# The table is new; what is counted are days.
EXCUSED = ("prefer-bigint-over-int",)

USUAL = "if extended: had it not been"


def upgrade() -> None:
    op.create_table(
        "case_extension",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage_code", sa.String(length=20), nullable=False, comment="that needs the time"
        ),
        sa.Column(
            "stages",
            postgresql.ARRAY(sa.String(length=20)),
            nullable=False,
            comment="codes that get the days: it, and those that wait for it",
        ),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "reviewer",
                "approver",
                "steward",
                "auditor",
                "finance_clerk",
                "finance_reviewer",
                "appeals_operator",
                "supervisor",
                "leader",
                "system_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
            comment="of whom the stage waits for",
        ),
        sa.Column(
            "days",
            sa.Integer(),
            nullable=False,
            comment="more than the usual limit, in its unit",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True, comment="empty: not answered yet"),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(agreed IS NULL) = (answered_by IS NULL) AND (agreed IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_case_extension_answered_whole"),
        ),
        sa.CheckConstraint("answered_by <> asked_by", name=op.f("ck_case_extension_two_persons")),
        sa.CheckConstraint("days > 0", name=op.f("ck_case_extension_days_positive")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_case_extension_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name=op.f("fk_case_extension_asked_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_extension_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_case_extension_department_code_department"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_extension")),
    )
    op.execute("ALTER TABLE case_extension ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_extension FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON case_extension USING"
        " (EXISTS (SELECT FROM aid_case c WHERE c.id = case_extension.case_id))"
    )
    for table in ("aid_case", "case_stage"):
        op.add_column(table, sa.Column("due_usual_on", sa.Date(), nullable=True, comment=USUAL))


def downgrade() -> None:
    for table in ("case_stage", "aid_case"):
        op.drop_column(table, "due_usual_on")
    op.drop_table("case_extension")
