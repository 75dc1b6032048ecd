"""Keep what is objected to in a notice period, how it was looked into, and what was answered.

Before: a notice was ended with a word. After: each objection is a row, who objected is sealed, and
a case goes on when all are answered. A case whose notice hangs already has none, and goes on as it
would have.
"""

from alembic import op
import sqlalchemy as sa

revision = "0030_add_objections"
down_revision = "0029_add_procedure_drafts"

# The tables are new, so nobody waits for their indexes; what is counted are people in a room.
EXCUSED = ("require-concurrent-index-creation", "prefer-bigint-over-int")


def words(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


CHANNELS = ("in_person", "phone", "letter", "online")


def account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["account.id"], name=op.f(f"fk_{table}_{column}_account")
    )


def upgrade() -> None:
    op.create_table(
        "case_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "in_time",
            sa.Boolean(),
            nullable=False,
            comment="within the notice, and before it was ended",
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", words(*CHANNELS, name="channel"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False, comment="what is objected to"),
        sa.Column(
            "objector",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed: name and telephone; empty: anonymous",
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True, comment="empty: not answered yet"),
        sa.Column("answer", sa.Text(), nullable=True, comment="its reasons"),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_how", words(*CHANNELS, "unreachable", name="told"), nullable=True),
        sa.Column("told_note", sa.Text(), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "in_time OR answered_at IS NULL", name=op.f("ck_case_objection_late_unanswered")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (upheld IS NULL) AND (answered_at IS NULL) = (answer IS NULL)"
            " AND (answered_at IS NULL) = (answered_by IS NULL)",
            name=op.f("ck_case_objection_answered_whole"),
        ),
        sa.CheckConstraint(
            "(told_at IS NULL) = (told_how IS NULL) AND (told_at IS NULL) = (told_by IS NULL)",
            name=op.f("ck_case_objection_told_whole"),
        ),
        sa.CheckConstraint(
            "told_at IS NULL OR answered_at IS NOT NULL OR NOT in_time",
            name=op.f("ck_case_objection_told_after_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_objection_case_id_aid_case")
        ),
        account("case_objection", "recorded_by"),
        account("case_objection", "answered_by"),
        account("case_objection", "told_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_objection")),
    )
    op.create_index(op.f("ix_case_objection_case_id"), "case_objection", ["case_id"], unique=False)
    op.create_index(
        "ix_case_objection_unanswered",
        "case_objection",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("in_time AND answered_at IS NULL"),
    )
    op.create_table(
        "case_inquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", words("resurvey", "appraisal", name="inquirykind"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column(
            "recorded_by",
            sa.Uuid(),
            nullable=True,
            comment="of a survey: one of the two investigators",
        ),
        sa.Column("companion_id", sa.Uuid(), nullable=True, comment="the other investigator"),
        sa.Column("signature", sa.Text(), nullable=True, comment="who signed the survey's form"),
        sa.Column("participants", sa.Integer(), nullable=True, comment="of an appraisal: how many"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(recorded_at IS NULL) = (held_on IS NULL)"
            " AND (recorded_at IS NULL) = (finding IS NULL) AND (recorded_at IS NULL) = (recorded_by IS NULL)",
            name=op.f("ck_case_inquiry_recorded_whole"),
        ),
        sa.CheckConstraint(
            "(kind = 'resurvey' AND recorded_at IS NOT NULL) = (companion_id IS NOT NULL)"
            " AND (companion_id IS NULL) = (signature IS NULL)",
            name=op.f("ck_case_inquiry_surveyed_by_two"),
        ),
        sa.CheckConstraint("companion_id <> recorded_by", name=op.f("ck_case_inquiry_two_persons")),
        sa.CheckConstraint(
            "(kind = 'appraisal' AND recorded_at IS NOT NULL) = (participants IS NOT NULL)",
            name=op.f("ck_case_inquiry_appraised_by_some"),
        ),
        sa.CheckConstraint("participants > 0", name=op.f("ck_case_inquiry_participants_positive")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_inquiry_case_id_aid_case")
        ),
        account("case_inquiry", "ordered_by"),
        account("case_inquiry", "recorded_by"),
        account("case_inquiry", "companion_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_inquiry")),
    )
    op.create_index(op.f("ix_case_inquiry_case_id"), "case_inquiry", ["case_id"], unique=False)
    op.create_index(
        "uq_case_inquiry_open",
        "case_inquiry",
        ["case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("recorded_at IS NULL"),
    )
    for table in ("case_objection", "case_inquiry"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY viewer ON {table} USING"
            f" (EXISTS (SELECT FROM aid_case c WHERE c.id = {table}.case_id))"
        )


def downgrade() -> None:
    op.drop_table("case_inquiry")
    op.drop_table("case_objection")
