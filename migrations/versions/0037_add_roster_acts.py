"""Let a clerk enter many applications of a roster by one act.

Before: who is missing on the roster of a scheme was named, and each application was entered by
itself. After: an act keeps whom a clerk chose, and the worker enters a case of each and says of whom
it did not, and why. No case that there is changes.
"""

from alembic import op
import sqlalchemy as sa

revision = "0037_add_roster_acts"
down_revision = "0036_standards_of_counties"

# The tables are new, so nobody waits for an index; what is counted are places.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

OWN = "begun_by = (SELECT viewer_id())"
SEEN = {
    "roster_act": OWN,
    "roster_place": f"act_id IN (SELECT a.id FROM roster_act a WHERE a.{OWN})",
}


def upgrade() -> None:
    op.create_table(
        "roster_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column(
            "department_code", sa.String(length=8), nullable=False, comment="of who began it"
        ),
        sa.Column(
            "region",
            sa.String(length=12),
            nullable=True,
            comment="what it was narrowed to; empty: all of who began it",
        ),
        sa.Column("need", sa.Text(), nullable=False, comment="written into each application"),
        sa.Column(
            "status",
            sa.Enum("running", "stopped", "done", name="actstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "beyond",
            sa.Boolean(),
            nullable=False,
            comment="more were missing than one act may enter",
        ),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'done') = (ended_at IS NOT NULL)", name=op.f("ck_roster_act_ended")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["account.id"], name=op.f("fk_roster_act_begun_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["department_code"],
            ["department.code"],
            name=op.f("fk_roster_act_department_code_department"),
        ),
        sa.ForeignKeyConstraint(
            ["scheme_code"], ["scheme.code"], name=op.f("fk_roster_act_scheme_code_scheme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_act")),
    )
    op.create_index(
        op.f("ix_roster_act_begun_by_id"), "roster_act", ["begun_by", "id"], unique=False
    )
    op.create_index(
        "uq_roster_act_unfinished",
        "roster_act",
        ["begun_by", "scheme_code"],
        unique=True,
        postgresql_where=sa.text("status <> 'done'"),
    )
    op.create_table(
        "roster_place",
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("region_code", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False, comment="confirmed as what, and by what"),
        sa.Column(
            "status",
            sa.Enum(
                "listed",
                "entered",
                "not_entered",
                name="placestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "gone",
                "dead",
                "under_way",
                "off_roster",
                "kin",
                "blocked",
                "failed",
                name="notentered",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'entered') = (case_id IS NOT NULL)", name=op.f("ck_roster_place_entered")
        ),
        sa.CheckConstraint(
            "(status = 'not_entered') = (reason IS NOT NULL)", name=op.f("ck_roster_place_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["roster_act.id"], name=op.f("fk_roster_place_act_id_roster_act")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aid_case.id"], name=op.f("fk_roster_place_case_id_aid_case")
        ),
        sa.PrimaryKeyConstraint("act_id", "position", name=op.f("pk_roster_place")),
        sa.UniqueConstraint("act_id", "person_id", name=op.f("uq_roster_place_act_id_person_id")),
        sa.UniqueConstraint("case_id", name=op.f("uq_roster_place_case_id")),
    )
    op.create_index(
        "ix_roster_place_listed",
        "roster_place",
        ["act_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'listed'"),
    )
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_table("roster_place")
    op.drop_table("roster_act")
