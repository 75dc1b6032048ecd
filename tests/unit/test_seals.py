"""What a seal is computed from: canonical bytes, roots and signatures."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.audit.canonical import event_bytes, json_bytes
from relief.audit.seal_keys import SealKeys, merkle_root

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
EVENT, SUBJECT = uuid.UUID(int=1), uuid.UUID(int=2)


@dataclass(frozen=True)
class Row:
    id: uuid.UUID = EVENT
    occurred_at: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    actor_id: uuid.UUID | None = None
    action: str = "a:b"
    subject_type: str = "thing"
    subject_id: uuid.UUID = SUBJECT
    request_id: str | None = None
    details: str = "{}"
    xid: str = "7"
    region_code: int | None = None


@given(JSON)
def test_a_json_value_has_one_form_however_it_is_printed(value):
    printed = (
        json.dumps(value),
        json.dumps(value, ensure_ascii=False, indent=2),
        json.dumps(value, sort_keys=True, separators=(",", ":")),
    )

    assert len({json_bytes(text) for text in printed}) == 1


@given(JSON, JSON)
def test_two_values_have_two_forms(one, other):
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (json_bytes(json.dumps(one)) == json_bytes(json.dumps(other))) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1.50", "1.5", True), ("100", "1e2", True), ("0.0", "-0", True), ("1", "10", False),
     ("0.1", "0.10000000000000000000000000000000000001", False), ("1", "true", False),
     ("123456789012345678901234567890123", "123456789012345678901234567890124", False)],
)  # fmt: skip
def test_numbers_are_compared_by_value_and_exactly(one, other, same):
    assert (json_bytes(one) == json_bytes(other)) == same


def test_the_same_moment_is_the_same_wherever_it_is_told():
    row = Row()
    shanghai = row.occurred_at.astimezone(timezone(timedelta(hours=8)))

    assert event_bytes(row) == event_bytes(replace(row, occurred_at=shanghai))


def test_what_stands_in_two_columns_cannot_move_between_them():
    assert event_bytes(Row(action="ab", subject_type="c")) != event_bytes(
        Row(action="a", subject_type="bc")
    )
    assert event_bytes(Row(request_id=None)) != event_bytes(Row(request_id=""))


def test_a_list_and_the_same_with_its_last_doubled_have_two_roots():
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))

    assert merkle_root([one, two, three]) != merkle_root([one, two, three, three])
    assert merkle_root([one]) == one
    assert merkle_root([one, two]) != merkle_root([two, one])


def test_another_key_makes_other_leaves_and_is_known_by_its_fingerprint():
    keys, others = SealKeys.of(b"a" * 32), SealKeys.of(b"b" * 32)

    assert keys.leaf_of(1, 1, b"x") != others.leaf_of(1, 1, b"x")
    assert keys.leaf_of(1, 2, b"x") != keys.leaf_of(2, 1, b"x")
    assert keys.fingerprint != others.fingerprint
    assert len({keys.leaf, keys.seal}) == 2
