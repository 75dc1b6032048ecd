"""Says in Chinese how an expression was worked out, with the values that went into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from relief.schemes.dimensions import MONEY, Dimension, is_money
from relief.schemes.expressions import (
    FEN_OF_YUAN,
    Call,
    Choice,
    Comparison,
    Literal,
    Logic,
    Missing,
    Name,
    Negation,
    Node,
    Sum,
    Value,
    evaluate,
)

_DECIMALS = 2  # of what does not come out even; the calculation itself goes on with all of it
_SIGNS = {
    "+": "+", "-": "−", "*": "×", "/": "÷",
    "<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠",
}  # fmt: skip
_UNITS = {"person": "人", "month": "个月", "year": "岁", "item": "项"}
_FUNCTIONS = {
    "min": "取低者", "max": "取高者",
    "round_fen": "四舍五入到分", "round_yuan": "四舍五入到元",
    "round_yuan_up": "不足一元按一元计", "round_yuan_down": "舍去不足一元的部分",
}  # fmt: skip
_LOOSE, _TIGHT, _CLOSED = 1, 2, 3
UNKNOWN = "待查明"


@dataclass(frozen=True, slots=True)
class Term:
    """What a name in an expression stands for."""

    name: str
    value: Value | Missing
    dimension: Dimension


def value_text(value: Value | Missing, dimension: Dimension) -> str:
    """Return a value with its unit; what does not come out even is marked so.

    >>> value_text(Fraction(61200), (("CNY", 1),)), value_text(Fraction(200, 3), (("CNY", 1),))
    ('612 元', '约 0.67 元')
    """
    if isinstance(value, Missing):
        return UNKNOWN
    if isinstance(value, bool):
        return "是" if value else "否"
    if is_money(dimension):
        return f"{_plain(value / FEN_OF_YUAN)} 元"
    unit = ""
    if isinstance(dimension, tuple) and len(dimension) == 1 and dimension[0][1] == 1:
        unit = _UNITS.get(dimension[0][0], "")
    return f"{_plain(value)} {unit}".rstrip()


def number_text(value: Decimal) -> str:
    """Return the value of a parameter without needless zeros.

    >>> number_text(Decimal("800.0000")), number_text(Decimal("1.3500"))
    ('800', '1.35')
    """
    return f"{value.normalize():f}"


def yuan_text(fen: int) -> str:
    """Return an amount in fen as yuan.

    >>> yuan_text(56450)
    '564.5 元'
    """
    return value_text(Fraction(fen), ((MONEY, 1),))


def explain(node: Node, terms: Mapping[str, Term]) -> str:
    """Return an expression in words and values; of a choice, what was chosen."""
    return _say(node, terms)[0]


def _say(node: Node, terms: Mapping[str, Term]) -> tuple[str, int]:
    match node:
        case Literal(value):
            return _plain(value), _CLOSED
        case Name(name):
            term = terms[name]
            return f"{term.name} {value_text(term.value, term.dimension)}", _CLOSED
        case Call(function, arguments):
            inside = "，".join(explain(one, terms) for one in arguments)
            return f"{_FUNCTIONS[function]}（{inside}）", _CLOSED
        case Negation(Name() as of, sign=False):
            return _say(of, terms)  # its value, yes or no, says it better than a double negative
        case Negation(of, sign):
            return ("−" if sign else "并非") + _within(of, terms, _CLOSED), _CLOSED
    return _say_operation(node, terms)


def _say_operation(node: Node, terms: Mapping[str, Term]) -> tuple[str, int]:
    match node:
        case Choice():
            return _say_choice(node, terms)
        case Logic(every, several):
            word = "，且" if every else "，或"
            return word.join(_within(one, terms, _LOOSE) for one in several), 0
        case Comparison(operator, left, right):
            return f"{explain(left, terms)} {_SIGNS[operator]} {explain(right, terms)}", _LOOSE
        case Sum(operator, left, right):
            own = _TIGHT if operator in "*/" else _LOOSE
            after = own if operator in "+*" else own + 1
            said = (_within(left, terms, own), _within(right, terms, after))
            return f" {_SIGNS[operator]} ".join(said), own
    message = f"no words for {type(node).__name__}"
    raise AssertionError(message)


def _say_choice(node: Choice, terms: Mapping[str, Term]) -> tuple[str, int]:
    chosen = evaluate(node.test, {code: one.value for code, one in terms.items()})
    test = explain(node.test, terms)
    if isinstance(chosen, Missing):
        return f"视{test}而定", _CLOSED
    told = isinstance(node.test, Name) or chosen  # its value, yes or no, is said already
    taken = node.yes if chosen else node.no
    joined = "；" if isinstance(taken, Choice) else "，取"
    return f"{test}{'' if told else ' 不成立'}{joined}{explain(taken, terms)}", 0


def _within(node: Node, terms: Mapping[str, Term], least: int) -> str:
    said, tightness = _say(node, terms)
    return said if tightness >= least else f"（{said}）"


def _plain(value: Fraction) -> str:
    scaled = value * 10**_DECIMALS
    exact = scaled.denominator == 1
    cents = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign, cents = ("−", -cents) if cents < 0 else ("", cents)
    whole, rest = divmod(cents, 10**_DECIMALS)
    decimals = f".{rest:0{_DECIMALS}}".rstrip("0").rstrip(".")
    return f"{'' if exact else '约 '}{sign}{whole:,}{decimals}"
