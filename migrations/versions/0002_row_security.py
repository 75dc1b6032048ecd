"""Let the web and mini program's accounts see only what the signed-in person may see.

Every table with personal data gets row-level security, enabled and forced. The policies read
three settings, which the application makes for one transaction: without them nothing is seen.
The owner, the worker and the audit reader bypass row security by an attribute of their role.

Members, enrolments and yearly sums carry the region of their household, so that a policy is one
comparison of numbers and the tables need not look at each other.
"""

from alembic import op
import sqlalchemy as sa

revision = "0002_row_security"
down_revision = "0001_create_the_platform"
branch_labels = None
depends_on = None

# Done while the processes stand still: every row of these tables is rewritten here anyway.
EXCUSED = ("adding-not-nullable-field", "require-concurrent-index-creation")

HISTORY = {
    "person": "id",
    "household": "id",
    "membership": "person_id",
    "enrolment": "id",
}
UNTOLD = ("merged_at", "origins", "source_id")

# An unset or empty setting is no region, no department and nobody.
FUNCTIONS = """
CREATE FUNCTION viewer_regions() RETURNS int8multirange LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('relief.regions', true), ''), '{}')::int8multirange $$;
CREATE FUNCTION viewer_department() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('relief.department', true), '') $$;
CREATE FUNCTION viewer_id() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('relief.viewer', true), '')::uuid $$
"""
# For who reads the whole trail and may see no household: where a record is or was, and no more.
PLACE = """
CREATE FUNCTION place_of_record(kind text, record uuid) RETURNS TABLE (region bigint, known boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT CASE kind
    WHEN 'household' THEN (SELECT h.region_code FROM household h WHERE h.id = record)
    WHEN 'person' THEN (SELECT p.home_region_code FROM person p WHERE p.id = record)
  END,
  EXISTS (SELECT FROM row_version v WHERE v.table_name = kind AND v.row_id = record)
$$
"""
# Under a policy the index of a name's characters is not used: its operator is not leakproof, and
# 110,000 names were read for each search. This looks by the index, and keeps
# to the regions itself unless whoever is connected bypasses row security.
NAMED = """
CREATE FUNCTION households_with_name(part text) RETURNS SETOF uuid ROWS 100
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT m.household_id FROM person p JOIN membership m ON m.person_id = p.id
  WHERE string_to_array(p.name_key, NULL) @> string_to_array(part, NULL)
  AND position(part IN p.name_key) > 0
  AND (p.home_region_code <@ viewer_regions()
    OR (SELECT r.rolbypassrls OR r.rolsuper FROM pg_roles r WHERE r.rolname = session_user))
$$
"""
IN_REGION = "{column} <@ (SELECT viewer_regions())"
ALL_DEPARTMENTS = "(SELECT viewer_department()) IS NULL"
OWN_DEPARTMENT = f"({ALL_DEPARTMENTS} OR department_code = (SELECT viewer_department()))"
SERVED = (
    f"({ALL_DEPARTMENTS} OR EXISTS (SELECT FROM enrolment e WHERE e.household_id = {{household}}"
    " AND e.department_code = (SELECT viewer_department())))"
)
HOME = IN_REGION.format(column="home_region_code")
OF_PERSON = "EXISTS (SELECT FROM person p WHERE p.id = {column})"

# Table → which rows are seen. A table named in a policy is read under its own policy.
POLICIES = {
    "household": f"{IN_REGION.format(column='region_code')}"
    f" AND {SERVED.format(household='household.id')}",
    "enrolment": f"{HOME} AND {OWN_DEPARTMENT}",
    "membership": f"{HOME} AND {SERVED.format(household='membership.household_id')}",
    "aid_year": f"{HOME} AND ({ALL_DEPARTMENTS} OR scheme_code IN"
    " (SELECT s.code FROM scheme s WHERE s.department_code = (SELECT viewer_department())))",
    # A member goes with the household, even if one file places the member elsewhere.
    "person": f"{HOME} AND ({ALL_DEPARTMENTS}"
    " OR EXISTS (SELECT FROM membership m WHERE m.person_id = person.id))",
    "identity_registry": OF_PERSON.format(column="identity_registry.person_id"),
    "source_link": OF_PERSON.format(column="source_link.person_id"),
    "source_identity": f"{OWN_DEPARTMENT} AND EXISTS"
    " (SELECT FROM source_link l WHERE l.identity_id = source_identity.id)",
    "source_record": "EXISTS (SELECT FROM source_identity i WHERE i.id = source_record.identity_id)",
    "link_review": f"{IN_REGION.format(column='region_code')} AND {ALL_DEPARTMENTS}",
    "access_ground": OF_PERSON.format(column="access_ground.subject_id"),
    "access_request": OF_PERSON.format(column="access_request.subject_id"),
    "row_version": "CASE table_name"
    " WHEN 'household' THEN EXISTS (SELECT FROM household h WHERE h.id = row_version.row_id)"
    " WHEN 'person' THEN EXISTS (SELECT FROM person p WHERE p.id = row_version.row_id)"
    " WHEN 'membership' THEN"
    " EXISTS (SELECT FROM membership m WHERE m.person_id = row_version.row_id)"
    " WHEN 'enrolment' THEN EXISTS (SELECT FROM enrolment e WHERE e.id = row_version.row_id)"
    " ELSE false END",
    "secret_value": "EXISTS (SELECT FROM person p WHERE p.citizen_id = secret_value.id)"
    " OR EXISTS (SELECT FROM person p WHERE p.phone = secret_value.id)"
    " OR EXISTS (SELECT FROM household h WHERE h.phone = secret_value.id)"
    " OR EXISTS (SELECT FROM person p WHERE p.account = secret_value.id)"
    " OR EXISTS (SELECT FROM person p WHERE p.health = secret_value.id)",
    "inbox_message": "recipient_id = (SELECT viewer_id())",
    "idempotency_record": "actor_id = (SELECT viewer_id())",
}
# Notices go to others than who causes them.
WRITE_ONLY = ("outbox_message",)
PLACED = ("person", "membership", "enrolment", "aid_year")
INDEXES = (("person", "account"), ("person", "health"), ("household", "phone"))


def upgrade() -> None:
    _place()
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table, key in HISTORY.items():
        _update_trigger(table, key, (*UNTOLD, "home_region_code"))
    for function in (*FUNCTIONS.split(";\n"), PLACE, NAMED):
        op.execute(function)
    for table, seen in POLICIES.items():
        _secure(table)
        op.execute(f"CREATE POLICY viewer ON {table} USING ({seen})")
    for table in WRITE_ONLY:
        _secure(table)
        op.execute(f"CREATE POLICY add ON {table} FOR INSERT WITH CHECK (true)")


def _place() -> None:
    """Add the region of the household to what hangs on one, and fill it."""
    for table in PLACED:
        op.add_column(
            table,
            sa.Column(
                "home_region_code",
                sa.BigInteger(),
                nullable=True,
                comment="of the household, else the person's own",
            ),
        )
        # Not a change of what is known: no row history.
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute("SET LOCAL statement_timeout = 0")
    for table in PLACED[1:]:
        op.execute(
            f"UPDATE {table} t SET home_region_code = h.region_code"
            " FROM household h WHERE h.id = t.household_id"
        )
    op.execute(
        "UPDATE person SET home_region_code = coalesce((SELECT m.home_region_code"
        " FROM membership m WHERE m.person_id = person.id), region_code)"
    )
    for table in PLACED:
        # The rows were filled in this transaction, under the lock that adding the column took.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN home_region_code SET NOT NULL")
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def downgrade() -> None:
    for table in POLICIES:
        op.execute(f"DROP POLICY viewer ON {table}")
        _release(table)
    for table in WRITE_ONLY:
        op.execute(f"DROP POLICY add ON {table}")
        _release(table)
    op.execute("DROP FUNCTION place_of_record(text, uuid)")
    op.execute("DROP FUNCTION households_with_name(text)")
    for function in ("viewer_regions", "viewer_department", "viewer_id"):
        op.execute(f"DROP FUNCTION {function}()")
    for table, key in HISTORY.items():
        _update_trigger(table, key, UNTOLD)
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    for table in PLACED:
        op.drop_column(table, "home_region_code")


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _release(table: str) -> None:
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _update_trigger(table: str, key: str, untold: tuple[str, ...]) -> None:
    """Make the trigger that notes updates anew; changes of `untold` columns alone are not noted."""
    arguments = ", ".join(f"'{name}'" for name in (key, *untold))
    op.execute(f"DROP TRIGGER history_update ON {table}")
    op.execute(
        f"CREATE TRIGGER history_update AFTER UPDATE ON {table}"
        " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT"
        f" EXECUTE FUNCTION record_row_versions({arguments})"
    )
