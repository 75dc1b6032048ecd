"""Proves that every procedure (办理流程) can be gone through, in time, and lawfully.

Nothing here asks a database.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from relief.schemes.catalogue import Catalogue
from relief.schemes.models import Procedure, ProcedureStage, Scheme
from relief.schemes.paths import Paths, Span
from relief.schemes.queries import Plan
from relief.schemes.types import DayType, Each, Entry, StageKind

DECISION = "decision"
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: a procedure, a stage of it, or a scheme."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}：{self.message}"


def faults(catalogue: Catalogue) -> list[Fault]:
    """Return all faults; none means that every procedure is sound."""
    found: list[Fault] = []
    for code, plan in sorted(catalogue.plans.items()):
        used = [one for one in catalogue.schemes if one.procedure_code == code]
        found.extend(_of_plan(catalogue, plan, used))
    for scheme in catalogue.schemes:
        found.extend(_of_scheme(catalogue, scheme))
    return found


def _of_plan(catalogue: Catalogue, plan: Plan, used: Sequence[Scheme]) -> Iterator[Fault]:
    name = f"{plan.procedure.code} {plan.procedure.name}"
    wrong = list(_of_words(catalogue, plan))
    yield from wrong
    if not used:
        yield Fault(name, "没有救助项目使用这一流程")
    if wrong:
        return  # what is reached, and when, cannot be told of words that mean nothing
    paths = Paths(plan.stages, outside=_outside(catalogue))
    for stage in plan.stages:
        if stage.code not in paths.reached:
            yield Fault(_place(plan, stage), "永远不会开始或不能办结：所等的环节没有先后可循")
    if paths.reached == {stage.code for stage in plan.stages}:
        yield from _of_order(plan, paths)
        yield from _of_sums(plan.procedure, paths)


def _of_words(catalogue: Catalogue, plan: Plan) -> Iterator[Fault]:
    """Look at each stage alone: what it names must be there, and mean one thing."""
    codes = {stage.code for stage in plan.stages}
    raised: dict[str, str] = {}
    for stage in plan.stages:
        place = _place(plan, stage)
        yield from _of_events(catalogue, place, stage, raised)
        for other in stage.after:
            if other not in codes or other == stage.code:
                yield Fault(place, f"所等的环节“{other}”不在流程中")
        yield from _of_owner(catalogue, place, stage)
        yield from _of_notice(catalogue, place, stage)
    known = raised.keys() | _outside(catalogue)
    for stage in plan.stages:
        if stage.starts_from not in known:
            message = f"起算事件“{stage.starts_from}”没有任何环节产生"
            yield Fault(_place(plan, stage), message)
    yield from _of_decision(plan)


def _of_events(
    catalogue: Catalogue, place: str, stage: ProcedureStage, raised: dict[str, str]
) -> Iterator[Fault]:
    """Look at the events of a stage; add them to those that were `raised` so far."""
    for event in stage.raises:
        if event not in catalogue.events:
            yield Fault(place, f"产生的事件“{event}”没有登记")
        elif catalogue.events[event].outside:
            yield Fault(place, f"事件“{event}”来自流程之外，不能由环节产生")
        if event in raised:
            yield Fault(place, f"事件“{event}”已由环节 {raised[event]} 产生")
        raised[event] = stage.code


def _of_owner(catalogue: Catalogue, place: str, stage: ProcedureStage) -> Iterator[Fault]:
    owner = catalogue.owners.get(stage.owner)
    if owner is None:
        yield Fault(place, f"承办方“{stage.owner}”没有登记")
        return
    if owner.department_code is not None and owner.department_code not in catalogue.departments:
        yield Fault(place, f"承办方“{owner.name}”的部门 {owner.department_code} 不存在")
    for level in owner.levels:
        if not catalogue.levels.get(level):
            yield Fault(place, f"承办方“{owner.name}”在“{level}”一级没有区划")
    if not owner.levels:
        yield Fault(place, f"承办方“{owner.name}”没有级别，各地无人承办")
    if (stage.kind is StageKind.JOINT) != (owner.each is Each.JOINT):
        yield Fault(place, "联审环节须由各联审部门承办，别的环节不能")


def _of_notice(catalogue: Catalogue, place: str, stage: ProcedureStage) -> Iterator[Fault]:
    is_notice = stage.kind is StageKind.PUBLIC_NOTICE
    owner = catalogue.owners.get(stage.owner)
    if is_notice and owner is not None and owner.school and not stage.conceals:
        yield Fault(place, "学校的公示不得公开家庭困难情况（须注明 conceals）")
    if stage.conceals and not is_notice:
        yield Fault(place, "只有公示环节可以注明 conceals")


def _of_decision(plan: Plan) -> Iterator[Fault]:
    deciding = [stage for stage in plan.stages if DECISION in stage.raises]
    if [stage.kind for stage in deciding] != [StageKind.CONFIRMATION]:
        name = f"{plan.procedure.code} {plan.procedure.name}"
        yield Fault(name, "须有且只有一个审核确认环节作出决定")
    for stage in plan.stages:
        if stage.kind is StageKind.COUNTERSIGN and stage.starts_from != DECISION:
            yield Fault(_place(plan, stage), "第二人签字须从决定起算")


def _of_order(plan: Plan, paths: Paths) -> Iterator[Fault]:
    """Find stages that would end before one that they wait for must."""
    for stage in plan.stages:
        if stage.kind is StageKind.CONFIRMATION:
            before = paths.before(stage.code)
            for other in plan.stages:
                if other.kind in _MUST_PRECEDE and other.code not in before:
                    yield Fault(_place(plan, stage), f"没有等环节 {other.code} {other.name}")
        for code in stage.after:
            if not paths.ends_in_time(code, before=stage.code):
                yield Fault(_place(plan, stage), f"期限早于所等环节 {code} 的期限，或不能比较")


# What the decision may not be taken without, where a procedure has it.
_MUST_PRECEDE = {
    StageKind.ACCEPTANCE,
    StageKind.KIN_FILING,
    StageKind.SURVEY,
    StageKind.DATA_CHECK,
    StageKind.EXAMINATION,
    StageKind.JOINT,
    StageKind.FIRST_OPINION,
    StageKind.PUBLIC_NOTICE,
}


def _of_sums(procedure: Procedure, paths: Paths) -> Iterator[Fault]:
    """Compare the longest way to the decision with the total; calendar days count in full."""
    limit, unit = procedure.total_limit, procedure.total_day_type
    if limit is None:
        return
    name = f"{procedure.code} {procedure.name}"
    if unit is None or procedure.total_from is None:
        yield Fault(name, "总时限没有写明单位或起算")
        return
    longest = paths.longest(DECISION, since=procedure.total_from)
    if longest is None:
        yield Fault(name, f"总时限的起算“{procedure.total_from}”不在决定之前")
        return
    total = Span(working=limit) if unit is DayType.WORKING else Span(calendar=limit)
    if not longest.as_long_as_can_be(unit).fits(total):
        told = "、".join(
            f"{days} 个{word}"
            for days, word in ((longest.working, "工作日"), (longest.calendar, "自然日"))
            if days
        )
        yield Fault(name, f"各环节相加最长 {told}，超过总时限 {limit} 天，或不能保证")
    if procedure.extended_limit is not None and procedure.extended_limit <= limit:
        yield Fault(name, f"延长后的时限 {procedure.extended_limit} 天不长于总时限 {limit} 天")
    if procedure.delegated_limit is not None and procedure.delegated_limit > limit:
        yield Fault(name, f"下放后的时限 {procedure.delegated_limit} 天长于总时限 {limit} 天")


def _of_scheme(catalogue: Catalogue, scheme: Scheme) -> Iterator[Fault]:
    name = f"{scheme.code} {scheme.short_name}"
    plan = catalogue.plans.get(scheme.procedure_code)
    if plan is None:
        yield Fault(name, f"办理流程 {scheme.procedure_code} 不存在，或还没有生效的版本")
        return
    kinds = {stage.kind for stage in plan.stages}
    joint = set(scheme.joint_departments)
    for code in sorted({*joint, scheme.department_code} - catalogue.departments):
        yield Fault(name, f"部门 {code} 不存在")
    if scheme.department_code not in joint:
        yield Fault(name, f"主办部门 {scheme.department_code} 不在联审部门中")
    if len(joint) > 1 and StageKind.JOINT not in kinds:
        yield Fault(name, "有多个部门参加，但流程没有并联会审环节")
    if scheme.entry is Entry.APPLICATION and not _is_applied_for(plan):
        yield Fault(name, "须申请，但流程没有从申请或开学起算的环节")
    if "signed_list" in scheme.extra:
        yield from _of_list(name, scheme, kinds)
    unlawful = scheme.extra.get("no_notice")
    if unlawful and unlawful["who"] == EVERYONE and StageKind.PUBLIC_NOTICE in kinds:
        yield Fault(name, f"依法不得公示，但流程有公示环节（{unlawful['legal']}）")


def _of_list(name: str, scheme: Scheme, kinds: Set[StageKind]) -> Iterator[Fault]:
    """Look whether many cases may be granted alike: others looked at each, and amounts end."""
    if scheme.extra["signed_list"] is not True:
        yield Fault(name, "signed_list 只能写 true；不允许用清单审批的，不写")
    if StageKind.JOINT not in kinds or not kinds & _LOOKED_AT:
        yield Fault(name, "允许用清单审批，但决定之前没有核对（初审、审核）和并联会审")
    if not scheme.amount_max_fen:
        yield Fault(name, "允许用清单审批，但没有写明金额上限")


# In one of these somebody looked at each case by itself.
_LOOKED_AT = frozenset(
    {StageKind.SURVEY, StageKind.DATA_CHECK, StageKind.EXAMINATION, StageKind.FIRST_OPINION}
)


def _is_applied_for(plan: Plan) -> bool:
    return any(stage.starts_from in {"submit", "term_start"} for stage in plan.stages)


def _outside(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(code for code, event in catalogue.events.items() if event.outside)


def _place(plan: Plan, stage: ProcedureStage) -> str:
    return f"{plan.procedure.code} {stage.code} {stage.name}"
