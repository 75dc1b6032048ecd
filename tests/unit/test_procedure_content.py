"""What a version of a procedure says: read, refused, edited and compared."""

from dataclasses import replace
from datetime import date

import pytest

from relief.schemes.drafting import content as contents
from relief.schemes.drafting import editing
from relief.schemes.drafting.content import Content, Head, Stage
from relief.schemes.drafting.difference import Change, difference
from relief.schemes.drafting.errors import BadContent
from relief.schemes.drafting.types import Kind
from relief.schemes.models import Scheme
from relief.schemes.types import DayType, StageKind

HEAD = Head(
    name="一般事项", total_limit=20, total_day_type=DayType.WORKING, total_from="accept",
    extended_limit=None, delegated_limit=None, rolls=True, legal="社会救助法", confidence="D",
)  # fmt: skip


def stage(code, **more):
    given = {
        "name": "受理", "kind": StageKind.ACCEPTANCE, "owner": "township", "limit": 1,
        "day_type": DayType.WORKING, "starts_from": "submit",
    }  # fmt: skip
    return Stage(code=code, **given | more)


BASE = Content(
    head=HEAD,
    stages=(stage("ACCEPT"), stage("MATCH", after=("ACCEPT",)), stage("CONFIRM")),
    joint={"S04": ("D01", "D05")},
)


def plain(**of_first):
    told = BASE.as_json()
    told["stages"][0] |= of_first
    return told


def test_what_is_written_down_is_read_again():
    assert contents.read(BASE.as_json()) == BASE


def test_the_rows_say_what_the_content_says():
    plan = contents.to_plan(BASE, code="W_X", version=2, valid_from=date(2026, 12, 1))

    again = contents.content_of(plan, [Scheme(code="S04", joint_departments=["D01"])])

    assert again == BASE
    assert [one.position for one in plan.stages] == [1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"code": "accept"}, "环节代码须以大写字母开头"),
        ({"code": "MATCH"}, "环节代码 MATCH 重复"),
        ({"name": ""}, "环节名称须填写"),
        ({"name": "办" * 81}, "环节名称须填写，不超过 80 个字"),
        ({"limit": -1}, "期限须是 0 至 9999 的整数"),
        ({"limit": 10000}, "期限须是 0 至 9999 的整数"),
        ({"note": "注" * 401}, "说明和依据不超过 400 个字"),
        ({"papers": [""]}, "所需材料不超过 40 项"),
        ({"papers": ["身份证"] * 41}, "所需材料不超过 40 项"),
        ({"confidence": "X"}, "可信程度"),
        ({"kind": "feast"}, "缺少内容，或有不认识的内容"),
        ({"feast": 1}, "缺少内容，或有不认识的内容"),
    ],
)
def test_a_stage_that_no_table_could_keep_is_refused(changed, says):
    with pytest.raises(BadContent, match=says):
        contents.read(plain(**changed))


@pytest.mark.parametrize("limit", [0, 9999])
def test_limits_at_the_bounds_are_kept(limit):
    assert contents.read(plain(limit=limit)).stages[0].limit == limit


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"name": ""}, "流程名称须填写"),
        ({"legal": "法" * 301}, "依据不超过 300 个字"),
        ({"extended_limit": 0}, "须是 1 至 9999 的整数，或不填"),
        ({"total_limit": None}, "总时限的天数、单位和起算须一并填写"),
        ({"total_from": None}, "总时限的天数、单位和起算须一并填写"),
        ({"confidence": "X"}, "可信程度"),
    ],
)
def test_a_head_that_no_table_could_keep_is_refused(changed, says):
    with pytest.raises(BadContent, match=says):
        editing.with_head(BASE, replace(HEAD, **changed))


def test_a_procedure_has_a_stage():
    with pytest.raises(BadContent, match="环节须有 1 至 60 个"):
        contents.read(BASE.as_json() | {"stages": []})


def test_nobody_looks_through_a_thousand_stages():
    many = [stage(f"S{place}") for place in range(60)]
    assert len(contents.read(replace(BASE, stages=many).as_json()).stages) == 60

    with pytest.raises(BadContent, match="环节须有 1 至 60 个"):
        contents.read(replace(BASE, stages=[*many, stage("MORE")]).as_json())


def test_a_total_may_be_left_out():
    none = replace(HEAD, total_limit=None, total_day_type=None, total_from=None)

    assert contents.read(editing.with_head(BASE, none).as_json()).head == none


def test_a_stage_that_gets_another_code_is_waited_for_under_it():
    renamed = editing.with_stage(BASE, stage("TAKE"), code="ACCEPT")

    assert [one.code for one in renamed.stages] == ["TAKE", "MATCH", "CONFIRM"]
    assert renamed.stage("MATCH").after == ("TAKE",)


def test_nothing_waits_for_a_stage_that_is_gone():
    assert editing.without_stage(BASE, "ACCEPT").stage("MATCH").after == ()


def test_a_stage_that_there_is_not_is_named():
    with pytest.raises(BadContent, match="没有环节 GONE"):
        editing.without_stage(BASE, "GONE")


@pytest.mark.parametrize(
    ("code", "earlier", "order"),
    [
        ("MATCH", True, ["MATCH", "ACCEPT", "CONFIRM"]),
        ("MATCH", False, ["ACCEPT", "CONFIRM", "MATCH"]),
        ("ACCEPT", True, ["ACCEPT", "MATCH", "CONFIRM"]),
        ("CONFIRM", False, ["ACCEPT", "MATCH", "CONFIRM"]),
    ],
)
def test_a_stage_moves_by_one_place(code, earlier, order):
    assert [one.code for one in editing.moved(BASE, code, earlier=earlier).stages] == order


def test_the_same_is_no_difference():
    assert difference(BASE, contents.read(BASE.as_json())).empty


def test_the_difference_is_told_stage_by_stage():
    after = editing.with_stage(BASE, stage("TELL", limit=3), code=None)
    after = editing.without_stage(after, "CONFIRM")
    after = editing.with_stage(after, replace(after.stage("ACCEPT"), limit=2), code="ACCEPT")
    after = editing.with_head(after, replace(HEAD, extended_limit=30))
    after = editing.with_joint(after, {"S04": ["D01", "D13"]})

    told = difference(BASE, after)

    assert told.head == [Change("extended_limit", None, 30)]
    assert [(one.code, one.kind) for one in told.stages] == [
        ("ACCEPT", Kind.CHANGED), ("TELL", Kind.ADDED), ("CONFIRM", Kind.REMOVED),
    ]  # fmt: skip
    assert told.stages[0].changes == [Change("limit", 1, 2)]
    assert Change("limit", None, 3) in told.stages[1].changes
    assert Change("limit", 1, None) in told.stages[2].changes
    [joint] = told.joint
    assert (joint.scheme, joint.added, joint.removed) == ("S04", ["D13"], ["D05"])
    assert not told.empty


def test_a_stage_that_only_moved_is_told_without_fields():
    told = difference(BASE, editing.moved(BASE, "MATCH", earlier=True))

    assert [(one.code, one.moved, one.changes) for one in told.stages] == [
        ("MATCH", True, []), ("ACCEPT", True, []),
    ]  # fmt: skip


def test_the_order_of_events_and_of_what_is_waited_for_means_nothing():
    before = stage("MATCH", raises=("mz_receive", "dispatch"), after=("ACCEPT", "CONFIRM"))
    after = stage("MATCH", raises=("dispatch", "mz_receive"), after=("CONFIRM", "ACCEPT"))
    base = editing.with_stage(BASE, before, code="MATCH")

    assert difference(base, editing.with_stage(base, after, code="MATCH")).empty


def test_of_a_scheme_that_came_since_nothing_is_told():
    more = editing.with_joint(BASE, {**BASE.joint, "S99": ["D01"]})

    assert difference(more, BASE).empty


def test_a_limit_of_nothing_is_told():
    zero = editing.with_stage(BASE, replace(BASE.stage("MATCH"), limit=0), code="MATCH")

    [told] = difference(BASE, zero).stages

    assert told.changes == [Change("limit", 1, 0)]


def digest(content=BASE, **more):
    given = {"code": "W_X", "version": 2, "base": 1, "valid_from": date(2026, 12, 1)}
    return contents.digest_of(content, **given | more)


def test_the_digest_follows_all_that_is_signed():
    others = [
        digest(editing.moved(BASE, "MATCH", earlier=True)),
        digest(editing.with_joint(BASE, {"S04": ["D01"]})),
        digest(code="W_Y"),
        digest(version=3),
        digest(base=2),
        digest(valid_from=date(2026, 12, 2)),
    ]

    assert digest() == digest(contents.read(BASE.as_json()))
    assert len({digest(), *others}) == 1 + len(others)
