"""Counts, at the end of each merge, the faults of every live file (数据质量).

What pages show comes from here, so that no request counts over source tables. Reads what the
merge holds already: `identity`, `link`, `record`, `standing`; and of PostgreSQL only what was
sent back.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.registry.merging import apply
from relief.registry.merging.workbench import Workbench
from relief.registry.quality import faults
from relief.registry.types import Measure

_FIGURES = apply.Target(
    "quality_figure",
    ("batch_id", "measure", "field"),
    ("batch_id", "measure", "field", "faulty", "total"),
    "SELECT batch_id, measure, field, faulty, total FROM new_figure ORDER BY ALL",
)
_SENT_BACK = text("""
    SELECT b.id::text AS batch, b.layout, b.received,
           count(*) FILTER (WHERE x.code IN ('repeated_row', 'already_loaded')) AS repeated,
           count(x.batch_id) AS rejected
    FROM import_batch b JOIN live_batch USING (id)
    LEFT JOIN rejected_row x ON x.batch_id = b.id
    GROUP BY b.id
""")


def count(session: Session, bench: Workbench) -> apply.Change:
    """Bring `quality_figure` to what the live files are like; return how many rows changed."""
    files = session.execute(_SENT_BACK).all()
    faults.expect(bench, [(file.batch, file.layout) for file in files])
    bench.run("""
        CREATE VIEW described AS
        SELECT i.*, l.cluster FROM identity i JOIN link l ON l.identity_id = i.id
    """)
    bench.run("""
        CREATE VIEW line AS
        SELECT identity_id, period_on FROM record
        UNION ALL SELECT identity_id, day FROM standing WHERE action IS NULL
    """)
    faults.compare(bench)
    faults.find_twice(bench)
    _sum(bench)
    rows = [
        (file.batch, measure, faulty, file.received)
        for file in files
        for measure, faulty in (
            (Measure.REPEATED, file.repeated),
            (Measure.UNREADABLE, file.rejected - file.repeated),
        )
    ]
    if rows:
        bench.run(
            "INSERT INTO new_figure SELECT unnest(?)::UUID, unnest(?), '', unnest(?), unnest(?)",
            [list(column) for column in zip(*rows, strict=True)],
        )
    return apply.apply(session, bench, moment="", targets=(_FIGURES,))[_FIGURES.table]


def _sum(bench: Workbench) -> None:
    """Make `new_figure` of what is wrong with descriptions, in one pass over them."""
    sums = ", ".join(
        f"{{'measure': '{measure}', 'field': '{field}',"
        f" 'faulty': {_rows(measure, field, could, is_faulty)},"
        f" 'total': {_rows(measure, field, could)}}}"
        for (measure, field), (is_faulty, could) in faults.conditions().items()
    )
    bench.run(f"""
        CREATE TABLE new_figure AS
        SELECT batch_id, f.measure AS measure, f.field AS field, f.faulty AS faulty,
               f.total AS total
        FROM (
            SELECT d.batch_id, unnest([{sums}]) AS f FROM {faults.JOINED} GROUP BY d.batch_id
        ) WHERE f.total > 0
    """)
    bench.run(f"""
        INSERT INTO new_figure
        SELECT d.batch_id, '{Measure.TWICE}', '', coalesce(any_value(t.lines), 0),
               sum(d.record_count)
        FROM described d JOIN expected e ON e.batch_id = d.batch_id AND e.once
        LEFT JOIN (SELECT batch_id, sum(lines) AS lines FROM twice GROUP BY batch_id) t
             ON t.batch_id = d.batch_id
        GROUP BY d.batch_id
    """)


def _rows(measure: Measure, field: str, could: str, is_faulty: str = "true") -> str:
    """Return how many rows of a file could have a fault, or have it."""
    if measure is Measure.EMPTY:  # the layout asks for it or not: one question a file, not a row
        asked = f"list_contains(any_value(e.fields), '{field}')"
        counted = f"CASE WHEN {asked} THEN sum(d.record_count) FILTER ({is_faulty}) END"
    else:
        counted = f"sum(d.record_count) FILTER (({could}) AND ({is_faulty}))"
    return f"coalesce({counted}, 0)::BIGINT"
