"""Let no function read a table that stands in for another, nor tell everybody what it knows.

Before: whatever account connected could call every function, also those that run as the owner, and
a temporary table of a caller came before the table that such a function or a trigger names. After:
functions that run as the owner, and triggers, look into the platform's schema first; who calls
which is granted by `relief setup`. The mini program's account asks where a person of its own binding
lives, and of no other person. Safe while the old code runs, except that the mini program cannot end
a binding until the new code is there.
"""

from alembic import op

revision = "0048_close_functions"
down_revision = "0046_bind_households_and_helpers"
branch_labels = None
depends_on = None

# What we made: extensions keep theirs as they are.
EACH = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN
    SELECT p.oid::regprocedure AS signature, p.prosecdef FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    {do}
  END LOOP;
END $$
"""
GUARDED = """
    IF one.prosecdef OR EXISTS (SELECT FROM pg_proc p
        WHERE p.oid = one.signature AND p.prorettype = 'trigger'::regtype) THEN
      EXECUTE format(
        'ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', one.signature);
    END IF;
"""
AS_BEFORE = """
    IF one.prosecdef THEN
      EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public', one.signature);
    ELSE
      EXECUTE format('ALTER FUNCTION %s RESET search_path', one.signature);
    END IF;
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', one.signature);
"""
# For the trail, which tells by region: where the person of one's own binding lives.
PLACE = """
CREATE FUNCTION place_of_binding(binding uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.home_region_code FROM household_binding b JOIN person p ON p.id = b.person_id
  WHERE b.id = binding AND b.account_id = viewer_id()
$$
"""


def upgrade() -> None:
    op.execute(PLACE)
    op.execute(EACH.format(do=GUARDED))


def downgrade() -> None:
    op.execute("DROP FUNCTION place_of_binding(uuid)")
    op.execute(EACH.format(do=AS_BEFORE))
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
