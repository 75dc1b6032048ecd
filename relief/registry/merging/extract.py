"""Brings the live source identities and their records into the workbench."""

import uuid
from pathlib import Path

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.privacy.cipher import Cipher
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

_NUMBER_SQL = b"""
    SELECT v.id, v.ciphertext FROM secret_value v WHERE v.id IN (
        SELECT i.citizen_id FROM source_identity i JOIN live_batch batch ON batch.id = i.batch_id)
"""
_NUMBERS_AT_ONCE = 20_000

# All records, and not sums of them: DuckDB sums three million rows faster than PostgreSQL.
_RECORD = {"identity_id": "UUID", "period_on": "DATE", "amount_fen": "BIGINT"}

_RECORD_SQL = """
    SELECT r.identity_id, coalesce(r.period_on, batch.data_on), r.amount_fen
    FROM source_record r JOIN live_batch batch ON batch.id = r.batch_id
    WHERE batch.content = 'history'
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
    # Rolls and change files: who was on a list, not what was paid (see `leaving`).
    "standing": (
        {"batch": "UUID", "identity_id": "UUID", "day": "DATE", "action": "VARCHAR"},
        """
        SELECT r.batch_id, r.identity_id, r.period_on, r.action
        FROM live_batch batch JOIN source_record r ON r.batch_id = batch.id
        WHERE batch.content <> 'history'
        """,
    ),
    "teller": (
        {
            "batch": "UUID",
            "scheme": "VARCHAR",
            "content": "VARCHAR",
            "day": "DATE",
            "region": "BIGINT",
            "digest": "VARCHAR",
            "received": "BIGINT",
            "unread": "INTEGER",
            "unjudged": "BOOLEAN",
        },
        """
        SELECT id, scheme_code, content, data_on, region_code, encode(sha256, 'hex'),
               row_number() OVER (ORDER BY created_at, id),
               (SELECT count(*) FROM rejected_row x
                WHERE x.batch_id = live_batch.id AND x.code <> 'repeated_row'),
               status = 'loaded' AND decided_at IS NULL
        FROM live_batch WHERE content <> 'history'
        """,
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
            "CREATE TEMPORARY TABLE live_batch ON COMMIT DROP AS SELECT id, scheme_code, content,"
            " region_code, data_on, sha256, status, created_at, decided_at"
            " FROM import_batch WHERE status IN ('loaded', 'merged')"
        )
    )
    session.execute(text("ANALYZE live_batch"))
    fresh = text("SELECT id FROM live_batch WHERE status = 'loaded' ORDER BY id")
    return list(session.scalars(fresh))


def extract(session: Session, bench: Workbench, *, cipher: Cipher) -> None:
    """Fill `identity`, `digits`, `record`, `standing`, `teller`, `decision` and `old_…`."""
    copy_out(session, bench, "identity", _IDENTITY, _IDENTITY_SQL)
    _open_numbers(session, bench, cipher)
    copy_out(session, bench, "record", _RECORD, _RECORD_SQL)
    for table, (columns, sql) in _TABLES.items():
        copy_out(session, bench, table, columns, sql)


def _open_numbers(session: Session, bench: Workbench, cipher: Cipher) -> None:
    """Make `digits(citizen_id, number)`: a mistyped number is only found by its characters.

    They stay in this process's memory; the workbench is gone when the merge ends.
    """
    ids: list[uuid.UUID] = []
    numbers: list[str] = []
    with driver(session).cursor("numbers_to_compare") as cursor:
        cursor.itersize = _NUMBERS_AT_ONCE
        cursor.execute(_NUMBER_SQL)
        for number_id, envelope in cursor:
            ids.append(number_id)
            numbers.append(cipher.open(bytes(envelope), row_id=number_id))
    made = pa.table(
        {
            "citizen_id": pa.array([str(one) for one in ids], pa.string()),
            "number": pa.array(numbers, pa.string()),
        }
    )
    bench.connection.register("made", made)
    bench.run("CREATE TABLE digits AS SELECT citizen_id::UUID AS citizen_id, number FROM made")
    bench.connection.unregister("made")


def copy_out(
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
