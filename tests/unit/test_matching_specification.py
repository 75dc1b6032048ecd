"""The format of a specification: what is read, and what each fault is told as."""

import pytest

from relief.registry.matching import specification
from relief.registry.matching.parts import BadSpecification
from tests.support.matching import load, write


def without(*path):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    change.__name__ = f"without {path}"
    return change


def put(value, *path):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    change.__name__ = f"{value} at {path}"
    return change


@pytest.mark.parametrize("name", ["china-departments", "febrl4"])
def test_a_shipped_specification_is_whole_and_trained(name):
    spec = specification.load(specification.find(name))

    spec.need_weights()
    assert spec.name == name
    assert spec.households == (name == "china-departments")
    weights = [(one.m, one.u) for each in spec.comparisons for one in each.levels]
    assert all(0 < m <= 1 and 0 < u <= 1 for m, u in weights)
    assert set(spec.term_frequencies) == set(spec.frequency_columns())


def test_what_is_declared_is_what_is_read(tmp_path):
    spec = load(tmp_path)

    assert [column.name for column in spec.columns] == ["name", "born", "card", "city", "family"]
    assert spec.columns[0].sources == ("name", "full name")
    assert spec.comparisons[0].label == "Name"
    assert spec.comparisons[1].label == "born"
    assert spec.comparisons[1].levels[0].label == "exact"
    assert spec.comparisons[1].levels[4].expected == 0.01
    assert spec.comparisons[2].needs == ("city", "relatives")
    assert spec.blocks[1].equal == ("born", "initial")
    assert spec.thresholds.lead == 2.0
    assert spec.training.em == (("born",), ("name",))
    assert spec.training.recall_of_sure == 0.7
    assert spec.frequency_columns() == ("name",)
    assert spec.term_frequencies == {"name": {"ann lee": 0.04, "*": 0.0025}}
    assert spec.prior == 0.01


def test_a_block_without_a_name_is_called_by_its_columns(tmp_path):
    spec = load(tmp_path, without("blocks", 1, "name"))

    assert spec.blocks[1].name == "born+initial"


def test_what_was_learned_is_forgotten_on_demand(tmp_path):
    path = write(tmp_path, put([[0.5, 0.5]], "learned", "weights", "name"))

    with pytest.raises(BadSpecification, match="级数与学得的权重不符"):
        specification.load(path)
    assert specification.load(path, forget=True).prior is None


@pytest.mark.parametrize(
    "change",
    [
        without("learned"),
        without("learned", "weights", "home"),
        put([[0.8, 0.01], [None, 0.01], [0.05, 0.98]], "learned", "weights", "name"),
    ],
)
def test_without_every_weight_it_must_be_trained_first(tmp_path, change):
    with pytest.raises(BadSpecification, match=r"还没有权重，请先训练：relief linkage train"):
        load(tmp_path, change).need_weights()


def test_the_optional_parts_may_be_missing(tmp_path):
    def change(data):
        for key in ("exclusive", "collected", "learned", "summary"):
            del data[key]
        data["comparisons"].pop()
        data["training"] = {"recall_of_sure": 0.5, "sure": ["name"]}

    spec = load(tmp_path, change)

    assert (spec.exclusive, spec.summary, dict(spec.collected)) == (None, "", {})
    assert spec.training.em == ()
    assert spec.training.pairs == 1e7
    assert spec.training.recall_of_sure == 0.5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("columns"), "members.yml：缺少 columns"),
        (without("name"), "members.yml：缺少 name"),
        (put(3, "name"), "members.yml：name 应为文字"),
        (put([], "columns"), "members.yml：columns：应为键值对"),
        (put("x", "columns", "born", "from"), "columns：born：from 应为一列文字"),
        (put([1], "columns", "born", "from"), "columns：born：from 应为一列文字"),
        (put({}, "columns", "Full name"), "不能用“Full name”作列名"),
        (put({}, "columns", "settled"), "不能用“settled”作列名"),
        (put({}, "columns", 7), "不能用“7”作列名"),
        (put("1", "derived", "born"), "列“born”定义了两次"),
        (put([], "derived"), "members.yml：derived 应为键值对"),
        (put("member_id", "exclusive", "column"), "exclusive：列“member_id”没有定义"),
        (put("kin", "collected", "relatives", "of"), "collected：relatives：列“kin”没有定义"),
        (put("kin", "collected", "relatives", "by"), "collected：relatives：列“kin”没有定义"),
        (put(0, "collected", "relatives", "largest"), "collected：relatives：largest 应为正数"),
        (put([], "comparisons"), "comparisons 应为非空的列表"),
        (put(["x"], "comparisons"), "comparisons 第 1 项：应为键值对"),
        (put("name", "comparisons", 2, "name"), "comparisons：列“name”定义了两次"),
        (put("same", "comparisons", 0, "levels", 0, "match"), "没有“same”这种比较"),
        (put("kin", "comparisons", 0, "levels", 0, "column"), "列“kin”没有定义"),
        (without("comparisons", 0, "levels", 1, "limit"), "levels 第 2 项：缺少 limit"),
        (put("much", "comparisons", 0, "levels", 1, "limit"), "limit 应为数字"),
        (without("comparisons", 1, "levels", 3, "sql"), "levels 第 4 项：缺少 sql"),
        (put(2, "comparisons", 1, "levels", 4, "expected"), "expected 应在 0 与 1 之间"),
        (put(["kin"], "comparisons", 0, "needs"), "列“kin”没有定义"),
        (put([["born"]], "blocks"), "blocks 第 1 项：应为键值对"),
        (put(["kin"], "blocks", 0, "equal"), "blocks 第 1 项：列“kin”没有定义"),
        (put("many", "blocks", 0, "largest"), "blocks 第 1 项：largest 应为数字"),
        (put(6, "thresholds", "review"), "thresholds：review 不能高于 link"),
        (put("born", "training", "em"), "training：em 应为一列，每项是一列列名"),
        (put(["born"], "training", "em"), "training：em 应为一列文字"),
        (put(["kin"], "training", "sure"), "training：列“kin”没有定义"),
        (put([["kin"]], "training", "em"), "training：列“kin”没有定义"),
        (put("all", "training", "recall_of_sure"), "training：recall_of_sure 应为数字"),
        (put(0.2, "training", "pairs"), "training：pairs 应为正数"),
        (put("no", "learned", "prior"), "learned：prior 应为数字"),
        (put(5, "learned", "prior"), "learned：prior 应在 0 与 1 之间"),
        (put("no", "learned", "weights", "name"), "级数与学得的权重不符"),
        (put([1, 2, 3], "learned", "weights", "name"), "学得的权重应为 m 和 u 两个数"),
        (put([["a", 1]] * 3, "learned", "weights", "name"), "学得的权重：m 应为数字"),
        (put({"name": 3}, "learned", "term_frequencies"), "term_frequencies：name：应为键值对"),
        (put({"name": {"x": "y"}}, "learned", "term_frequencies"), "name：x 应为数字"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, change, said):
    with pytest.raises(BadSpecification) as caught:
        load(tmp_path, change)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_last_level_is_for_everything_else(tmp_path):
    def change(data):
        data["comparisons"][0]["levels"].pop()
        data["learned"]["weights"]["name"].pop()

    with pytest.raises(BadSpecification, match="最后一级应为 else"):
        load(tmp_path, change)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: [\n", "members.yml 第 2 行不合 YAML 格式"),
        (b"name: a\n  b: c\n", "members.yml 第 2 行不合 YAML 格式"),
        (b"\xff\xfe\xff", "members.yml 无法读取"),
        (b"name: \x01", "members.yml 无法读取"),
        (b"- a\n", "members.yml：应为键值对"),
        (b"", "members.yml：应为键值对"),
    ],
)
def test_a_file_that_is_no_specification(tmp_path, content, said):
    path = tmp_path / "members.yml"
    path.write_bytes(content)

    with pytest.raises(BadSpecification) as caught:
        specification.load(path)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_tells_which_there_are(tmp_path):
    with pytest.raises(BadSpecification, match="自带的有：china-departments、febrl4"):
        specification.find(str(tmp_path / "none.yml"))
    assert specification.find(str(write(tmp_path))) == tmp_path / "members.yml"
