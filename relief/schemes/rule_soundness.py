"""Proves that every rule can be applied: it is read, what it names is there, and units fit."""

from collections.abc import Collection, Iterator

from relief.core.scope import is_city
from relief.schemes.calculation import Rule, StepKind
from relief.schemes.dimensions import YES_NO, Dimension, infer, of_unit
from relief.schemes.expressions import ROUNDING, Call, ExpressionError
from relief.schemes.rule_models import SchemeRule
from relief.schemes.rules import Book, read
from relief.schemes.soundness import Fault


def faults(book: Book) -> list[Fault]:
    """Return all faults of all rules, of today, of earlier days and of days to come."""
    found = [
        Fault(code, "既是参数又是事实，规则中无法区分")
        for code in sorted(book.kinds.keys() & book.parameters.keys())
    ]
    for row in book.rules:
        found.extend(_of_rule(book, row))
    return found


def _of_rule(book: Book, row: SchemeRule) -> Iterator[Fault]:
    place = f"{row.scheme_code} 自 {row.valid_from.isoformat()} 的规则"
    if row.scheme_code not in book.schemes:
        yield Fault(place, "救助项目不存在")
    try:
        rule = read(row)
    except ValueError as fault:  # no expression, or no kind of step
        yield Fault(place, str(fault))
        return
    known = dict(_of_facts(book))
    for name in sorted(rule.names & book.parameters.keys()):
        wrong, dimension = _of_parameter(book, rule, name)
        known[name] = dimension
        if wrong:
            yield Fault(place, wrong)
    yield from _of_order(place, rule, known.keys() | book.parameters.keys())
    yield from _of_steps(place, rule, known)


def _of_facts(book: Book) -> Iterator[tuple[str, Dimension]]:
    for code, kind in book.kinds.items():
        yield code, of_unit(kind.unit)


def _of_parameter(book: Book, rule: Rule, name: str) -> tuple[str | None, Dimension]:
    """Return what is wrong with a parameter, and its dimension: it holds until a later row.

    A county may have none of its own, so that of the city must be there from the first day on.
    """
    rows = book.parameters[name]
    dimension = of_unit(rows[0].unit)
    first = min((one.valid_from for one in rows if is_city(one.region_code)), default=None)
    if first is None or first > rule.valid_from:
        since = f"自 {first.isoformat()} 才有值，晚于规则的生效日" if first else "没有全市的值"
        return f"参数 {name} {since}", dimension
    if any(of_unit(one.unit) != dimension for one in rows):
        return f"参数 {name} 的单位前后不一致", dimension
    if name not in rule.labels:
        return f"参数 {name} 没有中文名称", dimension
    return None, dimension


def _of_order(place: str, rule: Rule, taken: Collection[str]) -> Iterator[Fault]:
    codes = [step.code for step in rule.steps]
    for code in sorted({code for code in codes if codes.count(code) > 1 or code in taken}):
        yield Fault(place, f"步骤代码“{code}”重复，或与参数、事实同名")
    kinds = [step.kind for step in rule.steps]
    if StepKind.CONDITION not in kinds:
        yield Fault(place, "没有任何条件")
    if StepKind.AMOUNT in kinds[:-1]:
        yield Fault(place, "金额须是最后一步，且只有一个")
    for step in rule.steps:
        if step.kind is not StepKind.VALUE and not step.source:
            yield Fault(place, f"步骤“{step.name}”没有依据")


def _of_steps(place: str, rule: Rule, known: dict[str, Dimension]) -> Iterator[Fault]:
    wanted = {StepKind.CONDITION: of_unit(YES_NO), StepKind.AMOUNT: of_unit(rule.unit)}
    for step in rule.steps:
        where = f"{place}，步骤“{step.name}”"
        try:
            dimension = infer(step.node, known)
        except ExpressionError as fault:
            yield Fault(where, str(fault))
            return  # what follows from it has no unit either
        known[step.code] = dimension
        if step.kind in wanted and dimension != wanted[step.kind]:
            yield Fault(where, "结果的单位与所需不符")
        if step.kind is StepKind.AMOUNT and not _is_rounded(step.node):
            yield Fault(where, "金额没有写明如何取整")


def _is_rounded(node: object) -> bool:
    return isinstance(node, Call) and node.function in ROUNDING
