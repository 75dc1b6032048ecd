"""Proves that every procedure (办理流程) can be gone through, in time, and lawfully.

Nothing here asks a database.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from relief.schemes.catalogue import Catalogue
from relief.schemes.models import Procedure, ProcedureStage, Scheme
from relief.schemes.owners import joint_of
from relief.schemes.paths import Paths, Span
from relief.schemes.queries import Plan
from relief.schemes.soundness_rules import MEANINGS, Rule
from relief.schemes.types import ENTRY_EVENTS, DayType, Each, Entry, StageKind

DECISION = "decision"
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: a procedure, a stage of it, or a scheme; by which rule.

    `legal`: the law that this procedure or scheme names, where the rule follows from it.
    """

    place: str
    message: str
    rule: Rule = Rule.CALCULATION
    legal: str | None = None

    @property
    def asks(self) -> str:
        """Return what the rule asks."""
        return MEANINGS[self.rule][0]

    @property
    def source(self) -> str:
        """Return where the rule comes from."""
        return self.legal or MEANINGS[self.rule][1]

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
        yield Fault(name, "没有救助项目使用这一流程", Rule.USED)
    if wrong:
        return  # what is reached, and when, cannot be told of words that mean nothing
    paths = Paths(plan.stages, outside=_outside(catalogue), closing=catalogue.closing)
    for stage in plan.stages:
        if stage.code not in paths.reached:
            message = "永远不会开始或不能办结：所等的环节没有先后可循"
            yield Fault(_place(plan, stage), message, Rule.REACHED)
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
                yield Fault(place, f"所等的环节“{other}”不在流程中", Rule.WAITS)
        yield from _of_owner(catalogue, place, stage)
        yield from _of_notice(catalogue, place, stage)
    known = raised.keys() | _outside(catalogue)
    for stage in plan.stages:
        if stage.starts_from not in known:
            message = f"起算事件“{stage.starts_from}”没有任何环节产生"
            yield Fault(_place(plan, stage), message, Rule.EVENT)
    yield from _of_decision(plan)


def _of_events(
    catalogue: Catalogue, place: str, stage: ProcedureStage, raised: dict[str, str]
) -> Iterator[Fault]:
    """Look at the events of a stage; add them to those that were `raised` so far."""
    for event in stage.raises:
        if event not in catalogue.events:
            yield Fault(place, f"产生的事件“{event}”没有登记", Rule.EVENT)
        elif catalogue.events[event].outside:
            message = f"事件“{event}”来自流程之外，不能由环节产生"
            yield Fault(place, message, Rule.EVENT)
        if event in raised:
            yield Fault(place, f"事件“{event}”已由环节 {raised[event]} 产生", Rule.EVENT)
        raised[event] = stage.code


def _of_owner(catalogue: Catalogue, place: str, stage: ProcedureStage) -> Iterator[Fault]:
    owner = catalogue.owners.get(stage.owner)
    if owner is None:
        yield Fault(place, f"承办方“{stage.owner}”没有登记", Rule.OWNER)
        return
    if owner.department_code is not None and owner.department_code not in catalogue.departments:
        message = f"承办方“{owner.name}”的部门 {owner.department_code} 不存在"
        yield Fault(place, message, Rule.OWNER)
    for level in owner.levels:
        if not catalogue.levels.get(level):
            yield Fault(place, f"承办方“{owner.name}”在“{level}”一级没有区划", Rule.OWNER)
    if not owner.levels:
        yield Fault(place, f"承办方“{owner.name}”没有级别，各地无人承办", Rule.OWNER)
    if (stage.kind is StageKind.JOINT) != (owner.each is Each.JOINT):
        yield Fault(place, "联审环节须由各联审部门承办，别的环节不能", Rule.JOINT_OWNER)


def _of_notice(catalogue: Catalogue, place: str, stage: ProcedureStage) -> Iterator[Fault]:
    is_notice = stage.kind is StageKind.PUBLIC_NOTICE
    owner = catalogue.owners.get(stage.owner)
    if is_notice and owner is not None and owner.school and not stage.conceals:
        message = "学校的公示不得公开家庭困难情况（须注明 conceals）"
        yield Fault(place, message, Rule.SCHOOL_NOTICE)
    if stage.conceals and not is_notice:
        yield Fault(place, "只有公示环节可以注明 conceals", Rule.CONCEALED)


def _of_decision(plan: Plan) -> Iterator[Fault]:
    deciding = [stage for stage in plan.stages if DECISION in stage.raises]
    if [stage.kind for stage in deciding] != [StageKind.CONFIRMATION]:
        name = f"{plan.procedure.code} {plan.procedure.name}"
        yield Fault(name, "须有且只有一个审核确认环节作出决定", Rule.ONE_DECISION)
    for stage in plan.stages:
        if stage.kind is StageKind.COUNTERSIGN and stage.starts_from != DECISION:
            yield Fault(_place(plan, stage), "第二人签字须从决定起算", Rule.COUNTERSIGN)


def _of_order(plan: Plan, paths: Paths) -> Iterator[Fault]:
    """Find stages that would end before one that they wait for must."""
    for stage in plan.stages:
        if stage.kind is StageKind.CONFIRMATION:
            before = paths.before(stage.code)
            for other in plan.stages:
                if other.kind in _MUST_PRECEDE and other.code not in before:
                    message = f"没有等环节 {other.code} {other.name}"
                    yield Fault(_place(plan, stage), message, Rule.PRECEDES)
        for code in stage.after:
            if not paths.ends_in_time(code, before=stage.code):
                message = f"期限早于所等环节 {code} 的期限，或不能比较"
                yield Fault(_place(plan, stage), message, Rule.IN_TIME)


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
    name, legal = f"{procedure.code} {procedure.name}", procedure.legal
    if unit is None or procedure.total_from is None:
        yield Fault(name, "总时限没有写明单位或起算", Rule.TOTAL, legal)
        return
    longest = paths.longest(DECISION, since=procedure.total_from)
    if longest is None:
        message = f"总时限的起算“{procedure.total_from}”不在决定之前"
        yield Fault(name, message, Rule.TOTAL, legal)
        return
    total = Span(working=limit) if unit is DayType.WORKING else Span(calendar=limit)
    if not longest.as_long_as_can_be(unit).fits(total):
        told = "、".join(
            f"{days} 个{word}"
            for days, word in ((longest.working, "工作日"), (longest.calendar, "自然日"))
            if days
        )
        message = f"各环节相加最长 {told}，超过总时限 {limit} 天，或不能保证"
        yield Fault(name, message, Rule.TOTAL, legal)
    if procedure.extended_limit is not None and procedure.extended_limit <= limit:
        message = f"延长后的时限 {procedure.extended_limit} 天不长于总时限 {limit} 天"
        yield Fault(name, message, Rule.TOTAL, legal)
    if procedure.delegated_limit is not None and procedure.delegated_limit > limit:
        message = f"下放后的时限 {procedure.delegated_limit} 天长于总时限 {limit} 天"
        yield Fault(name, message, Rule.TOTAL, legal)


def _of_scheme(catalogue: Catalogue, scheme: Scheme) -> Iterator[Fault]:
    name = f"{scheme.code} {scheme.short_name}"
    plan = catalogue.plans.get(scheme.procedure_code)
    if plan is None:
        message = f"办理流程 {scheme.procedure_code} 不存在，或还没有生效的版本"
        yield Fault(name, message, Rule.IN_FORCE)
        return
    kinds = {stage.kind for stage in plan.stages}
    joint = set(joint_of(plan.procedure, scheme))
    for code in sorted({*joint, scheme.department_code} - catalogue.departments):
        yield Fault(name, f"部门 {code} 不存在", Rule.DEPARTMENT)
    if scheme.department_code not in joint:
        yield Fault(name, f"主办部门 {scheme.department_code} 不在联审部门中", Rule.LEAD)
    if len(joint) > 1 and StageKind.JOINT not in kinds:
        yield Fault(name, "有多个部门参加，但流程没有并联会审环节", Rule.JOINT)
    if scheme.entry is Entry.APPLICATION and not _is_applied_for(plan):
        message = "须申请，但从申请或开学起算的环节走不到决定"
        yield Fault(name, message, Rule.APPLICATION)
    if "signed_list" in scheme.extra:
        yield from _of_list(name, scheme, kinds)
    unlawful = scheme.extra.get("no_notice")
    if unlawful and unlawful["who"] == EVERYONE and StageKind.PUBLIC_NOTICE in kinds:
        legal = unlawful["legal"]
        message = f"依法不得公示，但流程有公示环节（{legal}）"
        yield Fault(name, message, Rule.NO_NOTICE, legal)


def _of_list(name: str, scheme: Scheme, kinds: Set[StageKind]) -> Iterator[Fault]:
    """Look whether many cases may be granted alike: others looked at each, and amounts end."""
    if scheme.extra["signed_list"] is not True:
        yield Fault(name, "signed_list 只能写 true；不允许用清单审批的，不写", Rule.SIGNED_LIST)
    if StageKind.JOINT not in kinds or not kinds & _LOOKED_AT:
        message = "允许用清单审批，但决定之前没有核对（初审、审核）和并联会审"
        yield Fault(name, message, Rule.SIGNED_LIST)
    if not scheme.amount_max_fen:
        yield Fault(name, "允许用清单审批，但没有写明金额上限", Rule.SIGNED_LIST)


# In one of these somebody looked at each case by itself.
_LOOKED_AT = frozenset(
    {StageKind.SURVEY, StageKind.DATA_CHECK, StageKind.EXAMINATION, StageKind.FIRST_OPINION}
)


def _is_applied_for(plan: Plan) -> bool:
    """Tell whether an application leads to the decision, whatever else happens outside or not."""
    reached = Paths(plan.stages, outside=frozenset(ENTRY_EVENTS), closing=0).reached
    return any(DECISION in stage.raises for stage in plan.stages if stage.code in reached)


def _outside(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(code for code, event in catalogue.events.items() if event.outside)


def _place(plan: Plan, stage: ProcedureStage) -> str:
    return f"{plan.procedure.code} {stage.code} {stage.name}"
