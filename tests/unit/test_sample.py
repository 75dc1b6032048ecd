import hashlib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from devtools.sample import CannotMakeSoMany, SampleReport, generate
from relief.core import citizen_id
from relief.core.progress import silent
from tests.support import sample_reader as reader

TODAY = date(2026, 11, 1)
TRUTH_FILES = {"truth.csv", "people.tsv", "irregularities.csv"}
LAYOUTS = [reader.layout_of(scheme) for scheme in reader.SCHEMES]


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    return _made(tmp_path_factory, households=60, records=2_000)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    return _made(tmp_path_factory, households=2_000, records=70_000)


@pytest.fixture(scope="module")
def town_rows(town) -> dict[str, dict[int, dict[str, Any]]]:
    """Every row of every file, read once."""
    folder, _ = town
    return {layout["file_name"]: reader.rows(folder, layout) for layout in LAYOUTS}


def _made(factory, *, households: int, records: int) -> tuple[Path, SampleReport]:
    folder = factory.mktemp("sample")
    report = generate(folder, households=households, records=records, seed=3, progress=silent)
    return folder, report


def _digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_same_seed_gives_same_bytes_and_leaves_nothing_else(hamlet, tmp_path) -> None:
    folder, _ = hamlet
    (tmp_path / ".sample-killed").mkdir()

    generate(tmp_path, households=60, records=2_000, seed=3, progress=silent)

    assert _digests(tmp_path) == _digests(folder)


def test_another_seed_gives_other_people(hamlet, tmp_path) -> None:
    folder, _ = hamlet
    heard = []

    generate(
        tmp_path, households=60, records=2_000, seed=4, progress=lambda *step: heard.append(step)
    )

    own = {row["citizen_id"] for row in reader.table(folder / "people.tsv")}
    other = {row["citizen_id"] for row in reader.table(tmp_path / "people.tsv")}
    assert len(own & other) < len(own) / 100
    assert heard[-1][0] == heard[-1][1]
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)


def test_there_is_one_file_a_scheme_and_exactly_the_records_asked_for(hamlet) -> None:
    folder, report = hamlet

    counts = {x["file_name"]: len(reader.rows(folder, x)) for x in LAYOUTS}

    assert report.files == counts
    assert report.records == sum(counts.values()) == 2_000
    assert {f.name for f in folder.iterdir()} == set(counts) | TRUTH_FILES | {"registers"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=reader.SCHEMES)
def test_file_can_be_read_by_its_layout(town, town_rows, layout) -> None:
    folder, _ = town

    lines = reader.lines(folder, layout)

    titles = layout["title_rows"]
    assert lines[titles] == [column["heading"] for column in layout["columns"]]
    assert titles == 0 or lines[0][0] == layout["title"]
    assert (lines[-1][0] == layout["totals_row"]) == bool(layout["totals_row"])
    for row in town_rows[layout["file_name"]].values():
        for column in layout["columns"]:
            _check_cell(column, row.get(column["field"]))


def _check_cell(column, value) -> None:
    field = column["field"]
    if field == "period" or (field in {"born_on", "died_on"} and value):
        assert date(1900, 1, 1) < reader.day_of(column, value) <= TODAY
    if field in reader.COMMON and value:
        assert value in column.get("codes", reader.COMMON[field])


def test_truth_names_person_and_household_of_every_row(town, town_rows) -> None:
    folder, report = town
    truth = defaultdict(dict)
    for row in reader.table(folder / "truth.csv"):
        truth[row["file"]][int(row["row"])] = row
    people = {row["person_id"]: row for row in reader.table(folder / "people.tsv")}

    assert report.persons == len(people)
    assert len({r["household_id"] for f in truth.values() for r in f.values()}) == 2_000
    for file, rows in town_rows.items():
        known = truth[file]
        assert rows.keys() == known.keys()
        for number, row in rows.items():
            if known[number]["dirt"] == "" and known[number]["rejected"] == "":
                person = people[known[number]["person_id"]]
                assert row["name"] == person["name"]
                assert citizen_id.normalise(row["citizen_id"]) == person["citizen_id"]


def test_numbers_of_people_are_valid_and_their_own(town) -> None:
    folder, _ = town

    people = reader.table(folder / "people.tsv")

    numbers = [citizen_id.parse(row["citizen_id"], today=TODAY) for row in people]
    assert all(numbers)
    assert len({n.number for n in numbers}) == len(people)
    for row, number in zip(people, numbers, strict=True):
        assert number.born_on.isoformat() == row["born_on"]
        assert number.is_male == (row["sex"] == "1")


def test_files_hold_no_valid_number_phone_or_account_but_the_invented(town, town_rows) -> None:
    folder, _ = town
    made = {row["citizen_id"] for row in reader.table(folder / "people.tsv")}
    planted = {
        (row["file"], int(number))
        for row in reader.table(folder / "irregularities.csv")
        if row["case"].startswith("unknown_prefix")
        for number in row["rows"].split()
    }

    for file, rows in town_rows.items():
        for number, row in rows.items():
            found = citizen_id.parse(row.get("citizen_id") or "", today=TODAY)
            if found and (file, number) not in planted:
                assert found.number in made
            assert not row.get("phone") or row["phone"].startswith("154")
            assert not row.get("account") or row["account"].startswith("629999")


@pytest.mark.parametrize(
    ("dirt", "low", "high"),
    [
        ("number_missing", 0.022, 0.038),
        ("number_mistyped", 0.014, 0.028),
        ("number_old_number", 0.003, 0.013),
        ("number_guardian_number", 0.0001, 0.004),  # 0.5 % of the children
        ("birth_swapped", 0.005, 0.015),
        ("stale_address", 0.035, 0.065),
        ("other_householder", 0.02, 0.05),
        ("name_", 0.01, 0.03),
    ],
)
def test_dirt_stays_near_its_rate(town, dirt, low, high) -> None:
    folder, _ = town

    faces = {
        (row["person_id"], row["file"]): row["dirt"] for row in reader.table(folder / "truth.csv")
    }

    share = sum(dirt in found for found in faces.values()) / len(faces)
    assert low < share < high


def test_some_rows_must_be_refused(town) -> None:
    folder, _ = town

    refused = Counter(row["rejected"] for row in reader.table(folder / "truth.csv"))

    assert refused["repeated_row"] == 140
    assert refused["no_name"] > 0
    assert refused["bad_amount"] > 0
    assert refused["unknown_county"] > 0
    assert 0.0004 < (70_000 - refused[""] - 140) / 70_000 < 0.002


def test_a_row_is_repeated_exactly_where_the_truth_says_so(town, town_rows) -> None:
    folder, _ = town
    repeated = {
        (row["file"], int(row["row"]))
        for row in reader.table(folder / "truth.csv")
        if row["rejected"] == "repeated_row"
    }

    found = set()
    for file, rows in town_rows.items():
        seen = set()
        for number, row in rows.items():
            content = tuple(row.values())
            if content in seen:
                found.add((file, number))
            seen.add(content)

    assert found == repeated


@pytest.mark.parametrize("rule", ["A01", "A02", "A04", "A20", "C03", "C04", "C05"])
def test_something_is_planted_for_every_rule_and_something_like_it(town, rule) -> None:
    folder, _ = town
    truth = {(row["file"], row["row"]): row for row in reader.table(folder / "truth.csv")}

    cases = [r for r in reader.table(folder / "irregularities.csv") if r["rule"] == rule]

    assert {case["kind"] for case in cases} == {"planted", "near_miss"}
    for case in cases:
        for number in case["rows"].split():
            assert truth[case["file"], number]["person_id"] == case["person_id"]


def test_wrong_numbers_are_all_listed_and_no_others(town, town_rows) -> None:
    folder, _ = town
    irregular = reader.table(folder / "irregularities.csv")
    listed = {
        (row["file"], int(number))
        for row in irregular
        if row["rule"] == "A01" and row["kind"] == "planted"
        for number in row["rows"].split()
    }
    skipped = {
        (row["file"], int(row["row"]))
        for row in reader.table(folder / "truth.csv")
        if row["rejected"]
    }

    wrong = set()
    for file, rows in town_rows.items():
        for number, row in rows.items():
            text, at = row.get("citizen_id"), (file, number)
            fails = text and (text.startswith("990101") or not citizen_id.parse(text, today=TODAY))
            if fails and at not in skipped:
                wrong.add(at)

    assert wrong == listed


@pytest.mark.parametrize(("records", "words"), [(10, "太少"), (10_000_000, "太多")])
def test_impossible_numbers_of_records_are_refused(tmp_path, records, words) -> None:
    with pytest.raises(CannotMakeSoMany, match=words):
        generate(tmp_path, households=20, records=records, seed=3, progress=silent)
    assert list(tmp_path.iterdir()) == []
