"""Writes PostgreSQL's binary COPY form for many rows at once, without a loop over them.

Rows that agree in their texts and in which cells are empty have the same shape in bytes, and
each shape is one array. Good for columns with few distinct texts.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
_EPOCH = 10_957  # days from 1970 to 2000, where PostgreSQL begins to count
_FORMS = {"int4": ">i4", "int8": ">i8", "date": ">i4", "uuid": "V16"}

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its PostgreSQL type, its values, and which are empty.

    The values of a text column are places in `known`, its distinct texts.
    """

    kind: str
    values: npt.NDArray[np.generic]
    empty: npt.NDArray[np.bool_]
    known: Sequence[bytes] = ()


def of_numbers(kind: str, column: pa.Array) -> Field:
    """Make a field of an Arrow column of integers or days."""
    form = pa.int32() if kind in {"date", "int4"} else pa.int64()
    values = column.cast(form).fill_null(0).to_numpy(zero_copy_only=False)
    return Field(
        kind,
        values - _EPOCH if kind == "date" else values,
        column.is_null().to_numpy(zero_copy_only=False),
    )


def of_texts(column: pa.Array) -> Field:
    """Make a field of an Arrow column of texts."""
    coded = column.dictionary_encode()
    return Field(
        "text",
        coded.indices.fill_null(0).to_numpy(zero_copy_only=False),
        coded.indices.is_null().to_numpy(zero_copy_only=False),
        [text.encode() for text in coded.dictionary.to_pylist()],
    )


def of_ids(values: npt.NDArray[np.generic]) -> Field:
    """Make a field of 16-byte values, none of them empty."""
    return Field("uuid", values, np.zeros(len(values), dtype=bool))


def rows(fields: Sequence[Field]) -> Iterator[bytes]:
    """Yield the rows of some columns of equal length, shape by shape."""
    count = len(fields[0].values)
    shape: Numbers = np.zeros(count, dtype=np.int64)
    for field in fields:
        texts = np.where(field.empty, 0, field.values) if field.kind == "text" else 0
        shape = (shape * max(len(field.known), 1) + texts) * 2 + field.empty
    order = np.argsort(shape, kind="stable")
    starts = np.flatnonzero(np.diff(shape[order], prepend=-1))
    for part in np.split(order, starts[1:]):
        if len(part):
            yield _block(fields, part)


def _block(fields: Sequence[Field], part: npt.NDArray[np.intp]) -> bytes:
    """Return the rows of one shape."""
    form: list[tuple[str, str]] = [("count", ">i2")]
    fill: dict[str, object] = {"count": len(fields)}
    for place, field in enumerate(fields):
        length, data = f"length {place}", f"data {place}"
        form.append((length, ">i4"))
        if field.empty[part[0]]:
            fill[length] = -1
            continue
        if field.kind == "text":
            value = field.known[int(field.values[part[0]])]
            fill[length] = len(value)
            if value:
                form.append((data, f"V{len(value)}"))
                fill[data] = np.void(value)
        else:
            form.append((data, _FORMS[field.kind]))
            fill[length] = np.dtype(_FORMS[field.kind]).itemsize
            fill[data] = field.values[part]
    block = np.empty(len(part), dtype=np.dtype(form))
    for name, filling in fill.items():
        block[name] = filling
    return block.tobytes()
