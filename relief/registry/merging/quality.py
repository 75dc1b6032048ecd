"""Counts, at the end of each merge, the faults of every live file (数据质量).

What pages show comes from here, so that no request counts over source tables. Reads what the
merge holds already: `identity`, `link`, `record`, `standing`; and of PostgreSQL only what was
sent back.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.registry.merging import apply, differences
from relief.registry.merging.reach import Reach
from relief.registry.merging.workbench import Workbench
from relief.registry.quality import faults
from relief.registry.types import Measure

_FIGURES = apply.Target(
    "quality_figure",
    ("batch_id", "measure", "field"),
    ("batch_id", "measure", "field", "faulty", "total"),
    "SELECT batch_id, measure, field, faulty, total FROM new_figure ORDER BY ALL",
)
_SENT_BACK = """
    SELECT b.id::text AS batch, b.received,
           count(*) FILTER (WHERE x.code IN ('repeated_row', 'already_loaded')) AS repeated,
           count(x.batch_id) AS rejected
    FROM import_batch b JOIN live_batch USING (id)
    LEFT JOIN rejected_row x ON x.batch_id = b.id
    WHERE {} GROUP BY b.id
"""
_LAYOUTS = text("SELECT b.id::text, b.layout FROM import_batch b JOIN live_batch USING (id)")
_NOW = "SELECT i.*, l.cluster FROM identity i JOIN link l ON l.identity_id = i.id"
# Of some parts: what was said of the same people before, which is taken off.
_BEFORE = """
    UNION ALL
    SELECT i.*, 'before|' || o.person_id AS cluster
    FROM (SELECT * FROM identity UNION ALL SELECT * FROM gone) i
    JOIN old_link o ON o.identity_id = i.id
"""
# What a file is like is not what was sent back of it, which never changes.
_SENT = f"t.measure IN ('{Measure.REPEATED}', '{Measure.UNREADABLE}')"


_SIGN = "CASE WHEN starts_with(cluster, 'before|') THEN -1 ELSE 1 END"
_ROWS = f"d.record_count * {_SIGN.replace('cluster', 'd.cluster')}"


def count(session: Session, bench: Workbench, *, reach: Reach | None) -> apply.Change:
    """Bring `quality_figure` to what the live files are like; return how many rows changed.

    `reach`: some parts were worked out, and the figures change by what they say otherwise.
    """
    faults.expect(bench, [(row[0], row[1]) for row in session.execute(_LAYOUTS)])
    bench.run("""
        CREATE VIEW line AS
        SELECT identity_id, period_on FROM record
        UNION ALL SELECT identity_id, day FROM standing WHERE action IS NULL
    """)
    bench.run(f"CREATE VIEW described AS {_NOW}{_BEFORE if reach is not None else ''}")
    faults.compare(bench)
    faults.find_twice(bench)
    # Where nobody is described in other words, only what compares descriptions may change.
    _sum(bench, compared_only=reach is not None and reach.known)
    fresh = text(_SENT_BACK.format("true" if reach is None else "NOT live_batch.shown"))
    rows = [
        (file.batch, measure, faulty, file.received)
        for file in session.execute(fresh).all()
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
    if reach is None:
        return apply.apply(session, bench, targets=(_FIGURES,))[_FIGURES.table]
    change = differences.add(session, bench, _FIGURES, empty="t.total = 0", kept=_SENT)
    change.removed += apply.run(
        session, "DELETE FROM quality_figure WHERE batch_id IN (SELECT id FROM left_batch)"
    )
    return change


def _sum(bench: Workbench, *, compared_only: bool) -> None:
    """Make `new_figure` of what is wrong with descriptions, in one pass over them."""
    sums = ", ".join(
        f"{{'measure': '{measure}', 'field': '{field}',"
        f" 'faulty': {_rows(measure, field, could, is_faulty)},"
        f" 'total': {_rows(measure, field, could)}}}"
        for (measure, field), (is_faulty, could) in faults.conditions().items()
        if measure is Measure.CONFLICT or not compared_only
    )
    bench.run(f"""
        CREATE TABLE new_figure AS
        SELECT batch_id, f.measure AS measure, f.field AS field, f.faulty AS faulty,
               f.total AS total
        FROM (
            SELECT d.batch_id, unnest([{sums}]) AS f FROM {faults.JOINED} GROUP BY d.batch_id
        ) WHERE f.total <> 0 OR f.faulty <> 0
    """)
    bench.run(f"""
        INSERT INTO new_figure
        SELECT batch_id, '{Measure.TWICE}', '', coalesce(any_value(t.lines), 0) AS faulty,
               any_value(d.total) AS total
        FROM (
            SELECT batch_id, sum({_ROWS}) AS total
            FROM described d JOIN expected e USING (batch_id) WHERE e.once GROUP BY batch_id
        ) d
        LEFT JOIN (SELECT batch_id, sum(lines * {_SIGN}) AS lines FROM twice GROUP BY batch_id) t
             USING (batch_id)
        GROUP BY batch_id HAVING total <> 0 OR faulty <> 0
    """)


def _rows(measure: Measure, field: str, could: str, is_faulty: str = "true") -> str:
    """Return how many rows of a file could have a fault, or have it."""
    if measure is Measure.EMPTY:  # the layout asks for it or not: one question a file, not a row
        asked = f"list_contains(any_value(e.fields), '{field}')"
        counted = f"CASE WHEN {asked} THEN sum({_ROWS}) FILTER ({is_faulty}) END"
    else:
        counted = f"sum({_ROWS}) FILTER (({could}) AND ({is_faulty}))"
    return f"coalesce({counted}, 0)::BIGINT"
