"""Procedures that cannot be gone through, that are late by design, or unlawful, are found."""

from dataclasses import replace
from datetime import date

import pytest

from relief.organisation.models import RegionLevel
from relief.organisation.seeding import read_catalogue
from relief.schemes import soundness
from relief.schemes.catalogue import Catalogue
from relief.schemes.models import Procedure, ProcedureEvent, ProcedureStage, Scheme, StageOwner
from relief.schemes.queries import Plan
from relief.schemes.soundness_rules import Rule
from relief.schemes.types import DayType, Each, Entry, StageKind


def stage(code, kind, starts_from, *, limit=5, owner="township", unit="wd", **more):
    given = {"raises": [], "after": [], "conceals": False} | more
    return ProcedureStage(
        code=code, name=code.lower(), kind=StageKind(kind), starts_from=starts_from, limit=limit,
        owner=owner, day_type=DayType(unit), **given,
    )  # fmt: skip


def procedure(**more):
    given = {"total_limit": 20, "total_day_type": DayType.WORKING, "total_from": "accept"}
    return Procedure(code="W_X", name="流程", **(given | more))


def scheme(**more):
    given = {
        "code": "S01", "short_name": "低保", "procedure_code": "W_X", "department_code": "D01",
        "joint_departments": ["D01", "D05"], "entry": Entry.APPLICATION, "extra": {},
    }  # fmt: skip
    return Scheme(**(given | more))


ACCEPT = ("ACCEPT", "acceptance", "submit", {"limit": 1, "raises": ["accept", "dispatch"]})
OPINION = ("OPINION", "first_opinion", "accept", {"raises": ["county_receive"]})
JOINT = ("JOINT", "joint", "dispatch", {"owner": "joint_departments"})
CONFIRM = ("CONFIRM", "confirmation", "county_receive",
           {"owner": "county_mz", "raises": ["decision"], "after": ["JOINT"]})  # fmt: skip
TELL = ("TELL", "telling", "decision", {"limit": 3})
WAY = (ACCEPT, OPINION, JOINT, CONFIRM, TELL)


def catalogue(*stages, schemes=None, **of_procedure):
    """A catalogue of one procedure, of `WAY` unless told otherwise."""
    made = [stage(*one[:3], **one[3]) for one in stages or WAY]
    inside = ("accept", "dispatch", "county_receive", "decision", "first_opinion")
    events = dict.fromkeys(inside, False) | {"submit": True, "change_report": True}
    owner = dict.fromkeys(("name",), "承办方")
    owners = [
        StageOwner(code="township", levels=["township"], department_code="D01", **owner),
        StageOwner(code="county_mz", levels=["county"], department_code="D01", **owner),
        StageOwner(code="school", levels=["county"], department_code="D03", school=True, **owner),
        StageOwner(code="joint_departments", levels=["county"], each=Each.JOINT, **owner),
        StageOwner(code="nowhere", levels=[], department_code="D99", **owner),
        StageOwner(code="prefecture", levels=["prefecture"], department_code="D01", **owner),
    ]
    return Catalogue(
        plans={"W_X": Plan(procedure(**of_procedure), tuple(made))},
        schemes=schemes or [scheme()],
        events={code: ProcedureEvent(code=code, outside=out) for code, out in events.items()},
        owners={one.code: one for one in owners},
        departments=frozenset({"D01", "D03", "D05"}),
        closing=1,
        levels={"county": 7, "township": 70},
    )


def told(of):
    found = soundness.faults(of)
    # Each names its rule, which says what it asks and where it comes from.
    assert all(one.rule is not Rule.CALCULATION and one.asks and one.source for one in found)
    return [str(fault) for fault in found]


def but(which, **more):
    """`WAY` with one stage changed."""
    return tuple(
        (*one[:2], more.pop("starts_from", one[2]), one[3] | more) if one[0] == which else one
        for one in WAY
    )


def test_a_sound_procedure_has_no_fault():
    assert told(catalogue()) == []


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        (but("OPINION", starts_from="accepted"), "起算事件“accepted”没有任何环节产生"),
        (but("OPINION", raises=["county_receive", "nothing"]), "事件“nothing”没有登记"),
        (but("OPINION", raises=["county_receive", "submit"]), "来自流程之外"),
        (but("TELL", raises=["accept"]), "已由环节 ACCEPT 产生"),
        (but("CONFIRM", after=["JOINT", "NOBODY"]), "所等的环节“NOBODY”不在流程中"),
        (but("JOINT", after=["JOINT"]), "所等的环节“JOINT”不在流程中"),
        (but("OPINION", owner="somebody"), "承办方“somebody”没有登记"),
        (but("OPINION", owner="nowhere"), "的部门 D99 不存在"),
        (but("OPINION", owner="nowhere"), "没有级别，各地无人承办"),
        (but("OPINION", owner="prefecture"), "在“prefecture”一级没有区划"),
        (but("JOINT", owner="county_mz"), "联审环节须由各联审部门承办"),
        (but("OPINION", owner="joint_departments"), "联审环节须由各联审部门承办"),
        (but("CONFIRM", raises=[]), "须有且只有一个审核确认环节作出决定"),
        (but("OPINION", conceals=True), "只有公示环节可以注明"),
        ((*WAY, ("SIGN", "countersign", "accept", {})), "第二人签字须从决定起算"),
        (but("OPINION", after=["CONFIRM"]), "OPINION opinion：永远不会开始或不能办结"),
        (but("CONFIRM", after=[]), "没有等环节 JOINT joint"),
        (but("CONFIRM", after=["JOINT", "OPINION"], limit=20), "超过总时限 20 天"),
        (but("JOINT", limit=30), "期限早于所等环节 JOINT 的期限"),
        (but("JOINT", unit="cd", limit=40), "期限早于所等环节 JOINT 的期限"),
    ],
)  # fmt: skip
def test_what_cannot_be_gone_through_is_named(stages, says):
    assert any(says in line for line in told(catalogue(*stages)))


def test_a_stage_that_begins_with_its_own_end_is_never_reached():
    late = stage("LATE", "survey", "first_opinion", raises=["first_opinion"])
    made = catalogue()
    plan = made.plans["W_X"]
    made = replace(made, plans={"W_X": Plan(plan.procedure, (*plan.stages, late))})

    assert "W_X LATE late：永远不会开始或不能办结" in told(made)[0]


def test_what_begins_later_in_life_is_not_on_the_way():
    later = ("CARE", "assessment", "change_report", {"limit": 90})

    assert told(catalogue(*WAY, later)) == []


@pytest.mark.parametrize(
    ("of_procedure", "says"),
    [
        ({"total_day_type": None}, "没有写明单位或起算"),
        ({"total_from": "change_report"}, "不在决定之前"),
        ({"total_day_type": DayType.CALENDAR}, "或不能保证"),
        ({"extended_limit": 20}, "延长后的时限 20 天不长于总时限"),
        ({"delegated_limit": 21}, "下放后的时限 21 天长于总时限"),
        ({"total_limit": 9}, "最长 10 个工作日，超过总时限 9 天"),
    ],
)
def test_totals_that_cannot_be_kept_are_named(of_procedure, says):
    assert [line for line in told(catalogue(**of_procedure)) if says in line]


def test_without_a_total_nothing_is_summed():
    assert told(catalogue(total_limit=None)) == []


def test_days_of_a_notice_may_all_be_working_days():
    notice = ("NOTICE", "public_notice", "first_opinion",
              {"unit": "cd", "limit": 7, "raises": ["county_receive"]})  # fmt: skip
    way = (ACCEPT, (*OPINION[:3], {"raises": ["first_opinion"]}), notice, JOINT, CONFIRM, TELL)

    assert told(catalogue(*way, total_limit=18)) == []
    assert "最长 11 个工作日、7 个自然日" in told(catalogue(*way, total_limit=17))[0]


@pytest.mark.parametrize(
    ("of_scheme", "says"),
    [
        ({"procedure_code": "W_Y"}, "办理流程 W_Y 不存在"),
        ({"joint_departments": ["D05"]}, "主办部门 D01 不在联审部门中"),
        ({"joint_departments": ["D01", "D77"]}, "部门 D77 不存在"),
    ],
)
def test_schemes_that_do_not_fit_are_named(of_scheme, says):
    assert any(says in line for line in told(catalogue(schemes=[scheme(), scheme(**of_scheme)])))


def test_several_departments_need_a_joint_stage():
    alone = tuple(one for one in but("CONFIRM", after=[]) if one[0] != "JOINT")

    assert "有多个部门参加，但流程没有并联会审环节" in told(catalogue(*alone))[0]
    assert told(catalogue(*alone, schemes=[scheme(joint_departments=["D01"])])) == []


def test_what_is_applied_for_has_a_stage_that_an_application_begins():
    late = but("ACCEPT", starts_from="change_report")

    assert "从申请或开学起算的环节走不到决定" in told(catalogue(*late))[0]
    assert told(catalogue(*late, schemes=[scheme(entry=Entry.ROSTER)])) == []


@pytest.mark.parametrize("after", [["JOINT", "CARE"], ["JOINT"]])
def test_no_decision_waits_for_what_may_never_happen(after):
    """A stage that is there and sound, and begins with what only comes from outside."""
    care = ("CARE", "assessment", "change_report", {"limit": 5})
    way = (*but("CONFIRM", after=after), care)

    wrong = [line for line in told(catalogue(*way, total_limit=None)) if "走不到决定" in line]

    assert len(wrong) == ("CARE" in after)


def notice_of(owner, **more):
    notice = ("NOTICE", "public_notice", "accept", {"owner": owner} | more)
    return (*but("CONFIRM", after=["JOINT", "NOTICE"]), notice)


def test_a_notice_that_the_law_forbids_is_named_with_its_source():
    child = scheme(extra={"no_notice": {"who": "everyone", "legal": "民发〔2019〕62号二"}})
    minors = scheme(extra={"no_notice": {"who": "minors", "legal": "同上"}})

    [line] = told(catalogue(*notice_of("township"), schemes=[child]))
    assert line == "S01 低保：依法不得公示，但流程有公示环节（民发〔2019〕62号二）"
    assert told(catalogue(*notice_of("township"), schemes=[minors])) == []


def test_a_scheme_that_is_decided_by_list_is_looked_at_before_and_its_amount_ends():
    by_list = {"extra": {"signed_list": True}, "amount_max_fen": 100_00}
    quick = [scheme(**by_list, joint_departments=["D01"])]
    confirm = ("CONFIRM", "confirmation", "accept", {"owner": "county_mz", "raises": ["decision"]})
    accept = ("ACCEPT", "acceptance", "submit", {"limit": 1, "raises": ["accept"]})

    assert told(catalogue(schemes=[scheme(**by_list)])) == []
    [line] = told(catalogue(accept, confirm, schemes=quick))
    assert line == "S01 低保：允许用清单审批，但决定之前没有核对（初审、审核）和并联会审"
    assert "没有写明金额上限" in told(catalogue(schemes=[scheme(extra={"signed_list": True})]))[0]
    strange = scheme(**by_list | {"extra": {"signed_list": "maybe"}})
    assert "signed_list 只能写 true" in told(catalogue(schemes=[strange]))[0]


def test_a_school_may_not_show_hardship():
    assert "学校的公示不得公开家庭困难情况" in told(catalogue(*notice_of("school")))[0]
    assert told(catalogue(*notice_of("school", conceals=True))) == []


def test_a_procedure_that_nobody_uses_is_named():
    unused = catalogue(schemes=[scheme(procedure_code="W_Y")])

    assert "W_X 流程：没有救助项目使用这一流程" in told(unused)


def test_the_seeds_name_levels_that_exist():
    for owner in read_catalogue()["owners"]:
        assert {RegionLevel(level) for level in owner["levels"]}


def test_every_procedure_of_the_seeds_holds_from_a_day_of_the_new_law_on():
    for entry in read_catalogue()["procedures"].values():
        assert entry["valid_from"] >= date(2026, 1, 1)
