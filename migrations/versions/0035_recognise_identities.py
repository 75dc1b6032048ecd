"""Recognise identities that were confirmed before, and take over what is known.

Before: each scheme checked again what another had confirmed, and each application asked anew. After:
which scheme accepts which identity is reference data; a case keeps what it recognised, what it was
spared by it and the shorter limit of the whole, and where each value that was filled in came from.
Cases of before recognised nothing.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0035_recognise_identities"
down_revision = "0034_add_mandates"

# The tables are new, so nobody waits for an index; what is counted are days and places.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = {table}.case_id)"


def upgrade() -> None:
    op.create_table(
        "recognised_identity",
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column(
            "unit",
            sa.String(length=20),
            nullable=False,
            comment="whom it covers: person or household",
        ),
        sa.Column(
            "months",
            sa.String(length=60),
            nullable=False,
            comment="parameter: for how long after its last check it is recognised",
        ),
        sa.Column(
            "fact_code", sa.String(length=40), nullable=True, comment="what a rule asks of it"
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_code"],
            ["fact_kind.code"],
            name=op.f("fk_recognised_identity_fact_code_fact_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_recognised_identity_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_recognised_identity")),
        sa.UniqueConstraint("scheme_code", name=op.f("uq_recognised_identity_scheme_code")),
    )
    op.create_table(
        "case_prefill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "members", "address", "phone", "fact", name="field", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("kind_code", sa.String(length=40), nullable=True),
        sa.Column(
            "value", sa.Text(), nullable=False, comment="as it was known; masked where secret"
        ),
        sa.Column("origin", sa.Text(), nullable=False, comment="where it was known from"),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("corrected", sa.Text(), nullable=True, comment="what is so instead"),
        sa.Column("secret_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is corrected"),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(field = 'fact') = (kind_code IS NOT NULL)",
            name=op.f("ck_case_prefill_facts_have_a_kind"),
        ),
        sa.CheckConstraint(
            "(corrected IS NULL) = (reason IS NULL)",
            name=op.f("ck_case_prefill_corrected_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_prefill_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_case_prefill_entered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"], ["fact_kind.code"], name=op.f("fk_case_prefill_kind_code_fact_kind")
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["secret_value.id"], name=op.f("fk_case_prefill_secret_id_secret_value")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_prefill")),
        sa.UniqueConstraint(
            "case_id",
            "field",
            "kind_code",
            name=op.f("uq_case_prefill_case_id_field_kind_code"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_case_prefill_secret_id"), "case_prefill", ["secret_id"], unique=False)
    op.create_table(
        "case_recognition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "extreme_hardship",
                "minimum_allowance",
                "allowance_edge",
                "heavy_expenditure",
                "monitored",
                "other",
                name="category",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "holder",
            sa.String(length=80),
            nullable=False,
            comment="who of the family was confirmed",
        ),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False, comment="the last check of it"),
        sa.Column(
            "source",
            sa.Enum("entitlement", "list", name="source", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "told_by", sa.Text(), nullable=False, comment="the decision or the list, in words"
        ),
        sa.Column(
            "spares", sa.String(length=100), nullable=False, comment="what, in words for the family"
        ),
        sa.Column(
            "stages",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes of stages that are left out",
        ),
        sa.Column(
            "checks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes of checks that are not made",
        ),
        sa.Column(
            "legal",
            sa.String(length=300),
            nullable=False,
            comment="the rule's source, as it was then",
        ),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_case_recognition_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_recognition_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_recognition")),
        sa.UniqueConstraint(
            "case_id", "category", name=op.f("uq_case_recognition_case_id_category")
        ),
    )
    op.create_table(
        "recognition_rule",
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "spares", sa.String(length=100), nullable=False, comment="what, in words for the family"
        ),
        sa.Column(
            "stages",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes of stages that are left out",
        ),
        sa.Column(
            "checks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes of checks that are not made",
        ),
        sa.Column(
            "total_limit", sa.Integer(), nullable=True, comment="of the whole; empty: as it was"
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.CheckConstraint("total_limit > 0", name=op.f("ck_recognition_rule_total_positive")),
        sa.ForeignKeyConstraint(
            ["category"],
            ["recognised_identity.category"],
            name=op.f("fk_recognition_rule_category_recognised_identity"),
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_recognition_rule_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint(
            "scheme_code", "category", "valid_from", name=op.f("pk_recognition_rule")
        ),
    )
    op.add_column(
        "aid_case",
        sa.Column(
            "shorter_limit",
            sa.Integer(),
            nullable=True,
            comment="of the whole, in its unit, where an identity is recognised",
        ),
    )
    for table in ("case_recognition", "case_prefill"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({OF_CASE.format(table=table)})")


def downgrade() -> None:
    op.drop_column("aid_case", "shorter_limit")
    op.drop_table("recognition_rule")
    op.drop_table("case_recognition")
    op.drop_table("case_prefill")
    op.drop_table("recognised_identity")
