"""A case as a state machine, at reduced count; at full count in tests/soak/test_case_machine.py."""

import pytest

from relief.review.types import CaseStatus
from tests.support.case_machine import run

# What fifty ways come to after a grant is less than what five hundred do: one of these at least.
AFTERWARDS = {"reduce", "stop", "unchanged", "changed"}


@pytest.mark.rehearsal
@pytest.mark.timeout(900)
def test_whatever_people_do_in_a_case_what_must_hold_holds(session):
    # One seed: what lands is decided by the change and not by chance. The soak takes new ones.
    came_to = run(session, examples=50, steps=50, beginning=1)

    assert {CaseStatus.DECIDED, CaseStatus.ACCEPTED} <= came_to.keys()
    assert came_to.keys() & AFTERWARDS
    assert came_to["acts"] > 100
    assert came_to["refusals"] > 100
