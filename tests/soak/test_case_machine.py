"""A case as a state machine: five hundred examples of fifty steps."""

import pytest

from tests.support.case_machine import run
from tests.support.scale import scaled

PARTS = 5  # several, so that the processes of a run share them


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_five_hundred_cases_go_their_way(session, figures, part):
    figures["part"] = part

    figures["came_to"] = dict(run(session, examples=-(-scaled(500) // PARTS), steps=50))
