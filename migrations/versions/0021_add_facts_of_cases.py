"""Keep the rules of the schemes, what is found out in cases, and what decisions make of both.

Before: whoever decided wrote an amount. After: the scheme's rule says whether and how much, by
dated parameters and facts with their proof; a decision keeps the calculation, and why it departs.
Decisions of before have neither.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0021_add_facts_of_cases"
down_revision = "0020_add_papers"

# The tables are new, so nobody waits for an index; what is counted are places.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

SEEN = "EXISTS (SELECT FROM aid_case c WHERE c.id = case_fact.case_id)"


def upgrade() -> None:
    op.create_table(
        "fact_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "unit",
            sa.String(length=40),
            nullable=True,
            comment="as of parameters; yes_no for what holds or not",
        ),
        sa.Column("low", sa.BigInteger(), nullable=False, comment="the least that can be entered"),
        sa.Column("high", sa.BigInteger(), nullable=False, comment="the most that can be entered"),
        sa.Column(
            "derived",
            sa.Boolean(),
            nullable=False,
            comment="follows from the case; nobody enters it",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint("low <= high", name=op.f("ck_fact_kind_bounds")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_fact_kind")),
    )
    op.create_table(
        "scheme_rule",
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "unit", sa.String(length=40), nullable=False, comment="of the amount: CNY/month …"
        ),
        sa.Column("per", sa.String(length=20), nullable=False, comment="what the amount is for"),
        sa.Column(
            "labels",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="parameter → what it is called",
        ),
        sa.Column(
            "steps",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="in order: code, name, kind, expression, source",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_scheme_rule_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("scheme_code", "valid_from", name=op.f("pk_scheme_rule")),
    )
    op.create_table(
        "case_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind_code", sa.String(length=40), nullable=False),
        sa.Column(
            "value",
            sa.BigInteger(),
            nullable=False,
            comment="fen, 1 or 0, or a whole number, by its kind",
        ),
        sa.Column(
            "proof",
            sa.Text(),
            nullable=False,
            comment="by which paper, visit or data it is known",
        ),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_fact_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["found_by"], ["account.id"], name=op.f("fk_case_fact_found_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["fact_kind.code"], name=op.f("fk_case_fact_kind_code_fact_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_fact")),
    )
    op.create_index(op.f("ix_case_fact_case_id_id"), "case_fact", ["case_id", "id"], unique=False)
    op.add_column(
        "case_decision",
        sa.Column(
            "calculation",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="by the rule, as it was; empty where the scheme had none",
        ),
    )
    op.add_column(
        "case_decision",
        sa.Column(
            "departs",
            sa.Text(),
            nullable=True,
            comment="why it differs from the calculation, if it does",
        ),
    )
    op.execute("ALTER TABLE case_fact ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_fact FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON case_fact USING ({SEEN})")


def downgrade() -> None:
    op.drop_column("case_decision", "departs")
    op.drop_column("case_decision", "calculation")
    for table in ("case_fact", "scheme_rule", "fact_kind"):
        op.drop_table(table)
