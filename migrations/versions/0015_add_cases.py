"""Add cases, their stages, pauses, decisions and timeline, and entitlements.

Before: schemes had procedures that nothing went through. After: a case goes through one. All of
it is personal and under row security: a department sees the cases that it takes part in.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0015_add_cases"
down_revision = "0014_sound_procedures"

# Every table is new, so nobody waits for an index; what is counted are days, turns and years, and
# the cases of one county in one year.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

IN_REGION = "region_code <@ (SELECT viewer_regions())"
DEPARTMENT = "(SELECT viewer_department())"
OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = {table}.case_id)"
SEEN = {
    "aid_case": f"{IN_REGION} AND ({DEPARTMENT} IS NULL OR {DEPARTMENT} = ANY (departments))",
    # A worklist is of one's own department: only what is beside it looks at the case.
    "case_stage": f"{IN_REGION} AND ({DEPARTMENT} IS NULL OR department_code = {DEPARTMENT}"
    f" OR {OF_CASE.format(table='case_stage')})",
    **{
        table: OF_CASE.format(table=table) for table in ("case_pause", "case_decision", "case_step")
    },
    "entitlement": f"{IN_REGION} AND ({DEPARTMENT} IS NULL OR department_code = {DEPARTMENT})",
}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "case_counter",
        sa.Column("county_code", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "year", name=op.f("pk_case_counter")),
    )
    op.create_table(
        "aid_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False, comment="for people: 受理编号"),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("procedure_code", sa.String(length=20), nullable=False),
        sa.Column("procedure_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identity_id",
            sa.Uuid(),
            nullable=True,
            comment="the source record by which the person was known: it goes where that goes",
        ),
        sa.Column("applicant_name", sa.String(length=80), nullable=False),
        sa.Column("applicant_born_on", sa.Date(), nullable=True),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column(
            "region_code",
            sa.BigInteger(),
            nullable=False,
            comment="where the person lived when it began",
        ),
        sa.Column(
            "departments",
            postgresql.ARRAY(sa.String(length=8)),
            nullable=False,
            comment="who takes part",
        ),
        sa.Column("need", sa.Text(), nullable=False, comment="what the applicant says of the need"),
        sa.Column(
            "status",
            sa.Enum(
                "submitted",
                "returned",
                "accepted",
                "decided",
                "withdrawn",
                name="casestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True, comment="once only"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_from", sa.Date(), nullable=True, comment="where the total begins"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="of the whole, to the decision"),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False, comment="how many lines its timeline has"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'decided') = (decided_at IS NOT NULL)", name=op.f("ck_aid_case_decided")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_aid_case_entered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_aid_case_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_case")),
        sa.UniqueConstraint("number", name=op.f("uq_aid_case_number")),
    )
    op.create_index(op.f("ix_aid_case_identity_id"), "aid_case", ["identity_id"], unique=False)
    op.create_index(op.f("ix_aid_case_person_id"), "aid_case", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_aid_case_region_code_id"), "aid_case", ["region_code", "id"], unique=False
    )
    op.create_index(
        "uq_aid_case_live",
        "aid_case",
        ["person_id", "scheme_code"],
        unique=True,
        postgresql_where=sa.text("status IN ('submitted', 'returned', 'accepted')"),
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("county_code", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column(
            "department_code",
            sa.String(length=8),
            nullable=False,
            comment="of the scheme: it sees its own",
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.String(length=20), nullable=True, comment="what the amount is for"),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("scheme_code"), "="),
            (sa.column("period"), "&&"),
            using="gist",
            name="no_overlap",
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_entitlement_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_entitlement_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_entitlement_decision_id")),
    )
    op.create_index(
        op.f("ix_entitlement_identity_id"), "entitlement", ["identity_id"], unique=False
    )
    op.create_index(op.f("ix_entitlement_person_id"), "entitlement", ["person_id"], unique=False)
    op.create_table(
        "case_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed",
                "objected",
                "returned",
                "granted",
                "refused",
                name="outcome",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "amount_fen", sa.BigInteger(), nullable=True, comment="what is granted, by its `per`"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_case_decision_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_decision_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_case_decision_decided_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decision")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_decision_case_id")),
    )
    op.create_table(
        "case_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=False, comment="the papers that were asked for"),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until_on >= since_on", name=op.f("ck_case_pause_forwards")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["account.id"], name=op.f("fk_case_pause_asked_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_pause_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["resumed_by"], ["account.id"], name=op.f("fk_case_pause_resumed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_pause")),
    )
    op.create_index(op.f("ix_case_pause_case_id"), "case_pause", ["case_id"], unique=False)
    op.create_index(
        "uq_case_pause_open",
        "case_pause",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "case_stage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "turn", sa.Integer(), nullable=False, comment="1; again after what was missing came"
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "acceptance",
                "kin_filing",
                "survey",
                "data_check",
                "examination",
                "joint",
                "first_opinion",
                "public_notice",
                "confirmation",
                "telling",
                "explanation",
                "assessment",
                "assignment",
                "settlement",
                name="stagekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "reviewer",
                "approver",
                "steward",
                "auditor",
                "finance_clerk",
                "finance_reviewer",
                "appeals_operator",
                "supervisor",
                "leader",
                "system_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
            comment="of whom the stage waits for",
        ),
        sa.Column("region_code", sa.BigInteger(), nullable=False, comment="of the case"),
        sa.Column("begun_on", sa.Date(), nullable=False, comment="of the event; not counted"),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum("wd", "cd", name="daytype", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("rolls", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True, comment="empty while the clock stands"),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "ended",
                "left_out",
                "void",
                name="stagestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed",
                "objected",
                "returned",
                "granted",
                "refused",
                name="outcome",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (ended_at IS NULL)", name=op.f("ck_case_stage_ended")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_stage_case_id_aid_case")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_case_stage_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["account.id"], name=op.f("fk_case_stage_ended_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_stage")),
        sa.UniqueConstraint(
            "case_id",
            "code",
            "department_code",
            "turn",
            name=op.f("uq_case_stage_case_id_code_department_code_turn"),
        ),
    )
    op.create_index(op.f("ix_case_stage_case_id"), "case_stage", ["case_id"], unique=False)
    op.create_index(
        "ix_case_stage_open",
        "case_stage",
        ["department_code", "role", "region_code", "due_on"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "case_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "submitted",
                "returned",
                "resubmitted",
                "stage_opened",
                "stage_ended",
                "stage_left_out",
                "paused",
                "resumed",
                "decided",
                "withdrawn",
                name="step",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stage_code", sa.String(length=20), nullable=True),
        sa.Column("department_code", sa.String(length=8), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_case_step_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_case_step_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_step")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_step_case_id_number")),
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    for table in (
        "case_step", "case_stage", "case_pause", "case_decision", "entitlement", "aid_case",
        "case_counter",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP EXTENSION btree_gist")
