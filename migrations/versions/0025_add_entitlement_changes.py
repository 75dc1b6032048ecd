"""Keep how an entitlement was reduced or stopped: proposed, served, heard, decided.

Before: what was granted ran until its end. After: it ends by a decision before its time, and no such
decision is carried for which nobody was heard, but on death or one's own written wish.
"""

from alembic import op
import sqlalchemy as sa

revision = "0025_add_entitlement_changes"
down_revision = "0024_add_delegation"

# The table is new, so nobody waits for its indexes.
EXCUSED = ("require-concurrent-index-creation",)


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.add_column(
        "entitlement",
        sa.Column(
            "closed_by",
            sa.Uuid(),
            nullable=True,
            comment="the decision that ended it before its time",
        ),
    )
    op.create_table(
        "entitlement_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", words("reduce", "stop", name="changekind"), nullable=False),
        sa.Column(
            "amount_fen", sa.BigInteger(), nullable=True, comment="that is left; of what is reduced"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column(
            "excuse",
            words("death", "own_wish", name="excuse"),
            nullable=True,
            comment="why nobody need be heard",
        ),
        sa.Column("excuse_proof", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column(
            "served_by",
            words("direct", "left", "post", "electronic", "public", name="servedby"),
            nullable=True,
            comment="how the notice was served",
        ),
        sa.Column("proof", sa.Text(), nullable=True, comment="that the notice arrived"),
        sa.Column("answer_by", sa.Date(), nullable=True, comment="the last day to answer"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("views", sa.Text(), nullable=True, comment="empty once heard: silence"),
        sa.Column("carried", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True, comment="its reasons"),
        sa.Column(
            "effective_on",
            sa.Date(),
            nullable=True,
            comment="the first day of less, or nothing",
        ),
        sa.CheckConstraint(
            "(kind = 'reduce') = (amount_fen IS NOT NULL)",
            name=op.f("ck_entitlement_change_amount_of_reduced"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_entitlement_change_amount_positive")),
        sa.CheckConstraint(
            "excuse IS NULL OR excuse_proof IS NOT NULL",
            name=op.f("ck_entitlement_change_excuse_proved"),
        ),
        sa.CheckConstraint(
            "(served_on IS NULL) = (answer_by IS NULL) AND (served_on IS NULL) = (proof IS NULL)",
            name=op.f("ck_entitlement_change_service_proved"),
        ),
        sa.CheckConstraint(
            "heard_at IS NULL OR served_on IS NOT NULL",
            name=op.f("ck_entitlement_change_heard_after_service"),
        ),
        sa.CheckConstraint(
            "views IS NULL OR heard_at IS NOT NULL",
            name=op.f("ck_entitlement_change_views_are_heard"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (carried IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_entitlement_change_decided_whole"),
        ),
        sa.CheckConstraint(
            "carried IS NOT TRUE OR heard_at IS NOT NULL OR excuse IS NOT NULL",
            name=op.f("ck_entitlement_change_heard_before_carried"),
        ),
        sa.CheckConstraint(
            "decided_by <> proposed_by", name=op.f("ck_entitlement_change_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_entitlement_change_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_entitlement_change_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["entitlement.id"],
            name=op.f("fk_entitlement_change_entitlement_id_entitlement"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_entitlement_change_proposed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_change")),
    )
    op.create_index(
        op.f("ix_entitlement_change_case_id"), "entitlement_change", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_entitlement_change_entitlement_id"),
        "entitlement_change",
        ["entitlement_id"],
        unique=False,
    )
    op.create_index(
        "uq_entitlement_change_open",
        "entitlement_change",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.execute("ALTER TABLE entitlement_change ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE entitlement_change FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY viewer ON entitlement_change USING"
        " (EXISTS (SELECT FROM aid_case c WHERE c.id = entitlement_change.case_id))"
    )


def downgrade() -> None:
    op.drop_table("entitlement_change")
    op.drop_column("entitlement", "closed_by")
