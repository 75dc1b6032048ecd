"""One file through DuckDB: from texts to clean identities, records and rejected rows.

The child process runs this. Every step is set work; Python sees distinct values only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from relief.registry.intake import faults, row_counts, tabular, values
from relief.registry.intake.describing import IDENTITY_FORM, Describer
from relief.registry.intake.errors import FileFault, UnreadableFile
from relief.registry.intake.faults import Fault
from relief.registry.intake.layouts import IDENTITY_FIELDS, RECORD_FIELDS, Match
from relief.registry.intake.limits import Limits
from relief.registry.intake.regions import Regions
from relief.registry.intake.tabular import OddRow, Table
from relief.registry.types import FileContent

IDENTITIES, RECORDS, REJECTS = "identities.parquet", "records.parquet", "rejects.parquet"
_KINDS = {"period": "DATE", "amount": "BIGINT", "item": "VARCHAR", "action": "VARCHAR"}
_REJECT_FORM = pa.schema(
    [
        ("row_number", pa.int32()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a file has, and how many are not fit to be loaded."""

    received: int
    rejected: int


class Normaliser:
    """The work on one file, in a DuckDB of its own."""

    def __init__(
        self,
        match: Match,
        regions: Regions,
        *,
        today: date,
        folder: Path,
        limits: Limits,
        expected_rows: int | None = None,
    ) -> None:
        self._match, self._folder, self._expected_rows = match, folder, expected_rows
        self._describer = Describer(match, regions, today)
        self._refusal: UnreadableFile | None = None
        self._identity = [name for name in IDENTITY_FIELDS if name in match.places]
        self._record = [name for name in RECORD_FIELDS if name in match.places]
        self._duck = duckdb.connect(
            config={
                "memory_limit": limits.engine_memory,
                "threads": 1,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )

        self._duck.execute("SET enable_progress_bar = false")  # it would print into the answer

    def run(self, table: Table) -> Counts:
        """Read the table, judge every row, and write the three Parquet files.

        Headings without a row are a list with nobody on it, not a fault.
        """
        declared = self._take_in(table)
        odd = self._odd_rejects(table.odd_rows())
        received = self._number("SELECT count(*) FROM raw") + len(odd)
        said = row_counts.in_odd_rows(table.odd_rows(), self._match.layout.totals_row) or declared
        row_counts.check(received, said=said, expected=self._expected_rows)
        self._describe()
        self._read_record_values()
        self._judge()
        if self._match.layout.content is FileContent.ROLL:
            self._check_day()
        rejected = self._write_rejects(odd)
        self._write_accepted()
        return Counts(received, rejected)

    def _number(self, sql: str) -> int:
        row = self._duck.execute(sql).fetchone()
        return int(row[0] or 0) if row else 0

    def _take_in(self, table: Table) -> row_counts.Said | None:
        """Keep the fields' texts of every row that is neither empty nor a row of totals.

        Return how many rows the totals at the end speak of, if they do.
        """
        width = len(self._match.headings)
        reader = pa.RecordBatchReader.from_batches(
            tabular.schema(width),
            self._watched(table.batches(heading_row=self._match.heading_row, width=width)),
        )
        self._duck.register("incoming", reader)
        cells = ", ".join(f"c{place}" for place in range(width))
        fields = ", ".join(
            f"c{self._match.places[name]} AS {name}" for name in (*self._identity, *self._record)
        )
        self._execute(
            f"CREATE TABLE raw AS SELECT row_number, {fields},"
            " ($totals <> '' AND starts_with(trim(c0), $totals)"
            f" OR regexp_full_match(concat({cells}), $alone)) AS is_totals,"
            f" TRY_CAST(nullif(regexp_extract(concat({cells}), $within, 1), '') AS INTEGER)"
            " AS said"
            f" FROM incoming WHERE trim(concat({cells}), chr(32) || chr(9) || '　') <> ''",
            {
                "totals": self._match.layout.totals_row or "",
                "alone": row_counts.ALONE,
                "within": row_counts.WITHIN,
            },
        )
        self._duck.unregister("incoming")
        said = self._duck.execute(
            "SELECT row_number, said FROM raw WHERE is_totals AND said IS NOT NULL"
            " AND row_number > (SELECT coalesce(max(row_number), 0) FROM raw WHERE NOT is_totals)"
            " ORDER BY row_number DESC LIMIT 1"
        ).fetchone()
        self._duck.execute(
            "DELETE FROM raw WHERE is_totals AND row_number >"
            " (SELECT coalesce(max(row_number), 0) FROM raw WHERE NOT is_totals)"
        )
        return row_counts.Said(*said) if said else None

    def _watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Remember why a file is refused: what goes through DuckDB comes out as its own error."""
        try:
            yield from batches
        except UnreadableFile as error:
            self._refusal = error
            raise

    def _execute(self, sql: str, parameters: dict[str, str]) -> None:
        try:
            self._duck.execute(sql, parameters)
        except duckdb.Error:
            if self._refusal is not None:
                raise self._refusal from None
            raise

    def _odd_rejects(self, rows: Sequence[OddRow]) -> list[tuple[int, Fault]]:
        totals = self._match.layout.totals_row
        width = len(self._match.headings)
        return [
            (row.number, faults.cell_count(len(row.cells), width))
            for row in rows
            if any(values.clean(cell) for cell in row.cells)
            and not row_counts.is_totals(row.cells, totals)
        ]

    def _describe(self) -> None:
        """Find the distinct descriptions of people, clean them, and number what is distinct."""
        names = ", ".join(self._identity)
        self._duck.execute(
            "CREATE TABLE written AS SELECT (row_number() OVER (ORDER BY first_row))::INTEGER AS"
            f" written_no, {names} FROM"
            f" (SELECT min(row_number) AS first_row, {names} FROM raw GROUP BY ALL)"
        )
        raw = self._duck.sql(f"SELECT {names} FROM written ORDER BY written_no").to_arrow_table()
        clean = self._describer.identities(raw)
        numbers = pa.array(range(1, raw.num_rows + 1), pa.int32())
        self._duck.register("clean", clean.append_column("written_no", numbers))
        columns = ", ".join(IDENTITY_FORM.names)
        self._duck.execute(
            "CREATE TABLE described AS SELECT written_no, fault,"
            f" md5(to_json([{_texts(IDENTITY_FORM.names)}])::VARCHAR) AS content FROM clean"
        )
        self._duck.execute(
            "CREATE TABLE identity AS SELECT (row_number() OVER (ORDER BY written_no))::INTEGER"
            f" AS identity_no, content, {columns} FROM clean JOIN (SELECT min(written_no) AS"
            " written_no, content FROM described WHERE fault = 0 GROUP BY content)"
            " USING (written_no)"
        )
        self._duck.unregister("clean")

    def _read_record_values(self) -> None:
        """Read each distinct text of the period, the amount and the item once."""
        for name in self._record:
            texts = [
                text
                for (text,) in self._duck.execute(f"SELECT DISTINCT {name} FROM raw").fetchall()
            ]
            found, wrong = self._describer.record_values(name, texts)
            kind = {"DATE": pa.date32(), "BIGINT": pa.int64(), "VARCHAR": pa.string()}
            made = pa.table(
                {
                    "text": pa.array(texts, pa.string()),
                    "value": pa.array(found, kind[_KINDS[name]]),
                    "fault": pa.array(wrong, pa.int32()),
                }
            )
            self._duck.register("made", made)
            self._duck.execute(f"CREATE TABLE {name}_of AS SELECT * FROM made")
            self._duck.unregister("made")

    def _judge(self) -> None:
        """Bring rows, descriptions and values together; find faults and repeated rows."""
        same = " AND ".join(f"raw.{name} = written.{name}" for name in self._identity)
        joins = " ".join(f"JOIN {name}_of ON raw.{name} = {name}_of.text" for name in self._record)
        chosen = ", ".join(
            f"{f'{name}_of.value' if name in self._record else f'NULL::{kind}'} AS {name}"
            for name, kind in _KINDS.items()
        )
        wrong = ", ".join(
            f"nullif({part}.fault, 0)"
            for part in ("described", *(f"{name}_of" for name in self._record))
        )
        self._duck.execute(
            "CREATE TABLE judged AS SELECT row_number, content, period, amount, item, action,"
            " fault, unhex(md5($scheme || content || coalesce(period::VARCHAR, '') || '|'"
            " || coalesce(amount::VARCHAR, '') || '|' || coalesce(item, '')"
            # Only change files have one, so the digests of all other rows stay what they were.
            " || coalesce('|' || action, ''))) AS digest FROM ("
            f" SELECT raw.row_number, content, {chosen}, coalesce(least({wrong}), 0) AS fault"
            f" FROM raw JOIN written ON {same} JOIN described USING (written_no) {joins})",
            {"scheme": self._match.layout.scheme},
        )
        self._duck.execute("DROP TABLE raw")
        self._duck.execute(
            "CREATE TABLE repeated AS SELECT row_number, earlier FROM judged JOIN"
            " (SELECT digest, min(row_number) AS earlier FROM judged WHERE fault = 0"
            " GROUP BY digest HAVING count(*) > 1) USING (digest)"
            " WHERE fault = 0 AND row_number > earlier"
        )

    def _check_day(self) -> None:
        """Refuse a roll that is not of one day: it would be open who is missing when."""
        days = self._duck.execute(
            "SELECT DISTINCT period FROM judged WHERE fault = 0 ORDER BY period"
        ).fetchall()
        heading = self._match.heading_of("period")
        if not days:
            message = f"名册中没有能够入库的行，无法从“{heading}”得知数据日期。"
            raise UnreadableFile(FileFault.NO_DATA_DATE, message)
        if len(days) > 1:
            message = f"名册中“{heading}”有 {len(days)} 个不同的日期，一份名册只能是同一天的。"
            raise UnreadableFile(FileFault.SEVERAL_DATES, message)

    def _write_rejects(self, odd: list[tuple[int, Fault]]) -> int:
        """Write why rows are sent back; return how many."""
        known = self._describer.faults.known
        rows = [
            *odd,
            *(
                (number, known[fault - 1])
                for number, fault in self._duck.execute(
                    "SELECT row_number, fault FROM judged WHERE fault > 0"
                ).fetchall()
            ),
            *(
                (number, faults.repeated(earlier))
                for number, earlier in self._duck.execute(
                    "SELECT row_number, earlier FROM repeated"
                ).fetchall()
            ),
        ]
        rows.sort(key=lambda row: row[0])
        made = pa.Table.from_pylist(
            [
                {"row_number": n, "column": f.column, "code": f.code, "reason": f.reason}
                for n, f in rows
            ],
            schema=_REJECT_FORM,
        )
        self._copy("made", REJECTS, made)
        return len(rows)

    def _write_accepted(self) -> None:
        self._copy("(SELECT * EXCLUDE (content) FROM identity ORDER BY identity_no)", IDENTITIES)
        self._copy(
            "(SELECT row_number, identity_no, period, amount, item, action, digest"
            " FROM judged JOIN identity USING (content)"
            " WHERE fault = 0 AND row_number NOT IN (SELECT row_number FROM repeated)"
            " ORDER BY row_number)",
            RECORDS,
        )

    def _copy(self, source: str, name: str, made: pa.Table | None = None) -> None:
        if made is not None:
            self._duck.register("made", made)
        target = str(self._folder / name)
        self._duck.execute(f"COPY {source} TO '{target}' (FORMAT parquet, COMPRESSION snappy)")


def _texts(names: Sequence[str]) -> str:
    return ", ".join(f"{name}::VARCHAR" for name in names)
