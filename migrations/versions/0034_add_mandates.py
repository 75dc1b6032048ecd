"""Keep who may hand over papers or apply in an applicant's place, for what and how long.

Before: whoever came to the window was taken for the applicant. After: mandates with their proof,
given for some acts and days, revoked or run out; what is done under one says so.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0034_add_mandates"
down_revision = "0033_add_payees"

# The table is new, so nobody waits for an index.
EXCUSED = ("require-concurrent-index-creation",)


def upgrade() -> None:
    op.create_table(
        "case_mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.String(length=80), nullable=False, comment="the name of who acts"),
        sa.Column(
            "kind",
            sa.Enum(
                "relative",
                "committee",
                "helper",
                "other",
                name="agentkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "number_id", sa.Uuid(), nullable=False, comment="secret value: the agent's number"
        ),
        sa.Column("number_masked", sa.String(length=20), nullable=False),
        sa.Column("acts", postgresql.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column(
            "days", postgresql.DATERANGE(), nullable=False, comment="the last one not included"
        ),
        sa.Column(
            "form",
            sa.Enum("written", "dictated", name="mandateform", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "proof", sa.Text(), nullable=False, comment="the signed paper, or what was recorded"
        ),
        sa.Column(
            "witness_id",
            sa.Uuid(),
            nullable=True,
            comment="the other of the staff before whom it was dictated",
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_why", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("case_id"), "="),
            (sa.column("number_id"), "="),
            (sa.column("days"), "&&"),
            where=sa.text("revoked_at IS NULL"),
            using="gist",
            name="one_mandate_at_a_time",
        ),
        sa.CheckConstraint(
            "(form = 'dictated') = (witness_id IS NOT NULL)", name=op.f("ck_case_mandate_witnessed")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_why IS NULL)",
            name=op.f("ck_case_mandate_revoked_whole"),
        ),
        sa.CheckConstraint(
            "NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)",
            name=op.f("ck_case_mandate_from_to"),
        ),
        sa.CheckConstraint("cardinality(acts) > 0", name=op.f("ck_case_mandate_acts_named")),
        sa.CheckConstraint("witness_id <> recorded_by", name=op.f("ck_case_mandate_two_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_mandate_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_case_mandate_recorded_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["account.id"], name=op.f("fk_case_mandate_revoked_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["account.id"], name=op.f("fk_case_mandate_witness_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_mandate")),
    )
    op.create_index(op.f("ix_case_mandate_case_id"), "case_mandate", ["case_id"], unique=False)
    op.execute("ALTER TABLE case_mandate ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_mandate FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON case_mandate USING"
        " (EXISTS (SELECT FROM aid_case c WHERE c.id = case_mandate.case_id))"
    )


def downgrade() -> None:
    op.drop_table("case_mandate")
