"""Keep rises of a standard, their lists of differences, and what is owed for months paid before.

Before: parameters came from the seeds alone, and an entitlement only got less. After: a new value is
drafted and published by two persons, and what hangs on it is raised by a list that a third signs.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0031_add_standard_rises"
down_revision = "0030_add_objections"

# The tables are new, so nobody waits for their indexes. What is counted are months, entitlements of
# a place, lines of a list and versions.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

# As `entitlement` itself; a rise by its whole county or city.
SEEN = {
    "standard_rise": "region_code <@ (SELECT viewer_regions())"
    " AND ((SELECT viewer_department()) IS NULL"
    " OR department_code = (SELECT viewer_department()))",
    "standard_rise_entry": "EXISTS"
    " (SELECT FROM aid_case c WHERE c.id = standard_rise_entry.case_id)",
    "back_pay": "EXISTS (SELECT FROM entitlement e WHERE e.id = back_pay.entitlement_id)",
}


def upgrade() -> None:
    op.create_table(
        "parameter_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column(
            "source", sa.String(length=300), nullable=False, comment="the document that sets it"
        ),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)",
            name=op.f("ck_parameter_draft_published_whole"),
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR discarded_at IS NULL", name=op.f("ck_parameter_draft_one_end")
        ),
        sa.CheckConstraint(
            "published_by <> drafted_by", name=op.f("ck_parameter_draft_two_persons")
        ),
        sa.CheckConstraint("value > 0", name=op.f("ck_parameter_draft_value_positive")),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["account.id"], name=op.f("fk_parameter_draft_drafted_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["account.id"], name=op.f("fk_parameter_draft_published_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_draft")),
    )
    op.create_index(
        "uq_parameter_draft_kept",
        "parameter_draft",
        ["name", "valid_from"],
        unique=True,
        postgresql_where=sa.text("discarded_at IS NULL"),
    )
    op.create_table(
        "standard_rise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False, comment="a county, or the city"),
        sa.Column(
            "effective_on", sa.Date(), nullable=False, comment="from when the standard holds"
        ),
        sa.Column(
            "paid_from",
            sa.Date(),
            nullable=False,
            comment="the first month that is paid by it; what is before is owed",
        ),
        sa.Column(
            "standards",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="name, before, after, unit, source",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "drawing",
                "drawn",
                "signed",
                "stopped",
                "done",
                "cancelled",
                name="risestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stopped_for",
            sa.Enum(
                "person",
                "authority",
                "digest",
                "late",
                name="risestop",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "total", sa.Integer(), nullable=False, comment="entitlements in payment when it began"
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=True, comment="SHA-256 of what is signed"),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'stopped') = (stopped_for IS NOT NULL)",
            name=op.f("ck_standard_rise_stopped"),
        ),
        sa.CheckConstraint(
            "status = 'drawing' OR digest IS NOT NULL OR status = 'cancelled'",
            name=op.f("ck_standard_rise_drawn"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('signed', 'stopped', 'done') OR signed_at IS NOT NULL",
            name=op.f("ck_standard_rise_signed"),
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)", name=op.f("ck_standard_rise_signed_whole")
        ),
        sa.CheckConstraint(
            "extract(day FROM effective_on) = 1 AND extract(day FROM paid_from) = 1"
            " AND paid_from >= effective_on",
            name=op.f("ck_standard_rise_whole_months"),
        ),
        sa.CheckConstraint("signed_by <> drawn_by", name=op.f("ck_standard_rise_two_persons")),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_standard_rise_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["account.id"], name=op.f("fk_standard_rise_drawn_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_standard_rise_scheme_code_scheme")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["account.id"], name=op.f("fk_standard_rise_signed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_rise")),
    )
    op.create_index(
        op.f("ix_standard_rise_region_code_id"),
        "standard_rise",
        ["region_code", "id"],
        unique=False,
    )
    op.create_index(
        "uq_standard_rise_under_way",
        "standard_rise",
        ["scheme_code", "effective_on", "region_code"],
        unique=True,
        postgresql_where=sa.text("status IN ('drawing', 'drawn', 'signed', 'stopped')"),
    )
    op.create_table(
        "back_pay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False, comment="that gives the higher sum"),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False, comment="its first day"),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("monthly_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen = months * monthly_fen", name=op.f("ck_back_pay_adds_up")),
        sa.CheckConstraint(
            "extract(day FROM first_month) = 1", name=op.f("ck_back_pay_from_a_month_on")
        ),
        sa.CheckConstraint(
            "months > 0 AND monthly_fen > 0", name=op.f("ck_back_pay_something_owed")
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["entitlement.id"],
            name=op.f("fk_back_pay_entitlement_id_entitlement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_pay")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_back_pay_decision_id")),
    )
    op.create_index(
        op.f("ix_back_pay_entitlement_id"), "back_pay", ["entitlement_id"], unique=False
    )
    op.create_table(
        "standard_rise_entry",
        sa.Column("rise_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False, comment="of the case"),
        sa.Column("region_code", sa.BigInteger(), nullable=False, comment="of the entitlement"),
        sa.Column("old_fen", sa.BigInteger(), nullable=False),
        sa.Column("new_fen", sa.BigInteger(), nullable=True, comment="empty: the rule gives none"),
        sa.Column("starts_on", sa.Date(), nullable=False, comment="the first day of more"),
        sa.Column(
            "back_months",
            sa.Integer(),
            nullable=False,
            comment="from then on, for which more is owed",
        ),
        sa.Column("back_fen", sa.BigInteger(), nullable=False, comment="what is owed for them"),
        sa.Column(
            "status",
            sa.Enum(
                "listed",
                "left_out",
                "decided",
                "not_decided",
                name="entrystatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "same",
                "falls",
                "not_met",
                "missing",
                "by_hand",
                "changing",
                "pieces",
                "partial",
                "kin",
                "stood_back",
                "changed",
                "gone",
                "failed",
                name="risereason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "calculation",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="by the rule, as it was when decided",
        ),
        sa.CheckConstraint(
            "(status = 'decided') = (decision_id IS NOT NULL) AND (status = 'decided') = (decided_at IS NOT NULL)",
            name=op.f("ck_standard_rise_entry_decided"),
        ),
        sa.CheckConstraint(
            "(status IN ('left_out', 'not_decided')) = (reason IS NOT NULL)",
            name=op.f("ck_standard_rise_entry_says_why"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('listed', 'decided') OR new_fen > old_fen",
            name=op.f("ck_standard_rise_entry_never_less"),
        ),
        sa.CheckConstraint(
            "back_months >= 0 AND back_fen = back_months * (coalesce(new_fen, old_fen) - old_fen)",
            name=op.f("ck_standard_rise_entry_back_pay_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_standard_rise_entry_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["entitlement.id"],
            name=op.f("fk_standard_rise_entry_entitlement_id_entitlement"),
        ),
        sa.ForeignKeyConstraint(
            ["rise_id"],
            ["standard_rise.id"],
            name=op.f("fk_standard_rise_entry_rise_id_standard_rise"),
        ),
        sa.PrimaryKeyConstraint("rise_id", "position", name=op.f("pk_standard_rise_entry")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_standard_rise_entry_decision_id")),
        sa.UniqueConstraint(
            "rise_id", "entitlement_id", name=op.f("uq_standard_rise_entry_rise_id_entitlement_id")
        ),
    )
    op.create_index(
        op.f("ix_standard_rise_entry_case_id"), "standard_rise_entry", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_standard_rise_entry_entitlement_id"),
        "standard_rise_entry",
        ["entitlement_id"],
        unique=False,
    )
    op.create_index(
        "ix_standard_rise_entry_listed",
        "standard_rise_entry",
        ["rise_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'listed'"),
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_table("standard_rise_entry")
    op.drop_table("back_pay")
    op.drop_table("standard_rise")
    op.drop_table("parameter_draft")
