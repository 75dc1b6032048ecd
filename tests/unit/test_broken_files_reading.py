"""The broken-file matrix again, in this process: what the reader itself says of each file."""

import dataclasses
import re

import pytest

from relief.registry.intake import child
from relief.registry.intake.limits import DEFAULT_LIMITS
from relief.registry.intake.row_counts import Said, check, in_odd_rows, is_totals
from relief.registry.intake.tabular import OddRow
from tests.support import files
from tests.support.broken_files import BROKEN

# Built in seconds; tests/integration runs them too.
_SLOW = {"400 mb in one cell", "last row of a sheet", "3 million quotes on lines"}


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - _SLOW))
def test_the_reader_says_what_is_wrong(tmp_path, name):
    broken = BROKEN[name]
    path = tmp_path / broken.file_name
    path.write_bytes(broken.make())
    folder = tmp_path / "out"
    folder.mkdir()

    found = child.run(
        {
            "path": str(path),
            "scheme": broken.scheme,
            "folder": str(folder),
            "today": "2026-11-23",
            "regions": files.regions(),
            "zones": files.ZONES,
            "limits": dataclasses.asdict(DEFAULT_LIMITS),
            "expected_rows": broken.rows,
        }
    )

    if broken.says:
        assert re.search(broken.says, found["message"])
        assert "trace" not in found
    else:
        received = broken.loaded + len(broken.rejects)
        assert "message" not in found
        assert (found["received"], found["rejected"]) == (received, len(broken.rejects))


def test_totals_are_known_by_their_word_or_by_their_count():
    assert is_totals(("合计", "12"), "合计")
    assert is_totals(("", "共 12 条记录。"), None)
    assert not is_totals(("王建国", "共12条"), None)


def test_only_a_row_of_totals_that_counts_says_how_many():
    rows = [OddRow(9, ("合计",)), OddRow(8, ("共7笔",)), OddRow(5, ("甲", "共3条"))]

    assert in_odd_rows(rows, "合计") == Said(8, 7)
    assert in_odd_rows(rows[:1], "合计") is None


def test_a_count_that_fits_is_no_fault():
    check(3, said=Said(9, 3), expected=3)
    check(3, said=None, expected=None)
