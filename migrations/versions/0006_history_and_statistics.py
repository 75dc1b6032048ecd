"""Let the registry be asked about any day, and keep sums of aid by month and by region.

Before: an enrolment knew its first and last month, aid was summed by person and year, and former
states could be read only by going through the row history by hand. After: an enrolment keeps the
spells that its records cover, a yearly sum keeps its months, `region_aid` holds the sums of every
region, and functions put together what the registry held at a moment.

What is filled in here is what the next merge would write. That spells are known only from now on is
itself history: an earlier moment did not know them.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0006_history_and_statistics"
down_revision = "0005_key_rotation"
branch_labels = None
depends_on = None

# Done while the processes stand still: every enrolment and yearly sum is rewritten here anyway.
# The integers are years, sets of twelve months, and counts of one region's aids in one month.
EXCUSED = (
    "require-concurrent-index-creation",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
)

# How many codes a region spans follows from its zeros: 12 digits, village, township, county, city.
SPAN = (
    "CASE WHEN region_code % 100000000 = 0 THEN 100000000 WHEN region_code % 1000000 = 0"
    " THEN 1000000 WHEN region_code % 1000 = 0 THEN 1000 ELSE 1 END"
)
# The whole region, and not a part of it, must be the viewer's: the row sums all below it.
SEEN = (
    f"int8range(region_code, region_code + {SPAN}) <@ (SELECT viewer_regions())"
    " AND ((SELECT viewer_department()) IS NULL OR scheme_code IN"
    " (SELECT s.code FROM scheme s WHERE s.department_code = (SELECT viewer_department())))"
)

# One row as it was just before a moment: today's, with each change since taken back, the newest
# first. Of the columns that are not noted, nothing is said. Sees what its caller sees.
ROW_AS_OF = """
CREATE FUNCTION row_as_of(kind text, record uuid, moment timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  WITH later AS MATERIALIZED (
    SELECT v.id, v.op, v.changed_at, v.before FROM row_version v
    WHERE v.table_name = kind AND v.row_id = record AND v.changed_at >= moment
  ), present AS (
    SELECT CASE kind
      WHEN 'household' THEN (SELECT to_jsonb(t) FROM household t WHERE t.id = record)
      WHEN 'person' THEN (SELECT to_jsonb(t) FROM person t WHERE t.id = record)
      WHEN 'membership' THEN (SELECT to_jsonb(t) FROM membership t WHERE t.person_id = record)
      WHEN 'enrolment' THEN (SELECT to_jsonb(t) FROM enrolment t WHERE t.id = record)
    END AS content
  )
  SELECT (CASE
    WHEN NOT EXISTS (SELECT FROM later) THEN present.content
    WHEN (SELECT l.op FROM later l ORDER BY l.changed_at, l.id LIMIT 1) = 'I' THEN NULL
    ELSE coalesce(present.content, '{}') || (
      SELECT jsonb_object_agg(e.key, e.value ORDER BY l.changed_at DESC, l.id DESC)
      FROM later l CROSS JOIN jsonb_each(l.before) e)
    END) - '{origins,merged_at,source_id,name_key,home_region_code}'::text[]
  FROM present
$$
"""
# Where a record that is no longer there was last, for whoever asks about its past.
LAST_PLACE = """
CREATE FUNCTION last_place_of_record(kind text, record uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT coalesce(v.before ->> 'home_region_code', v.before ->> 'region_code')::bigint
  FROM row_version v
  WHERE v.table_name = kind AND v.row_id = record AND v.op = 'D'
  AND NOT CASE kind
    WHEN 'household' THEN EXISTS (SELECT FROM household t WHERE t.id = record)
    ELSE EXISTS (SELECT FROM person t WHERE t.id = record) END
  ORDER BY v.changed_at DESC, v.id DESC LIMIT 1
$$
"""
# May the viewer see the past of a record? Whose present they see, and of one that is gone, who sees
# every household of its last region.
MAY_LOOK_BACK = """
CREATE FUNCTION may_look_back(kind text, record uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT (SELECT r.rolbypassrls OR r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)
    AND has_table_privilege(session_user, 'household', 'SELECT')
  OR CASE kind
    WHEN 'household' THEN EXISTS (SELECT FROM household h WHERE h.id = record
      AND h.region_code <@ viewer_regions() AND (viewer_department() IS NULL
        OR EXISTS (SELECT FROM enrolment e WHERE e.household_id = h.id
          AND e.department_code = viewer_department())))
    ELSE EXISTS (SELECT FROM person p WHERE p.id = record
      AND p.home_region_code <@ viewer_regions() AND (viewer_department() IS NULL
        OR EXISTS (SELECT FROM membership m JOIN enrolment e ON e.household_id = m.household_id
          WHERE m.person_id = p.id AND e.department_code = viewer_department())))
  END
  OR viewer_department() IS NULL
    AND coalesce(last_place_of_record(kind, record) <@ viewer_regions(), false)
$$
"""
# What the registry held of a household or of one person just before a moment, row by row. Runs as
# the owner, because who was a member then may be out of the viewer's sight now.
AS_BELIEVED = """
CREATE FUNCTION registry_as_of(subject text, record uuid, moment timestamptz)
RETURNS TABLE (kind text, row_id uuid, content jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH allowed AS MATERIALIZED (SELECT may_look_back(subject, record) AS yes),
  candidate AS (
    SELECT record AS person_id WHERE subject = 'person'
    UNION SELECT m.person_id FROM membership m
    WHERE subject = 'household' AND m.household_id = record
    UNION SELECT v.row_id FROM row_version v
    WHERE subject = 'household' AND v.table_name = 'membership' AND v.changed_at >= moment
    AND (v.before ->> 'household_id') = record::text
  ), member AS MATERIALIZED (
    SELECT c.person_id, row_as_of('membership', c.person_id, moment) AS content
    FROM candidate c, allowed WHERE allowed.yes
  ), belonged AS MATERIALIZED (
    SELECT m.person_id, m.content FROM member m
    WHERE subject = 'person' OR m.content ->> 'household_id' = record::text
  ), place AS (
    SELECT e.id FROM enrolment e JOIN belonged b ON b.person_id = e.person_id
    WHERE viewer_department() IS NULL OR e.department_code = viewer_department()
    UNION SELECT v.row_id FROM row_version v JOIN belonged b
      ON (v.before ->> 'person_id') = b.person_id::text
    WHERE v.table_name = 'enrolment' AND v.op = 'D' AND v.changed_at >= moment
    AND (viewer_department() IS NULL
      OR v.before ->> 'department_code' = viewer_department())
  ), home AS (
    SELECT record AS id WHERE subject = 'household'
    UNION SELECT (b.content ->> 'household_id')::uuid FROM belonged b
  ), found AS (
    SELECT 'household' AS kind, h.id AS row_id, row_as_of('household', h.id, moment) AS content
    FROM home h, allowed WHERE allowed.yes
    UNION ALL SELECT 'membership', b.person_id, b.content FROM belonged b
    UNION ALL SELECT 'person', b.person_id, row_as_of('person', b.person_id, moment)
    FROM belonged b
    UNION ALL SELECT 'enrolment', p.id, row_as_of('enrolment', p.id, moment) FROM place p
  )
  SELECT f.kind, f.row_id, f.content FROM found f WHERE f.content IS NOT NULL
$$
"""
# Who was in a household and is no longer, with the name of then: they may be out of sight now.
FORMER = """
CREATE FUNCTION former_members(home uuid)
RETURNS TABLE (person_id uuid, name text, left_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH allowed AS MATERIALIZED (SELECT may_look_back('household', home) AS yes),
  gone AS (
    SELECT v.row_id, max(v.changed_at) AS left_at FROM row_version v, allowed
    WHERE allowed.yes AND v.table_name = 'membership'
    AND (v.before ->> 'household_id') = home::text
    AND NOT EXISTS (SELECT FROM membership m
      WHERE m.person_id = v.row_id AND m.household_id = home)
    GROUP BY v.row_id
  )
  SELECT g.row_id, row_as_of('person', g.row_id, g.left_at) ->> 'name', g.left_at FROM gone g
$$
"""
FUNCTIONS = {
    "former_members(uuid)": FORMER,
    "registry_as_of(text, uuid, timestamptz)": AS_BELIEVED,
    "may_look_back(text, uuid)": MAY_LOOK_BACK,
    "last_place_of_record(text, uuid)": LAST_PLACE,
    "row_as_of(text, uuid, timestamptz)": ROW_AS_OF,
}

# The merge's own rules, over what the last merge linked.
MONTHS = """
CREATE TEMPORARY TABLE aid_month ON COMMIT DROP AS
SELECT l.person_id, i.scheme_code,
  date_trunc('month', coalesce(r.period_on, b.data_on))::date AS month,
  count(*)::integer AS times, coalesce(sum(r.amount_fen), 0)::bigint AS fen
FROM source_record r JOIN import_batch b ON b.id = r.batch_id
JOIN source_identity i ON i.id = r.identity_id JOIN source_link l ON l.identity_id = i.id
WHERE coalesce(r.period_on, b.data_on) IS NOT NULL
GROUP BY 1, 2, 3
"""
SPELLS = """
UPDATE enrolment e SET spells = s.spells FROM (
  SELECT m.person_id, m.scheme_code, range_agg(daterange(m.month, (m.month + CASE s.period
    WHEN 'yearly' THEN interval '1 year' WHEN 'per_term' THEN interval '6 months'
    ELSE interval '1 month' END)::date)) AS spells
  FROM aid_month m JOIN scheme s ON s.code = m.scheme_code GROUP BY m.person_id, m.scheme_code
) s WHERE s.person_id = e.person_id AND s.scheme_code = e.scheme_code
"""
YEARS = """
UPDATE aid_year a SET months = y.months, month_times = y.month_times, month_fen = y.month_fen
FROM (
  SELECT person_id, scheme_code, extract(year FROM month)::integer AS year,
    bit_or(1 << (extract(month FROM month)::integer - 1))::smallint AS months,
    CASE WHEN max(times) > 1 THEN array_agg(times ORDER BY month) END AS month_times,
    CASE WHEN min(fen) <> max(fen) THEN array_agg(fen ORDER BY month) END AS month_fen
  FROM aid_month GROUP BY 1, 2, 3
) y WHERE y.person_id = a.person_id AND y.scheme_code = a.scheme_code AND y.year = a.year
"""


def _sums(column: str) -> str:
    parts = (f"coalesce(sum({column}) FILTER (WHERE month = {month}), 0)" for month in range(1, 13))
    return f"ARRAY[{', '.join(parts)}]"


REGIONS = f"""
INSERT INTO region_aid (region_code, year, scheme_code, persons, times, amount_fen)
SELECT region, year, scheme_code, count(DISTINCT person_id), {_sums("times")}::integer[],
  {_sums("fen")}::bigint[]
FROM (
  SELECT DISTINCT step.region, extract(year FROM a.month)::integer AS year, a.scheme_code,
    a.person_id, extract(month FROM a.month)::integer AS month, a.times, a.fen
  FROM aid_month a JOIN membership m ON m.person_id = a.person_id
  CROSS JOIN LATERAL (VALUES (m.home_region_code), (m.home_region_code / 1000 * 1000),
    (m.home_region_code / 1000000 * 1000000), (m.home_region_code / 100000000 * 100000000)
  ) AS step (region)
) AS month_of GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    op.create_table(
        "region_aid",
        sa.Column("region_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scheme_code", sa.String(length=8), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False, comment="who got anything in the year"),
        sa.Column("times", sa.ARRAY(sa.Integer()), nullable=False, comment="aids of each month"),
        sa.Column("amount_fen", sa.ARRAY(sa.BigInteger()), nullable=False, comment="of each month"),
        sa.CheckConstraint(
            "cardinality(times) = 12 AND cardinality(amount_fen) = 12",
            name=op.f("ck_region_aid_twelve_months"),
        ),
        sa.PrimaryKeyConstraint("region_code", "year", "scheme_code", name=op.f("pk_region_aid")),
    )
    # With defaults the older program goes on writing; its next merge by this one fills them.
    op.add_column(
        "enrolment",
        sa.Column(
            "spells",
            postgresql.DATEMULTIRANGE(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="days that the records cover, each from … inclusive to … exclusive",
        ),
    )
    for column in (
        sa.Column(
            "months",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="which had aid: bit 0 is January",
        ),
        sa.Column(
            "month_times",
            sa.ARRAY(sa.Integer()),
            nullable=True,
            comment="aids in each of `months`; empty: one in each",
        ),
        sa.Column(
            "month_fen",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="fen in each of `months`; empty: the same in each",
        ),
    ):
        op.add_column("aid_year", column)
    # Who was in a household, and which places a person had, once the present rows say otherwise.
    op.create_index(
        "ix_row_version_former_household",
        "row_version",
        [sa.text("(before ->> 'household_id')")],
        postgresql_where=sa.text(
            "table_name = 'membership' AND (before ->> 'household_id') IS NOT NULL"
        ),
    )
    op.create_index(
        "ix_row_version_former_person",
        "row_version",
        [sa.text("(before ->> 'person_id')")],
        postgresql_where=sa.text("table_name = 'enrolment' AND op = 'D'"),
    )
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("SET LOCAL relief.reason = 'migration 0006'")
    for statement in (MONTHS, SPELLS, YEARS, REGIONS):
        op.execute(statement)
    for function in reversed(FUNCTIONS.values()):
        op.execute(function)
    op.execute("ALTER TABLE region_aid ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE region_aid FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY viewer ON region_aid USING ({SEEN})")


def downgrade() -> None:
    op.drop_table("region_aid")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_row_version_former_person", table_name="row_version")
    op.drop_index("ix_row_version_former_household", table_name="row_version")
    for column in ("month_fen", "month_times", "months"):
        op.drop_column("aid_year", column)
    op.drop_column("enrolment", "spells")
