"""Aid in sums: what a reader's regions and schemes got, by year, month, scheme and region."""

from datetime import date

import pytest
from sqlalchemy import text

from relief.core.scope import RegionRange, Scope, subtree
from relief.organisation.errors import RegionNotFound
from relief.registry.merging.service import merge
from relief.registry.queries import statistics
from relief.registry.queries.statistics import By
from tests.support.settings import CIPHER, START
from tests.support.source import number, send

CITY, EAST, WEST = 210300000000, 210302000000, 210303000000
STREET, VILLAGE, NEXT_VILLAGE = 210302002000, 210302002001, 210302002003
WEST_VILLAGE = 210303002001
BORN = date(1980, 3, 4)
ALL = Scope((subtree(CITY),), None)


def person(sequence, region, *records):
    return {
        "name": f"人{sequence}",
        "number": number(BORN, sequence),
        "region_code": region,
        "records": [(date(*day), fen) for day, fen in records],
    }


@pytest.fixture
def city(session, cipher):
    """低保 in two villages and a street of the east, and in the west; 公租房 in one village."""
    send(
        session,
        cipher,
        "S01",
        person(1, VILLAGE, ((2025, 12, 1), 100), ((2026, 1, 1), 200), ((2026, 1, 1), 50)),
        person(2, NEXT_VILLAGE, ((2026, 3, 1), 1000)),
        person(3, STREET, ((2026, 3, 1), 7)),
        person(4, WEST_VILLAGE, ((2026, 3, 1), 30_000)),
        now=START,
    )
    send(session, cipher, "S21", person(1, VILLAGE, ((2026, 2, 1), 4)), now=START)
    merge(session, cipher=CIPHER, actor_id=None, now=START)
    session.flush()


def told(session, by, scope=ALL, region=None, **more):
    area = statistics.area(session, scope=scope, region=region and str(region))
    table = statistics.aid_table(session, scope=scope, area=area, by=by, **more)
    assert table.times == sum(line.times for line in table.lines)
    assert table.amount_fen == sum(line.amount_fen for line in table.lines)
    return {line.code: (line.times, line.amount_fen) for line in table.lines}


def test_by_year_and_by_month(session, city):
    assert told(session, By.YEAR) == {"2025": (1, 100), "2026": (6, 31_261)}
    assert told(session, By.MONTH, year=2026) == {
        "2026-01": (2, 250),
        "2026-02": (1, 4),
        "2026-03": (3, 31_007),
    }
    assert told(session, By.MONTH, region=VILLAGE) == {
        "2025-12": (1, 100),
        "2026-01": (2, 250),
        "2026-02": (1, 4),
    }


def test_by_scheme(session, city):
    assert told(session, By.SCHEME, region=EAST) == {"S01": (5, 1357), "S21": (1, 4)}
    assert told(session, By.SCHEME, region=EAST, scheme="S21") == {"S21": (1, 4)}
    assert told(session, By.SCHEME, year=2024) == {}


def test_by_region_from_the_city_down_to_the_village(session, city):
    assert told(session, By.REGION) == {str(EAST): (6, 1361), str(WEST): (1, 30_000)}
    assert told(session, By.REGION, region=EAST) == {str(STREET): (6, 1361)}
    # What the records place in the street itself stands beside its villages.
    assert told(session, By.REGION, region=STREET) == {
        str(VILLAGE): (4, 354),
        str(NEXT_VILLAGE): (1, 1000),
        str(STREET): (1, 7),
    }
    assert told(session, By.REGION, region=VILLAGE) == {str(VILLAGE): (4, 354)}


def test_what_lies_in_no_part_is_marked(session, city):
    area = statistics.area(session, scope=ALL, region=str(STREET))
    lines = statistics.aid_table(
        session, scope=ALL, area=area, by=By.REGION, scheme="S01", year=2026
    ).lines

    assert [(line.code, line.is_rest, line.persons) for line in lines] == [
        (str(VILLAGE), False, 1),
        (str(NEXT_VILLAGE), False, 1),
        (str(STREET), True, 1),
    ]


def test_persons_are_told_only_where_they_can_be_counted(session, city):
    def persons(by, **more):
        area = statistics.area(session, scope=ALL)
        table = statistics.aid_table(session, scope=ALL, area=area, by=by, **more)
        return [line.persons for line in table.lines], table.persons

    assert persons(By.SCHEME, year=2026) == ([4, 1], None)
    assert persons(By.YEAR, scheme="S01") == ([1, 4], None)
    assert persons(By.REGION, scheme="S01", year=2026) == ([3, 1], 4)
    assert persons(By.REGION, year=2026) == ([None, None], None)
    assert persons(By.MONTH, scheme="S01", year=2026) == ([None, None], None)


def test_a_zone_is_the_sum_of_its_regions(session, city):
    zone = session.execute(
        text("SELECT zone_code, region_code FROM functional_zone_part ORDER BY 1, 2")
    ).all()
    code = zone[0].zone_code
    area = statistics.area(session, scope=ALL, region=code)

    assert set(area.regions) == {part.region_code for part in zone if part.zone_code == code}


def test_a_reader_is_told_of_the_own_regions_only(session, city):
    west = Scope((subtree(WEST),), None)

    assert told(session, By.YEAR, west) == {"2026": (1, 30_000)}
    assert told(session, By.YEAR, west, region=EAST) == {}
    assert told(session, By.REGION, west, region=CITY) == {str(210303002000): (1, 30_000)}
    assert told(session, By.YEAR, Scope((), None)) == {}
    assert told(session, By.YEAR, Scope((subtree(VILLAGE),), None), region=EAST) == {
        "2025": (1, 100),
        "2026": (3, 254),
    }


def test_who_works_in_several_regions_is_told_region_by_region(session, city):
    scope = Scope((subtree(VILLAGE), subtree(WEST)), None)

    assert told(session, By.REGION, scope) == {str(VILLAGE): (4, 354), str(WEST): (1, 30_000)}


def test_a_department_is_told_of_its_own_schemes_only(session, city):
    housing = Scope((subtree(CITY),), "D04")

    assert told(session, By.SCHEME, housing) == {"S21": (1, 4)}
    assert told(session, By.YEAR, housing, scheme="S01") == {}
    area = statistics.area(session, scope=housing)
    assert statistics.years(session, scope=housing, area=area) == [2026]


def test_a_region_that_is_nowhere(session, city):
    with pytest.raises(RegionNotFound):
        statistics.area(session, scope=ALL, region="999999999999")


def test_the_number_of_queries_is_fixed(session, city, assert_queries):
    with assert_queries(2):
        area = statistics.area(session, scope=ALL, region=str(EAST))
    for by, queries in ((By.MONTH, 1), (By.SCHEME, 1), (By.YEAR, 1), (By.REGION, 2)):
        with assert_queries(queries):
            statistics.aid_table(session, scope=ALL, area=area, by=by)


@pytest.mark.parametrize(
    ("regions", "department", "expected"),
    [
        ("{[210302000000,210303000000)}", "", {EAST, STREET, VILLAGE, NEXT_VILLAGE}),
        ("{[210302002001,210302002002)}", "", {VILLAGE}),
        ("{[210302000000,210303000000)}", "D04", {EAST, STREET, VILLAGE}),
        ("{[210302000000,210303000000)}", "D03", set()),
        ("{}", "", set()),
    ],
)
def test_the_database_shows_whole_regions_only(session, city, regions, department, expected):
    session.execute(text("SET LOCAL ROLE relief_test_web"))
    session.execute(
        text(
            "SELECT set_config('relief.regions', :regions, true),"
            " set_config('relief.department', :department, true)"
        ),
        {"regions": regions, "department": department},
    )

    seen = set(session.scalars(text("SELECT DISTINCT region_code FROM region_aid")))

    session.execute(text("RESET ROLE"))
    assert seen == expected


def test_ranges_that_do_not_meet_have_nothing_in_common(session, city):
    scope = Scope((RegionRange(1, 2),), None)

    assert statistics.area(session, scope=scope, region=str(EAST)).regions == []
