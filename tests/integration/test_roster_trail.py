"""An auditor of a county reads which acts entered people of the county, and how many."""

import pytest
from sqlalchemy import select, update

from relief.accounts.models import Account
from relief.audit import queries as audit
from relief.audit.queries import EventFilter
from relief.core.scope import county_of, subtree
from relief.organisation.models import FunctionalZonePart, Region, RegionLevel
from relief.tasks.models import Task, TaskStatus
from tests.support.counties import EAST, HILL, WEST
from tests.support.people import CITY, TIEXI
from tests.support.settings import START

TOWNSHIP = 210303002000


def read(roster, act_id, county):
    """What an auditor of a county reads of an act, the oldest first."""
    with roster.opened() as session:
        page = audit.list_events(
            session, filters=EventFilter(subject_id=act_id), ranges=[subtree(county)], limit=50
        )
        return sorted(
            (one.action.removeprefix("roster_act:"), one.region_code, one.details)
            for one in page.items
        )


@pytest.mark.parametrize("region", [None, CITY])
def test_each_county_reads_of_its_own_people(roster, region):
    roster.confirmed(2, region=210302002001)
    roster.confirmed(1, region=210303001001)

    act_id = roster.entered(region=region)

    for county, people in ((EAST, 2), (WEST, 1)):
        assert read(roster, act_id, county) == [
            ("begun", county, {"scheme": "S13", "people": people, "left_out": 0}),
            ("done", county, {"scheme": "S13", "entered": people, "not_entered": 0}),
        ]
    assert read(roster, act_id, HILL) == []


@pytest.mark.parametrize("region", [TIEXI, str(TOWNSHIP)])
def test_what_was_narrowed_to_a_region_names_it(roster, region):
    roster.confirmed(1, region=210303002001)

    act_id = roster.entered(region=region)

    assert {one[1] for one in read(roster, act_id, WEST)} == {int(region)}


def test_of_a_zone_the_county_is_named(roster, session):
    zone, place = session.execute(
        select(FunctionalZonePart.zone_code, Region.code)
        .join(Region, Region.code == FunctionalZonePart.region_code)
        .limit(1)
    ).one()
    village = session.scalar(
        select(Region.code).where(
            Region.code >= place, Region.code < subtree(place).hi,
            Region.level == RegionLevel.VILLAGE,
        )
    )  # fmt: skip
    roster.confirmed(1, region=village)

    act_id = roster.entered(region=zone)

    county = county_of(village) * 10**6
    assert [one[:2] for one in read(roster, act_id, county)] == [
        ("begun", county), ("done", county),
    ]  # fmt: skip


def test_that_it_stopped_and_went_on_too(roster, session):
    roster.confirmed(1, region=210303001001)
    act_id = roster.begin()
    clerk = roster.clerk()
    session.execute(update(Account).where(Account.id == clerk.id).values(disabled_at=START))
    session.commit()
    assert roster.work()
    session.execute(update(Account).where(Account.id == clerk.id).values(disabled_at=None))
    session.execute(update(Task).values(status=TaskStatus.FAILED, finished_at=START))
    session.commit()

    roster.resume(act_id)

    assert [one[0] for one in read(roster, act_id, WEST)] == ["begun", "resumed", "stopped"]
    assert {one[1] for one in read(roster, act_id, WEST)} == {WEST}
