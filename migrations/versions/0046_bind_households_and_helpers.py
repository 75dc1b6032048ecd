"""Bind accounts of the mini program to members of households and to helpers.

Before: an account was nobody's. After: codes that staff issue and what was bound by them. The mini
program's database account sees its own bindings and the code that a request shows, and reads neither
persons nor staff: three functions tell it whose a number is within a code's household, to whom an
account is bound, and nothing else. Staff see what is of persons in their sight. Staff may be helpers.
"""

from alembic import op
import sqlalchemy as sa

revision = "0046_bind_households_and_helpers"
down_revision = "0045_add_policy_articles"

# The tables are new, so nobody waits for an index; the roles of accounts are few, and the constraint
# comes back in the same transaction, wider.
EXCUSED = (
    "adding-foreign-key-constraint",
    "ban-drop-constraint",
    "constraint-missing-not-valid",
    "require-concurrent-index-creation",
)

ROLES = (
    "(post = 'operations' AND role IN ('clerk', 'reviewer', 'approver', 'steward', 'finance_clerk',"
    " 'finance_reviewer', 'appeals_operator', 'supervisor', 'leader'{more})) OR (post = 'oversight'"
    " AND role IN ('auditor')) OR (post = 'system' AND role IN ('system_admin')) OR (post = 'security'"
    " AND role IN ('security_admin')) OR (post = 'audit' AND role IN ('audit_admin'))"
)
# As the policies of `person` and `household` say it (migration 0002).
IN_SIGHT = """
CREATE FUNCTION person_in_sight(whom uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT EXISTS (SELECT FROM person p WHERE p.id = whom AND p.home_region_code <@ viewer_regions()
  AND (viewer_department() IS NULL OR EXISTS (
    SELECT FROM membership m JOIN enrolment e ON e.household_id = m.household_id
    WHERE m.person_id = p.id AND e.department_code = viewer_department())))
$$
"""
WITH_PHONE = """
CREATE FUNCTION members_with_phone(scene bytea, phones bytea[])
RETURNS TABLE (person_id uuid, region_code bigint, is_householder boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT p.id, p.home_region_code, coalesce(p.id = h.householder_id, false) FROM household_code c
  JOIN membership a ON a.person_id = c.person_id
  JOIN household h ON h.id = a.household_id
  JOIN membership m ON m.household_id = h.id
  JOIN person p ON p.id = m.person_id
  WHERE c.scene_hash = scene AND scene = ANY (presented_digests()) AND EXISTS (
    SELECT FROM secret_value s WHERE s.kind = 'phone' AND s.blind_index = ANY (phones)
    AND (s.id = p.phone OR (s.id = h.phone AND p.id = h.householder_id)))
  ORDER BY 3 DESC, 1
$$
"""
BOUND_TO = """
CREATE FUNCTION bound_to(mini uuid) RETURNS TABLE (person_id uuid, household_id uuid, staff_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT m.person_id, m.household_id, s.staff_id FROM (SELECT mini AS id) o
  LEFT JOIN household_binding b ON b.account_id = o.id AND b.ended_at IS NULL
  LEFT JOIN membership m ON m.person_id = b.person_id
  LEFT JOIN LATERAL (
    SELECT h.staff_id FROM helper_binding h
    JOIN account a ON a.id = h.staff_id AND a.disabled_at IS NULL
    JOIN account_role r ON r.account_id = a.id AND r.role = 'helper'
    WHERE h.account_id = o.id AND h.ended_at IS NULL) s ON true
  WHERE mini = viewer_id()
$$
"""
FUNCTIONS = {
    "person_in_sight(uuid)": IN_SIGHT,
    "members_with_phone(bytea, bytea[])": WITH_PHONE,
    "bound_to(uuid)": BOUND_TO,
}
SHOWN = "{column} = ANY ((SELECT presented_digests())::bytea[])"
MINE = "{column} = (SELECT viewer_id())"
POLICIES = {
    "household_code": f"{SHOWN.format(column='scene_hash')} OR person_in_sight(person_id)",
    "household_binding": f"{MINE.format(column='account_id')} OR person_in_sight(person_id)",
    "helper_code": f"{MINE.format(column='staff_id')} OR {SHOWN.format(column='code_hash')}",
    "helper_binding": f"{MINE.format(column='staff_id')} OR {MINE.format(column='account_id')}",
}


def upgrade() -> None:
    _codes("household_code", "person_id", "scene_hash")
    _codes("helper_code", "staff_id", "code_hash")
    op.create_table(
        "household_binding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False, comment="whose telephone it is"),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_by", sa.Uuid(), nullable=True, comment="staff; empty: the person, or a merge"
        ),
        sa.Column(
            "ending",
            sa.Enum(
                *(
                    "person",
                    "lost_phone",
                    "number_reassigned",
                    "left_household",
                    "other",
                    "registry",
                ),
                name="ending",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("remark", sa.String(length=200), nullable=True),
        _refers("household_binding", "account_id", "mini_account"),
        _refers("household_binding", "code_id", "household_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_binding")),
    )
    op.create_index(op.f("ix_household_binding_person_id"), "household_binding", ["person_id"])
    op.create_table(
        "helper_binding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _refers("helper_binding", "account_id", "mini_account"),
        _refers("helper_binding", "staff_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper_binding")),
    )
    for name, table, column in (
        ("uq_household_binding_open", "household_binding", "account_id"),
        ("uq_helper_binding_open", "helper_binding", "account_id"),
        ("uq_helper_binding_staff", "helper_binding", "staff_id"),
    ):
        op.create_index(
            name, table, [column], unique=True, postgresql_where=sa.text("ended_at IS NULL")
        )
    for function in FUNCTIONS.values():
        op.execute(function)
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({seen})")
    _let_be(", 'helper'")


def _codes(table: str, whose: str, digest: str) -> None:
    of_person = whose == "person_id"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            whose, sa.Uuid(), nullable=False, comment="the householder" if of_person else None
        ),
        sa.Column(digest, sa.LargeBinary(), nullable=False),
        *([sa.Column("issued_by", sa.Uuid(), nullable=False)] if of_person else []),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _refers(table, "issued_by" if of_person else whose, "account"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(digest, name=op.f(f"uq_{table}_{digest}")),
    )
    op.create_index(op.f(f"ix_{table}_{whose}"), table, [whose])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _let_be(more: str) -> None:
    """Say anew which roles an account of a post may have."""
    name = op.f("ck_account_role_role_fits_post")
    op.drop_constraint(name, "account_role", type_="check")
    op.create_check_constraint(name, "account_role", ROLES.format(more=more))


def downgrade() -> None:
    op.execute("DELETE FROM account_role WHERE role = 'helper'")
    op.execute("DELETE FROM grant_proposal WHERE kind = 'role' AND what = 'helper'")
    _let_be("")
    # The policies go with the tables, and the functions after them.
    for table in ("household_binding", "helper_binding", "household_code", "helper_code"):
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
