"""From the distinct descriptions of people in a file to clean values, column by column.

A column's distinct texts are normalised once each (relief.registry.intake.values); the rows
only take the results.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from relief.core import citizen_id
from relief.registry.intake import faults, values
from relief.registry.intake.faults import Faults
from relief.registry.intake.layouts import (
    CODED_FIELDS,
    DATE_FIELDS,
    IDENTITY_FIELDS,
    Column,
    Match,
)
from relief.registry.intake.regions import Regions
from relief.registry.types import FileContent

_COUNTY = 10**6  # as core.scope.county_of, without its library: a child starts for each file
Reader = Callable[[str], Any]

# What a description becomes; the order of the columns of identities.parquet.
IDENTITY_FORM = pa.schema(
    [
        ("county_code", pa.int32()),
        ("region_code", pa.int64()),
        ("name", pa.string()),
        ("name_key", pa.string()),
        ("citizen_id", pa.string()),
        ("citizen_id_valid", pa.bool_()),
        ("number_born_on", pa.date32()),
        ("sex", pa.string()),
        ("born_on", pa.date32()),
        ("ethnicity", pa.string()),
        ("marital", pa.string()),
        ("phone", pa.string()),
        ("account", pa.string()),
        ("health", pa.string()),
        ("address", pa.string()),
        ("household_number", pa.string()),
        ("householder_name", pa.string()),
        ("relation", pa.string()),
        ("died_on", pa.date32()),
    ]
)


@dataclass
class Describer:
    """Normalises the columns of one file."""

    match: Match
    regions: Regions
    today: date
    faults: Faults = field(default_factory=Faults)

    def identities(self, raw: pa.Table) -> pa.Table:
        """Return the clean columns, and `fault`: the number of a row's first fault or 0."""
        fault = np.zeros(raw.num_rows, dtype=np.int32)
        made: dict[str, pa.Array] = {}
        for column in self._columns():
            if column.field in _PERSONAL:
                made[column.field] = self._column(column, raw, fault)
        made |= self._numbers(made.pop("citizen_id", None), raw.num_rows)
        made |= self._regions(raw, fault)
        made["name_key"] = _mapped(made["name"], _name_key, pa.string())
        columns = [
            made[item.name]
            if item.name in made
            else self._constant(item.name, item.type, raw.num_rows)
            for item in IDENTITY_FORM
        ]
        return pa.Table.from_arrays(
            [*columns, pa.array(fault)], names=[*IDENTITY_FORM.names, "fault"]
        )

    def record_values(self, name: str, texts: Sequence[str]) -> tuple[list[Any], list[int]]:
        """Return the value and the fault (or 0) of each distinct text of a record's column."""
        column = next(c for c in self.match.layout.columns if c.field == name)
        read = self._reader(column)
        found = [read(text) for text in texts]
        return found, [
            self._fault(column, text, value) for text, value in zip(texts, found, strict=True)
        ]

    def _columns(self) -> list[Column]:
        """Return the layout's columns that the file has."""
        return [c for c in self.match.layout.columns if c.field in self.match.places]

    def _reader(self, column: Column) -> Reader:
        assert column.field is not None  # noqa: S101  # narrows for the type checker
        if column.field in DATE_FIELDS:
            return lambda text: self._day(text, column)
        if column.field in CODED_FIELDS:
            return lambda text: values.coded(text, column.codes)
        if column.field == "amount":
            return lambda text: values.fen(text, column.format or "")
        return _READERS[column.field]

    def _day(self, text: str, column: Column) -> date | None:
        found = values.day(text, column.format, today=self.today, codes=column.codes)
        # A period of aid may lie ahead; who is on a roll is known of no later day than today.
        of_aid = column.field == "period" and self.match.layout.content is FileContent.HISTORY
        return found if of_aid or (found is not None and found <= self.today) else None

    def _fault(self, column: Column, text: str, value: object) -> int:
        if column.field in _LONG_NUMBERS and values.has_lost_digits(text):
            return self.faults.number(self._heading(column), faults.LOST_DIGITS)
        if value is not None or not column.required:
            return 0
        code = faults.UNREADABLE if values.clean(text) else faults.MISSING
        return self.faults.number(self._heading(column), code)

    def _heading(self, column: Column) -> str:
        return self.match.heading_of(column.field or "")

    def _column(self, column: Column, raw: pa.Table, fault: np.ndarray) -> pa.Array:
        assert column.field is not None  # noqa: S101  # narrows for the type checker
        texts = raw.column(column.field).combine_chunks().dictionary_encode()
        distinct = texts.dictionary.to_pylist()
        indices = texts.indices.to_numpy(zero_copy_only=False)
        read = self._reader(column)
        found = [read(text) for text in distinct]
        wrong = np.array(
            [self._fault(column, t, v) for t, v in zip(distinct, found, strict=True)], np.int32
        )
        if wrong.any():
            np.copyto(fault, wrong[indices], where=fault == 0)
        return pa.array(found, IDENTITY_FORM.field(column.field).type).take(texts.indices)

    def _numbers(self, written: pa.Array | None, count: int) -> dict[str, pa.Array]:
        """Return identity numbers in 18 characters where they are valid, else as written."""
        texts = (written or pa.nulls(count, pa.string())).dictionary_encode()
        distinct = texts.dictionary.to_pylist()
        parsed = [citizen_id.parse(text, today=self.today) for text in distinct]
        numbers = [
            found.number if found else text[: values.NUMBER_LENGTH]
            for text, found in zip(distinct, parsed, strict=True)
        ]
        take = texts.indices
        return {
            "citizen_id": pa.array(numbers, pa.string()).take(take),
            "citizen_id_valid": pa.array([bool(p) for p in parsed], pa.bool_())
            .take(take)
            .fill_null(False),  # noqa: FBT003  # no number, none that is valid
            "number_born_on": pa.array([p and p.born_on for p in parsed], pa.date32()).take(take),
        }

    def _regions(self, raw: pa.Table, fault: np.ndarray) -> dict[str, pa.Array]:
        has_code = "region_code" in self.match.places
        codes = self._by_code(raw) if has_code else self._by_names(raw)
        name = next((n for n in ("region_code", "county") if n in self.match.places), None)
        if name is not None and (missing := np.array([c is None for c in codes])).any():
            number = self.faults.number(self.match.heading_of(name), faults.UNKNOWN_REGION)
            np.copyto(fault, number, where=(fault == 0) & missing)
        known = [self.regions.city if code is None else code for code in codes]
        return {
            "region_code": pa.array(known, pa.int64()),
            "county_code": pa.array([code // _COUNTY for code in known], pa.int32()),
        }

    def _by_code(self, raw: pa.Table) -> list[int | None]:
        seen: dict[str, int | None] = {"": self.regions.city}
        texts = raw.column("region_code").to_pylist()
        for text in set(texts) - {""}:
            seen[text] = self.regions.by_code(text)
        return [seen[text] for text in texts]

    def _by_names(self, raw: pa.Table) -> list[int | None]:
        empty = [""] * raw.num_rows
        columns = [
            raw.column(name).to_pylist() if name in self.match.places else empty
            for name in ("county", "township", "village", "address")
        ]
        seen: dict[tuple[str, ...], int | None] = {}
        codes = []
        for row in zip(*columns, strict=True):
            if row not in seen:
                seen[row] = self.regions.by_names(*row)
            codes.append(seen[row])
        return codes

    def _constant(self, name: str, kind: pa.DataType, count: int) -> pa.Array:
        """Return the layout's constant for a field that has no column, or nothing."""
        value = self.match.layout.constants.get(name)
        return pa.repeat(pa.scalar(value, kind), count)


_PERSONAL = frozenset(IDENTITY_FIELDS) - {"county", "township", "village", "region_code"}
_LONG_NUMBERS = frozenset({"citizen_id", "account"})
_READERS: dict[str, Reader] = {
    "name": values.name,
    "citizen_id": lambda text: values.half_width(text).upper() or None,
    "phone": values.phone,
    "account": values.account,
    "health": lambda text: values.words(text, values.HEALTH_LENGTH),
    "address": lambda text: values.words(text, values.ADDRESS_LENGTH),
    "household_number": values.number,
    "householder_name": values.name,
    "item": lambda text: values.words(text, values.ITEM_LENGTH),
}


def _name_key(text: str | None) -> str | None:
    return None if text is None else values.name_key(text)


def _mapped(texts: pa.Array, change: Callable[[Any], Any], kind: pa.DataType) -> pa.Array:
    coded = texts.dictionary_encode()
    return pa.array([change(text) for text in coded.dictionary.to_pylist()], kind).take(
        coded.indices
    )
