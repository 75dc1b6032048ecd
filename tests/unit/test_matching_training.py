"""Weights learned from records: with the truth and without, and what the file holds after."""

import pytest
import yaml

from relief.registry.matching import evaluation, specification, training
from relief.registry.matching.parts import BadSpecification
from tests.support.matching import groups, link, load, member, people, prepare, write

ROWS = people(150)


def learn(spec, *, truth, rows=ROWS):
    connection = prepare(spec, [row[:5] for row in rows])
    if truth:
        connection.execute("ALTER TABLE source ADD COLUMN who INTEGER")
        connection.executemany(
            "UPDATE source SET who = ? WHERE record = ?",
            [(row[5], number) for number, row in enumerate(rows)],
        )
        evaluation.say_who(connection, "who")
    return training.train(connection, spec, truth="who" if truth else None)


def untrained(folder, change=None):
    def forget(data):
        del data["learned"]
        if change is not None:
            change(data)

    return load(folder, forget)


def test_with_the_truth_agreement_is_counted(tmp_path):
    learned = learn(untrained(tmp_path), truth=True)

    same_name, alike, other = learned["weights"]["name"]
    assert same_name[0] == pytest.approx(0.8, abs=0.01)
    assert alike[0] + other[0] == pytest.approx(0.2, abs=0.01)
    assert same_name[1] < 0.02
    assert learned["weights"]["born"][0][0] == pytest.approx(1 - 22 / 150, abs=0.01)
    assert learned["prior"] == pytest.approx(150 / (300 * 299 / 2), rel=0.1)


def test_without_the_truth_it_is_estimated(tmp_path):
    learned = learn(untrained(tmp_path), truth=False)

    for name in ("name", "born"):
        m, u = learned["weights"][name][0]
        assert m > 0.4
        assert m > 20 * u
    assert 0 < learned["prior"] < 0.02


def test_a_round_that_learns_nothing_is_told(tmp_path):
    spec = untrained(tmp_path, lambda data: data["training"].update(em=[["family"]]))
    rows = [(*row[:4], f"f{number}", row[5]) for number, row in enumerate(ROWS)]

    with pytest.raises(BadSpecification, match=r"members\.yml：无法比对："):
        learn(spec, truth=False, rows=rows)


def test_sure_matches_that_are_more_than_can_be_are_told(tmp_path):
    spec = untrained(
        tmp_path, lambda data: data["training"].update(sure=["city"], recall_of_sure=0.01)
    )

    with pytest.raises(BadSpecification, match=r"members\.yml：training：sure："):
        learn(spec, truth=False)


def test_training_twice_gives_the_same(tmp_path):
    spec = untrained(tmp_path)

    assert learn(spec, truth=True) == learn(spec, truth=True)


def test_a_level_has_at_least_the_share_that_is_expected(tmp_path):
    spec = untrained(
        tmp_path, lambda data: data["comparisons"][1]["levels"][4].update(expected=0.07)
    )

    assert learn(spec, truth=True)["weights"]["born"][4][0] == 0.07


def test_no_weight_is_without_end(tmp_path):
    learned = learn(untrained(tmp_path), truth=True)

    pairs = [pair for one in learned["weights"].values() for pair in one]
    assert all(m > 0 and 0 < u <= 1 for m, u in pairs)


def test_common_values_are_listed_and_the_rare_ones_share_what_is_left(tmp_path):
    rows = [(*member("ann lee", f"19{i:02d}-01-01"), i) for i in range(30)]
    rows += [(*member(f"x{i} ray", f"19{i:02d}-02-02"), 100 + i) for i in range(60)]

    learned = learn(untrained(tmp_path, lambda data: data.pop("exclusive")), truth=True, rows=rows)

    assert learned["term_frequencies"] == {
        "name": {"ann lee": 0.3333, "*": pytest.approx(60 / 60 / 90, rel=0.001)}
    }


def test_frequencies_count_people_and_not_records(tmp_path):
    rows = [(*member("ann lee", f"19{i:02d}-01-01", card=f"c{i % 25}"), i % 25) for i in range(90)]
    rows += [(*member("cid", f"19{i:02d}-02-02"), 100 + i) for i in range(50)]

    learned = learn(untrained(tmp_path), truth=True, rows=rows)

    assert learned["term_frequencies"] == {"name": {"ann lee": 1.0}}


def test_one_record_is_too_little(tmp_path):
    with pytest.raises(BadSpecification, match="记录太少"):
        learn(untrained(tmp_path), truth=True, rows=ROWS[:1])


def test_what_is_declared_stays_as_it_is_written(tmp_path):
    path = write(tmp_path)
    text = path.read_text("utf-8")
    declared = "# ours\n" + text[: text.index("learned:")].replace("cards", "cards  # kept")
    path.write_text(declared + text[text.index("learned:") :], "utf-8")
    path.chmod(0o640)
    learned = learn(specification.load(path, forget=True), truth=True)

    training.write(path, learned)

    after = path.read_text("utf-8")
    assert after.startswith(declared.rstrip() + "\n\nlearned:\n")
    assert yaml.safe_load(after)["learned"] == learned
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_keys_below_what_was_learned_stay_too(tmp_path):
    path = write(tmp_path)
    path.write_text(path.read_text("utf-8") + "households: true\n", "utf-8")

    training.write(path, {"prior": 0.5})

    data = yaml.safe_load(path.read_text("utf-8"))
    assert data["households"] is True
    assert data["learned"] == {"prior": 0.5}


def test_writing_twice_is_writing_once(tmp_path):
    path = write(tmp_path)
    training.write(path, {"prior": 0.5})
    once = path.read_bytes()

    training.write(path, {"prior": 0.5})

    assert path.read_bytes() == once


def test_a_link_stays_a_link(tmp_path):
    path = write(tmp_path)
    link_to = tmp_path / "link.yml"
    link_to.symlink_to(path)

    training.write(link_to, {"prior": 0.5})

    assert link_to.is_symlink()
    assert "prior: 0.5" in path.read_text("utf-8")


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    path = write(tmp_path).rename(tmp_path / ("m" * 250 + ".yml"))
    before = path.read_bytes()

    with pytest.raises(BadSpecification, match="无法写入"):
        training.write(path, {"prior": 0.5})
    assert path.read_bytes() == before


def test_what_was_learned_links(tmp_path):
    spec = untrained(tmp_path)
    learned = learn(spec, truth=True)
    training.write(spec.path, learned)
    trained = specification.load(spec.path)

    rows = [row[:5] for row in ROWS]
    by_file, _ = link(trained, rows)
    at_once, _ = link(training.learned_in(spec, learned), rows)

    assert groups(by_file) == groups(at_once)
    right = [one for one in groups(by_file) if len(one) == 2]
    assert len(right) > 130
    assert all(ROWS[min(one)][5] == ROWS[max(one)][5] for one in right)
