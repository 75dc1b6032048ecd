"""The language in which the catalogue says what a scheme's rule is: closed, exact, and total.

A text is read by Python's own parser and then copied, node by node, into the few forms below; what
has none is refused. There are no attributes, indexes, strings, names of Python or calls other than
`FUNCTIONS`, and no numbers but 0 and 1: whatever the law or the city sets is a parameter. Numbers
are fractions, so that nothing is rounded unless the rule says so; money is in fen.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

LONGEST, DEEPEST = 300, 10
FUNCTIONS = frozenset({"min", "max", "round_fen", "round_yuan", "round_yuan_up", "round_yuan_down"})
ROUNDING = FUNCTIONS - {"min", "max"}
FEN_OF_YUAN = 100

Value = Fraction | bool
Reader = Callable[[ast.AST], "Node"]


class ExpressionError(ValueError):
    """A text is no expression of the language, or has no value; the message is for people."""


@dataclass(frozen=True, slots=True)
class Literal:
    """0 or 1."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a fact or an earlier step."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """`-x` of a number (`sign`), or `not x`."""

    of: "Node"
    sign: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """`left operator right`, of `+ - * /`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`, of `< <= > >= == !=`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """Parts that all (`every`) or of which one must hold."""

    every: bool
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`yes if test else no`."""

    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the closed list."""

    function: str
    arguments: tuple["Node", ...]


Node = Literal | Name | Negation | Sum | Comparison | Logic | Choice | Call


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known, by name: in place of a value that hangs on it."""

    names: frozenset[str]


# Every character and word there may be, so that nothing else ever comes to Python's parser.
# Nothing is given back once read (`+`): a long text that is refused is refused at once.
_TOKENS = re.compile(r"(?:\s|[a-z_][a-z0-9_]*+|[01](?![\w.])|<=|>=|==|!=|[-+*/<>(),])*+", re.ASCII)
_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_COMPARING: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def parse(text: str) -> Node:
    """Return an expression. Raises ExpressionError, which says why it is none.

    >>> parse("max(standard - income, 0)").function
    'max'
    """
    if len(text) > LONGEST:
        message = f"表达式超过 {LONGEST} 个字符"
        raise ExpressionError(message)
    if _TOKENS.fullmatch(text) is None:
        message = "表达式中有不允许的字符、数字或写法；数字只能是 0 和 1，其余写成参数"
        raise ExpressionError(message)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        message = "表达式的写法不正确"
        raise ExpressionError(message) from fault
    return _read(tree.body, 1)


def names(node: Node) -> frozenset[str]:
    """Return the names that an expression uses."""
    if isinstance(node, Name):
        return frozenset({node.name})
    return frozenset().union(*(names(part) for part in parts(node)))


def parts(node: Node) -> tuple[Node, ...]:
    """Return the expressions that one is made of, in their order."""
    match node:
        case Negation(of):
            return (of,)
        case Sum(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case Logic(_, several) | Call(_, several):
            return several
        case Choice(test, yes, no):
            return (test, yes, no)
    return ()


def evaluate(node: Node, known: Mapping[str, Value | Missing]) -> Value | Missing:
    """Return what an expression is worth, or what is missing to tell.

    What is missing does not matter where the rest decides: one part that holds is enough for `or`,
    one that does not for `and`. Raises ExpressionError: a division by zero, a name that nobody
    gave, a number where a yes or no belongs.
    """
    if isinstance(node, Name):
        return _given(node.name, known)
    if isinstance(node, Logic | Choice):
        return _decide(node, known)
    found = [evaluate(part, known) for part in parts(node)]
    missing = [one.names for one in found if isinstance(one, Missing)]
    if missing:
        return Missing(frozenset().union(*missing))
    return _apply(node, [one for one in found if not isinstance(one, Missing)])


def _read(node: ast.AST, depth: int) -> Node:
    if depth > DEEPEST:
        message = f"表达式嵌套超过 {DEEPEST} 层"
        raise ExpressionError(message)

    def inner(part: ast.AST) -> Node:
        return _read(part, depth + 1)

    for reader in (_read_term, _read_condition, _read_call):
        found = reader(node, inner)
        if found is not None:
            return found
    message = "表达式中有不允许的写法"
    raise ExpressionError(message)


def _read_term(node: ast.AST, inner: Reader) -> Node | None:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return Literal(Fraction(value))
        case ast.Name(id=name):
            return Name(name)
        case ast.UnaryOp(op=ast.USub() | ast.Not() as operator, operand=of):
            return Negation(inner(of), sign=isinstance(operator, ast.USub))
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _ARITHMETIC:
            return Sum(_ARITHMETIC[type(operation)], inner(left), inner(right))
    return None


def _read_condition(node: ast.AST, inner: Reader) -> Node | None:
    match node:
        case ast.BoolOp(op=both, values=several):
            return Logic(isinstance(both, ast.And), tuple(inner(one) for one in several))
        case ast.IfExp(test=test, body=yes, orelse=no):
            return Choice(inner(test), inner(yes), inner(no))
        case ast.Compare(left=left, ops=operators, comparators=others) if all(
            type(one) in _COMPARING for one in operators
        ):
            terms = [inner(one) for one in (left, *others)]
            pairs = tuple(
                Comparison(_COMPARING[type(one)], terms[place], terms[place + 1])
                for place, one in enumerate(operators)
            )
            return pairs[0] if len(pairs) == 1 else Logic(every=True, parts=pairs)
    return None


def _read_call(node: ast.AST, inner: Reader) -> Node | None:
    match node:
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in FUNCTIONS:
            _refuse_wrong_count(name, len(given))
            return Call(name, tuple(inner(one) for one in given))
    return None


def _refuse_wrong_count(function: str, count: int) -> None:
    if (count != 1) if function in ROUNDING else (count < 2):  # noqa: PLR2004  # of two or more
        message = f"{function} 的参数个数不对"
        raise ExpressionError(message)


def _given(name: str, known: Mapping[str, Value | Missing]) -> Value | Missing:
    if name not in known:
        message = f"没有“{name}”"
        raise ExpressionError(message)
    return known[name]


def _decide(node: Logic | Choice, known: Mapping[str, Value | Missing]) -> Value | Missing:
    if isinstance(node, Choice):
        chosen = evaluate(node.test, known)
        if isinstance(chosen, Missing):
            return chosen
        return evaluate(node.yes if _truth(chosen) else node.no, known)
    found = [evaluate(part, known) for part in node.parts]
    told = [_truth(one) for one in found if not isinstance(one, Missing)]
    if (not node.every) in told:  # decided, whatever is missing
        return not node.every
    missing = [one.names for one in found if isinstance(one, Missing)]
    return Missing(frozenset().union(*missing)) if missing else node.every


def _apply(node: Node, values: list[Value]) -> Value:
    match node:
        case Literal(value):
            return value
        case Negation(sign=False):
            return not _truth(values[0])
        case Negation():
            return -_number(values[0])
        case Comparison(operator):
            return _compare(operator, _number(values[0]), _number(values[1]))
        case Sum(operator):
            return _calculate(operator, _number(values[0]), _number(values[1]))
        case Call(function):
            return _call(function, [_number(one) for one in values])
    message = f"no value of {type(node).__name__}"
    raise AssertionError(message)


def _compare(operator: str, left: Fraction, right: Fraction) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[operator]


def _calculate(operator: str, left: Fraction, right: Fraction) -> Fraction:
    if operator == "/":
        if right == 0:
            message = "除数为零"
            raise ExpressionError(message)
        return left / right
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _call(function: str, values: list[Fraction]) -> Fraction:
    if function == "min":
        return min(values)
    if function == "max":
        return max(values)
    [value] = values
    if function == "round_fen":
        return Fraction(_half_up(value))
    yuan = value / FEN_OF_YUAN
    if function == "round_yuan_up":
        whole = -(-yuan.numerator // yuan.denominator)
    elif function == "round_yuan_down":
        whole = yuan.numerator // yuan.denominator
    else:
        whole = _half_up(yuan)
    return Fraction(whole * FEN_OF_YUAN)


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        message = "应当是“是”或“否”的地方是数"
        raise ExpressionError(message)
    return value


def _number(value: Value) -> Fraction:
    if isinstance(value, bool):
        message = "应当是数的地方是“是”或“否”"
        raise ExpressionError(message)
    return value
