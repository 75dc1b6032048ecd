"""Records compared by a declared specification: what is linked, why, and in no order."""

import math
import random

import pytest

from relief.registry.matching import engine, linkage
from relief.registry.matching.parts import BadSpecification
from tests.support.matching import groups, link, load, member, people, prepare


def node_of(connection, record):
    [(node,)] = connection.execute(
        "SELECT node FROM node_row WHERE record = ?", [record]
    ).fetchall()
    return node


def explained(connection, spec, one, other):
    low, high = sorted((node_of(connection, one), node_of(connection, other)))
    return engine.explain(connection, spec, [(low, high)])[low, high]


def asked(connection):
    return [row[0] for row in connection.execute("SELECT kind FROM asked").fetchall()]


@pytest.mark.parametrize(
    "other",
    [
        {"city": "ely"},
        {"name": "bob rai"},
        {"born": "1980-03-05"},
        {"name": " Bob RAY ", "born": "1980/3/4"},
    ],
    ids=lambda other: " ".join(other.values()),
)
def test_records_that_mostly_agree_are_one(tmp_path, other):
    connection, _ = link(load(tmp_path), [member(), member(**other), member("zoe fox", "1955-1-1")])

    assert groups(connection) == [{0, 1}, {2}]


@pytest.mark.parametrize(
    "other",
    [{"born": "1950-11-30"}, {"born": None, "city": "ely"}, {"name": "bea fox", "city": "ely"}],
    ids=lambda other: str(list(other.items())),
)
def test_records_that_mostly_differ_are_two(tmp_path, other):
    connection, _ = link(load(tmp_path), [member(), member(**other)])

    assert groups(connection) == [{0}, {1}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_records_does_not_matter(tmp_path, seed):
    spec = load(tmp_path)
    rows = [(*row[:5], number) for number, row in enumerate(people(60))]
    rows += [(*member("ann lee", card="7"), 200), (*member("ann lee", card="8"), 201)]
    first, linked = link(spec, rows)
    random.Random(seed).shuffle(rows)  # noqa: S311  # of no secret

    second, again = link(spec, rows)

    assert groups(second) == groups(first)
    assert again == linked
    weights = "SELECT one, other, weight FROM edge ORDER BY 1, 2"
    assert second.execute(weights).fetchall() == first.execute(weights).fetchall()
    assert asked(second) == asked(first)


def test_a_block_that_is_too_large_is_left_out_and_told(tmp_path):
    def change(data):
        data["blocks"] = [{"name": "cities", "equal": ["city"], "largest": 3}]

    rows = [member(name) for name in ("bob ray", "bob rai", "cid", "dora")]
    rows += [member("eve west", city="ely"), member("eve west", city="ely", family="w")]
    connection, linked = link(load(tmp_path, change), rows)

    assert groups(connection) == [{0}, {1}, {2}, {3}, {4, 5}]
    assert [one.as_json() for one in linked.left_out] == [
        {"block": "cities", "left_out": 1, "largest": 4}
    ]


def test_a_block_of_just_the_largest_size_is_compared(tmp_path):
    def change(data):
        data["blocks"] = [{"name": "cities", "equal": ["city"], "largest": 4}]

    connection, linked = link(
        load(tmp_path, change), [member(name) for name in ("bob ray", "bob rai", "cid", "dora")]
    )

    assert groups(connection) == [{0, 1}, {2}, {3}]
    assert linked.left_out == []


def test_two_exclusive_values_are_two_whatever_else_agrees(tmp_path):
    connection, linked = link(load(tmp_path), [member(card="7"), member(card="8"), member()])

    assert groups(connection) == [{0}, {1}, {2}]
    assert asked(connection) == ["ambiguous"]
    assert linked.settled == 2


def test_one_exclusive_value_is_one_however_little_else_agrees(tmp_path):
    connection, _ = link(
        load(tmp_path), [member(card="7"), member(card="7", born="1950-01-01", city="ely")]
    )

    assert groups(connection) == [{0, 1}]
    rules = connection.execute("SELECT DISTINCT rule FROM grouped").fetchall()
    assert rules == [("exclusive",)]


def test_a_value_belongs_to_the_description_that_is_sure_and_the_others_must_agree(tmp_path):
    rows = [member("eve west", born=None, card="7")] * 3 + [member(card="7"), member()]
    connection, _ = link(load(tmp_path), rows)

    assert groups(connection) == [{0, 1, 2}, {3, 4}]
    [(disowned,)] = connection.execute("SELECT name FROM node WHERE disowned").fetchall()
    assert disowned == "eve west"


def test_evidence_adds_up_to_the_weight(tmp_path):
    spec = load(tmp_path)
    connection, _ = link(spec, [member(), member("bob rai", "1980-03-05"), member(born=None)])
    prior = math.log2(spec.prior / (1 - spec.prior))

    for one, other in ((0, 1), (0, 2), (1, 2)):
        found = explained(connection, spec, one, other)
        bits = sum(comparison["weight"] for comparison in found["comparisons"])
        assert found["weight"] == pytest.approx(prior + bits, abs=0.25)


def test_evidence_names_each_comparison_and_its_level(tmp_path):
    spec = load(tmp_path)
    connection, _ = link(spec, [member(), member("bob rai", born=None, city="ely", family="x")])

    found = explained(connection, spec, 0, 1)

    assert [(one["name"], one["label"]) for one in found["comparisons"]] == [
        ("Name", "alike"),
        ("born", None),
        ("home", None),
    ]
    assert found["comparisons"][1]["weight"] == 0


def test_a_pair_that_no_block_compares_is_explained_too(tmp_path):
    spec = load(tmp_path)
    connection, _ = link(spec, [member(), member("zoe fox", "1955-01-01")])

    assert connection.execute("SELECT count(*) FROM edge").fetchall() == [(0,)]
    assert explained(connection, spec, 0, 1)["weight"] < 0
    assert engine.explain(connection, spec, []) == {}


def test_a_common_value_says_less_and_what_is_not_listed_has_the_share_of_the_others(tmp_path):
    spec = load(tmp_path)
    rows = [member("ann lee"), member("ann lee", city="ely"), member(), member(city="ely")]
    connection, _ = link(spec, rows)
    [(rare,)] = connection.execute(
        "SELECT tf_name FROM frequency_name WHERE name = 'bob ray'"
    ).fetchall()

    common = explained(connection, spec, 0, 1)["comparisons"][0]["weight"]
    unlisted = explained(connection, spec, 2, 3)["comparisons"][0]["weight"]

    assert rare == 0.0025
    assert unlisted - common == pytest.approx(math.log2(0.04 / 0.0025), abs=0.11)


def test_what_a_record_s_family_shares_is_compared_and_the_record_itself_does_not_count(tmp_path):
    spec = load(tmp_path)
    rows = [
        member("bob ray", family="one"), member("ann lee", "1985-05-05", family="one"),
        member("bob ray", None, family="two"), member("ann lee", "1985-05-05", family="two"),
        member("bob ray", "1950-01-01", city="ely", family="three"),
    ]  # fmt: skip
    connection, _ = link(spec, rows)

    home = explained(connection, spec, 0, 2)["comparisons"][2]
    assert home["label"] == "a relative"
    assert explained(connection, spec, 0, 4)["comparisons"][2]["label"] is None


def test_a_family_that_is_too_large_says_nothing(tmp_path):
    spec = load(tmp_path)
    rows = [member(f"x{i} ray", family="one") for i in range(6)]
    connection, _ = link(spec, rows)

    assert connection.execute("SELECT count(relatives) FROM node").fetchall() == [(0,)]


def test_nothing_of_the_library_stays_in_the_database(tmp_path):
    spec = load(tmp_path)
    connection, _ = link(spec, [row[:5] for row in people(10)])
    explained(connection, spec, 0, 2)

    names = [
        row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    ]
    assert [name for name in names if "splink" in name or name == "pair_list"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["derived"].update(initial="substr(nickname, 1)"), "derived：initial："),
        (lambda data: data["exclusive"].update(sure="born_l ="), "exclusive：sure："),
        (lambda data: data["exclusive"].update(agree="name_x = 1"), "exclusive：agree："),
        (
            lambda data: data["comparisons"][1]["levels"][3].update(sql="year(born_l) = 1"),
            "comparisons：born 第 4 级：",
        ),
        (
            lambda data: data["comparisons"][0]["levels"][1].update(column="relatives"),
            "comparisons：name 第 2 级：",
        ),
        (
            lambda data: data["comparisons"][1]["levels"][0].update(
                match="sql", sql="CAST(name_l AS INTEGER) = length(name_r)"
            ),
            "members.yml：无法比对：",
        ),
        (
            lambda data: data["derived"].update(initial="CAST(name AS INTEGER)"),
            "derived：initial：",
        ),
    ],
    ids=["derived", "sure", "agree", "level", "type of a level", "value of a level", "value"],
)
def test_an_expression_that_is_wrong_is_named_with_its_place(tmp_path, change, said):
    spec = load(tmp_path, change)

    with pytest.raises(BadSpecification) as caught:
        link(spec, [member(card="7"), member(), member("bob rai")])

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_column_that_the_database_cannot_name_is_told(tmp_path):
    spec = load(tmp_path, lambda data: data["columns"].update(order={}))

    with pytest.raises(BadSpecification, match=r"members\.yml：columns："):
        link(spec, [member()])


def test_an_unknown_cleaner_is_told(tmp_path):
    spec = load(tmp_path, lambda data: data["columns"]["born"].update(clean="birthday"))

    with pytest.raises(BadSpecification, match="列“born”：没有“birthday”这种清洗"):
        prepare(spec, [member()])


def test_a_file_with_none_of_the_columns_is_told(tmp_path):
    def change(data):
        data["columns"] = {name: {"from": [f"{name} x"]} for name in ("a", "b")}
        data["comparisons"] = [{"name": "a", "levels": [{"match": "exact"}, {"match": "else"}]}]
        data["blocks"] = [{"equal": ["a"], "largest": 9}]
        data["training"] = {}
        for key in ("exclusive", "derived", "collected", "learned"):
            del data[key]

    with pytest.raises(BadSpecification, match="没有规格“members”的任何一列（应有：a、b）"):
        prepare(load(tmp_path, change), [member()])


def test_a_specification_without_weights_links_nothing(tmp_path):
    spec = load(tmp_path, lambda data: data.pop("learned"))
    connection = prepare(spec, [member()])

    with pytest.raises(BadSpecification, match="请先训练"):
        linkage.link(connection, spec)


def test_columns_that_a_file_lacks_are_empty(tmp_path):
    spec = load(tmp_path, lambda data: data["columns"].update(phone={"clean": "phone"}))
    connection, _ = link(spec, [member(), member(city="ely")])

    assert groups(connection) == [{0, 1}]
    assert connection.execute("SELECT count(phone) FROM node").fetchall() == [(0,)]
