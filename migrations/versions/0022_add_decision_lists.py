"""Keep the lists of decisions that approvers draw and sign, and what became of each case.

Before: each case was decided by itself. After: where a scheme allows it (reference data), an
approver signs a list, a task decides its cases, and each decision names the list. A list is its
approver's own. Decisions of before name none.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0022_add_decision_lists"
down_revision = "0021_add_facts_of_cases"

# The lists are new, and decisions few when this comes: what is checked of them is an empty column.
# What is counted are cases of a list, and their versions.
EXCUSED = (
    "adding-foreign-key-constraint",
    "constraint-missing-not-valid",
    "prefer-bigint-over-int",
    "require-concurrent-index-creation",
)
OWN = "drawn_by = (SELECT viewer_id())"
SEEN = {
    "decision_list": OWN,
    "decision_list_entry": f"list_id IN (SELECT l.id FROM decision_list l WHERE l.{OWN})",
}


def upgrade() -> None:
    op.create_table(
        "decision_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column(
            "department_code",
            sa.String(length=8),
            nullable=False,
            comment="of who drew it: whose cases they are",
        ),
        sa.Column(
            "region",
            sa.String(length=12),
            nullable=True,
            comment="what it was narrowed to; empty: all of who drew it",
        ),
        sa.Column(
            "amount_fen", sa.BigInteger(), nullable=False, comment="to each, by the scheme's `per`"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of what is signed"),
        sa.Column(
            "status",
            sa.Enum(
                "drawn",
                "signed",
                "stopped",
                "done",
                name="liststatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stopped_for",
            sa.Enum(
                "signer", "authority", "digest", name="stopreason", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "earlier",
            sa.Integer(),
            nullable=False,
            comment="cases that were not at the decision yet",
        ),
        sa.Column(
            "beyond",
            sa.Integer(),
            nullable=False,
            comment="cases for which there was no more room",
        ),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'done') = (ended_at IS NOT NULL)", name=op.f("ck_decision_list_ended")
        ),
        sa.CheckConstraint(
            "(status = 'drawn') = (signed_at IS NULL)", name=op.f("ck_decision_list_signed")
        ),
        sa.CheckConstraint(
            "(status = 'stopped') = (stopped_for IS NOT NULL)",
            name=op.f("ck_decision_list_stopped"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_decision_list_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_decision_list_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["account.id"], name=op.f("fk_decision_list_drawn_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_decision_list_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_list")),
    )
    op.create_index(
        op.f("ix_decision_list_drawn_by_id"), "decision_list", ["drawn_by", "id"], unique=False
    )
    op.create_table(
        "decision_list_entry",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False, comment="of the case"),
        sa.Column(
            "case_version",
            sa.Integer(),
            nullable=False,
            comment="of the case when the list was drawn",
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column(
            "ends_on", sa.Date(), nullable=True, comment="the first day after; empty: runs on"
        ),
        sa.Column(
            "doubts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what there was to look at, and is it open",
        ),
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
                "kin",
                "stood_back",
                "four_eyes",
                "unvisited",
                "paused",
                "too_early",
                "doubts",
                "overlap",
                "changed",
                "dates",
                "gone",
                "failed",
                "taken_off",
                name="reason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('left_out', 'not_decided')) = (reason IS NOT NULL)",
            name=op.f("ck_decision_list_entry_says_why"),
        ),
        sa.CheckConstraint(
            "status <> 'decided' OR decided_at IS NOT NULL",
            name=op.f("ck_decision_list_entry_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_decision_list_entry_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["decision_list.id"],
            name=op.f("fk_decision_list_entry_list_id_decision_list"),
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_decision_list_entry")),
        sa.UniqueConstraint(
            "list_id", "case_id", name=op.f("uq_decision_list_entry_list_id_case_id")
        ),
    )
    op.create_index(
        "ix_decision_list_entry_listed",
        "decision_list_entry",
        ["list_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'listed'"),
    )
    op.add_column(
        "case_decision",
        sa.Column(
            "list_id", sa.Uuid(), nullable=True, comment="the signed list by which it was taken"
        ),
    )
    op.create_foreign_key(
        op.f("fk_case_decision_list_id_decision_list"),
        "case_decision",
        "decision_list",
        ["list_id"],
        ["id"],
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_constraint(
        op.f("fk_case_decision_list_id_decision_list"), "case_decision", type_="foreignkey"
    )
    op.drop_column("case_decision", "list_id")
    op.drop_table("decision_list_entry")
    op.drop_table("decision_list")
