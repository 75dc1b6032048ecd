"""Brings what was read of one file into the database, within the caller's transaction."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv
from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.db import driver
from relief.core.privacy import index_keys
from relief.core.privacy import store as secrets
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.registry.intake import binary_copy, divisions, faults, fingerprints
from relief.registry.intake.ids import new_ids
from relief.registry.intake.normalise import IDENTITIES, RECORDS, REJECTS
from relief.registry.intake.reading import Reading
from relief.registry.types import FileContent

SECRETS = {
    "citizen_id": SecretKind.CITIZEN_ID,
    "phone": SecretKind.PHONE,
    "account": SecretKind.BANK_ACCOUNT,
    "health": SecretKind.HEALTH,
}
_BATCH_ROWS = 200_000
_RECORD_COLUMNS = (
    "batch_id, row_number, identity_id, county_code, period_on, amount_fen, item, fingerprint"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What of a file's rows was loaded."""

    loaded: int
    rejected: int
    data_on: date | None
    fingerprint_key_id: int


@dataclass(frozen=True, slots=True)
class Target:
    """The batch that rows are loaded into."""

    batch_id: uuid.UUID
    scheme_code: str
    department_code: str
    content: FileContent = FileContent.HISTORY


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the loader adds to each record."""

    prints: npt.NDArray[np.void]
    identities: npt.NDArray[np.void]
    counties: npt.NDArray[np.int32]


def load(
    session: Session, reading: Reading, target: Target, *, cipher: Cipher, now: datetime
) -> Loaded:
    """Copy identities, records and rejected rows; rows that are in stock already are rejected."""
    records = pq.read_table(reading.folder / RECORDS)
    keys = index_keys.for_writing(session, cipher, now=now)
    digests = records.column("digest")
    by_key = {one: fingerprints.of_digests(cipher, digests, key_id=one) for one in keys.live}
    known = _already_loaded(session, target, records, by_key)
    prints = by_key[keys.current]
    # How far the file speaks, also where all of it is in stock: single records may have come first.
    data_on = pc.max(records.column("period")).as_py()
    if known.any():
        records, prints = records.filter(pa.array(~known)), prints[~known]
    rejects = pq.read_table(reading.folder / REJECTS)
    again = pq.read_table(reading.folder / RECORDS, columns=["row_number"]).filter(pa.array(known))
    _copy_rejects(session, target, rejects, again)
    identities = pq.read_table(reading.folder / IDENTITIES)
    ids = new_ids(now, identities.num_rows)
    counties = identities.column("county_code").to_numpy()
    _copy_identities(session, target, identities, records, ids, cipher=cipher, now=now)
    identity_rows = records.column("identity_no").to_numpy() - 1
    _copy_records(
        session,
        target,
        records,
        _Keys(prints, ids[identity_rows], counties[identity_rows]),
    )
    return Loaded(
        loaded=records.num_rows,
        rejected=rejects.num_rows + again.num_rows,
        data_on=data_on,
        fingerprint_key_id=keys.current,
    )


def _already_loaded(
    session: Session,
    target: Target,
    records: pa.Table,
    by_key: Mapping[int, npt.NDArray[np.void]],
) -> npt.NDArray[np.bool_]:
    """Tell which rows stand in a live batch of the scheme already, by one anti-join.

    A row of a roll is no repetition of an earlier roll's: that the person is still on it is what
    it says. Nor is a change told again, which would be lost if the first to tell it is undone.
    """
    known = np.zeros(records.num_rows, dtype=bool)
    if target.content is not FileContent.HISTORY:
        return known
    is_first = session.scalar(
        text(
            "SELECT NOT EXISTS (SELECT FROM import_batch WHERE scheme_code = :scheme"
            " AND status IN ('loaded', 'merged') AND content = 'history' AND loaded > 0"
            " AND id <> :batch)"
        ),
        {"scheme": target.scheme_code, "batch": target.batch_id},
    )
    if is_first or not records.num_rows:
        return known
    session.execute(
        text(
            "CREATE TEMPORARY TABLE arriving"
            " (place int, key_id int, fingerprint uuid) ON COMMIT DROP"
        )
    )
    places = pa.array(np.arange(records.num_rows, dtype=np.int32))
    for key_id, prints in by_key.items():
        fields = [
            binary_copy.of_numbers("int4", places),
            binary_copy.of_numbers("int4", pa.repeat(pa.scalar(key_id, pa.int32()), len(places))),
            binary_copy.of_ids(prints),
        ]
        _copy(session, "arriving (place, key_id, fingerprint)", binary_copy.rows(fields))
    session.execute(text("ANALYZE arriving"))
    found = session.scalars(
        text(
            "SELECT DISTINCT a.place FROM arriving a"
            " JOIN source_record r ON r.fingerprint = a.fingerprint"
            " JOIN import_batch b ON b.id = r.batch_id AND b.scheme_code = :scheme"
            " AND b.status IN ('loaded', 'merged') AND b.content = 'history'"
            " AND b.fingerprint_key_id = a.key_id"
        ),
        {"scheme": target.scheme_code},
    ).all()
    session.execute(text("DROP TABLE arriving"))
    known[np.fromiter(found, dtype=np.int64, count=len(found))] = True
    return known


def _copy(session: Session, table: str, blocks: Iterator[bytes]) -> None:
    with (
        driver(session).cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as copy,
    ):
        copy.write(binary_copy.HEADER)
        for block in blocks:
            copy.write(block)
        copy.write(binary_copy.TRAILER)


def copy_csv(session: Session, table: str, rows: pa.Table) -> None:
    """Copy columns with many distinct texts; an empty cell is NULL, an empty text is quoted."""
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    form = arrow_csv.WriteOptions(include_header=False)
    with (
        driver(session).cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)".encode()) as copy,
    ):
        for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
            sink = BytesIO()
            arrow_csv.write_csv(batch, sink, form)
            copy.write(sink.getbuffer())


def _copy_rejects(session: Session, target: Target, rejects: pa.Table, again: pa.Table) -> None:
    fault = faults.ALREADY
    count = again.num_rows
    known = pa.table(
        {
            "row_number": again.column("row_number"),
            "column": pa.nulls(count, pa.string()),
            "code": pa.repeat(pa.scalar(fault.code), count),
            "reason": pa.repeat(pa.scalar(fault.reason), count),
        },
        schema=rejects.schema,
    )
    rows = pa.concat_tables([rejects, known])
    copy_csv(session, "rejected_row", with_constants(rows, {"batch_id": target.batch_id.hex}))


def _copy_identities(
    session: Session,
    target: Target,
    identities: pa.Table,
    records: pa.Table,
    ids: npt.NDArray[np.void],
    *,
    cipher: Cipher,
    now: datetime,
) -> None:
    """Copy the descriptions that loaded records name; personal values become their ids."""
    used = records.group_by("identity_no").aggregate(
        [("period", "min"), ("period", "max"), ("row_number", "count")]
    )
    rows = identities.append_column("id", _hex(ids)).join(used, "identity_no", join_type="inner")
    rows = rows.sort_by("identity_no").drop_columns(["identity_no"])
    rows = rows.rename_columns(
        {"period_min": "first_on", "period_max": "last_on", "row_number_count": "record_count"}
    )
    for name, kind in SECRETS.items():
        ids_of = put_column(session, cipher, kind, rows.column(name), now=now)
        if name == "citizen_id":
            written, valid = rows.column(name), rows.column("citizen_id_valid")
            divisions.note(session, numbers=written, ids=ids_of, valid=valid)
        rows = rows.set_column(rows.column_names.index(name), name, ids_of)
    constants = {
        "batch_id": target.batch_id.hex,
        "scheme_code": target.scheme_code,
        "department_code": target.department_code,
    }
    copy_csv(session, "source_identity", with_constants(rows, constants))


def put_column(
    session: Session, cipher: Cipher, kind: SecretKind, values: pa.ChunkedArray, *, now: datetime
) -> pa.Array:
    """Store the distinct values of a column and return the column of their ids."""
    coded = values.combine_chunks().dictionary_encode()
    distinct = coded.dictionary.to_pylist()
    id_of = secrets.put_many(session, cipher, kind, distinct, now=now)
    return pa.array([id_of[value].hex for value in distinct], pa.string()).take(coded.indices)


def _copy_records(
    session: Session,
    target: Target,
    records: pa.Table,
    keys: "_Keys",
) -> None:
    batch = np.frombuffer(target.batch_id.bytes, dtype="V16")
    has_actions = target.content is FileContent.CHANGES

    def blocks() -> Iterator[bytes]:
        done = 0
        for part in records.to_batches(max_chunksize=_BATCH_ROWS):
            here = slice(done, done + part.num_rows)
            fields = [
                binary_copy.of_ids(np.repeat(batch, part.num_rows)),
                binary_copy.of_numbers("int4", part.column("row_number")),
                binary_copy.of_ids(keys.identities[here]),
                binary_copy.of_numbers("int4", pa.array(keys.counties[here])),
                binary_copy.of_numbers("date", part.column("period")),
                binary_copy.of_numbers("int8", part.column("amount")),
                binary_copy.of_texts(part.column("item")),
                binary_copy.of_ids(keys.prints[here]),
            ]
            if has_actions:
                fields.append(binary_copy.of_texts(part.column("action")))
            done += part.num_rows
            yield from binary_copy.rows(fields)

    columns = f"{_RECORD_COLUMNS}, action" if has_actions else _RECORD_COLUMNS
    _copy(session, f"source_record ({columns})", blocks())


def _hex(ids: npt.NDArray[np.void]) -> pa.Array:
    texts = np.frombuffer(ids.tobytes().hex().encode(), dtype="S32")
    return pa.array(texts, pa.binary()).cast(pa.string())


def with_constants(rows: pa.Table, constants: Mapping[str, str]) -> pa.Table:
    """Return the rows with columns that say the same in each of them."""
    for name, value in constants.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    return rows
