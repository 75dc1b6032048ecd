"""Brings the live source identities and their records into the workbench."""

import uuid
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.registry.merging.workbench import Workbench

_IDENTITY = {
    "id": "UUID",
    "batch_id": "UUID",
    "scheme": "VARCHAR",
    "department": "VARCHAR",
    "county": "INTEGER",
    "region": "BIGINT",
    "name": "VARCHAR",
    "name_key": "VARCHAR",
    "citizen_id": "UUID",
    "valid": "BOOLEAN",
    "number_born_on": "DATE",
    "sex": "VARCHAR",
    "born_on": "DATE",
    "ethnicity": "VARCHAR",
    "marital": "VARCHAR",
    "phone": "UUID",
    "account": "UUID",
    "health": "UUID",
    "address": "VARCHAR",
    "household_number": "VARCHAR",
    "householder_name": "VARCHAR",
    "relation": "VARCHAR",
    "died_on": "DATE",
    "first_on": "DATE",
    "last_on": "DATE",
    "record_count": "INTEGER",
}

_IDENTITY_SQL = """
    SELECT i.id, i.batch_id, i.scheme_code, i.department_code, i.county_code, i.region_code,
           i.name, i.name_key, i.citizen_id, i.citizen_id_valid, i.number_born_on, i.sex,
           i.born_on, i.ethnicity, i.marital, i.phone, i.account, i.health, i.address,
           i.household_number, i.householder_name, i.relation, i.died_on,
           coalesce(i.first_on, batch.data_on), coalesce(i.last_on, batch.data_on),
           i.record_count
    FROM source_identity i JOIN live_batch batch ON batch.id = i.batch_id
"""

# All records, and not sums of them: DuckDB sums three million rows faster than PostgreSQL.
_RECORD = {"identity_id": "UUID", "period_on": "DATE", "amount_fen": "BIGINT"}

_RECORD_SQL = """
    SELECT r.identity_id, coalesce(r.period_on, batch.data_on), r.amount_fen
    FROM source_record r JOIN live_batch batch ON batch.id = r.batch_id
"""

_TABLES = {
    "old_link": (
        {"identity_id": "UUID", "person_id": "UUID"},
        "SELECT identity_id, person_id FROM source_link",
    ),
    "old_number": (
        {"citizen_id": "UUID", "person_id": "UUID"},
        "SELECT citizen_id, person_id FROM identity_registry",
    ),
    "old_member": (
        {"person_id": "UUID", "household_id": "UUID"},
        "SELECT person_id, household_id FROM membership",
    ),
    "old_household": (
        {"id": "UUID", "number": "VARCHAR"},
        "SELECT id, number FROM household",
    ),
    "counter": (
        {"county": "INTEGER", "last": "INTEGER"},
        "SELECT county_code, last FROM household_counter",
    ),
    "decision": (
        {
            "one": "VARCHAR",
            "other": "VARCHAR",
            "same": "BOOLEAN",
            "decided_at": "TIMESTAMP",
            "moved": "VARCHAR",
        },
        """
        SELECT one_anchor, other_anchor, verdict = 'same', decided_at AT TIME ZONE 'UTC',
               moved_anchor
        FROM link_decision WHERE withdrawn_at IS NULL
        """,
    ),
    "scheme": (
        {"code": "VARCHAR", "department": "VARCHAR", "period": "VARCHAR", "category": "VARCHAR"},
        "SELECT code, department_code, period, category FROM scheme",
    ),
}


def choose_batches(session: Session) -> list[uuid.UUID]:
    """Fix which batches this merge speaks of, and return those that no merge has seen yet.

    A file that commits while the merge runs is the next merge's: each statement here sees what
    is committed when it begins, so the choice is made once.
    """
    session.execute(text("DROP TABLE IF EXISTS pg_temp.live_batch"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE live_batch ON COMMIT DROP AS SELECT id, data_on, status"
            " FROM import_batch WHERE status IN ('loaded', 'merged')"
        )
    )
    fresh = text("SELECT id FROM live_batch WHERE status = 'loaded' ORDER BY id")
    return list(session.scalars(fresh))


def extract(session: Session, bench: Workbench) -> None:
    """Fill `identity`, `record`, `decision`, `scheme` and the `old_…` tables of the workbench."""
    _copy(session, bench, "identity", _IDENTITY, _IDENTITY_SQL)
    _copy(session, bench, "record", _RECORD, _RECORD_SQL)
    for table, (columns, sql) in _TABLES.items():
        _copy(session, bench, table, columns, sql)


def _copy(
    session: Session, bench: Workbench, table: str, columns: dict[str, str], sql: str
) -> None:
    """Stream one query out of PostgreSQL into a table of the workbench."""
    file = bench.folder / f"{table}.csv"
    _stream(session, sql, file)
    bench.run(
        f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, header = false, columns = ?,"
        " nullstr = '\\N', delim = ',', quote = '\"', escape = '\"', auto_detect = false)",
        [str(file), columns],
    )
    file.unlink()


def _stream(session: Session, sql: str, file: Path) -> None:
    statement = f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '\\N')"
    with (
        file.open("wb", buffering=1 << 20) as out,
        driver(session).cursor() as cursor,
        cursor.copy(statement.encode()) as copy,
    ):
        for block in copy:
            out.write(block)
