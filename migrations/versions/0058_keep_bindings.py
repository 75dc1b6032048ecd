"""Lose no binding when people leave the registry and come back, or change while one is made.

Before: whoever was named by nothing but a file that was taken back left the registry for good, and
came back as somebody new; what hung on them, as a phone, stayed behind. A phone that was bound while
a merge put its person together with another was bound to nobody. After: the merge notes the number
and name of whom it loses, and moves what hung on them when both return; who is being bound is held for that
moment. Safe while the old code runs. Who was lost before is not noted.
"""

from alembic import op
import sqlalchemy as sa

revision = "0058_keep_bindings"
down_revision = "0053_mark_provisional_days"

# The table is new, so nobody waits for an index.
EXCUSED = ("adding-foreign-key-constraint", "require-concurrent-index-creation")

WITH_PHONE = """
CREATE OR REPLACE FUNCTION members_with_phone(scene bytea, phones bytea[])
RETURNS TABLE (person_id uuid, region_code bigint, is_householder boolean)
LANGUAGE sql {kind} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id, p.home_region_code, coalesce(p.id = h.householder_id, false) FROM household_code c
  JOIN membership a ON a.person_id = c.person_id
  JOIN household h ON h.id = a.household_id
  JOIN membership m ON m.household_id = h.id
  JOIN person p ON p.id = m.person_id
  WHERE c.scene_hash = scene AND scene = ANY (presented_digests()) AND EXISTS (
    SELECT FROM secret_value s WHERE s.kind = 'phone' AND s.blind_index = ANY (phones)
    AND (s.id = p.phone OR (s.id = h.phone AND p.id = h.householder_id)))
  ORDER BY 3 DESC, 1{held}
$$
"""


def upgrade() -> None:
    # Not waiting: a merge may last, and might be waiting for the code that the caller holds.
    op.execute(WITH_PHONE.format(kind="VOLATILE", held=" FOR SHARE OF p NOWAIT"))
    op.create_table(
        "absent_person",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False, comment="no row of person any more"),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("absent_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["citizen_id"],
            ["secret_value.id"],
            name=op.f("fk_absent_person_citizen_id_secret_value"),
        ),
        sa.PrimaryKeyConstraint("citizen_id", name=op.f("pk_absent_person")),
    )
    op.create_index(op.f("ix_absent_person_person_id"), "absent_person", ["person_id"])
    # The merge alone asks, and it passes row security.
    op.execute("ALTER TABLE absent_person ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE absent_person FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY nobody ON absent_person USING (false)")


def downgrade() -> None:
    op.execute(WITH_PHONE.format(kind="STABLE", held=""))
    op.drop_table("absent_person")
