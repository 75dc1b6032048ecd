"""Keep what stewards decide of who is who, beside the registry and not inside it.

A person may hold two valid numbers from now on, where a steward decided so; the way back leaves
each person one of them, which the next merge writes anyhow.
"""

from alembic import op
import sqlalchemy as sa

revision = "0008_link_decisions"
down_revision = "0007_finding"
branch_labels = None
depends_on = None

# Done while the processes stand still; the review queue and the registry of numbers are small
# beside the records, and an index of signatures is read by nobody before this version runs.
EXCUSED = (
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "ban-drop-constraint",  # meant: that a person has one number at most holds no longer
    "prefer-bigint-over-int",  # a county's code has six digits, as everywhere
)

SEEN = "region_code <@ (SELECT viewer_regions()) AND (SELECT viewer_department()) IS NULL"
# As in relief.registry.merging.signatures at the time of this migration.
SIGNATURE = (
    "md5(name_key || '|' || coalesce(citizen_id::text, '') || '|'"
    " || coalesce((born_on - DATE '1900-01-01')::text, '')"
    " || CASE WHEN citizen_id_valid THEN '' ELSE '|' || department_code"
    " || '|' || coalesce(household_number, '') || '|' || region_code::text END)"
)


def upgrade() -> None:
    op.create_table(
        "link_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_anchor", sa.String(length=40), nullable=False),
        sa.Column("other_anchor", sa.String(length=40), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("same", "different", name="verdict", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum("review", "split", "merge", name="actkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("act_id", sa.Uuid(), nullable=False, comment="what was decided together"),
        sa.Column(
            "moved_anchor",
            sa.String(length=40),
            nullable=True,
            comment="the one that a split took away; the number stays with the other",
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False, comment="whom the act was about"),
        sa.Column(
            "other_id",
            sa.Uuid(),
            nullable=True,
            comment="the second person, as it was then; of a split, there was none",
        ),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=False,
            comment="of the person the act was about",
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "one_anchor < other_anchor", name=op.f("ck_link_decision_anchors_in_order")
        ),
        sa.CheckConstraint(
            "moved_anchor IN (one_anchor, other_anchor)",
            name=op.f("ck_link_decision_moved_is_one_of_them"),
        ),
        sa.CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)",
            name=op.f("ck_link_decision_withdrawn_by_someone"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_link_decision_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_link_decision_withdrawn_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_decision")),
    )
    op.create_index(
        "uq_link_decision_open",
        "link_decision",
        ["one_anchor", "other_anchor"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "ix_link_decision_other_anchor",
        "link_decision",
        ["other_anchor"],
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    for columns in (
        ["act_id"],
        ["decided_by", "act_id"],
        ["person_id"],
        ["other_id"],
        ["region_code", "id"],
    ):
        op.create_index(op.f(f"ix_link_decision_{'_'.join(columns)}"), "link_decision", columns)
    op.execute("ALTER TABLE link_decision ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE link_decision FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON link_decision USING ({SEEN})")

    op.add_column(
        "link_review",
        sa.Column("act_id", sa.Uuid(), nullable=True, comment="the decision that answered it"),
    )
    op.create_index(
        "ix_link_review_queue",
        "link_review",
        ["id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_constraint(op.f("uq_identity_registry_person_id"), "identity_registry", type_="unique")
    op.create_index(op.f("ix_identity_registry_person_id"), "identity_registry", ["person_id"])
    op.execute(
        f"CREATE INDEX ix_source_identity_signature ON source_identity USING hash (({SIGNATURE}))"
    )


def downgrade() -> None:
    op.drop_index("ix_source_identity_signature", table_name="source_identity")
    op.execute(
        "DELETE FROM identity_registry r USING person p"
        " WHERE p.id = r.person_id AND r.citizen_id IS DISTINCT FROM p.citizen_id"
        " AND EXISTS (SELECT FROM identity_registry o WHERE o.person_id = r.person_id"
        " AND o.citizen_id = p.citizen_id)"
    )
    op.drop_index(op.f("ix_identity_registry_person_id"), table_name="identity_registry")
    op.create_unique_constraint(
        op.f("uq_identity_registry_person_id"), "identity_registry", ["person_id"]
    )
    op.drop_index("ix_link_review_queue", table_name="link_review")
    op.drop_column("link_review", "act_id")
    op.drop_table("link_decision")
