"""Keep who helps which household, from when to when, who was before and why it ended.

Before: nobody was assigned. After: helpers with their unit and sealed telephone, and assignments of
which the database lets no two of a helper and household overlap, nor two first contacts; and counts
by village of the households in aid that have one.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0043_add_helpers"
down_revision = "0044_keep_enclosures"

# The tables are new, so nobody waits for an index.
EXCUSED = ("prefer-bigint-over-int", "require-concurrent-index-creation")

# Whoever sees the household sees who helps it, and whoever sees that, the helper.
SEEN = {
    "helper_assignment": "EXISTS (SELECT FROM household h WHERE h.id = helper_assignment.household_id)",
    "helper": "EXISTS (SELECT FROM helper_assignment a WHERE a.helper_id = helper.id)",
    "helper_coverage": "region_code <@ (SELECT viewer_regions())"
    " AND department_code = coalesce((SELECT viewer_department()), '')",
}
BYPASSES = "(SELECT r.rolbypassrls OR r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)"
# Under row security the planner goes through all households and assignments to find fifty. This
# goes village by village, past those of which the count says that there is none, until the page is
# full, and keeps to the viewer's regions and department itself.
BY_HELP = f"""
CREATE FUNCTION households_by_help(
  state text, today date, department text, regions int8multirange, after_region bigint,
  after_id uuid, most int
) RETURNS SETOF uuid ROWS 50
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT h.id FROM (
    SELECT c.region_code FROM helper_coverage c
    WHERE c.region_code >= greatest(lower(regions), after_region)
    AND c.region_code < upper(regions) AND c.region_code <@ regions
    AND c.department_code = coalesce(department, '')
    AND CASE state WHEN 'helped' THEN c.helped WHEN 'unhelped' THEN c.in_aid - c.helped
      WHEN 'left' THEN c.has_left ELSE c.in_aid END > 0
    AND ({BYPASSES} OR c.region_code <@ viewer_regions()
      AND (viewer_department() IS NULL OR viewer_department() = department))
    ORDER BY c.region_code
  ) v CROSS JOIN LATERAL (
    SELECT h.id FROM household h
    WHERE h.region_code = v.region_code AND (h.region_code, h.id) > (after_region, after_id)
    AND EXISTS (SELECT FROM enrolment e WHERE e.household_id = h.id AND e.ended_on IS NULL
      AND (department IS NULL OR e.department_code = department))
    AND (state IS NULL OR (state <> 'unhelped') = EXISTS (
      SELECT FROM helper_assignment a JOIN helper p ON p.id = a.helper_id
      LEFT JOIN account t ON t.id = p.account_id
      WHERE a.household_id = h.id AND a.folded_into IS NULL AND a.ended_at IS NULL
      AND a.days @> today
      AND (p.left_on IS NULL AND t.disabled_at IS NULL) = (state <> 'left')))
    ORDER BY h.id LIMIT most
  ) h LIMIT most
$$
"""


def upgrade() -> None:
    op.create_table(
        "helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False, comment="所在单位"),
        sa.Column("phone_id", sa.Uuid(), nullable=False, comment="secret value: the telephone"),
        sa.Column("phone_masked", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True, comment="since when no longer in post"),
        sa.Column("left_why", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(left_on IS NULL) = (left_why IS NULL)", name=op.f("ck_helper_left_whole")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_helper_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["account.id"], name=op.f("fk_helper_added_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    op.create_index(
        "uq_helper_account_id",
        "helper",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_index(
        "uq_helper_in_post",
        "helper",
        ["phone_id", "name"],
        unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "helper_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identity_id",
            sa.Uuid(),
            nullable=True,
            comment="source record of the householder: the assignment goes with it",
        ),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column(
            "days",
            postgresql.DATERANGE(),
            nullable=False,
            comment="the last one not included; empty: ended before it began",
        ),
        sa.Column("is_first", sa.Boolean(), nullable=False, comment="第一联系人"),
        sa.Column("folded_into", sa.Uuid(), nullable=True),
        sa.Column(
            "over_reason",
            sa.Text(),
            nullable=True,
            comment="why above the households of one helper",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="handed over by the one before"),
        sa.Column("after_id", sa.Uuid(), nullable=True, comment="the assignment of the one before"),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True, comment="empty: by a merge"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "end_kind",
            sa.Enum(
                "ended",
                "transferred",
                "household_gone",
                name="endkind",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("end_reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("household_id"), "="),
            (sa.column("days"), "&&"),
            where=sa.text("is_first AND folded_into IS NULL"),
            using="gist",
            name="one_first_contact",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("household_id"), "="),
            (sa.column("helper_id"), "="),
            (sa.column("days"), "&&"),
            where=sa.text("folded_into IS NULL"),
            using="gist",
            name="one_assignment_at_a_time",
        ),
        sa.CheckConstraint(
            "NOT is_first OR ended_at IS NULL", name=op.f("ck_helper_assignment_first_is_open")
        ),
        sa.CheckConstraint(
            "NOT isempty(days) OR ended_at IS NOT NULL",
            name=op.f("ck_helper_assignment_empty_if_ended"),
        ),
        sa.CheckConstraint(
            "isempty(days) OR NOT lower_inf(days)", name=op.f("ck_helper_assignment_from_a_day")
        ),
        sa.CheckConstraint(
            "num_nonnulls(ended_at, end_kind, end_reason) IN (0, 3)",
            name=op.f("ck_helper_assignment_ended_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["after_id"],
            ["helper_assignment.id"],
            name=op.f("fk_helper_assignment_after_id_helper_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["account.id"], name=op.f("fk_helper_assignment_ended_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["folded_into"],
            ["helper_assignment.id"],
            name=op.f("fk_helper_assignment_folded_into_helper_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["helper.id"], name=op.f("fk_helper_assignment_helper_id_helper")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_helper_assignment_made_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper_assignment")),
    )
    op.create_index(
        "ix_helper_assignment_folded_into",
        "helper_assignment",
        ["folded_into"],
        unique=False,
        postgresql_where=sa.text("folded_into IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_helper_assignment_helper_id"), "helper_assignment", ["helper_id"], unique=False
    )
    op.create_table(
        "helper_coverage",
        sa.Column("region_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("department_code", sa.String(length=8), nullable=False),
        sa.Column("in_aid", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column(
            "has_left",
            sa.Integer(),
            nullable=False,
            comment="of whom a helper who left is still down",
        ),
        sa.PrimaryKeyConstraint("region_code", "department_code", name=op.f("pk_helper_coverage")),
    )
    op.execute(BY_HELP)
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    op.execute(
        "DROP FUNCTION households_by_help(text, date, text, int8multirange, bigint, uuid, int)"
    )
    op.drop_table("helper_coverage")
    op.execute("DROP POLICY viewer ON helper")
    op.drop_table("helper_assignment")
    op.drop_table("helper")
