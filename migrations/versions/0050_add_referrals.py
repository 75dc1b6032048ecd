"""Keep who was found in need and handed to the office that is to take them in.

Before: whoever is without shelter was entered at the window, as if they had applied. After: a
referral says where and how somebody was found, and a case begins when its office has taken them in
and knows who they are. No case that there is changes.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0050_add_referrals"
down_revision = "0058_keep_bindings"

# The tables are new, so nobody waits for their indexes; what is counted are lines of a history.
EXCUSED = ("require-concurrent-index-creation", "prefer-bigint-over-int")

# Of the office that is to take somebody in; and of whoever's hands it went through, wherever.
OFFICE = (
    "region_code <@ (SELECT viewer_regions())"
    " AND ((SELECT viewer_department()) IS NULL OR (SELECT viewer_department()) = department_code)"
)
SEEN = {
    "referral": f"({OFFICE}) OR hands @> ARRAY[(SELECT viewer_id())]",
    "referral_event": "EXISTS (SELECT FROM referral r WHERE r.id = referral_event.referral_id)",
}


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column(
            "department_code",
            sa.String(length=8),
            nullable=False,
            comment="that is to take them in",
        ),
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=False,
            comment="of the office that is to take them in",
        ),
        sa.Column(
            "found_by",
            sa.Enum(
                "police",
                "urban_management",
                "station",
                "community",
                "hospital",
                "department",
                "citizen",
                "self",
                name="foundby",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "finder",
            sa.String(length=120),
            nullable=False,
            comment="unit and name of who found them",
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False, comment="where they were found"),
        sa.Column(
            "handed_to", sa.String(length=120), nullable=False, comment="who has them in care now"
        ),
        sa.Column("minor", sa.Boolean(), nullable=False, comment="a child, or taken for one"),
        sa.Column(
            "name", sa.String(length=80), nullable=True, comment="as they say; empty: unknown"
        ),
        sa.Column(
            "number_id",
            sa.Uuid(),
            nullable=True,
            comment="secret value: the number that they say, or by which they were found",
        ),
        sa.Column("number_masked", sa.String(length=20), nullable=True),
        sa.Column(
            "found",
            sa.Boolean(),
            nullable=False,
            comment="the registry knows somebody by the number",
        ),
        sa.Column(
            "told",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed: their condition, and whom to call back",
        ),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "taken_in",
                "case",
                "refused",
                "closed",
                name="referralstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "hands",
            postgresql.ARRAY(sa.Uuid()),
            nullable=False,
            comment="who referred it or handed it on, and sees what becomes of it",
        ),
        sa.Column("referred_by", sa.Uuid(), nullable=False),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True, comment="by when the office is to answer"),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "late_told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the office was told that its day has passed",
        ),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True, comment="the reason"),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("aid", sa.Text(), nullable=True, comment="what was given to who stayed unknown"),
        sa.Column("aid_fen", sa.BigInteger(), nullable=True),
        sa.Column(
            "aid_end",
            sa.Enum(
                "left",
                "returned",
                "hospital",
                "institution",
                "police",
                "died",
                name="aidend",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("aid_until", sa.Date(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'case') = (case_id IS NOT NULL)", name=op.f("ck_referral_case")
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (aid IS NOT NULL) AND (aid IS NULL) = (aid_fen IS NULL) AND (aid IS NULL) = (aid_end IS NULL) AND (aid IS NULL) = (aid_until IS NULL)",
            name=op.f("ck_referral_closed_whole"),
        ),
        sa.CheckConstraint(
            "(status = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_referral_says_why")
        ),
        sa.CheckConstraint(
            "(status IN ('taken_in', 'case', 'closed')) = (taken_at IS NOT NULL) AND (taken_at IS NULL) = (taken_by IS NULL)",
            name=op.f("ck_referral_taken_whole"),
        ),
        sa.CheckConstraint(
            "(number_id IS NULL) = (number_masked IS NULL)", name=op.f("ck_referral_number_whole")
        ),
        sa.CheckConstraint(
            "NOT found OR number_id IS NOT NULL", name=op.f("ck_referral_found_by_number")
        ),
        sa.CheckConstraint("aid_fen >= 0", name=op.f("ck_referral_aid_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_referral_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_referral_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["referred_by"], ["account.id"], name=op.f("fk_referral_referred_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_referral_scheme_code_scheme")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["account.id"], name=op.f("fk_referral_taken_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("case_id", name=op.f("uq_referral_case_id")),
    )
    op.create_index(
        "ix_referral_hands", "referral", ["hands"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_referral_live",
        "referral",
        ["region_code", "due_on"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'taken_in')"),
    )
    op.create_index(
        op.f("ix_referral_region_code_id"), "referral", ["region_code", "id"], unique=False
    )
    op.create_table(
        "referral_event",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "referred",
                "handed_on",
                "found",
                "taken_in",
                "case_begun",
                "refused",
                "closed",
                name="referralstep",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "region_code", sa.BigInteger(), nullable=False, comment="of the office, after it"
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_referral_event_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_referral_event_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("referral_id", "number", name=op.f("pk_referral_event")),
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_table("referral_event")
    op.drop_table("referral")
