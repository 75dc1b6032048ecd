"""Let the planner guess right how many cases a reader may see; who sees what stays as it was.

Before: a list of cases read and sorted all of a county, since an operator on a setting counts as
true for one row in hundreds. After: a condition of which the planner knows nothing, which it takes
for true for every other row: it reads the newest cases first and stops when the page is full.
"""

from alembic import op

revision = "0027_cheap_row_security"
down_revision = "0026_add_rechecks"

IN_REGION = "region_code <@ (SELECT viewer_regions())"
DEPARTMENT = "(SELECT viewer_department())"
OF_CASE = "EXISTS (SELECT FROM aid_case c WHERE c.id = case_stage.case_id)"
BEFORE = {
    "aid_case": f"{IN_REGION} AND ({DEPARTMENT} IS NULL OR {DEPARTMENT} = ANY (departments))",
    "case_stage": f"{IN_REGION} AND ({DEPARTMENT} IS NULL OR department_code = {DEPARTMENT}"
    f" OR {OF_CASE})",
}
GUESSED = f"CASE WHEN {IN_REGION} THEN true ELSE false END"
AFTER = {
    "aid_case": f"{GUESSED} AND CASE WHEN {DEPARTMENT} IS NULL THEN true"
    f" ELSE {DEPARTMENT} = ANY (departments) END",
    "case_stage": f"{GUESSED} AND CASE WHEN {DEPARTMENT} IS NULL THEN true"
    f" WHEN department_code = {DEPARTMENT} THEN true ELSE {OF_CASE} END",
}


def upgrade() -> None:
    for table, seen in AFTER.items():
        op.execute(f"ALTER POLICY viewer ON {table} USING ({seen})")


def downgrade() -> None:
    for table, seen in BEFORE.items():
        op.execute(f"ALTER POLICY viewer ON {table} USING ({seen})")
