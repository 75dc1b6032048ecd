"""Find late cases by two indexes that hold only what is not done yet.

Before: a list of late cases read every open stage, or walked through all cases there ever were.
Safe while the old code runs: it may use them too.
"""

from alembic import op
import sqlalchemy as sa

revision = "0047_find_late_cases"
down_revision = "0042_sign_in_to_mini_program"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_aid_case_running_due", "aid_case", "id", "status IN ('submitted', 'accepted')"),
    ("ix_case_stage_open_due", "case_stage", "case_id", "status = 'open'"),
)


def upgrade() -> None:
    """Make them beside the work of a city; what a broken attempt left is made anew."""
    with op.get_context().autocommit_block():
        for name, table, included, condition in INDEXES:
            op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)
            op.create_index(
                name,
                table,
                ["due_on"],
                postgresql_include=[included],
                postgresql_where=sa.text(condition),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name, table, _included, _condition in INDEXES:
        op.drop_index(name, table_name=table)
