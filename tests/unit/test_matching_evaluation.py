"""A linkage measured against the truth, on files that anyone may have."""

import gzip
import json
import os
import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from relief.cli.linkage import linkage
from relief.registry.matching import evaluation, specification
from relief.registry.matching.records import BadRecords, open_records
from tests.support.matching import load, people, write

FEBRL = Path(__file__).parents[1] / "data" / "febrl4.csv.gz"
HEADINGS = "name,born,card,city,family,who\n"


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch):
    """The system's folder for temporary files: nothing may be left in it."""
    folder = tmp_path_factory.mktemp("system")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [one.name for one in folder.rglob("*")] in (
        [],
        [f"relief-{os.geteuid()}", "work"],
    )


def csv(folder: Path, *lines: str, headings: str = HEADINGS) -> Path:
    path = folder / "records.csv"
    path.write_text(headings + "".join(f"{line}\n" for line in lines), "utf-8")
    return path


def club(folder: Path) -> Path:
    rows = [",".join("" if one is None else str(one) for one in row) for row in people(40)]
    return csv(folder, *rows)


def run(*arguments: object):
    return CliRunner().invoke(linkage, [str(one) for one in arguments])


def evaluate(path, spec, truth="who"):
    with open_records(path) as records:
        records.need(truth)
        return evaluation.evaluate(records.connection, spec, truth=truth)


def test_every_figure_is_what_can_be_counted_by_hand(tmp_path):
    path = csv(
        tmp_path,
        "bob ray,1980-03-04,7,ayr,,a",  # a, twice the same and once without the card
        "bob ray,1980-03-04,7,ayr,,a",
        "bob ray,1980-03-04,,ayr,,a",
        "eve west,1970-01-01,8,ayr,,b",
        "zoe fox,1955-05-05,,ely,,b",  # b under another name: missed
        "cid moss,1960-06-06,,rye,,c",
        "cid moss,1960-06-06,,ely,,d",  # d is c's double: wrongly linked
        "nobody,1901-01-01,,,,",  # of whom nothing is known: does not count
    )

    found = evaluate(path, load(tmp_path))

    assert (found.records, found.descriptions) == (7, 7)
    assert (found.true_entities, found.found_entities) == (4, 4)
    # found: 3 pairs of a and 1 of c with d; true: 3 of a and 1 of b
    assert (found.pairs.precision, found.pairs.recall, found.pairs.f1) == (0.75, 0.75, 0.75)
    # without the pair of two cards
    assert found.unidentified == evaluation.quality(2, 3, 3)
    # only a is whole
    assert found.clusters == evaluation.quality(1, 4, 4)
    assert found.forbidden == 0
    assert [one["kind"] for one in found.mistakes] == ["wrongly linked", "missed"]
    assert found.mistakes[1]["one"]["name"] in {"eve west", "zoe fox"}
    assert found.as_json()["f1"] == 0.75
    assert found.as_json()["cluster_f1"] == 0.25


def test_a_specification_without_exclusive_values_has_no_figure_for_those_without(tmp_path):
    spec = load(tmp_path, lambda data: data.pop("exclusive"))

    found = evaluate(club(tmp_path), spec)

    assert found.unidentified is None
    assert found.pairs.f1 > 0.9


@pytest.mark.parametrize(
    ("right", "found", "true", "figures"),
    [
        (0, 0, 0, (1.0, 1.0, 1.0)),
        (0, 4, 4, (0.0, 0.0, 0.0)),
        (1, 2, 4, (0.5, 0.25, 0.333333)),
        (4, 4, 4, (1.0, 1.0, 1.0)),
    ],
)
def test_quality(right, found, true, figures):
    one = evaluation.quality(right, found, true)

    assert (one.precision, one.recall, one.f1) == figures


def test_invented_australians_are_found_again():
    found = evaluate(FEBRL, specification.load(specification.find("febrl4")), truth="entity")

    assert found.records == 10_000
    assert found.pairs.f1 >= 0.998


def test_the_command_tells_in_words_and_in_json(tmp_path):
    arguments = ["evaluate", "--records", club(tmp_path), "--spec", write(tmp_path)]

    words = run(*arguments, "--truth", "who")
    data = run(*arguments, "--truth", "who", "--json")

    assert words.exit_code == data.exit_code == 0
    assert "80 条记录" in words.output
    assert "记录对：准确率" in words.output
    assert "把两个不同有效号码并为一人：0" in words.output
    assert "漏并" in words.output
    assert "同住的人" not in words.output
    found = json.loads(data.output)
    assert found["f1"] > 0.9
    assert found["households"] is None


def test_the_command_tells_which_blocks_were_left_out_and_what_was_wrongly_linked(tmp_path):
    def change(data):
        data["blocks"][0]["largest"] = 1
        data["thresholds"]["link"] = 0

    path = csv(tmp_path, "bob ray,1980-03-04,,ayr,,a", "bob ray,1980-03-04,,ely,,b")
    result = run("evaluate", "--records", path, "--spec", write(tmp_path, change), "--truth", "who")

    assert "分块“names”有 1 块过大，未比对（最大 2 条）" in result.output
    assert "误并（+" in result.output


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_heading_may_hold_anything(tmp_path, suffix):
    source = csv(
        tmp_path,
        "bob ray,1980-03-04,,a",
        "bob ray,1980-03-04,,a",
        headings='"full ""name""","born",record,"the ""truth"\n',
    )
    path = tmp_path / f"it's{suffix}"
    if suffix == ".parquet":
        duckdb.read_csv(str(source), all_varchar=True).write_parquet(str(path))
    else:
        source.rename(path)
    spec = load(tmp_path, lambda data: data["columns"]["name"].update({"from": ['Full "Name"']}))

    found = evaluate(path, spec, truth='the "truth')

    assert (found.records, found.descriptions, found.pairs.f1) == (2, 1, 1.0)


@pytest.mark.parametrize("command", ["evaluate", "train"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "records.csv 是空文件"),
        (HEADINGS, "records.csv 里没有记录"),
        ("name,born\nbob,1980\n", "records.csv 没有“who”列（有：name、born）"),
        (HEADINGS + "bob,1980-03-04,,,,\n", "records.csv 的“who”列全是空值"),
        ("other,who\nx,1\ny,2\n", "没有规格“members”的任何一列"),
    ],
    ids=["empty", "no rows", "no truth", "empty truth", "none of the columns"],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, command, content, said):
    path = tmp_path / "records.csv"
    path.write_text(content, "utf-8")

    result = run(command, "--records", path, "--spec", write(tmp_path), "--truth", "who")

    assert result.exit_code == 1
    assert said in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("records.parquet", b"not parquet", "records.parquet 无法读取"),
        ("records.csv", b"who,name\na,\xd0\xfb\xff\n", "records.csv 无法读取"),
        ("records.xlsx", b"PK", "只能读取 CSV 和 Parquet 文件"),
    ],
    ids=["no parquet", "no utf-8", "a workbook"],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadRecords, match=said), open_records(path):
        pass


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.pop("learned"), "还没有权重，请先训练"),
        (lambda data: data.pop("columns"), "缺少 columns"),
        (lambda data: data["derived"].update(initial="substr("), "derived：initial："),
        (
            lambda data: data["comparisons"][1]["levels"][3].update(sql="nobody_l = 1"),
            "comparisons：born 第 4 级：",
        ),
    ],
    ids=["untrained", "no columns", "derived", "level"],
)
def test_a_specification_that_cannot_be_used_is_one_line(tmp_path, change, said):
    path = club(tmp_path)

    result = run("evaluate", "--records", path, "--spec", write(tmp_path, change), "--truth", "who")

    assert result.exit_code == 1
    assert said in result.output
    assert result.output.count("\n") == 1


def test_an_unknown_specification_is_one_line(tmp_path):
    result = run("evaluate", "--records", club(tmp_path), "--spec", "mine", "--truth", "who")

    assert "找不到比对规格“mine”" in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("truth", [("--truth", "who"), ()], ids=["truth", "none"])
def test_a_new_specification_is_trained_and_then_measured(tmp_path, truth):
    path, spec = club(tmp_path), write(tmp_path, lambda data: data.pop("learned"))

    trained = run("train", "--records", path, "--spec", spec, *truth)
    found = run("evaluate", "--records", path, "--spec", spec, "--truth", "who", "--json")

    assert trained.output == f"权重已写入 {spec}\n"
    assert json.loads(found.output)["f1"] > 0.9


def test_households_are_measured_only_where_they_are_declared(tmp_path):
    arguments = ["evaluate", "--records", club(tmp_path), "--spec", write(tmp_path)]

    result = run(*arguments, "--truth", "who", "--household-truth", "family")

    assert result.exit_code == 1
    assert "规格“members”没有注明 households: true" in result.output


def test_a_file_without_what_households_are_made_of_is_told(tmp_path):
    spec = write(tmp_path, lambda data: data.update(households=True))
    arguments = ["evaluate", "--records", club(tmp_path), "--spec", spec, "--truth", "who"]

    result = run(*arguments, "--household-truth", "family")

    assert "records.csv 缺少组成家庭所需的列：scheme、department" in result.output
    assert run(*arguments).exit_code == 0


def test_what_is_spilled_goes_to_a_private_folder_that_goes_at_the_end(tmp_path, place):
    with open_records(club(tmp_path)) as records:
        [(spill,)] = records.connection.execute(
            "SELECT current_setting('temp_directory')"
        ).fetchall()
        assert Path(spill).parent == records.folder
        assert place in records.folder.parents
        assert records.folder.stat().st_mode & 0o077 == 0
    assert not records.folder.exists()


def test_what_a_killed_command_left_goes_when_the_next_begins(tmp_path, place):
    left = place / f"relief-{os.geteuid()}" / "work" / "work-left"
    left.mkdir(parents=True)
    (left / "spill").write_bytes(b"x")
    (left / "lock").touch()

    with open_records(club(tmp_path)):
        assert not left.exists()


def sort_much(connection, *, spill):
    connection.execute(f"SET max_temp_directory_size = '{spill}'")
    connection.execute("SET threads = 1")
    connection.execute("SET memory_limit = '40MB'")
    connection.execute(
        "CREATE TABLE big AS SELECT md5(range::VARCHAR) AS text FROM range(2000000) ORDER BY text"
    )


def test_what_does_not_fit_in_memory_is_spilled(tmp_path):
    with open_records(club(tmp_path)) as records:
        sort_much(records.connection, spill="1GB")
        assert list((records.folder / "spill").iterdir()) != []
    assert not records.folder.exists()


def test_work_that_is_too_large_is_told(tmp_path):
    def work():
        with open_records(club(tmp_path)) as records:
            sort_much(records.connection, spill="1MB")

    with pytest.raises(BadRecords, match="太大，内存或临时空间不足"):
        work()


def test_compressed_files_are_read_as_they_are(tmp_path):
    path = club(tmp_path)
    packed = tmp_path / "records.csv.gz"
    with path.open("rb") as plain, gzip.open(packed, "wb") as out:
        shutil.copyfileobj(plain, out)

    assert evaluate(packed, load(tmp_path)).records == 80
