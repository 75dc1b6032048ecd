"""The bytes of an audit event that a seal covers.

Every column is in them, each with its length before it, so that no two events share a form.
The details are written from their values and not from how a database or library happens to
print JSON: keys in order, numbers without trailing zeros.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Event(Protocol):
    """A row of audit_event, with its details as text."""

    id: uuid.UUID
    occurred_at: datetime
    actor_id: uuid.UUID | None
    action: str
    subject_type: str
    subject_id: uuid.UUID
    request_id: str | None
    details: str
    xid: str
    region_code: int | None


def event_bytes(event: Event) -> bytes:
    """Return the canonical form of one event: every column of its row."""
    return b"".join(
        _part(value)
        for value in (
            event.id.bytes,
            _text((event.occurred_at - _EPOCH) // _MICROSECOND),
            event.actor_id.bytes if event.actor_id else None,
            event.action.encode(),
            event.subject_type.encode(),
            event.subject_id.bytes,
            None if event.request_id is None else event.request_id.encode(),
            json_bytes(event.details),
            _text(event.xid),
            None if event.region_code is None else _text(event.region_code),
        )
    )


def json_bytes(text: str) -> bytes:
    """Return the canonical form of a JSON text.

    >>> json_bytes('{"b": 1.50, "a": [true, null]}') == json_bytes('{"a":[true,null],"b":1.5}')
    True
    >>> json_bytes('{"a": "1"}') == json_bytes('{"a": 1}')
    False
    """
    return _value(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def _value(value: Any) -> bytes:
    match value:
        case None | bool():
            return _tagged(b"c", _text(value))
        case Decimal():
            return _tagged(b"n", _number(value))
        case str():
            return _tagged(b"s", value.encode())
        case Mapping():
            pairs = sorted((key.encode(), _value(member)) for key, member in value.items())
            return _tagged(b"o", b"".join(_part(key) + member for key, member in pairs))
        case Sequence():
            return _tagged(b"a", b"".join(_value(member) for member in value))
    message = f"not a JSON value: {type(value).__name__}"
    raise TypeError(message)


def _number(value: Decimal) -> bytes:
    """Return a number without trailing zeros, exactly: normalize() would round to 28 digits."""
    sign, digits, exponent = value.as_tuple()
    whole = "".join(map(str, digits)).lstrip("0")
    kept = whole.rstrip("0")
    assert isinstance(exponent, int)  # noqa: S101  # JSON has no infinities
    return _text(f"{sign if kept else 0}:{kept}:{exponent + len(whole) - len(kept) if kept else 0}")


def _tagged(tag: bytes, content: bytes) -> bytes:
    return tag + _part(content)


def _part(content: bytes | None) -> bytes:
    return b"\x00" if content is None else b"\x01" + len(content).to_bytes(8) + content


def _text(value: object) -> bytes:
    return str(value).encode()
