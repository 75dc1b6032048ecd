"""Ten thousand department files, changed at random: none harms the one who imports them."""

import sys

import pytest

from tests.support import mutant_run
from tests.support.scale import scaled

PARTS = 4  # several, so that the processes of a run share them


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_changed_files_break_nothing(spare_app, tmp_path, figures, part):
    count = scaled(10_000 // PARTS)
    # Of all children this process ever had: an earlier test may have had a larger one, and each
    # counts as large as this process until its own program begins.
    before = max(mutant_run.largest_child(), mutant_run.own_size())

    outcome = mutant_run.run(spare_app, tmp_path / "in", range(part * count, (part + 1) * count))

    figures |= {"files": outcome.files, "outcomes": dict(outcome.statuses)}
    outcome.tell(sys.stdout)
    assert outcome.wrong == []
    assert outcome.files == count
    assert outcome.seconds < count * mutant_run.LIMITS.wall_seconds
    assert mutant_run.largest_child() <= max(
        mutant_run.LIMITS.memory_bytes, before, mutant_run.own_size()
    )
