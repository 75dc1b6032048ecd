"""Fifty towns in which a merge of everything never finds what merges of parts had missed.

A few run in `make test` (tests/integration/test_reach.py).
"""

import pytest

from tests.soak.harness import seed_of_run
from tests.support.happenings import Town, assert_whole_changes_nothing
from tests.support.scale import scaled

PARTS, STEPS = 5, 12


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_missed_in_any_town(session, cipher, steward, figures, part):
    figures["seed"] = seed = seed_of_run()
    for place in range(scaled(50 // PARTS)):
        undone = session.begin_nested()
        town = Town(session, cipher, steward.id, seed=seed + 1000 * part + place)
        town.paid()
        for _ in range(STEPS):
            town.step()
            assert_whole_changes_nothing(town.desk)
        undone.rollback()
        session.expunge_all()
        figures["towns"] = place + 1
