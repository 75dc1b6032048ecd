"""Keep the survey of a home: by two, on a sheet that they and the applicant signed.

Before: a case whose family was to be surveyed went on with a word of one clerk. After: a stage of a
procedure may ask for a survey, which is a row with two investigators and the signed sheet. Cases
under a version that does not ask for one go on as they began.
"""

from alembic import op
import sqlalchemy as sa

revision = "0051_survey_homes_by_two"
down_revision = "0051_end_notices_in_time"
branch_labels = None
depends_on = None

# The table is new; of stages of procedures there are some dozens; what is counted are two persons.
EXCUSED = (
    "constraint-missing-not-valid",
    "prefer-bigint-over-int",
    "require-concurrent-index-creation",
)
TABLE = "case_survey"


def key(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{TABLE}_{column}_{to}"))


def upgrade() -> None:
    op.add_column(
        "procedure_stage",
        sa.Column(
            "investigators",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="how many must have been at the home before it may end; 0: none",
        ),
    )
    op.create_check_constraint(
        op.f("ck_procedure_stage_surveyed_by_two"), "procedure_stage", "investigators IN (0, 2)"
    )
    op.create_table(
        TABLE,
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False, comment="one of the two investigators"),
        sa.Column("companion_id", sa.Uuid(), nullable=False, comment="the other investigator"),
        sa.Column(
            "sheet_id", sa.Uuid(), nullable=False, comment="the signed sheet, by photo or scan"
        ),
        sa.Column(
            "unsigned_why",
            sa.Text(),
            nullable=True,
            comment="why the applicant did not sign; empty: signed",
        ),
        sa.Column(
            "witness",
            sa.String(length=80),
            nullable=True,
            comment="who signed as a witness that the applicant did not",
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("companion_id <> recorded_by", name=op.f(f"ck_{TABLE}_two_persons")),
        sa.CheckConstraint(
            "(unsigned_why IS NULL) = (witness IS NULL)", name=op.f(f"ck_{TABLE}_witnessed")
        ),
        key("case_id", "aid_case"),
        key("recorded_by", "account"),
        key("companion_id", "account"),
        key("sheet_id", "case_enclosure"),
        sa.PrimaryKeyConstraint("case_id", name=op.f(f"pk_{TABLE}")),
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY viewer ON {TABLE} USING"
        f" (EXISTS (SELECT FROM aid_case c WHERE c.id = {TABLE}.case_id))"
    )


def downgrade() -> None:
    # The code of before knows no such step, and could open no case that has one.
    op.execute("UPDATE case_step SET step = 'facts_found' WHERE step = 'surveyed'")
    op.drop_table(TABLE)
    op.drop_constraint(op.f("ck_procedure_stage_surveyed_by_two"), "procedure_stage", type_="check")
    op.drop_column("procedure_stage", "investigators")
