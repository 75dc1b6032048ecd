"""A county's own standard: who drafts and publishes it, and what rises by it, and by the city's."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.review.models import Case
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind
from relief.review.rising import applying, values
from relief.review.rising.errors import (
    DrafterPublishes,
    DraftNotFound,
    NoNewStandard,
    NotCityOffice,
    NotCountyOffice,
    NotCountyStandard,
    NothingInPayment,
    ParameterBelowFloor,
    ParameterDrafted,
    ParameterNotLater,
    ParameterNotSettable,
    RiseOffice,
)
from relief.review.rising.settable import settable
from relief.schemes import queries as schemes
from relief.schemes import regional, rules
from tests import factories
from tests.support.applicants import BORN
from tests.support.counties import CITY, EAST, HILL, URBAN, VILLAGES, WEST, own
from tests.support.rising import RISEN_ON, STANDARD, Rising, standing_in
from tests.support.settings import CIPHER

JANUARY = date(2026, 1, 1)
RISEN = [
    {"name": name, "label": name, "region_code": CITY, "region": "鞍山市"}
    for name in (URBAN, "dibao_std_rural_month")
]


@pytest.fixture
def rising(town):
    return Rising(town)


@pytest.fixture
def east(rising):
    """The two approvers of a county's office."""
    return rising.county(), rising.county()


def publish(rising, draft_id, actor):
    with rising.town.opened() as session:
        values.publish(session, actor=actor, draft_id=draft_id, now=rising.town.clock())


def granted(rising, region):
    """A case of a county in which S09 was granted by its rule."""
    with rising.town.opened() as session:
        person = factories.make_household(
            session, CIPHER, region=VILLAGES[region], schemes=("S14",), marital="10",
            born_on=BORN[""],
        ).person_id  # fmt: skip
    return rising.town.waiting(person=person)[0]


@pytest.fixture
def two(rising):
    """A case in each of two counties, granted by the city's value of ninety."""
    cases = {region: granted(rising, region) for region in (EAST, WEST)}
    rising.town.decided()
    return cases


class TestDrafting:
    def test_a_county_has_its_own_when_two_of_its_office_set_it(self, rising, east):
        rising.drawer, publisher = east
        draft_id = rising.draft(120, region=EAST)
        with pytest.raises(DrafterPublishes):
            publish(rising, draft_id, rising.drawer)

        publish(rising, draft_id, publisher)

        with rising.town.opened() as session:
            worth = [
                schemes.parameter(session, STANDARD, on=RISEN_ON, region_code=region)
                for region in (VILLAGES[EAST], VILLAGES[WEST], None)
            ]
            told = values.get_draft(session, draft_id=draft_id)
            trail = [
                (one.region_code, one.details["region"])
                for one in session.scalars(
                    select(AuditEvent).where(AuditEvent.subject_id == draft_id)
                )
            ]
        assert worth == [120, 90, 90]
        assert (told.region_code, told.region) == (EAST, "铁东区")
        assert trail == [(EAST, EAST)] * 2

    def test_who_only_stands_in_publishes_none(self, rising, east):
        draft_id = rising.draft(120, region=EAST)

        with pytest.raises(NotCountyOffice, match="代为办理"):
            publish(rising, draft_id, standing_in(east[0]))

    def test_no_other_county_does_and_the_city_does(self, rising, east):
        west = rising.county(region=str(WEST))
        rising.drawer = west
        with pytest.raises(NotCountyOffice):
            rising.draft(120, region=EAST)
        with pytest.raises(NotCityOffice):
            rising.draft(120)
        rising.drawer = east[0]
        draft_id = rising.draft(120, region=EAST)
        for act in (values.publish, values.discard):
            with rising.town.opened() as session, pytest.raises(DraftNotFound):
                act(session, actor=west, draft_id=draft_id, now=rising.town.clock())

        publish(rising, draft_id, rising.signer)

    def test_who_works_in_a_part_of_the_county_does_not(self, rising):
        rising.drawer = rising.county(region="210302002000")

        with pytest.raises(NotCountyOffice):
            rising.draft(120, region=EAST)

    @pytest.mark.parametrize("region", [210302002000, 210399000000])
    def test_only_the_city_and_counties_have_values(self, rising, region):
        with pytest.raises(NotCountyOffice):
            rising.draft(120, region=region)

    def test_another_departments_standard_is_not_theirs(self, rising):
        rising.drawer = replace(rising.county(), department_code="D04")

        with pytest.raises(ParameterNotSettable):
            rising.draft(120, region=EAST)

    def test_what_is_the_citys_alone_no_county_sets(self, rising, east):
        rising.drawer = east[0]

        with pytest.raises(NotCountyStandard):
            rising.draft(2, name="edge_multiple", region=EAST)
        with pytest.raises(ParameterNotSettable):
            rising.draft(2, name="views_answer_days", region=EAST)

    @pytest.mark.parametrize(
        ("value", "on", "fine"),
        [(89, RISEN_ON, False), (90, RISEN_ON, True), (99, date(2026, 11, 30), False),
         (100, date(2026, 11, 30), True)],
    )  # fmt: skip
    def test_below_a_floor_nothing_is_set_not_even_for_later(self, rising, value, on, fine):
        if value > 90:
            rising.publish(100, on=date(2026, 12, 1))  # the city's, which holds from then on
        if fine:
            assert rising.draft(value, region=EAST, on=on)
            return
        with pytest.raises(ParameterBelowFloor, match="市级为"):
            rising.draft(value, region=EAST, on=on)

    def test_a_draft_that_fell_below_a_floor_is_not_published(self, rising):
        draft_id = rising.draft(95, region=EAST)
        rising.publish(100)

        with pytest.raises(ParameterBelowFloor):
            publish(rising, draft_id, rising.signer)

    def test_a_standard_that_is_no_floor_may_be_lower(self, rising):
        rising.publish(700, name=URBAN, region=EAST)

    @pytest.mark.parametrize(("on", "fine"), [(date(2025, 12, 31), False), (JANUARY, True)])
    def test_its_first_value_is_as_old_as_the_citys_at_most(self, rising, on, fine):
        if fine:
            rising.publish(120, region=EAST, on=on)
            with pytest.raises(ParameterNotLater, match="现有标准自 2026-01-01 起"):
                rising.draft(130, region=EAST, on=on)
            return
        with pytest.raises(ParameterNotLater, match="市级标准自 2026-01-01 起"):
            rising.draft(120, region=EAST, on=on)

    def test_each_place_has_a_draft_of_its_own_for_a_day(self, rising):
        for region in (CITY, EAST, WEST):
            rising.draft(120, region=region)
        with pytest.raises(ParameterDrafted):
            rising.draft(130, region=EAST)

    def test_what_a_county_may_set_is_told_with_whose_it_is(self, rising):
        with rising.town.opened() as session:
            own(session, 120, name=STANDARD, unit="CNY/month")
            found = settable(session, department_code="D01", region_code=EAST, on=RISEN_ON)

        assert (found[STANDARD].own, found[STANDARD].value, found[STANDARD].floor) == (
            True, 120, True,
        )  # fmt: skip
        assert (found[URBAN].own, found[URBAN].value, found[URBAN].floor) == (False, 800, False)
        assert "edge_multiple" not in found


class TestRising:
    def test_in_one_county_for_its_own_value_alone(self, rising, two):
        rising.publish(120, region=EAST)

        rise_id = rising.risen(region_code=EAST)

        assert rising.report(rise_id) == {two[EAST]: ("decided", None)}
        told = rising.told(rise_id)
        assert [(one["region"], one["before"], one["after"]) for one in told.standards] == [
            ("铁东区", "90.0000", "120.0000")
        ]
        with rising.town.opened() as session:
            [paper] = session.scalars(
                select(CasePaper).where(CasePaper.kind == PaperKind.RISE)
            ).all()
            regions = {
                one.region_code
                for one in session.scalars(select(Case).where(Case.id == paper.case_id))
            }
        assert regions == {VILLAGES[EAST]}
        assert paper.words["paragraphs"][1] == (
            "标准：困难残疾人生活补贴标准（铁东区）由 90 调整为 120（市民发〔2026〕99号）"
        )

    @pytest.mark.usefixtures("two")
    def test_of_the_county_is_begun_by_the_county_or_the_city_and_no_other(self, rising):
        rising.publish(120, region=EAST)

        with pytest.raises(RiseOffice):
            rising.start(actor=rising.county(region=str(WEST)), region_code=EAST)
        assert rising.start(actor=rising.county(), region_code=EAST)

    @pytest.mark.usefixtures("two")
    def test_of_the_county_is_none_of_the_citys(self, rising):
        rising.publish(120, region=EAST)

        for region in (CITY, WEST):
            with pytest.raises(NoNewStandard):
                rising.start(region_code=region)

    def test_of_the_city_leaves_a_county_with_its_own_and_says_so(self, rising, two):
        rising.publish(95, region=EAST, on=JANUARY)
        rising.publish(100)

        rise_id = rising.risen()

        assert rising.report(rise_id) == {
            two[EAST]: ("left_out", "own_standard"), two[WEST]: ("decided", None),
        }  # fmt: skip
        [left] = [one for one in rising.entries(rise_id) if one.reason]
        assert left.note == (
            "铁东区：困难残疾人生活补贴标准 95，自 2026-01-01 起（市民发〔2026〕99号）"
        )
        assert rising.told(rise_id).standards[0]["region"] == "鞍山市"

    def test_of_the_city_is_left_to_the_county_that_rises_the_same_day(self, rising, two):
        rising.publish(100)
        rising.publish(120, region=EAST)

        assert rising.report(rising.risen()) == {
            two[EAST]: ("left_out", "own_standard"), two[WEST]: ("decided", None),
        }  # fmt: skip
        assert rising.report(rising.risen(region_code=EAST)) == {two[EAST]: ("decided", None)}
        assert sorted(one[0] for one in rising.entitlements() if one[1] != "empty") == [
            100_00, 120_00,
        ]  # fmt: skip

    def test_of_the_city_in_a_county_with_its_own_there_is_nothing_to_begin(self, rising, two):
        rising.publish(95, region=EAST, on=JANUARY)
        rising.publish(100)

        with pytest.raises(NoNewStandard, match="铁东区：困难残疾人生活补贴标准 95"):
            rising.start(region_code=EAST)
        assert rising.report(rising.drawn(region_code=WEST)) == {two[WEST]: ("listed", None)}

    @pytest.mark.usefixtures("two")
    def test_in_a_county_without_anybody_nothing_is_begun(self, rising):
        rising.publish(120, region=HILL)

        with pytest.raises(NothingInPayment):
            rising.start(region_code=HILL)

    def test_a_countys_value_that_came_since_the_list_was_drawn_is_not_raised_over(
        self, rising, two
    ):
        rising.publish(100)
        rise_id = rising.drawn()
        rising.publish(105, region=EAST)
        rising.sign(rise_id)
        assert rising.town.work()

        assert rising.report(rise_id) == {
            two[EAST]: ("not_decided", "own_standard"), two[WEST]: ("decided", None),
        }  # fmt: skip

    def test_of_the_city_of_a_day_before_the_countys_own_leaves_the_county_aside(self, rising, two):
        rising.publish(100)
        rising.publish(105, region=EAST, on=date(2026, 11, 10))

        rise_id = rising.risen()

        assert rising.report(rise_id) == {
            two[EAST]: ("left_out", "own_standard"), two[WEST]: ("decided", None),
        }  # fmt: skip
        [left] = [one for one in rising.entries(rise_id) if one.reason]
        assert left.note is not None
        assert "105，自 2026-11-10 起" in left.note

    def test_of_the_city_is_right_in_a_county_whose_own_is_still_to_come(self, rising, two):
        rising.publish(100)
        rising.publish(105, region=EAST, on=date(2026, 12, 1))

        assert rising.report(rising.risen()) == dict.fromkeys(two.values(), ("decided", None))


class TestApplying:
    """Of several values that rise at once, a county may have some of its own."""

    def test_what_holds_and_what_is_kept(self, session):
        own(session, 860)
        standards = regional.standards(session, on=RISEN_ON)

        east = applying.in_region(RISEN, standards, VILLAGES[EAST])
        west = applying.in_region(RISEN, standards, VILLAGES[WEST])

        assert [one["name"] for one in east.risen] == ["dibao_std_rural_month"]
        assert [one.value for one in east.own] == [860]
        assert (east.nothing, east.place) == (False, "铁东区")
        assert (len(west.risen), west.own, west.nothing) == (2, [], False)

    def test_a_rise_of_before_is_the_citys(self, session):
        own(session, 860)
        standards = regional.standards(session, on=RISEN_ON)
        old = [{"name": URBAN, "label": "标准"}]

        assert applying.in_region(old, standards, VILLAGES[EAST]).nothing
        assert not applying.in_region(old, standards, VILLAGES[WEST]).nothing

    def test_what_is_new_in_a_county_is_its_own_and_what_it_has_none_of(self, session):
        own(session, 860, since=RISEN_ON)
        own(session, 700, region=CITY, since=RISEN_ON, name="dibao_std_rural_month")
        own(session, 820, region=CITY, since=RISEN_ON)
        row = rules.rule_on(session, scheme_code="S01", on=RISEN_ON)

        new = {
            region: [
                (one["name"], one["before"], one["after"], one["region_code"])
                for one in applying.new_values(session, row, on=RISEN_ON, region_code=region)
            ]
            for region in (CITY, EAST, WEST)
        }

        rural = ("dibao_std_rural_month", "650.0000", "700.0000", CITY)
        assert new[CITY] == new[WEST] == [rural, (URBAN, "800.0000", "820.0000", CITY)]
        assert new[EAST] == [rural, (URBAN, "800.0000", "860.0000", EAST)]


def test_a_clerk_of_the_county_drafts_and_an_approver_publishes(rising):
    rising.drawer = rising.county(Role.REVIEWER)

    publish(rising, rising.draft(120, region=EAST), rising.county())
