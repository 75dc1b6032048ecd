"""Keep who authorised the checking of a family, and what the checks before a decision found.

Before: an application was only compared with kin. After: how each check counts is reference data;
findings and authorisations hang on a case, and whoever sees the case sees them.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0019_add_checks"
down_revision = "0018_add_pause_reasons"

# Every table is new, so nobody waits for an index; what is counted are positions and days.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = {table}.case_id)"
PERSONAL = ("case_authorisation", "case_finding")


def upgrade() -> None:
    op.create_table(
        "check_rule",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="the last day; empty: until further row",
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("note", "doubt", "block", name="grade", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "hard", sa.Boolean(), nullable=False, comment="a block that holds urgent aid too"
        ),
        sa.Column("owner", sa.String(length=40), nullable=False, comment="who verifies, or mends"),
        sa.Column("days", sa.Integer(), nullable=True, comment="working days to verify a doubt"),
        sa.Column("mend", sa.String(length=200), nullable=False, comment="what is to be done"),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_check_rule_days_positive")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_check_rule_forwards")),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_check_rule")),
    )
    op.create_table(
        "case_authorisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identity_id",
            sa.Uuid(),
            nullable=True,
            comment="the source record by which the person was known: it goes where that goes",
        ),
        sa.Column(
            "name", sa.String(length=80), nullable=False, comment="of the person, as it was then"
        ),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column(
            "signed_by",
            sa.Enum("oneself", "guardian", name="signedby", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_authorisation_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["account.id"], name=op.f("fk_case_authorisation_recorded_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_authorisation")),
    )
    for column in ("case_id", "identity_id", "person_id"):
        op.create_index(
            op.f(f"ix_case_authorisation_{column}"), "case_authorisation", [column], unique=False
        )
    op.create_table(
        "case_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("check_code", sa.String(length=4), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("note", "doubt", "block", name="grade", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "rule",
            sa.String(length=300),
            nullable=False,
            comment="the law or policy, as it was then",
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True, comment="last day to verify a doubt"),
        sa.Column(
            "gone_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="a later look found it no more",
        ),
        sa.Column(
            "verdict",
            sa.Enum(
                "unfounded", "settled", "confirmed", name="verdict", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(verdict IS NULL) = (answered_at IS NULL)"
            " AND (verdict IS NULL) = (answered_by IS NULL)"
            " AND (verdict IS NULL) = (answer IS NULL)",
            name=op.f("ck_case_finding_answered_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_case_finding_answered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_finding_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_finding")),
    )
    op.create_index(op.f("ix_case_finding_case_id"), "case_finding", ["case_id"], unique=False)
    op.create_index(
        "uq_case_finding_open",
        "case_finding",
        ["case_id", "check_code", "key"],
        unique=True,
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    for table in PERSONAL:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({OF_CASE.format(table=table)})")


def downgrade() -> None:
    for table in ("case_finding", "case_authorisation", "check_rule"):
        op.drop_table(table)
