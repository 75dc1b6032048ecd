"""The sample's registers that rosters are drawn from: whom they name, and who only looks so."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from relief.core.scope import Scope, subtree
from relief.registers.types import RegisterBatchStatus
from relief.registry.models import Enrolment, Person
from relief.review.recognition import rosters
from tests import factories
from tests.integration.test_sample_registers import kept_numbers, table, taken, village
from tests.support.confirming import listed
from tests.support.people import CITY
from tests.support.settings import CIPHER, START

__all__ = ["taken", "village"]  # fixtures
RULES = {"S26", "S28"}
ON_LIST = {"relieved": "S26", "helped": "S28"}  # who of the planted has the aid already


@pytest.fixture
def plan(village):
    folder, _ = village
    rows = table(folder / "registers" / "planted.csv")
    return [row for row in rows if row["rule"] in RULES]


def test_the_rosters_name_what_is_planted_and_nothing_that_looks_alike(
    session, village, taken, plan
):
    assert {one.status for one in taken} == {RegisterBatchStatus.LOADED}
    folder, _ = village
    people = {one["person_id"]: one for one in table(folder / "people.tsv")}
    kept = kept_numbers(session, [people[row["person_id"]] for row in plan])
    homes = {}
    for row in plan:
        on_list = [code for word, code in ON_LIST.items() if row["case"].startswith(word)]
        home = factories.make_household(session, CIPHER, schemes=("S14", *on_list))
        session.get_one(Person, home.person_id).citizen_id = kept[row["person_id"]]
        homes[home.person_id] = row["case"]
        if "S28" in on_list:
            listed(session, home, "S28")
        if "S26" in on_list:
            told = {"last_on": date(2026, 10, 31), "spells": [Range(date(2026, 10, 1), None)]}
            session.execute(
                update(Enrolment)
                .where(Enrolment.person_id == home.person_id, Enrolment.scheme_code == "S26")
                .values(**told)
            )
    session.commit()

    for scheme in RULES:
        page = rosters.missing(
            session, scope=Scope((subtree(int(CITY)),), None), scheme_code=scheme, limit=99,
            cursor=None, now=START,
        )  # fmt: skip
        found = {homes[row.person_id] for row in page.items}
        own = [row for row in plan if row["rule"] == scheme]
        assert found == {row["case"] for row in own if row["kind"] == "planted"}
        assert {row["case"] for row in own} - found


def test_each_kind_is_there_as_far_as_somebody_fits(plan):
    cases = {row["case"] for row in plan}

    assert {"victim-1", "can_help_themselves-1", "not_assessed-1", "hit_long_ago-1"} <= cases
    assert {"victim_namesake-1", "monitored-1", "risk_over-1", "helped-1"} <= cases
    assert "monitored_namesake-1" in cases
