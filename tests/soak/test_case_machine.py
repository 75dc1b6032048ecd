"""A case as a state machine: five hundred examples of fifty steps."""

import pytest

from tests.soak.harness import seed_of_run
from tests.support.case_machine import run
from tests.support.scale import scaled

PARTS = 5  # several, so that the processes of a run share them


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_five_hundred_cases_go_their_way(session, figures, part):
    beginning = seed_of_run() + part
    figures["part"], figures["seed"] = part, beginning
    examples = -(-scaled(500) // PARTS)

    figures["came_to"] = dict(run(session, examples=examples, steps=50, beginning=beginning))
