"""Department files as one table of descriptions; and the city's linkage and households on it."""

import json
import os
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from devtools.sample import generate
from relief.cli.linkage import linkage
from relief.core.progress import silent
from relief.registry.intake import flatten as flattening
from relief.registry.matching import specification
from relief.registry.matching.records import BadRecords, open_records
from relief.registry.merging import evaluation

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, households=400, records=12_000, seed=11, progress=silent)
    return folder


@pytest.fixture(scope="module")
def records(hamlet, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("flat") / "it's records.parquet"
    rows, passed = flattening.flatten(hamlet, target, today=TODAY)
    assert passed == ["irregularities.csv", "truth.csv"]
    assert duckdb.read_parquet(str(target)).count("*").fetchall() == [(rows,)]
    return target


def run(*arguments: object):
    return CliRunner().invoke(linkage, [str(one) for one in arguments])


def evaluate(path, *more):
    return run(
        "evaluate", "--records", path, "--spec", "china-departments", "--truth", "person_id", *more
    )


def changed(records: Path, target: Path, select: str) -> Path:
    """Write the records anew, as `select` has them."""
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE r AS SELECT * FROM read_parquet(?)", [str(records)])
        duck.execute(f"COPY (SELECT {select}) TO '{target}'")
    return target


def test_each_description_stands_once_in_a_file_with_the_number_of_its_rows(hamlet, records):
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE r AS SELECT * FROM read_parquet(?)", [str(records)])
        columns = [row[0] for row in duck.execute("DESCRIBE r").fetchall()]
        told = [one for one in columns if one not in ("first_on", "last_on", "record_count")]
        [(twice,)] = duck.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM r GROUP BY {', '.join(told)}"  # noqa: S608
            " HAVING count(*) > 1)"
        ).fetchall()
        [(rows, files)] = duck.execute(
            "SELECT sum(record_count), count(DISTINCT file) FROM r"
        ).fetchall()

    assert twice == 0
    assert 10_000 < rows <= 12_000
    assert files > 25
    assert set(evaluation.NEEDED) <= set(columns)


def test_the_city_s_linkage_finds_its_people_and_their_households(records):
    result = evaluate(records, "--json")

    found = json.loads(result.output)
    assert found["f1"] >= 0.998
    assert found["forbidden"] == 0
    assert found["unidentified"]["precision"] >= 0.99
    assert found["households"]["f1"] >= 0.98


def test_households_stand_in_the_words_too(records):
    result = evaluate(records)

    assert "同住的人：准确率" in result.output


def test_households_do_not_hang_on_the_order_of_rows(records, tmp_path):
    mixed = changed(records, tmp_path / "mixed.parquet", "* FROM r ORDER BY hash(name, file)")
    first = json.loads(evaluate(records, "--json").output)
    second = json.loads(evaluate(mixed, "--json").output)

    for figure in ("pairs", "unidentified", "clusters", "households", "found_entities"):
        assert second[figure] == first[figure]


def test_a_file_without_families_is_measured_without_households(records, tmp_path):
    bare = changed(records, tmp_path / "bare.parquet", "* EXCLUDE (household_id) FROM r")
    less = changed(records, tmp_path / "less.parquet", "* EXCLUDE (relation) FROM r")

    assert json.loads(evaluate(bare, "--json").output)["households"] is None
    assert json.loads(evaluate(less, "--json").output)["households"] is None
    missing = evaluate(bare, "--household-truth", "household_id")
    assert "没有“household_id”列" in missing.output


def test_families_may_stand_in_another_column_and_less_may_be_known(records, tmp_path):
    other = changed(
        records,
        tmp_path / "other.csv",
        "* EXCLUDE (household_id, ethnicity, marital, phone, account, health, died_on, sex),"
        " household_id AS home FROM r",
    )

    result = evaluate(other, "--household-truth", "home", "--json")

    assert json.loads(result.output)["households"]["f1"] >= 0.95


def test_values_of_another_form_are_told(records, tmp_path):
    odd = changed(records, tmp_path / "odd.csv", "* REPLACE ('soon' AS last_on) FROM r")

    result = evaluate(odd)

    assert result.exit_code == 1
    assert "odd.csv 的列不是应有的格式：" in result.output
    assert result.output.count("\n") == 1


def test_empty_families_are_told(records, tmp_path):
    odd = changed(records, tmp_path / "odd.parquet", "* REPLACE (NULL AS household_id) FROM r")
    spec = specification.load(specification.find("china-departments"))

    with open_records(odd) as opened, pytest.raises(BadRecords, match="全是空值"):
        evaluation.evaluate(opened, spec, truth="person_id", home="household_id")


def test_the_command_writes_the_same_again_and_leaves_nothing_else(
    hamlet, records, tmp_path, monkeypatch
):
    system = tmp_path / "system"
    system.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(system))
    target = tmp_path / "records.parquet"

    result = run("records", hamlet, target, "--today", "2026-11-01")

    rows = duckdb.read_parquet(str(target)).fetchall()
    assert rows == duckdb.read_parquet(str(records)).fetchall()
    assert target.stat().st_mode & 0o077 == 0
    assert f"{len(rows)} 条描述已写入 {target}" in result.output
    assert "不是部门文件，已略过：irregularities.csv、truth.csv" in result.output
    work = system / f"relief-{os.geteuid()}" / "work"
    assert list(work.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.parquet", "system"]


def test_files_without_a_truth_are_flattened_without_one(hamlet, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    first = min(
        path
        for path in hamlet.glob("*.csv")
        if path.name not in {"truth.csv", "irregularities.csv"}
    )
    (source / first.name).symlink_to(first)
    target = tmp_path / "records.parquet"

    result = run("records", source, target)

    assert result.exit_code == 0
    columns = duckdb.read_parquet(str(target)).columns
    assert "person_id" not in columns
    assert "household_id" not in columns


def test_a_folder_without_department_files_writes_nothing(tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    target = tmp_path / "records.parquet"
    target.write_bytes(b"what was there")

    result = run("records", tmp_path, target)

    assert result.exit_code == 1
    assert "里没有部门文件，什么也没有写" in result.output
    assert target.read_bytes() == b"what was there"


def test_a_target_that_cannot_be_written_is_one_clear_line(hamlet, tmp_path):
    result = run("records", hamlet, tmp_path / "none" / "records.parquet")

    assert result.exit_code == 1
    assert "无法写入 " in result.output
    assert result.output.count("\n") == 1
