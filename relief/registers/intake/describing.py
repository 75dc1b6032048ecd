"""What the rows of a register's file say: clean columns, and the first fault of each row.

Each text is read once for each distinct text of its column, never once for each row.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from relief.core import citizen_id
from relief.registers.intake.layouts import CODED_FIELDS, PLACE_FIELDS, RegisterLayout
from relief.registers.types import Register, State
from relief.registry.intake import faults, values
from relief.registry.intake.faults import Faults
from relief.registry.intake.layouts import Column, Match
from relief.registry.intake.regions import Regions

_ENDLESS = date(2200, 12, 31)
_REMOVED = "removed"
_CERTIFICATE, _NUMBER = 20, 18  # digits
_PLACE_LENGTH = 200
_MOST_DM2 = 10**8  # a square kilometre
_LONG_NUMBERS = frozenset({"number", "other_number", "account", "certificate"})
_KINDS: Mapping[str, pa.DataType] = {
    "data_on": pa.date32(), "from_on": pa.date32(), "to_on": pa.date32(),
    "amount": pa.int64(), "area": pa.int32(),
}  # fmt: skip

Reader = Callable[[str], Any]


class Describer:
    """The work on the rows of one file."""

    def __init__(self, match: Match, layout: RegisterLayout, regions: Regions, today: date) -> None:
        self._match, self._layout, self._regions, self._today = match, layout, regions, today
        self._tells_state = any(column.field == "state" for column in match.layout.columns)
        self.faults = Faults()

    def entries(self, rows: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int32]]:
        """Return the columns of the entries, and each row's first fault (from 1) or 0."""
        fault = np.zeros(rows.num_rows, dtype=np.int32)
        read = {
            column.field: self._column(column, rows, fault)
            for column in self._match.layout.columns
            if column.field in self._match.places and column.field not in PLACE_FIELDS
        }

        def of(field: str, kind: pa.DataType | None = None) -> Any:
            return read.get(field, pa.nulls(rows.num_rows, kind or pa.string()))

        certificate = of("certificate")
        made = {
            "row_number": rows.column("row_number"),
            "data_on": of("data_on", pa.date32()),
            "entry_key": self._keys(read),
            "removed": pc.fill_null(pc.equal(of("action"), _REMOVED), False),  # noqa: FBT003  # a value
            "number": of("number"),
            "name": of("name"),
            "state": self._states(read, rows.num_rows),
            "kind": of("kind"),
            "grade": pc.utf8_slice_codeunits(certificate, 19, 20),
            "relation": of("relation"),
            "place": of("place"),
            "region_code": self._places(rows, fault),
            "born_on": _born(of("number")),
            "from_on": of("from_on", pa.date32()),
            "to_on": of("to_on", pa.date32()),
            "amount_fen": of("amount", pa.int64()),
            "area_dm2": of("area", pa.int32()),
            "group": self._named(of("group")),
            "account": of("account"),
            "other_number": of("other_number"),
            "other_name": of("other_name"),
            "agrees": pc.equal(pc.utf8_slice_codeunits(certificate, 0, _NUMBER), of("number")),
        }
        if "certificate" in read:
            made["kind"] = pc.utf8_slice_codeunits(certificate, _NUMBER, 19)
        return pa.table(made), fault

    def of_both(self, entries: pa.Table) -> pa.Table:
        """Return the entries with their `side`: what names two people is told of either."""
        sides = [entries.append_column("side", pa.repeat(pa.scalar(0, pa.int16()), len(entries)))]
        if self._layout.register is Register.MARRIAGES:
            swapped = {
                "number": "other_number", "name": "other_name",
                "other_number": "number", "other_name": "name",
            }  # fmt: skip
            other = pa.table(
                {name: entries.column(swapped.get(name, name)) for name in entries.column_names}
            )
            keys = pc.binary_join_element_wise(other.column("entry_key"), "other", "|")
            place = other.column_names.index("entry_key")
            other = other.set_column(place, "entry_key", keys)
            place = other.column_names.index("born_on")
            other = other.set_column(place, "born_on", _born(other.column("number")))
            sides.append(
                other.append_column("side", pa.repeat(pa.scalar(1, pa.int16()), len(other)))
            )
        return pa.concat_tables(sides)

    def _column(self, column: Column, rows: pa.Table, fault: npt.NDArray[np.int32]) -> pa.Array:
        assert column.field is not None  # noqa: S101  # narrows for the type checker
        texts = rows.column(column.field).combine_chunks().dictionary_encode()
        distinct = texts.dictionary.to_pylist()
        read = self._reader(column)
        found = [read(text) for text in distinct]
        wrong = np.array(
            [self._fault(column, t, v) for t, v in zip(distinct, found, strict=True)], np.int32
        )
        if wrong.any():
            of_rows = wrong[texts.indices.to_numpy(zero_copy_only=False)]
            np.copyto(fault, of_rows, where=fault == 0)
        return pa.array(found, _KINDS.get(column.field, pa.string())).take(texts.indices)

    def _reader(self, column: Column) -> Reader:
        field = column.field or ""
        if field in CODED_FIELDS:
            return lambda text: values.coded(text, column.codes)
        if field in {"number", "other_number"}:
            return self._number
        if field == "to_on":  # a certificate runs out long after today
            return lambda text: values.day(text, column.format, today=_ENDLESS, codes={})
        if field in {"data_on", "from_on"}:
            return lambda text: self._past_day(text, column)
        if field == "amount":
            return lambda text: values.fen(text, column.format or "")
        return _READERS[field]

    def _number(self, text: str) -> str | None:
        found = citizen_id.parse(text, today=self._today)
        return found.number if found else None

    def _past_day(self, text: str, column: Column) -> date | None:
        found = values.day(text, column.format, today=self._today, codes={})
        return found if found is None or found <= self._today else None

    def _fault(self, column: Column, text: str, value: object) -> int:
        heading = self._match.heading_of(column.field or "")
        if column.field in _LONG_NUMBERS and values.has_lost_digits(text):
            return self.faults.number(heading, faults.LOST_DIGITS)
        # Where no state is told, a last day that cannot be read would keep what has ended.
        is_end = column.field == "to_on" and not self._tells_state and _means_a_day(text)
        if value is not None or not (column.required or is_end):
            return 0
        code = faults.UNREADABLE if values.clean(text) else faults.MISSING
        return self.faults.number(heading, code)

    def _keys(self, read: Mapping[str | None, pa.Array]) -> pa.Array:
        """Return what each entry is of: the register and the key's fields, in clear."""
        parts = [read[name] for name in self._layout.key]
        return pc.binary_join_element_wise(self._layout.register.value, *parts, "|")

    def _named(self, group: pa.Array) -> pa.Array:
        """Return what several share, named so that two registers' numbers never meet."""
        return pc.binary_join_element_wise(f"{self._layout.register.value}:group", group, "|")

    def _states(self, read: Mapping[str | None, pa.Array], count: int) -> pa.Array:
        """Return the state as written; of a register that tells none, by the last day."""
        if "state" in read:
            return read["state"]
        ended = pc.less(read.get("to_on", pa.nulls(count, pa.date32())), read["data_on"])
        return pc.if_else(
            pc.fill_null(ended, False),  # noqa: FBT003  # a value
            State.ENDED.value,
            State.VALID.value,
        )

    def _places(self, rows: pa.Table, fault: npt.NDArray[np.int32]) -> pa.Array:
        if "county" not in self._match.places:
            return pa.nulls(rows.num_rows, pa.int64())
        empty = [""] * rows.num_rows
        columns = [
            rows.column(name).to_pylist() if name in self._match.places else empty
            for name in PLACE_FIELDS
        ]
        seen: dict[tuple[str, str, str], int | None] = {}
        codes = []
        for county, township, village in zip(*columns, strict=True):
            row = (county, township, village)
            if row not in seen:
                seen[row] = self._regions.by_names(county, township, village, "")
            codes.append(seen[row])
        missing = np.array([code is None for code in codes], dtype=bool)
        if missing.any():
            number = self.faults.number(self._match.heading_of("county"), faults.UNKNOWN_REGION)
            np.copyto(fault, number, where=(fault == 0) & missing)
        return pa.array(codes, pa.int64())


def _born(numbers: pa.Array) -> pa.Array:
    """Return the birth dates within valid numbers."""
    digits = pc.utf8_slice_codeunits(numbers, 6, 14)
    return pc.cast(pc.strptime(digits, format="%Y%m%d", unit="s"), pa.date32())


def _means_a_day(text: str) -> bool:
    """Tell whether a day is written; what stands for none (无, -, 9999-12-31) is no day."""
    plain = values.half_width(text)
    return plain[:1].isdigit() and not plain.startswith("9999")


def _area(text: str) -> int | None:
    """Return square decimetres from square metres; None for what no building can have."""
    try:
        area = Decimal(values.half_width(text).lower().removesuffix("平方米").removesuffix("m2"))
    except InvalidOperation:
        return None
    # Of a number with a huge exponent not even the product can be told.
    dm2 = round(area * 100) if area.is_finite() and 0 < area < _MOST_DM2 else 0
    return dm2 if 0 < dm2 < _MOST_DM2 else None


def _certificate(text: str) -> str | None:
    """Return the first 20 characters of a certificate's number; a B and a digit tell a reissue."""
    plain = values.half_width(text).upper()
    body, _, reissue = plain.partition("B")
    fits = len(body) == _CERTIFICATE and body.isascii() and body.isalnum() and len(reissue) <= 1
    return body if fits else None


_READERS: Mapping[str, Reader] = {
    "name": values.name,
    "other_name": values.name,
    "place": lambda text: values.words(text, _PLACE_LENGTH),
    "thing": values.number,
    "group": values.number,
    "account": values.account,
    "area": _area,
    "certificate": _certificate,
}
