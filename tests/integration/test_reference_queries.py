"""What the other rooms ask of the organisation and the schemes."""

from datetime import date
from decimal import Decimal

import pytest

from relief.core.scope import RegionRange
from relief.core.seeding import synchronise
from relief.core.workdays import DueDay
from relief.organisation import queries as organisation
from relief.organisation.errors import RegionNotFound
from relief.schemes import queries as schemes
from relief.schemes.errors import ParameterNotSet, ProcedureNotFound, SchemeNotFound
from relief.schemes.models import Parameter
from relief.schemes.types import Entry, Payer, Start

TIEDONG = 210302000000
JIEFANG = 210302002000


def test_the_city_stands_below_nothing_and_has_seven_counties(session):
    (city,) = organisation.regions_below(session, parent_code=None)
    counties = organisation.regions_below(session, parent_code=city.code)

    assert city.name == "鞍山市"
    assert [county.name for county in counties] == [
        "铁东区", "铁西区", "立山区", "千山区", "台安县", "岫岩满族自治县", "海城市",
    ]  # fmt: skip


def test_many_names_take_one_query_and_unknown_codes_are_left_out(session, assert_queries):
    with assert_queries(1):
        names = organisation.region_names(session, codes=[TIEDONG // 10**6, JIEFANG, 110101001000])

    assert names == {210302: "铁东区", JIEFANG: "铁东区解放街道"}


def test_zones_are_listed_by_their_own_codes(session):
    assert [zone.code for zone in organisation.zones(session)] == ["Z01", "Z02", "Z03"]


def test_a_county_is_one_range(session):
    ranges = organisation.ranges_of(session, codes=[str(TIEDONG)])

    assert ranges == (RegionRange(TIEDONG, 210303000000),)


def test_a_zone_is_the_set_of_its_streets(session):
    ranges = organisation.ranges_of(session, codes=["Z02"])

    assert ranges == (
        RegionRange(210303013000, 210303014000),
        RegionRange(210303014000, 210303015000),
    )


def test_a_street_of_the_county_adds_nothing_to_the_county(session, assert_queries):
    with assert_queries(1):
        ranges = organisation.ranges_of(session, codes=[str(JIEFANG), str(TIEDONG), "Z01"])

    assert ranges == (RegionRange(TIEDONG, 210303000000),)


def test_no_codes_are_no_ranges(session):
    assert organisation.ranges_of(session, codes=[]) == ()


@pytest.mark.parametrize("code", ["Z99", "999999999999", "21030", "２１０３０２００００００"])
def test_a_code_of_no_region_and_no_zone_is_refused(session, code):
    with pytest.raises(RegionNotFound):
        organisation.ranges_of(session, codes=[str(TIEDONG), code])


def test_areas_have_names_whether_region_or_zone(session):
    names = organisation.area_names(session, codes=["Z03", str(JIEFANG), "Z99"])

    assert names == {"Z03": "千山风景名胜区", str(JIEFANG): "铁东区解放街道"}


def test_departments_come_by_code(session):
    names = organisation.department_names(session)

    assert list(names) == [f"D{n:02}" for n in range(1, 14)]
    assert names["D01"] == "民政局"
    assert [one.code for one in organisation.departments(session) if one.sees_all_households] == [
        "D01"
    ]


def test_code_tables_are_looked_up_together(session, assert_queries):
    with assert_queries(1):
        tables = organisation.code_tables(session, tables=["sex", "marital", "none such"])

    assert tables["sex"] == {"0": "未知", "1": "男", "2": "女", "9": "未说明"}
    assert tables["marital"]["40"] == "离婚"
    assert tables["none such"] == {}


def test_the_calendar_counts_over_the_national_day(session):
    calendar = organisation.calendar(session)

    assert calendar.years == {2024, 2025, 2026}
    assert calendar.add_working_days(date(2026, 9, 30), 3) == DueDay(
        date(2026, 10, 10), provisional=False
    )
    assert calendar.add_working_days(date(2026, 12, 31), 1).provisional


def test_schemes_are_listed_whole_or_by_their_leading_department(session):
    assert [one.code for one in schemes.schemes(session)] == [f"S{n:02}" for n in range(1, 34)]
    assert [one.code for one in schemes.schemes(session, department_code="D13")] == ["S32", "S33"]


def test_a_scheme_tells_its_entry_start_payer_and_amounts(session):
    scheme = schemes.get_scheme(session, code="S09")

    assert (scheme.entry, scheme.start) == (Entry.APPLICATION, Start.MONTH_OF_APPLICATION)
    assert scheme.payer is Payer.PLATFORM
    assert (scheme.amount_min_fen, scheme.amount_max_fen) == (9_000, 30_000)
    with pytest.raises(SchemeNotFound):
        schemes.get_scheme(session, code="S99")


def test_short_names_and_categories_of_schemes(session):
    assert schemes.scheme_names(session)["S01"] == "低保"
    assert schemes.categories(session)["S02"] == "extreme_hardship"
    assert len(schemes.categories(session)) == 5


def test_twelve_offices_supply_data(session):
    assert [one.code for one in schemes.providers(session)] == [f"P{n:02}" for n in range(1, 13)]


def test_combination_rules_are_listed_whole_or_by_scheme(session):
    assert len(schemes.combination_rules(session)) == 33
    assert [one.code for one in schemes.combination_rules(session, scheme_code="S22")] == [
        "X23",
        "X32",
        "X33",
    ]


def test_a_procedure_comes_with_its_stages_in_order(session):
    plan = schemes.procedure(session, code="W_DB30", on=date(2026, 11, 23))

    assert (plan.procedure.version, plan.procedure.total_limit) == (2, 30)
    assert [stage.position for stage in plan.stages] == list(range(1, 10))
    assert plan.stages[0].name == "受理"
    assert plan == schemes.procedure_version(session, code="W_DB30", version=2)


def test_a_procedure_that_does_not_exist_or_not_yet_is_refused(session):
    with pytest.raises(ProcedureNotFound):
        schemes.procedure(session, code="W_DB30", on=date(2025, 12, 31))
    with pytest.raises(ProcedureNotFound):
        schemes.procedure_version(session, code="W_DB30", version=3)


@pytest.mark.parametrize(
    ("on", "value"), [("2026-06-30", 800), ("2026-07-01", 830), ("2027-01-01", 830)]
)
def test_a_parameter_holds_from_its_day_until_the_next(session, on, value):
    rise = {
        "name": "dibao_std_urban_month",
        "region_code": 210300000000,
        "valid_from": "2026-07-01",
        "value": 830,
        "unit": "CNY/person/month",
        "source": "提标通知",
        "confidence": "D",
    }
    synchronise(session, Parameter, [rise])

    found = schemes.parameter(session, "dibao_std_urban_month", on=date.fromisoformat(on))

    assert found == Decimal(value)


def test_a_parameter_before_its_first_day_is_not_set(session):
    with pytest.raises(ParameterNotSet):
        schemes.parameter(session, "disability_care_min", on=date(2025, 12, 31))


def test_the_parameters_of_a_day_carry_source_and_confidence(session):
    found = schemes.parameters(session, on=date(2024, 1, 1))

    assert list(found) == [
        "delegation_days_longest",
        "edge_multiple",
        "extension_when_late",
        "kin_circle",
        "lawsuit_months",
        "notice_again_after_objection",
        "notice_closing_days",
        "pause_days_appraisal",
        "pause_days_dispute",
        "pause_days_elsewhere",
        "pause_days_papers",
        "reconsideration_days",
        "roll_removed_share_max",
        "roll_unread_rows_max",
        "tekun_age_old",
        "tekun_age_young",
        "tekun_partial_failed_max",
        "views_answer_days",
    ]
    assert found["edge_multiple"].confidence == "V"
