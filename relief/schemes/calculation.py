"""Applies a scheme's rule to the facts of a case, step by step, with every value told.

Nothing here asks a database. What is not known is named and never guessed: a condition that hangs
on it is open, and so is the amount. Sources of law stand with each condition.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from relief.core.scope import is_city
from relief.schemes.dimensions import YES_NO, Dimension, infer, is_money, of_unit
from relief.schemes.expressions import (
    FEN_OF_YUAN,
    ExpressionError,
    Missing,
    Node,
    Value,
    evaluate,
    names,
    parse,
)
from relief.schemes.wording import UNKNOWN, Term, explain, value_text


class StepKind(enum.StrEnum):
    """What a step of a rule is."""

    VALUE = "value"  # worked out on the way
    CONDITION = "condition"  # must hold
    AMOUNT = "amount"


class Eligible(enum.StrEnum):
    """Whether the conditions of a rule hold."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # a fact is missing


@dataclass(frozen=True, slots=True)
class StepRule:
    """One step of a rule. `text` is its expression as written, `node` as read."""

    code: str
    name: str
    kind: StepKind
    text: str
    node: Node
    source: str | None

    @classmethod
    def read(
        cls, *, code: str, name: str, kind: StepKind, text: str, source: str | None
    ) -> "StepRule":
        """Return a step with its expression read. Raises ExpressionError."""
        return cls(code, name, kind, text, parse(text), source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule of a scheme.

    `unit`: of the amount; `per`: what the amount is for; `labels`: what parameters are called.
    """

    scheme_code: str
    valid_from: date
    unit: str
    per: str
    labels: Mapping[str, str]
    steps: tuple[StepRule, ...]

    @property
    def names(self) -> frozenset[str]:
        """Return the parameters and facts that it asks for."""
        own = {step.code for step in self.steps}
        return frozenset().union(*(names(step.node) for step in self.steps)) - own


@dataclass(frozen=True, slots=True, kw_only=True)
class FactMeaning:
    """What a fact is called, and its unit."""

    name: str
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterValue:
    """A parameter in the version that holds on the day. `value` is in yuan where it is money.

    `region`: the name of the city or county whose value it is.
    """

    name: str
    valid_from: date
    value: Decimal
    unit: str | None
    source: str
    region_code: int
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as it came out.

    `text`: the expression in words and values; `value`: the outcome in words; `holds`: of a
    condition, None while it is open; `problem`: why there is no value.
    """

    code: str
    name: str
    kind: StepKind
    text: str
    value: str
    holds: bool | None
    missing: Sequence[str]
    problem: str | None
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """What a rule says of a case on a day.

    `amount_fen`: what the rule grants, 0 where it confirms an identity only; None unless the
    conditions hold and nothing is missing. `missing`: codes of the facts to be found out.
    """

    scheme_code: str
    rule_from: date
    on: date
    per: str
    eligible: Eligible
    amount_fen: int | None
    missing: Sequence[str]
    steps: Sequence[Step]
    parameters: Sequence[ParameterValue]


def calculate(
    rule: Rule,
    *,
    parameters: Mapping[str, ParameterValue],
    kinds: Mapping[str, FactMeaning],
    facts: Mapping[str, int],
    on: date,
) -> Calculation:
    """Apply a rule. `facts`: code → value, in fen, as 0 or 1, or a whole number.

    What comes after the last condition is worked out only where all of them hold. A step without
    a value (a division by zero, an amount below nothing) says so and leaves the rest open.
    """
    terms = {name: _term(name, rule, parameters, kinds, facts) for name in rule.names}
    steps: list[Step] = []
    amount: Value | Missing = Fraction(0)
    for place, step in enumerate(rule.steps):
        decided = not any(one.kind is StepKind.CONDITION for one in rule.steps[place:])
        if decided and _eligible(steps) is not Eligible.YES:
            break
        term, problem = _work_out(step, terms)
        steps.append(_step(step, term, terms, kinds, problem))
        terms[step.code] = term
        if step.kind is StepKind.AMOUNT:
            amount = term.value
    eligible = _eligible(steps)
    return Calculation(
        scheme_code=rule.scheme_code,
        rule_from=rule.valid_from,
        on=on,
        per=rule.per,
        eligible=eligible,
        amount_fen=_fen(amount) if eligible is Eligible.YES else None,
        missing=sorted({code for step in steps for code in step.missing}),
        steps=steps,
        parameters=[parameters[name] for name in sorted(rule.names & parameters.keys())],
    )


def _term(
    name: str,
    rule: Rule,
    parameters: Mapping[str, ParameterValue],
    kinds: Mapping[str, FactMeaning],
    facts: Mapping[str, int],
) -> Term:
    if name in parameters:
        found = parameters[name]
        dimension = of_unit(found.unit)
        scale = FEN_OF_YUAN if is_money(dimension) else 1
        label = rule.labels[name]
        if not is_city(found.region_code):
            label = f"{label}（{found.region}）"  # who reads the proof sees whose standard it is
        return Term(label, Fraction(found.value) * scale, dimension)
    kind = kinds[name]
    dimension = of_unit(kind.unit)
    if name not in facts:
        return Term(kind.name, Missing(frozenset({name})), dimension)
    value = facts[name]
    return Term(kind.name, bool(value) if dimension == YES_NO else Fraction(value), dimension)


def _work_out(step: StepRule, terms: Mapping[str, Term]) -> tuple[Term, str | None]:
    dimension: Dimension = infer(step.node, {code: one.dimension for code, one in terms.items()})
    try:
        value = _value(step, terms)
    except ExpressionError as fault:
        # Nothing to be found out: what hangs on it is open for want of a value.
        return Term(step.name, Missing(frozenset()), dimension), str(fault)
    return Term(step.name, value, dimension), None


def _value(step: StepRule, terms: Mapping[str, Term]) -> Value | Missing:
    value = evaluate(step.node, {code: one.value for code, one in terms.items()})
    if step.kind is StepKind.AMOUNT and not isinstance(value, Missing) and value < 0:
        message = "算得的金额小于零"
        raise ExpressionError(message)
    return value


def _step(
    step: StepRule,
    term: Term,
    terms: Mapping[str, Term],
    kinds: Mapping[str, FactMeaning],
    problem: str | None,
) -> Step:
    missing = sorted(term.value.names) if isinstance(term.value, Missing) else []
    told = problem or value_text(term.value, term.dimension)
    if missing:
        told = f"{UNKNOWN}：{'、'.join(kinds[code].name for code in missing)}"
    holds = term.value if isinstance(term.value, bool) else None
    return Step(
        code=step.code,
        name=step.name,
        kind=step.kind,
        text=explain(step.node, terms),
        value=told,
        holds=holds if step.kind is StepKind.CONDITION else None,
        missing=missing,
        problem=problem,
        source=step.source,
    )


def _eligible(steps: Sequence[Step]) -> Eligible:
    held = {step.holds for step in steps if step.kind is StepKind.CONDITION}
    if False in held:
        return Eligible.NO
    return Eligible.UNKNOWN if None in held else Eligible.YES


def _fen(amount: Value | Missing) -> int | None:
    return None if isinstance(amount, Missing) else int(amount)
