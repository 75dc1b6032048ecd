"""One scheme's faults line by line, as they go back to the department that sent the files.

A line names a row of an original file and says what is wrong with it. It holds no value: not the
row's, which the department has, and not another department's, which it may not see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relief.registry.intake import layouts
from relief.registry.merging import extract
from relief.registry.merging.workbench import Workbench
from relief.registry.models import ImportBatch
from relief.registry.quality import faults
from relief.registry.types import BatchStatus, Measure

_PIECE = 10_000
SAYS: Mapping[Measure, str] = {
    Measure.EMPTY: "未填写，或填写的内容无法识别。",
    Measure.INVALID: "身份证号校验不通过，请对照证件核对。",
    Measure.DIFFERS: "与本行身份证号中的出生日期不一致。",
    Measure.CONFLICT: "与其他部门登记不一致，请核实。",
    Measure.TWICE: "同一人在同一期名单中出现了不止一次。",
}
KINDS: Mapping[Measure, str] = {
    Measure.EMPTY: "缺项",
    Measure.INVALID: "号码有误",
    Measure.DIFFERS: "前后不符",
    Measure.CONFLICT: "部门间不一致",
    Measure.TWICE: "重复",
    Measure.REPEATED: "重复",
    Measure.UNREADABLE: "退回",
}
_WHOLE_ROW = "整行"
_REGION = ("village", "township", "county", "region_code", "address")
_REPEATED = {"repeated_row", "already_loaded"}

# Everyone of whom the scheme's files speak, as all departments describe them.
_DESCRIBED = (
    {
        "id": "UUID", "batch_id": "UUID", "department": "VARCHAR", "cluster": "UUID",
        "region": "BIGINT", "name_key": "VARCHAR", "citizen_id": "UUID", "valid": "BOOLEAN",
        "number_born_on": "DATE", "sex": "VARCHAR", "born_on": "DATE", "ethnicity": "VARCHAR",
        "marital": "VARCHAR", "phone": "UUID", "account": "UUID", "health": "UUID",
        "address": "VARCHAR", "household_number": "VARCHAR", "householder_name": "VARCHAR",
        "relation": "VARCHAR", "died_on": "DATE",
    },
    """
    SELECT i.id, i.batch_id, i.department_code, l.person_id, i.region_code, i.name_key,
           i.citizen_id, i.citizen_id_valid, i.number_born_on, i.sex, i.born_on, i.ethnicity,
           i.marital, i.phone, i.account, i.health, i.address, i.household_number,
           i.householder_name, i.relation, i.died_on
    FROM source_identity i JOIN source_link l ON l.identity_id = i.id
    WHERE l.person_id IN (SELECT m.person_id FROM asked_batch b
                          JOIN source_identity a ON a.batch_id = b.id
                          JOIN source_link m ON m.identity_id = a.id)
    """,
)  # fmt: skip
_LINE = (
    {"identity_id": "UUID", "row_number": "INTEGER", "period_on": "DATE"},
    """
    SELECT r.identity_id, r.row_number, coalesce(r.period_on, b.data_on)
    FROM source_record r JOIN asked_batch b ON b.id = r.batch_id
    """,
)
_SENT_BACK = (
    {"batch_id": "UUID", "row_number": "INTEGER", "heading": "VARCHAR", "code": "VARCHAR",
     "reason": "VARCHAR"},
    """
    SELECT x.batch_id, x.row_number, x."column", x.code, x.reason
    FROM rejected_row x JOIN asked_batch b ON b.id = x.batch_id
    """,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One fault: the row's number is the one that the original file shows."""

    file_name: str
    received_at: datetime
    row_number: int
    rows: int  # how many rows say the same of the same person; the first is named
    column: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class _File:
    layout: str
    name: str
    received_at: datetime
    headings: Mapping[str, str]


def find(session: Session, bench: Workbench, scheme_code: str) -> tuple[int, Iterator[Line]]:
    """Return how many faults the scheme's live files have, and each, by file and row."""
    files = _files(session, scheme_code)
    session.execute(text("DROP TABLE IF EXISTS pg_temp.asked_batch"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE asked_batch ON COMMIT DROP AS SELECT id, data_on"
            " FROM import_batch WHERE scheme_code = :scheme AND status IN ('loaded', 'merged')"
        ),
        {"scheme": scheme_code},
    )
    session.execute(text("ANALYZE asked_batch"))
    for table, (columns, sql) in {
        "described": _DESCRIBED,
        "line": _LINE,
        "sent_back": _SENT_BACK,
    }.items():
        extract.copy_out(session, bench, table, columns, sql)
    faults.expect(bench, [(batch, file.layout) for batch, file in files.items()])
    faults.compare(bench)
    faults.find_twice(bench)
    _list(bench)
    return bench.count("fault_line"), _lines(bench, files)


def _files(session: Session, scheme_code: str) -> Mapping[str, _File]:
    batches = session.execute(
        select(
            ImportBatch.id, ImportBatch.file_name, ImportBatch.created_at, ImportBatch.layout
        ).where(
            ImportBatch.scheme_code == scheme_code,
            ImportBatch.status.in_((BatchStatus.LOADED, BatchStatus.MERGED)),
        )
    ).all()
    return {
        str(batch.id): _File(
            batch.layout, batch.file_name, batch.created_at, _headings(batch.layout)
        )
        for batch in batches
    }


def _headings(layout_id: str) -> Mapping[str, str]:
    """Return field → heading, a place by the narrowest column that says one."""
    layout = layouts.load_all().get(layout_id.partition("@")[0])
    found = {c.field: c.heading for c in layout.columns if c.field} if layout else {}
    region = next((found[name] for name in _REGION if name in found), "区划")
    return {**found, "region": region}


def _list(bench: Workbench) -> None:
    """Make `fault_line(batch_id, row_number, lines, field, measure, heading, reason)`."""
    bench.run("""
        CREATE TABLE place AS
        SELECT identity_id AS id, min(row_number) AS row_number, count(*) AS lines
        FROM line GROUP BY identity_id
    """)
    described = " UNION ALL ".join(
        f"SELECT d.batch_id, d.id, '{field}' AS field, '{measure}' AS measure"
        f" FROM {faults.JOINED} WHERE ({could}) AND ({is_faulty})"
        for (measure, field), (is_faulty, could) in faults.conditions().items()
    )
    bench.run(f"""
        CREATE TABLE fault_line AS
        SELECT f.batch_id, p.row_number, p.lines, f.field, f.measure,
               NULL::VARCHAR AS heading, NULL::VARCHAR AS reason
        FROM ({described}) f JOIN place p USING (id)
        UNION ALL
        SELECT t.batch_id, min(l.row_number), any_value(t.lines), NULL, '{Measure.TWICE}', NULL,
               NULL
        FROM twice t JOIN described d ON d.batch_id = t.batch_id AND d.cluster = t.cluster
        JOIN line l ON l.identity_id = d.id AND l.period_on = t.period_on
        GROUP BY t.batch_id, t.cluster, t.period_on
        UNION ALL
        SELECT batch_id, row_number, 1, NULL,
               CASE WHEN code IN ({", ".join(f"'{code}'" for code in sorted(_REPEATED))})
                    THEN '{Measure.REPEATED}' ELSE '{Measure.UNREADABLE}' END,
               heading, reason
        FROM sent_back
    """)


def _lines(bench: Workbench, files: Mapping[str, _File]) -> Iterator[Line]:
    cursor = bench.run("""
        SELECT batch_id::VARCHAR, row_number, lines, field, measure, heading, reason
        FROM fault_line ORDER BY batch_id, row_number, measure, field
    """)
    while rows := cursor.fetchmany(_PIECE):
        for batch_id, row_number, lines, field, measure, heading, reason in rows:
            file = files[batch_id]
            yield Line(
                file_name=file.name,
                received_at=file.received_at,
                row_number=row_number,
                rows=lines,
                column=heading or file.headings.get(field, _WHOLE_ROW),
                kind=KINDS[Measure(measure)],
                what=reason or SAYS[Measure(measure)],
            )
