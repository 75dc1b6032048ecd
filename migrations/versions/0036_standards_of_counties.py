"""Let a county have values of parameters of its own.

Before: a value held in the whole city. After: each value is the city's or a county's, and going up
from where a case is the nearest that there is on the day holds. What there was is the city's. Which
parameters a county may set is reference data.

Down: refused while a county has a value of its own, or a draft of one that was not discarded. The
earlier program would count its families by the city's value and nobody would have decided so.
"""

from alembic import op
import sqlalchemy as sa

revision = "0036_standards_of_counties"
down_revision = "0035_recognise_identities"

# Some hundred rows of reference data, which nobody writes while the platform is set up.
EXCUSED = (
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-serial-primary-key-field",
    "ban-drop-constraint",
    "constraint-missing-not-valid",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
)

TABLES = ("parameter", "parameter_draft")
PLACE = "region_code % 1000000 = 0"
COMMENT = "the city, or a county of its own"
OWN = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM parameter WHERE region_code % 100000000 <> 0)
        OR EXISTS (SELECT FROM parameter_draft
            WHERE region_code % 100000000 <> 0 AND discarded_at IS NULL)
    THEN
        RAISE EXCEPTION 'counties have parameters of their own, the earlier version has none';
    END IF;
END $$
"""


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table, sa.Column("region_code", sa.BigInteger(), nullable=True, comment=COMMENT)
        )
        op.execute(
            f"UPDATE {table} SET region_code = (SELECT code FROM region WHERE level = 'city')"
        )
        op.alter_column(table, "region_code", nullable=False, existing_comment=COMMENT)
        op.create_foreign_key(
            op.f(f"fk_{table}_region_code_region"), table, "region", ["region_code"], ["code"]
        )
        op.create_check_constraint(op.f(f"ck_{table}_of_a_city_or_county"), table, PLACE)
    op.drop_constraint(op.f("pk_parameter"), "parameter", type_="primary")
    op.create_primary_key(op.f("pk_parameter"), "parameter", ["name", "region_code", "valid_from"])
    _keep(["name", "region_code", "valid_from"])
    op.create_table(
        "county_standard",
        sa.Column("name", sa.String(length=60), nullable=False, comment="of the parameter"),
        sa.Column(
            "floor",
            sa.Boolean(),
            nullable=False,
            comment="a county's value is never below the city's",
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("confidence", sa.String(length=4), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_county_standard")),
    )


def downgrade() -> None:
    op.execute(OWN)
    # Of a county only what was discarded is left.
    op.execute("DELETE FROM parameter_draft WHERE region_code % 100000000 <> 0")
    op.drop_table("county_standard")
    op.drop_constraint(op.f("pk_parameter"), "parameter", type_="primary")
    op.create_primary_key(op.f("pk_parameter"), "parameter", ["name", "valid_from"])
    _keep(["name", "valid_from"])
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_of_a_city_or_county"), table, type_="check")
        op.drop_column(table, "region_code")


def _keep(columns: list[str]) -> None:
    """Let one draft be kept for a parameter and a day, as these columns say."""
    op.drop_index("uq_parameter_draft_kept", "parameter_draft")
    op.create_index(
        "uq_parameter_draft_kept",
        "parameter_draft",
        columns,
        unique=True,
        postgresql_where=sa.text("discarded_at IS NULL"),
    )
