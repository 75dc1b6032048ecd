"""Give a notice two last days: that on which it hangs, and that by which it is to be ended.

Before: a notice was due on its last day and might be ended only after it, so that each was late.
After: it is due on the working day after, as a parameter says from now on; those that hang, and
those that were ended, are counted so too, and what was planned to be told of them moves with them.
While the old code still runs, it goes by the later day.
"""

from alembic import op
import sqlalchemy as sa

revision = "0051_end_notices_in_time"
down_revision = "0050_add_referrals"
branch_labels = None
depends_on = None

EXCUSED = ("prefer-bigint-over-int",)  # some working days

# Gone with the session. Of a year that is not announced only weekends are known.
WORKING_DAY = """
CREATE FUNCTION pg_temp.working_day(since date, days int) RETURNS date
LANGUAGE plpgsql AS $$
DECLARE
  found date := since;
  still int := days;
BEGIN
  WHILE still > 0 LOOP
    found := found + 1;
    IF EXISTS (SELECT FROM public.calendar_day c WHERE c.day = found AND c.kind = 'makeup')
      OR (extract(isodow FROM found) < 6
      AND NOT EXISTS (SELECT FROM public.calendar_day c WHERE c.day = found AND c.kind = 'holiday'))
    THEN still := still - 1; END IF;
  END LOOP;
  RETURN found;
END $$
"""
# Nobody may end a notice while papers are waited for, so what is left then runs after they came.
COUNT = """
UPDATE case_stage s
SET hangs_until = s.due_on, hangs_provisional = s.due_provisional, closing = 1,
    due_on = d.due_on, due_unpaused_on = d.due_on, due_provisional = s.due_provisional OR d.unsure,
    due_unpaused_provisional = s.due_provisional OR d.unsure
FROM (
    SELECT day, pg_temp.working_day(day, 1) AS due_on,
        extract(year FROM pg_temp.working_day(day, 1))::int NOT IN (SELECT year FROM calendar_year)
        AS unsure
    FROM (SELECT DISTINCT due_on AS day FROM case_stage WHERE kind = 'public_notice') one
    WHERE day IS NOT NULL
) d
WHERE s.kind = 'public_notice' AND s.due_on = d.day
"""
AFTER_PAPERS = """
UPDATE case_stage s
SET due_on = CASE WHEN p.waits THEN NULL
    ELSE pg_temp.working_day(greatest(s.hangs_until, p.came), 1) END
FROM (
    SELECT n.id, bool_or(w.until_on IS NULL) AS waits, max(w.until_on) AS came
    FROM case_stage n JOIN case_pause w ON w.case_id = n.case_id AND w.since_on <= n.due_on
    WHERE n.kind = 'public_notice' AND n.status = 'open'
    GROUP BY n.id
) p
WHERE s.id = p.id
"""
# Of a limit of one working day there is nothing to be said before it has passed.
NOTHING_BEFORE = """
DELETE FROM case_reminder m USING case_stage s, reminder_rule r
WHERE s.id = m.stage_id AND s.kind = 'public_notice' AND r.code = m.rule_code
  AND m.told_at IS NULL AND (r.moment <> 'after' OR s.due_on IS NULL)
"""
TOLD_LATER = """
UPDATE case_reminder m
SET at = (pg_temp.working_day(s.due_on, r.value::int) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
FROM case_stage s, reminder_rule r
WHERE s.id = m.stage_id AND s.kind = 'public_notice' AND s.status = 'open'
  AND r.code = m.rule_code AND r.moment = 'after' AND m.told_at IS NULL
"""


def upgrade() -> None:
    op.add_column(
        "case_stage",
        sa.Column(
            "closing",
            sa.Integer(),
            nullable=True,
            comment="of a notice: in how many working days after its last day it is to be ended",
        ),
    )
    op.add_column(
        "case_stage",
        sa.Column(
            "hangs_until",
            sa.Date(),
            nullable=True,
            comment="of a notice: its last day; it may be ended after it, until `due_on`",
        ),
    )
    op.add_column(
        "case_stage",
        sa.Column(
            "hangs_provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    for act in (WORKING_DAY, COUNT, AFTER_PAPERS, NOTHING_BEFORE, TOLD_LATER):
        op.execute(act)


def downgrade() -> None:
    """What was to be told is told at its new time still, or is planned anew with the clock."""
    op.execute(
        "UPDATE case_stage SET due_on = hangs_until, due_unpaused_on = hangs_until"
        " WHERE hangs_until IS NOT NULL"
    )
    op.drop_column("case_stage", "hangs_provisional")
    op.drop_column("case_stage", "hangs_until")
    op.drop_column("case_stage", "closing")
