"""Exported cells: none acts as a formula, and each reads back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.core import cells
from relief.registry.intake import values

TEXTS = st.text(alphabet=st.sampled_from("'=+-@＝＋－＠\t\r\n王a1 "), max_size=8) | st.text(
    max_size=20
)


@pytest.mark.parametrize("start", cells.FORMULA_STARTS)
def test_what_begins_a_formula_is_guarded(start):
    assert cells.guarded(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert values.clean(f"'{start}1") == f"{start}1".strip()


def test_numbers_stay_numbers():
    assert cells.safe_row([-5, -0.5, "-5", "", True]) == [-5, -0.5, "'-5", "", True]


@given(TEXTS)
def test_every_text_comes_back_as_it_was(text):
    assert cells.unguarded(cells.guarded(text)) == text
    assert not cells.guarded(text).startswith(cells.FORMULA_STARTS)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_written_row_reads_back(row):
    sink = io.StringIO(newline="")
    csv.writer(sink).writerow(cells.safe_row(row))

    back = next(csv.reader(io.StringIO(sink.getvalue(), newline="")))

    assert [cells.unguarded(cell) for cell in back] == row
