"""Mark every day that a calendar still to come may move.

Before: only of the last day that stands was known whether it is provisional (暂定). After: also of
those beside it, and of the last days to verify a doubt and to answer a notice. What is open is
marked by the years that are announced; what is over stays as it was read then. Safe while the old
code runs: it leaves the columns alone, and the next count sets them.
"""

from alembic import op
import sqlalchemy as sa

revision = "0053_mark_provisional_days"
down_revision = "0048_close_functions"
branch_labels = None
depends_on = None

COLUMNS = (
    ("aid_case", "due_unpaused_provisional"),
    ("aid_case", "due_usual_provisional"),
    ("case_stage", "due_unpaused_provisional"),
    ("case_stage", "due_usual_provisional"),
    ("case_finding", "due_provisional"),
    ("entitlement_change", "answer_provisional"),
)
# Whether a calendar still to come may move a day: its year is not announced yet.
UNSURE = (
    "({day} IS NOT NULL AND extract(year FROM {day})::int NOT IN (SELECT year FROM calendar_year))"
)
BESIDE = """
UPDATE {table} SET due_unpaused_provisional = {unpaused}, due_usual_provisional = {usual}
 WHERE ({unpaused} OR {usual}) AND {which}
"""
# Of a limit in calendar days only one that rolls depends on the calendar.
OPEN_STAGE = "status = 'open' AND (unit = 'wd' OR rolls)"
OPEN_CASE = """
status IN ('submitted', 'returned', 'accepted') AND EXISTS (
    SELECT FROM procedure p
     WHERE p.code = procedure_code AND p.version = procedure_version
       AND (p.total_day_type = 'wd' OR p.rolls))
"""


def upgrade() -> None:
    """A column with a constant default rewrites no table."""
    for table, name in COLUMNS:
        op.add_column(
            table,
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )
    for table, which in (("case_stage", OPEN_STAGE), ("aid_case", OPEN_CASE)):
        op.execute(
            BESIDE.format(
                table=table,
                which=which,
                unpaused=UNSURE.format(day="due_unpaused_on"),
                usual=UNSURE.format(day="due_usual_on"),
            )
        )
    op.execute(
        "UPDATE case_finding SET due_provisional = true"
        " WHERE gone_at IS NULL AND verdict IS NULL AND " + UNSURE.format(day="due_on")
    )
    op.execute(
        "UPDATE entitlement_change SET answer_provisional = true"
        " WHERE heard_at IS NULL AND decided_at IS NULL AND " + UNSURE.format(day="answer_by")
    )


def downgrade() -> None:
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
