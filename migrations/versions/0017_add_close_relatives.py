"""Keep what staff file of their close relatives, whose cases are of kin, and who stood back.

Before: nobody was kept from a case of their own family. After: the circle of kin is reference data;
what staff file is their own to see, and only the registrar compares it with families.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0017_add_close_relatives"
down_revision = "0016_add_reminders"

# Every table is new, so nobody waits for an index; what is counted are places and years.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = {table}.case_id)"
SEEN = {
    "kin_filing": "account_id = (SELECT viewer_id())",
    "kin_relative": "filing_id IN"
    " (SELECT f.id FROM kin_filing f WHERE f.account_id = (SELECT viewer_id()))",
    **{table: OF_CASE.format(table=table) for table in ("case_kin", "case_recusal", "kin_visit")},
}


def upgrade() -> None:
    op.create_table(
        "kin_circle",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="the value of the parameter"),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "relations",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes of GB/T 4761",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_kin_circle")),
        sa.UniqueConstraint("position", name=op.f("uq_kin_circle_position")),
    )
    op.create_table(
        "kin_filing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "year", sa.Integer(), nullable=False, comment="of the China day on which it was filed"
        ),
        sa.Column(
            "own_number_id", sa.Uuid(), nullable=False, comment="secret value: one's own number"
        ),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_kin_filing_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kin_filing")),
    )
    op.create_index(
        op.f("ix_kin_filing_account_id_id"), "kin_filing", ["account_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_kin_filing_own_number_id"), "kin_filing", ["own_number_id"], unique=False
    )
    op.create_table(
        "case_kin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "account_id",
            sa.Uuid(),
            nullable=True,
            comment="empty: declared, of someone without an account",
        ),
        sa.Column("name", sa.String(length=80), nullable=False, comment="of the member of staff"),
        sa.Column(
            "relation",
            sa.String(length=2),
            nullable=False,
            comment="to the member of staff, GB/T 4761",
        ),
        sa.Column(
            "source",
            sa.Enum(
                "declared", "filed", "registry", name="kinsource", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_case_kin_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_kin_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_kin")),
    )
    op.create_index(op.f("ix_case_kin_case_id"), "case_kin", ["case_id"], unique=False)
    op.create_index(
        "uq_case_kin_account",
        "case_kin",
        ["case_id", "account_id", "source"],
        unique=True,
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
    op.create_table(
        "case_recusal",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_case_recusal_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_recusal_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_case_recusal")),
    )
    op.create_table(
        "kin_relative",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "relation",
            sa.String(length=2),
            nullable=False,
            comment="to the member of staff, GB/T 4761",
        ),
        sa.Column("number_id", sa.Uuid(), nullable=False, comment="secret value"),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["kin_filing.id"], name=op.f("fk_kin_relative_filing_id_kin_filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kin_relative")),
    )
    op.create_index(op.f("ix_kin_relative_filing_id"), "kin_relative", ["filing_id"], unique=False)
    op.create_index(op.f("ix_kin_relative_number_id"), "kin_relative", ["number_id"], unique=False)
    op.create_table(
        "kin_visit",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("companion_id", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("companion_id <> visitor_id", name=op.f("ck_kin_visit_two_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_kin_visit_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["companion_id"], ["account.id"], name=op.f("fk_kin_visit_companion_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["account.id"], name=op.f("fk_kin_visit_visitor_id_account")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_kin_visit")),
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    for table in (
        "kin_visit", "case_recusal", "case_kin", "kin_relative", "kin_filing", "kin_circle",
    ):  # fmt: skip
        op.drop_table(table)
