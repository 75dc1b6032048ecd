"""Amounts as people write them."""

import pytest

from relief.console.cases.amounts import fen


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("564", 56400), ("564.5", 56450), ("564.05", 56405), ("1,564.50", 156450), ("0", 0),
        ("564元", 56400), ("1，564 元", 156400),
        ("", None), ("五百", None), ("-1", None), ("564.505", None), ("1e3", None),
        ("999999999", None), ("٥", None),
    ],
)  # fmt: skip
def test_yuan_become_fen(text, amount):
    assert fen(text) == amount
