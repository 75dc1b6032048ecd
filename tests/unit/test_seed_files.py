"""The reference data hangs together: what names something names a thing that exists."""

import csv
import re
from collections import Counter

import pytest
import yaml

import seeds
from relief.accounts.types import Role
from relief.organisation.seeding import read_catalogue, region_rows
from relief.registry.types import Category
from relief.schemes import authority
from relief.schemes.types import Combination, DayType, Entry, Payer, Start

CATALOGUE = read_catalogue()
DEPARTMENTS = {entry["code"] for entry in CATALOGUE["departments"]}
PROVIDERS = {entry["code"] for entry in CATALOGUE["providers"]}
SCHEMES = [entry["code"] for entry in CATALOGUE["schemes"]]
CONFIDENCE = {"V", "S", "M", "D"}
CODE_TABLES = sorted(path.stem for path in seeds.path("reference/codes").glob("*.csv"))


def rows(name):
    with seeds.path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


REGIONS = rows("reference/regions.csv")


def test_an_unknown_seed_is_an_error():
    with pytest.raises(FileNotFoundError, match=r"no-such\.yml"):
        seeds.path("no-such.yml")


def test_there_are_13_departments_and_33_schemes_in_order():
    assert sorted(DEPARTMENTS) == [f"D{n:02}" for n in range(1, 14)]
    assert list(SCHEMES) == [f"S{n:02}" for n in range(1, 34)]


def test_there_are_33_combination_rules_and_12_procedures():
    assert [rule["id"] for rule in CATALOGUE["combinations"]] == [f"X{n:02}" for n in range(1, 34)]
    assert len(CATALOGUE["procedures"]) == 12


def test_seven_departments_are_statutory_managers_and_one_sees_every_household():
    assert sum(entry["statutory_manager"] for entry in CATALOGUE["departments"]) == 7
    assert [e["code"] for e in CATALOGUE["departments"] if e["sees_all_households"]] == ["D01"]


@pytest.mark.parametrize("scheme", CATALOGUE["schemes"], ids=SCHEMES)
def test_everything_a_scheme_names_exists(scheme):
    assert scheme["lead"] in scheme["joint"]
    assert set(scheme["joint"]) <= DEPARTMENTS
    assert set(scheme["data"]) <= PROVIDERS
    assert scheme["procedure"] in CATALOGUE["procedures"]
    assert Entry(scheme["entry"])
    assert Start(scheme["start"])
    assert Payer(scheme["payer"])
    assert 0 <= scheme["amount"]["min"] <= scheme["amount"]["max"]
    assert scheme["amount"]["conf"] in CONFIDENCE
    assert scheme["reverify"]["conf"] in CONFIDENCE
    assert scheme["legal"]


def test_every_short_name_is_its_own_and_short():
    names = [scheme["short_name"] for scheme in CATALOGUE["schemes"]]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 6


def test_five_schemes_confirm_an_identity():
    found = {s["code"]: s["category"] for s in CATALOGUE["schemes"] if s["category"]}

    assert found == {
        "S01": Category.MINIMUM_ALLOWANCE,
        "S02": Category.EXTREME_HARDSHIP,
        "S05": Category.ALLOWANCE_EDGE,
        "S06": Category.HEAVY_EXPENDITURE,
        "S28": Category.MONITORED,
    }


@pytest.mark.parametrize("code", CATALOGUE["procedures"])
def test_every_stage_of_a_procedure_has_its_own_code_and_a_limit(code):
    procedure = CATALOGUE["procedures"][code]

    assert procedure["version"] >= 1
    assert procedure["total"]["conf"] in CONFIDENCE
    assert max(Counter(stage["code"] for stage in procedure["stages"]).values()) == 1
    for stage in procedure["stages"]:
        assert stage["limit"] >= 0
        assert DayType(stage["day_type"])
        assert stage["conf"] in CONFIDENCE


def test_children_without_care_and_fast_aid_have_no_public_notice():
    for code in ("W_CHILD", "W_QUICK"):
        stages = {stage["code"] for stage in CATALOGUE["procedures"][code]["stages"]}
        assert "PUBLIC" not in stages


@pytest.mark.parametrize("rule", CATALOGUE["combinations"], ids=lambda rule: rule["id"])
def test_both_sides_of_a_combination_rule_exist(rule):
    for side in (rule["a"], rule["b"]):
        scheme, _, rest = side.partition("_")
        assert scheme in SCHEMES or (scheme == "EXT" and rest)
    assert Combination(rule["type"])
    assert rule["scope"] in {"person", "household"}
    assert rule["conf"] in CONFIDENCE


@pytest.mark.parametrize("parameter", CATALOGUE["parameters"], ids=lambda one: one["name"])
def test_every_parameter_has_a_day_a_source_and_a_confidence(parameter):
    assert parameter["valid_from"].isoformat()
    assert parameter["source"]
    assert parameter["conf"] in CONFIDENCE


def test_the_region_tree_has_its_four_levels():
    assert Counter(row["level"] for row in REGIONS) == {
        "city": 1,
        "county": 7,
        "township": 96,
        "village": 1192,
    }
    assert {row["year"] for row in REGIONS} == {"2023"}


def test_every_region_lies_in_the_range_of_its_parent():
    ranges = {row["code"]: (row["code"], row["code_end"]) for row in region_rows(REGIONS)}

    for row in REGIONS[1:]:
        low, high = ranges[int(row["parent_code"])]
        assert low < int(row["code"]) < high
        assert ranges[int(row["code"])][1] <= high


def test_a_full_name_begins_with_the_county():
    names = {row["code"]: row["full_name"] for row in region_rows(REGIONS)}

    assert names[210300000000] == "鞍山市"
    assert names[210302000000] == "铁东区"
    assert names[210302002001] == "铁东区解放街道解放社区"


def test_zones_have_codes_of_their_own_and_share_no_street():
    zones = yaml.safe_load(seeds.path("reference/zones.yml").read_text("utf-8"))["zones"]
    levels = {int(row["code"]): row["level"] for row in REGIONS}
    parts = [code for zone in zones for code in zone["regions"]]

    assert {zone["name"] for zone in zones} == {
        "鞍山高新技术产业开发区",
        "鞍山经济开发区",
        "千山风景名胜区",
    }
    assert not any(re.fullmatch(r"\d+", zone["code"]) for zone in zones)
    assert all(levels[zone["statutory_parent"]] == "county" for zone in zones)
    assert len(set(parts)) == len(parts)
    assert all(levels[code] == "township" for code in parts)
    assert all(zone["source"] and zone["confidence"] == "D" for zone in zones)


@pytest.mark.parametrize("table", CODE_TABLES)
def test_a_code_table_has_each_code_once_with_its_standard(table):
    entries = rows(f"reference/codes/{table}.csv")

    assert len({entry["code"] for entry in entries}) == len(entries)
    assert len({entry["name"] for entry in entries}) == len(entries)
    assert all(entry["standard"] and entry["confidence"] in CONFIDENCE for entry in entries)


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ("sex", 4),
        ("relation", 86),
        ("ethnicity", 58),
        ("marital", 8),
        ("health", 4),
        ("health_detail", 22),
        ("employment", 13),
        ("education", 40),
        ("disability_kind", 7),
        ("disability_grade", 4),
    ],
)
def test_a_code_table_is_complete(table, count):
    assert len(rows(f"reference/codes/{table}.csv")) == count


def test_the_code_tables_of_roles_and_categories_follow_the_program():
    assert {entry["code"] for entry in rows("reference/codes/role.csv")} == set(Role)
    assert {entry["code"] for entry in rows("reference/codes/category.csv")} == set(Category)


def test_every_holiday_lies_in_an_announced_year():
    years = {row["year"] for row in rows("reference/workday_years.csv")}

    assert {row["date"][:4] for row in rows("reference/workdays.csv")} == years


def test_every_order_of_authority_is_complete():
    for field, order in authority.load().items():
        assert sorted(order) == SCHEMES, field


def test_civil_affairs_has_the_last_word_on_who_a_person_is():
    orders = authority.load()

    for field in ("name", "citizen_id", "sex", "born_on"):
        assert orders[field][:4] == ["S01", "S02", "S05", "S06"]


def test_the_disabled_persons_federation_has_the_last_word_on_health():
    assert authority.load()["health"][:2] == ["S32", "S33"]


def test_nobody_ranks_a_phone_number():
    assert authority.latest_first() == {"phone"}
    assert "phone" not in authority.load()


@pytest.mark.parametrize("first", [["S99"], ["S01", "S01"]])
def test_an_order_with_an_unknown_or_repeated_scheme_is_refused(first):
    with pytest.raises(ValueError, match="not a permutation"):
        authority.complete(first, ["S01", "S02"])
