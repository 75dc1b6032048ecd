"""Brings the live source identities and their records into the workbench.

All of them, or those *in reach* (see `reach`): then each query joins the temporary table
`wanted(identity_id)`, and `in_reach(part_id)` says which parts of the registry are worked out.
"""

import uuid
from pathlib import Path

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.privacy.cipher import Cipher
from relief.registry.merging.signatures import OF_CLAIM
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
    "by_file": "BOOLEAN",
}

_IDENTITY_SQL = """
    SELECT i.id, i.batch_id, i.scheme_code, i.department_code, i.county_code, i.region_code,
           i.name, i.name_key, i.citizen_id, i.citizen_id_valid, i.number_born_on, i.sex,
           i.born_on, i.ethnicity, i.marital, i.phone, i.account, i.health, i.address,
           i.household_number, i.householder_name, i.relation, i.died_on,
           coalesce(i.first_on, batch.data_on), coalesce(i.last_on, batch.data_on),
           i.record_count, batch.channel = 'file'
    FROM {}
"""
_ALL = "source_identity i JOIN live_batch batch ON batch.id = i.batch_id"
_WANTED = f"wanted JOIN {_ALL.replace(' JOIN', ' ON i.id = wanted.identity_id JOIN', 1)}"
# What was merged once and is live no longer: it had a say in what is there now.
_GONE = (
    "wanted JOIN source_identity i ON i.id = wanted.identity_id"
    " JOIN import_batch batch ON batch.id = i.batch_id"
    " WHERE batch.id NOT IN (SELECT id FROM live_batch)"
)

_NUMBER_SQL = """
    SELECT v.id, v.ciphertext FROM secret_value v WHERE v.id IN (SELECT i.citizen_id FROM {})
"""
_NUMBERS_AT_ONCE = 20_000

# All records, and not sums of them: DuckDB sums three million rows faster than PostgreSQL.
_RECORD = {"identity_id": "UUID", "period_on": "DATE", "amount_fen": "BIGINT"}

_RECORD_SQL = """
    SELECT r.identity_id, coalesce(r.period_on, batch.data_on), r.amount_fen
    FROM {}source_record r {}JOIN live_batch batch ON batch.id = r.batch_id
    WHERE batch.content = 'history'
"""
_OF_WANTED = ("wanted JOIN ", "ON r.identity_id = wanted.identity_id ")
_LINK = {"identity_id": "UUID", "person_id": "UUID", "part_id": "UUID"}
_LINK_SQL = "SELECT identity_id, person_id, part_id FROM source_link{}"

# What is there now, with what narrows it to the people of the parts in reach.
_OLD = {
    "old_number": (
        {"citizen_id": "UUID", "person_id": "UUID"},
        "SELECT citizen_id, person_id FROM identity_registry",
        "person_id",
    ),
    "old_member": (
        {"person_id": "UUID", "household_id": "UUID"},
        "SELECT person_id, household_id FROM membership",
        "person_id",
    ),
    "old_household": (
        {"id": "UUID", "number": "VARCHAR"},
        "SELECT id, number FROM household",
        "id",
    ),
}
_TABLES = {
    "counter": (
        {"county": "INTEGER", "last": "INTEGER"},
        "SELECT county_code, last FROM household_counter",
    ),
    # How far the files of what was paid speak, whatever of them was in stock already.
    "delivered": (
        {"scheme": "VARCHAR", "last_on": "DATE"},
        """
        SELECT scheme_code, max(data_on) FROM live_batch
        WHERE content = 'history' AND channel = 'file' AND data_on IS NOT NULL
        GROUP BY scheme_code
        """,
    ),
    # Rolls and change files: who was on a list, not what was paid (see `leaving`).
    "standing": (
        {"batch": "UUID", "identity_id": "UUID", "day": "DATE", "action": "VARCHAR"},
        """
        SELECT r.batch_id, r.identity_id, r.period_on, r.action
        FROM {}source_record r {}JOIN live_batch batch ON batch.id = r.batch_id
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
    "scheme": (
        {"code": "VARCHAR", "department": "VARCHAR", "period": "VARCHAR", "category": "VARCHAR"},
        "SELECT code, department_code, period, category FROM scheme",
    ),
}


_TIE = {"one": "UUID", "other": "UUID", "weight": "DOUBLE"}
_TIE_SQL = """
    SELECT t->>0, t->>1, t->>2
    FROM link_part p JOIN in_reach r ON r.part_id = p.id, jsonb_array_elements(p.ties) t
"""
_EVIDENCE = {"kind": "VARCHAR", "key": "VARCHAR", "evidence": "VARCHAR"}
_EVIDENCE_SQL = """
    SELECT kind, key, evidence FROM link_review
    WHERE closed_at IS NULL AND identity_id IN (SELECT identity_id FROM wanted)
"""
# What some parts gave to sums over all.
_BEFORE = {
    "old_aid_year": (
        {
            "region": "BIGINT",
            "scheme": "VARCHAR",
            "year": "INTEGER",
            "amount_fen": "BIGINT",
            "months": "INTEGER",
            "month_times": "VARCHAR",
            "month_fen": "VARCHAR",
        },
        """
        SELECT home_region_code, scheme_code, year, amount_fen, months, month_times, month_fen
        FROM aid_year WHERE person_id IN (SELECT id FROM old_person_id)
        """,
    ),
    "newest": (
        {"scheme": "VARCHAR", "last_on": "DATE"},
        "SELECT scheme_code, last_on FROM newest_now",
    ),
}
_DECISION = {
    "one": "VARCHAR",
    "other": "VARCHAR",
    "same": "BOOLEAN",
    "decided_at": "TIMESTAMP",
    "moved": "VARCHAR",
}
_DECISION_SQL = """
    SELECT one_anchor, other_anchor, verdict = 'same', decided_at AT TIME ZONE 'UTC', moved_anchor
    FROM link_decision WHERE withdrawn_at IS NULL AND verdict IN ('same', 'different')
"""
# The claim's anchor may stand first or second: the two stand in order.
_HOME_DECISION = {"anchor": "VARCHAR", "claim": "VARCHAR", "decided_at": "TIMESTAMP"}
_HOME_DECISION_SQL = f"""
    SELECT CASE WHEN starts_with(one_anchor, '{OF_CLAIM}') THEN other_anchor ELSE one_anchor END,
           CASE WHEN starts_with(one_anchor, '{OF_CLAIM}') THEN one_anchor ELSE other_anchor END,
           decided_at AT TIME ZONE 'UTC'
    FROM link_decision WHERE withdrawn_at IS NULL AND verdict = 'lives'
"""


def choose_batches(session: Session) -> list[uuid.UUID]:
    """Fix which batches this merge speaks of, and return those that no merge has seen yet.

    A file that commits while the merge runs is the next merge's: each statement here sees what
    is committed when it begins, so the choice is made once.
    """
    session.execute(text("DROP TABLE IF EXISTS pg_temp.live_batch"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE live_batch ON COMMIT DROP AS SELECT id, scheme_code, content,"
            " region_code, data_on, sha256, status, created_at, decided_at, shown,"
            " channel"
            " FROM import_batch WHERE status IN ('loaded', 'merged')"
        )
    )
    session.execute(text("ANALYZE live_batch"))
    fresh = text("SELECT id FROM live_batch WHERE NOT shown ORDER BY id")
    return list(session.scalars(fresh))


def everyone(session: Session, bench: Workbench, *, cipher: Cipher) -> None:
    """Fill `identity`, `digits`, `old_link` and `decision` with all there is."""
    copy_out(session, bench, "identity", _IDENTITY, _IDENTITY_SQL.format(_ALL))
    open_numbers(session, bench, cipher, of=_ALL)
    copy_out(session, bench, "old_link", _LINK, _LINK_SQL.format(""))
    decisions(session, bench)


def wanted(session: Session, bench: Workbench, *, cipher: Cipher, more: bool) -> None:
    """Fill `identity`, `gone`, `digits` and `old_link` with those in `wanted`; `more`: add them."""
    copy_out(session, bench, "identity", _IDENTITY, _IDENTITY_SQL.format(_WANTED), more=more)
    copy_out(session, bench, "gone", _IDENTITY, _IDENTITY_SQL.format(_GONE), more=more)
    open_numbers(session, bench, cipher, of=_WANTED, more=more)
    narrowed = " JOIN wanted USING (identity_id)"
    copy_out(session, bench, "old_link", _LINK, _LINK_SQL.format(narrowed), more=more)


def ties(session: Session, bench: Workbench) -> None:
    """Fill `known_tie` with the pairs that were found in the parts in reach.

    And `known_evidence` with what was found of those about which a question is open.
    """
    copy_out(session, bench, "known_tie", _TIE, _TIE_SQL)
    copy_out(session, bench, "known_evidence", _EVIDENCE, _EVIDENCE_SQL)


def decisions(session: Session, bench: Workbench) -> None:
    """Fill `decision` and `home_decision` with what stewards decided and nobody took back."""
    copy_out(session, bench, "decision", _DECISION, _DECISION_SQL)
    copy_out(session, bench, "home_decision", _HOME_DECISION, _HOME_DECISION_SQL)


def records(session: Session, bench: Workbench, *, narrow: bool) -> None:
    """Fill `record`, `standing`, `teller` and what is there now under `old_…`.

    `narrow`: of the identities in `wanted` and the people in `in_reach`.
    """
    record_of = _OF_WANTED if narrow else ("", "")
    copy_out(session, bench, "record", _RECORD, _RECORD_SQL.format(*record_of))
    for table, (columns, sql) in _TABLES.items():
        copy_out(session, bench, table, columns, sql.format(*record_of))
    for table, (columns, sql, key) in _OLD.items():
        people = "old_household_id" if key == "id" else "old_person_id"
        where = f" WHERE {key} IN (SELECT id FROM {people})" if narrow else ""
        copy_out(session, bench, table, columns, sql + where)
    for table, (columns, sql) in _BEFORE.items() if narrow else ():
        copy_out(session, bench, table, columns, sql)


def open_numbers(
    session: Session, bench: Workbench, cipher: Cipher, *, of: str, more: bool = False
) -> None:
    """Make `digits(citizen_id, number)`: a mistyped number is only found by its characters.

    They stay in this process's memory; the workbench is gone when the merge ends.
    """
    ids: list[uuid.UUID] = []
    numbers: list[str] = []
    with driver(session).cursor("numbers_to_compare") as cursor:
        cursor.itersize = _NUMBERS_AT_ONCE
        cursor.execute(_NUMBER_SQL.format(of).encode())
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
    sql = "SELECT citizen_id::UUID AS citizen_id, number FROM made"
    # A number may have come before with another part's people: once is enough.
    bench.run(
        f"INSERT INTO digits {sql} ANTI JOIN digits d ON d.citizen_id = made.citizen_id::UUID"
        if more
        else f"CREATE TABLE digits AS {sql}"
    )
    bench.connection.unregister("made")


def copy_out(
    session: Session,
    bench: Workbench,
    table: str,
    columns: dict[str, str],
    sql: str,
    *,
    more: bool = False,
) -> None:
    """Stream one query out of PostgreSQL into a table of the workbench; `more`: add to it."""
    file = bench.folder / f"{table}.csv"
    _stream(session, sql, file)
    bench.run(
        (f"INSERT INTO {table}" if more else f"CREATE TABLE {table} AS")
        + " SELECT * FROM read_csv(?, header = false, columns = ?,"
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
