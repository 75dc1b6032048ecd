"""`relief schemes check`, on the seeds as they are and as a city may break them."""

import json
import shutil
from datetime import date

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import text

import seeds
from relief.accounts.service import create_account
from relief.accounts.types import POST_OF, Role
from relief.cli.schemes import schemes
from relief.core.db import session_on
from relief.organisation.seeding import read_catalogue
from relief.schemes import catalogue as catalogues
from relief.schemes import queries, seeding, staffing
from relief.schemes.errors import UnsoundCatalogue
from tests.support.counties import WEST, own
from tests.support.settings import START


def check(*arguments):
    return CliRunner().invoke(schemes, ["check", *arguments])


def test_the_seeds_are_sound(command_settings):
    done = check("--on", "2026-11-29")

    said = "33 个救助项目、12 个办理流程、8 条计算规则，没有问题\n"
    assert (done.exit_code, done.stdout) == (0, said)


def test_before_the_first_version_no_scheme_has_a_procedure(command_settings):
    done = check("--on", "2025-12-31", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["procedures"], len(told["faults"])) == (1, 0, 33)
    assert told["faults"][0] == {
        "place": "S01 低保",
        "message": "办理流程 W_DB30 不存在，或还没有生效的版本",
        "rule": "in-force",
        "asks": "每个救助项目都有生效的办理流程",
        "source": "平台规则：办理流程须能从头走到决定（设计决定第 16 号）",
    }


def test_each_fault_is_a_line(command_settings):
    done = check("--on", "2025-12-31")

    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 33
    assert done.stdout.startswith("S01 低保：办理流程 W_DB30 不存在，或还没有生效的版本\n")


def test_offices_without_anybody_are_listed(command_settings):
    done = check("--on", "2026-11-29", "--staff")

    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    # Nobody has an account in the database of the tests.
    assert any(line.startswith("无人承办：司法局审批人，7/7 处（") for line in lines)
    told = json.loads(check("--on", "2026-11-29", "--staff", "--json").stdout)
    [legal] = [
        one for one in told["vacancies"] if (one["department"], one["role"]) == ("D08", "approver")
    ]
    assert (legal["schemes"], len(legal["regions"]), legal["of"]) == (["S27"], 7, 7)


def test_what_a_county_has_below_the_city_is_told_and_below_a_floor_is_a_fault(
    spare_database_url, command_settings, monkeypatch
):
    monkeypatch.setenv("RELIEF_OWNER_DATABASE_URL", spare_database_url)
    with session_on(spare_database_url) as session:
        own(session, 750)
        own(session, 880, region=WEST)
    sound = check("--on", "2026-11-29")
    told = json.loads(check("--on", "2026-11-29", "--json").stdout)
    with session_on(spare_database_url) as session:
        own(session, 80, name="disability_living_min", unit="CNY/month")
    broken = check("--on", "2026-11-29")

    line = (
        "铁东区 城市低保标准：参数低于市级标准：自 2026-11-29 起为 750"
        "（区政发〔2026〕7号），市级为 800（占位值，以鞍山市现行低保标准通知为准）"
    )
    assert (sound.exit_code, sound.stdout.splitlines()[0]) == (0, f"提醒：{line}")
    assert [one["rule"] for one in told["warnings"]] == ["county-standard"]
    assert told["faults"] == []
    assert broken.exit_code == 1
    assert "铁东区 困难残疾人生活补贴标准：参数低于市级标准" in broken.stdout
    assert "这项标准不得低于市级" in broken.stdout


@pytest.fixture
def catalogue(session):
    return catalogues.load(session, on=START.date())


def empty(session, catalogue, department, role):
    return {
        region
        for one in staffing.vacancies(session, catalogue)
        if (one.office.department_code, one.office.role) == (department, role)
        for region in one.regions
    }


def hire(session, name, role, region, department="D08"):
    return create_account(
        session, username=name, display_name=name, post=POST_OF[role],
        password="Correct horse battery 1", department_code=department, roles=[role],
        regions=[region], actor_id=None, now=START,
    )  # fmt: skip


def test_who_is_hired_fills_an_office_where_they_work_and_who_left_does_not(session, catalogue):
    before = empty(session, catalogue, "D08", Role.APPROVER)
    hire(session, "east", Role.APPROVER, "210302000000")
    hire(session, "education", Role.APPROVER, "210303000000", department="D03")
    hire(session, "reviewer", Role.REVIEWER, "210304000000")
    left = hire(session, "gone", Role.APPROVER, "210311000000")
    session.execute(text("UPDATE account SET disabled_at = now() WHERE id = :id"), {"id": left.id})

    assert len(before) == 7
    assert before - empty(session, catalogue, "D08", Role.APPROVER) == {"铁东区"}


def test_who_works_in_the_whole_city_fills_every_office_of_theirs(session, catalogue):
    hire(session, "anywhere", Role.APPROVER, "210300000000")

    assert empty(session, catalogue, "D08", Role.APPROVER) == set()
    assert len(empty(session, catalogue, "D08", Role.REVIEWER)) in {0, 7}


def test_the_catalogue_is_read_by_eight_queries(session, assert_queries):
    with assert_queries(8):
        catalogues.load(session, on=START.date())


@pytest.fixture
def seeds_with(monkeypatch, tmp_path):
    """Load the seeds from a folder in which the catalogue is another."""

    def load(session, catalogue):
        (tmp_path / "reference").mkdir()
        (tmp_path / "reference/catalogue.yaml").write_text(
            yaml.safe_dump(catalogue, allow_unicode=True), "utf-8"
        )
        for name in ("rules.yml", "recognition.yml", "regions.csv"):
            shutil.copy(seeds.path(f"reference/{name}"), tmp_path / "reference")
        monkeypatch.setattr(seeds, "path", lambda name: tmp_path / name)
        return seeding.load_seeds(session, now=START)

    return load


def test_an_unsound_catalogue_is_not_loaded(session, seeds_with):
    broken = read_catalogue()
    broken["procedures"]["W_FY"]["stages"][0]["limit"] = 8

    with pytest.raises(UnsoundCatalogue, match="W_FY 法律援助：各环节相加最长 8 个自然日"):
        seeds_with(session, broken)


def test_nor_is_one_that_is_unsound_from_a_later_day_on(session, seeds_with):
    broken = read_catalogue()
    later = broken["procedures"]["W_FY"]
    later |= {"version": 2, "valid_from": date(2031, 1, 1)}
    later["stages"][1]["from"] = "nothing"

    with pytest.raises(UnsoundCatalogue, match="起算事件“nothing”没有任何环节产生"):
        seeds_with(session, broken)


def test_nor_one_by_which_a_county_sets_what_is_the_citys(session, seeds_with):
    broken = read_catalogue()
    broken["county_standards"] = [
        one for one in broken["county_standards"] if one["name"] != "dibao_std_urban_month"
    ]
    own(session, 860)

    with pytest.raises(UnsoundCatalogue, match="dibao_std_urban_month：由市级统一规定"):
        seeds_with(session, broken)


def test_a_value_of_the_seeds_is_a_countys_where_it_names_one(session, seeds_with):
    more = read_catalogue()
    row = more["parameters"][0] | {"region": 210302000000, "value": 860}
    more["parameters"].append(row)

    assert seeds_with(session, more) == {"parameter": 1}
    assert queries.parameter(session, row["name"], on=START.date(), region_code=210302002001) == 860
