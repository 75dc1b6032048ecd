"""How many people an act of a roster may name: as the parameter says."""

import pytest

from relief.review.rostering import errors
from tests.integration.test_roster_acts import allow


def test_as_many_may_be_named_as_the_parameter_says(roster, session):
    homes = roster.confirmed(3)
    people = [home.person_id for home in homes]
    allow(session, 2)

    with pytest.raises(errors.TooManyNamed, match=r"最多 2 人.*指定了 3 人"):
        roster.begin(people=people)

    assert roster.act(roster.begin(people=[*people[:2], people[0]])).listed == 2
