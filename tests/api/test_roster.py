"""A roster drawn from confirmed identities: what exists stays, and only who is missing is named."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from relief.registry.models import ImportBatch
from tests.api.test_recognition import enter, entered
from tests.support.confirming import enrolled, listed, move_in
from tests.support.people import TIEXI


@pytest.fixture
def home(office, session):
    return listed(session, office.household(schemes=("S01",)))


def roster(office, scheme="S13", department="D01", **given):
    answer = office.client(department, "clerk", **given).get(f"/v1/roster?scheme={scheme}")
    assert answer.status_code == 200, answer.json
    return [row["person_id"] for row in answer.json["items"]]


def test_who_is_confirmed_and_has_nothing_is_missing_until_it_is_asked_for(office, home):
    office.household()  # confirmed as nothing
    assert roster(office) == [str(home.person_id)]

    entered(enter(office, home, "S13"))

    assert roster(office) == []
    assert roster(office, "S24") == [str(home.person_id)]


def test_whom_the_list_of_the_scheme_names_is_not_missing(office, session):
    home = listed(session, office.household(schemes=("S01", "S13")))
    listed(session, home, "S13")

    assert roster(office) == []


@pytest.mark.parametrize(("year", "missing"), [(2025, 0), (2024, 1)])
def test_a_list_that_is_late_still_names_whom_it_named(office, session, year, missing):
    """A yearly list stands until the next one comes, as long as that may be late."""
    home = listed(session, office.household(schemes=("S01", "S13")))
    listed(session, home, "S13")
    days = Range(date(year, 11, 1), date(year + 1, 11, 1))
    enrolled(session, home, "S13", spells=[days])
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == home.batches["S13"])
        .values(data_on=date(year, 11, 1))
    )
    session.commit()

    assert len(roster(office)) == missing


def test_of_a_household_who_heads_it_is_named_once(office, session, home):
    wife = listed(session, office.household(name="李四", schemes=("S01",)))
    move_in(session, wife, home)

    assert roster(office) == [str(home.person_id)]
    assert set(roster(office, "S24")) == {str(home.person_id), str(wife.person_id)}


def test_nobody_elses_families_are_named(office, home):
    assert roster(office, region=TIEXI) == []
    assert home.person_id


def test_a_scheme_that_is_applied_for_has_no_roster(office):
    answer = office.client("D01", "clerk").get("/v1/roster?scheme=S01")

    assert (answer.status_code, answer.json["code"]) == (409, "no-roster")


def test_a_department_that_takes_no_part_is_told_no_names(office, home):
    """D05 acts in no stage of S13; D04 does, and sees whoever holds something of its own."""
    answer = office.client("D05", "clerk").get("/v1/roster?scheme=S13")

    assert (answer.status_code, answer.json["code"]) == (403, "not-yours")
    assert "本部门不参与" in answer.json["detail"]
    assert roster(office, department="D04") == []
    assert home.person_id
