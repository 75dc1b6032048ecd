"""A county's own standard: what holds where, what cases are counted by, how many statements."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from relief.accounts.types import Role
from relief.core.reading_once import forget
from relief.organisation.errors import RegionNotFound
from relief.organisation.models import Region
from relief.registry.models import Household, Person
from relief.review import service
from relief.review.checks import look
from relief.review.checks.by_region import ByRegion
from relief.review.checks.facts import Reference
from relief.review.facts import computing
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.review.rising import standing
from relief.review.rising.models import StandardRise
from relief.schemes import queries as schemes
from relief.schemes import regional, samples
from relief.schemes.in_force import in_force
from relief.schemes.models import Parameter
from relief.schemes.seeding import load_seeds
from tests.support.counties import (
    CITY,
    COUNTIES,
    EAST,
    HILL,
    JULY,
    URBAN,
    VILLAGES,
    WEST,
    oracle,
    own,
    sent_to,
)
from tests.support.rising import PAID_FROM, RISEN_ON, Rising
from tests.support.settings import START

ON = date(2026, 11, 23)
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))
HOME = {
    "property_within_rule": 1, "place_within_rule": 1, "urban_household": 1,
    "in_extreme_hardship": 0, "household_income_month": 1836_00, "household_members": 3,
}  # fmt: skip


def worth(session, region, on=ON, name=URBAN):
    return schemes.parameter(session, name, on=on, region_code=region)


def allowance(session, region, on=ON):
    """S01 of a family of three in a region, by its rule."""
    rows = [CaseFact(id=None, kind_code=kind, value=value) for kind, value in HOME.items()]
    case = Case(scheme_code="S01", applicant_born_on=None, region_code=region)
    return computing.work_out(session, case, facts=rows, on=on)


@pytest.mark.parametrize(
    ("region", "on", "value"),
    [
        (EAST, date(2026, 6, 30), 800),
        (EAST, JULY, 860),
        (VILLAGES[EAST], date(2026, 8, 31), 860),
        (VILLAGES[EAST], date(2026, 9, 1), 900),
        (EAST, date(2027, 3, 1), 900),  # the city's newer value does not reach it
        (WEST, date(2027, 3, 1), 880),
        (VILLAGES[WEST], JULY, 800),
        (CITY, date(2026, 9, 1), 800),
        (None, date(2027, 3, 1), 880),
    ],
)
def test_the_nearest_region_with_a_value_on_the_day_wins(session, region, on, value):
    own(session, 860)
    own(session, 900, since=date(2026, 9, 1))
    own(session, 880, region=CITY, since=date(2027, 1, 1))

    assert worth(session, region, on) == value


@pytest.fixture
def parents(session):
    """Region → the one above it, as the table of regions has it."""
    rows = session.execute(select(Region.code, Region.parent_code))
    return {row.code: row.parent_code for row in rows}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.dictionaries(
        st.tuples(st.sampled_from([URBAN, "edge_multiple"]), st.sampled_from([CITY, *COUNTIES]),
                  DAYS),
        st.integers(1, 2000), max_size=12,
    ),
    on=DAYS,
)  # fmt: skip
def test_what_holds_is_what_climbing_from_region_to_region_finds(session, parents, values, on):
    with session.begin_nested() as undone:
        session.expunge_all()
        session.execute(text("DELETE FROM parameter WHERE name = ANY(:names)"),
                        {"names": [URBAN, "edge_multiple"]})  # fmt: skip
        for (name, region, since), value in values.items():
            own(session, value, region=region, since=since, name=name)
        rows = session.scalars(select(Parameter)).all()
        expected = oracle(rows, parents, on=on)
        standards = regional.standards(session, on=on)
        for region in (CITY, *COUNTIES, 210302002000, *VILLAGES.values(), 210381001000):
            there = standards.at(region)
            for name in (URBAN, "edge_multiple"):
                assert there.get(name) is expected(name, region)
        undone.rollback()


def test_each_family_is_counted_by_its_county_and_the_proof_says_whose_it_is(session):
    own(session, 860)

    east, west = allowance(session, VILLAGES[EAST]), allowance(session, VILLAGES[WEST])
    before = allowance(session, VILLAGES[EAST], date(2026, 6, 30))

    assert east.calculation.amount_fen == 744_00  # (860 − 612) × 3
    assert west.calculation.amount_fen == before.calculation.amount_fen == 564_00
    told = computing.snapshot(east)
    assert told["steps"][0]["text"] == "适用城市标准 是，取城市低保标准（铁东区） 860 元"
    [used] = [one for one in told["parameters"] if one["name"] == URBAN]
    assert used == {
        "name": URBAN, "label": "城市低保标准", "region_code": EAST, "region": "铁东区",
        "valid_from": "2026-07-01", "value": "860.0000", "unit": "CNY/person/month",
        "source": "区政发〔2026〕7号",
    }  # fmt: skip
    [others] = [one for one in told["parameters"] if one["name"] == "dibao_std_rural_month"]
    assert (others["region_code"], others["region"]) == (CITY, "鞍山市")


def test_checks_compare_with_the_standard_of_the_case(session):
    own(session, 860)
    there = ByRegion(
        Reference(on=ON, numbers={}, schemes={}, combinations=()),
        regional.standards(session, on=ON),
    )

    east, west = there.at(VILLAGES[EAST]), there.at(VILLAGES[WEST])

    assert (east.fen(URBAN), west.fen(URBAN)) == (860_00, 800_00)
    assert east.told(URBAN, "元") == "860 元（铁东区，2026-07-01 起，区政发〔2026〕7号）"
    assert west.told(URBAN, "元").startswith("800 元（2026-01-01 起，占位值")
    assert there.at(210302002003) is east


def test_a_family_that_moved_is_counted_where_its_case_was_entered(town):
    """What was asked for before stays with the county that it was asked of; a new case does not."""
    with town.opened() as session:
        own(session, 95, name="disability_living_min", unit="CNY/month", since=date(2026, 1, 1))
    [before] = town.waiting()
    with town.opened() as session:
        person = session.get_one(Person, session.get_one(Case, before).person_id)
        session.execute(update(Household).values(region_code=VILLAGES[WEST], county_code=210303))
        person.region_code, person.county_code = VILLAGES[WEST], 210303
        person_id = person.id
    with town.opened() as session:
        stays = _worked(session, before)
        service.withdraw(
            session, actor=town.actor(Role.CLERK), case_id=before, reason="迁出", now=town.clock()
        )
    [after] = town.waiting(person=person_id)
    with town.opened() as session:
        moved = _worked(session, after)

    assert (stays, moved) == (95_00, 90_00)


def _worked(session, case_id):
    case = session.get_one(Case, case_id)
    facts = computing.facts_of(session, case_id)
    return computing.work_out(session, case, facts=facts, on=ON).calculation.amount_fen


class TestMany:
    """Two thousand cases of all seven counties take as many statements as one."""

    @pytest.fixture
    def rising(self, town):
        rising = Rising(town)
        [case_id] = rising.granted()
        rising.crowd(case_id, 1999)
        with town.opened() as session:
            for number, county in enumerate(COUNTIES):
                own(session, 100 + number, region=county, name="disability_living_min",
                    unit="CNY/month", since=date(2026, 1, 1))  # fmt: skip
            session.execute(
                text(
                    "UPDATE aid_case c SET region_code = (cast(:counties AS bigint[]))[1 + n % 7],"
                    " county_code = (cast(:counties AS bigint[]))[1 + n % 7] / 1000000"
                    " FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM aid_case) o"
                    " WHERE o.id = c.id"
                ),
                {"counties": list(COUNTIES)},
            )
        return rising

    def held(self, session, count):
        return standing.held(
            session, standing.in_payment(scheme_code="S09", region_code=CITY, now=START),
            limit=count,
        )  # fmt: skip

    def by_rule(self, session, found):
        """What a list of differences says, without what stands against some."""
        rise = StandardRise(
            scheme_code="S09", region_code=CITY, effective_on=RISEN_ON, paid_from=PAID_FROM,
            standards=[],
        )  # fmt: skip
        book = computing.book_of(session, scheme_code="S09", on=RISEN_ON)
        return standing.look(
            session, rise, book, found=found, account_id=found[0].case.entered_by, now=START
        )

    @pytest.mark.timeout(120)
    def test_to_look_at_for_a_rise(self, rising):
        with rising.town.opened() as session:
            one, many = self.held(session, 1), self.held(session, 2000)
            with sent_to(session) as few:
                self.by_rule(session, one)
            forget(session)
            with sent_to(session) as several:
                looked = self.by_rule(session, many)

        assert len(many) == 2000
        assert len(several) == len(few)
        by_county = {
            (one.held.case.region_code, one.worked.calculation.amount_fen)
            for one in looked.values()
        }
        assert by_county == {
            (county, (100 + number) * 100) for number, county in enumerate(COUNTIES)
        }

    @pytest.mark.timeout(120)
    def test_to_check(self, rising):
        with rising.town.opened() as session:
            # First the one of somebody whom the registry knows.
            cases: Sequence[Case] = session.scalars(
                select(Case).order_by(Case.identity_id.nulls_last())
            ).all()
            with sent_to(session) as few:
                look.look(session, cases[:1], now=START)
            forget(session)
            with sent_to(session) as several:
                found = look.look(session, cases, now=START)

        assert len(several) == len(few)
        assert {
            (one.region_code, one.reference.numbers["disability_living_min"]) for one in found
        } == {(county, Decimal(100 + number)) for number, county in enumerate(COUNTIES)}
        assert len({id(one.reference) for one in found}) == 7


def test_what_is_in_force_is_told_of_all_or_of_one_place(session, assert_queries):
    own(session, 860)
    with assert_queries(3):
        there = {one.name: one for one in in_force(session, on=ON, region_code=VILLAGES[EAST])}
    everywhere = [one for one in in_force(session, on=ON) if one.name == URBAN]

    assert (there[URBAN].value, there[URBAN].region, there[URBAN].own) == (860, "铁东区", True)
    assert (there[URBAN].label, there["adult_age"].label) == ("城市低保标准", None)
    assert not there["adult_age"].own
    assert [(one.region, one.value) for one in everywhere] == [("鞍山市", 800), ("铁东区", 860)]
    with pytest.raises(RegionNotFound):
        in_force(session, on=ON, region_code=210399000000)


def test_the_sample_has_two_counties_with_a_standard_of_their_own(session):
    samples.load_county_standards(session, now=START)
    samples.load_county_standards(session, now=START)

    assert [worth(session, one) for one in (EAST, WEST, HILL)] == [860, 780, 800]
    assert load_seeds(session, now=START) == {}  # the seeds leave them
