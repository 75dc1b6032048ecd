"""Which schemes a department has a hand in: written by hand from the catalogue."""

import pytest

from relief.schemes import acting
from tests.support.drafting import TODAY, publish, with_limit

# By whose word a scheme is granted, whoever takes part in the joint review.
CONFIRMED = {
    "D01": "S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14",
    "D08": "S27",
    "D13": "S32 S33",
}


def codes(found):
    return [one.code for one in found]


@pytest.mark.parametrize(("department", "expected"), CONFIRMED.items())
def test_a_department_confirms_what_is_its_own(session, department, expected):
    found = acting.confirmed_by(session, department_code=department, on=TODAY)

    assert codes(found) == expected.split()


def test_no_department_confirms_nothing_and_may_enter_everything(session, assert_queries):
    with assert_queries(4):
        confirmed = acting.confirmed_by(session, department_code=None, on=TODAY)
        entered = acting.acted_in_by(session, department_code=None, on=TODAY)

    assert codes(confirmed) == []
    assert codes(entered) == [f"S{number:02}" for number in range(1, 34)]


def test_who_tells_the_applicant_may_enter_too(session):
    """Those of the joint review may, and whoever a version lets act in any stage."""
    before = codes(acting.acted_in_by(session, department_code="D08", on=TODAY))
    publish(session, change=with_limit("NOTICE", 3, owner="county_sf"), valid_from=TODAY)
    session.commit()
    after = codes(acting.acted_in_by(session, department_code="D08", on=TODAY))

    assert before == ["S08", "S27"]
    assert {"S13", "S15", "S33"} <= {*after}
