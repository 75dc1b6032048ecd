"""Which units an expression has: yuan a month are not added to yuan a year, or to persons.

A unit is written as in the catalogue, `CNY/person/month`: factors with `*`, divisors with `/`.
"""

from collections import Counter
from collections.abc import Mapping

from relief.schemes.expressions import (
    ROUNDING,
    Call,
    Choice,
    Comparison,
    ExpressionError,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Sum,
    parts,
)

MONEY = "CNY"
YES_NO = "yes_no"  # the unit of what holds or does not
# factor → power; None: of 0, which fits everything that is a number.
Powers = tuple[tuple[str, int], ...]
Dimension = Powers | str | None
PLAIN: Powers = ()


def of_unit(unit: str | None) -> Dimension:
    """Return the dimension of a unit; no unit is a plain number.

    >>> of_unit("CNY/person/month")
    (('CNY', 1), ('month', -1), ('person', -1))
    """
    if unit == YES_NO:
        return YES_NO
    powers: Counter[str] = Counter()
    for place, divided in enumerate((unit or "").split("/")):
        for factor in filter(None, divided.split("*")):
            powers[factor] += -1 if place else 1
    return _powers(powers)


def is_money(dimension: Dimension) -> bool:
    """Tell whether a dimension is an amount: in all, or for each person, month or the like."""
    return isinstance(dimension, tuple) and dict(dimension).get(MONEY) == 1


def infer(node: Node, known: Mapping[str, Dimension]) -> Dimension:
    """Return the dimension of an expression. Raises ExpressionError where units do not fit."""
    match node:
        case Literal(value):
            return None if value == 0 else PLAIN
        case Name(name):
            if name not in known:
                message = f"没有名为“{name}”的参数、事实或前面的步骤"
                raise ExpressionError(message)
            return known[name]
        case Sum("*" | "/" as operator, left, right):
            return _product(operator, infer(left, known), infer(right, known))
    found = [infer(part, known) for part in parts(node)]
    return _of_parts(node, found)


def _of_parts(node: Node, found: list[Dimension]) -> Dimension:
    match node:
        case Logic() | Negation(sign=False):
            for one in found:
                _same(one, YES_NO)
            return YES_NO
        case Choice():
            _same(found[0], YES_NO)
            return _common(found[1:])
        case Comparison():
            _number(_common(found))
            return YES_NO
        case Call(function) if function in ROUNDING and not is_money(found[0]):
            message = "只有金额可以取整"
            raise ExpressionError(message)
    return _number(_common(found))


def _product(operator: str, left: Dimension, right: Dimension) -> Dimension:
    powers = Counter(dict(_number(left) or ()))
    for factor, power in _number(right) or ():
        powers[factor] += power if operator == "*" else -power
    if powers[MONEY] not in {0, 1}:
        message = "金额不能与金额相乘，也不能作除数"
        raise ExpressionError(message)
    return _powers(powers)


def _common(found: list[Dimension]) -> Dimension:
    first = next((one for one in found if one is not None), None)
    for one in found:
        _same(one, first)
    return first


def _same(one: Dimension, other: Dimension) -> None:
    if one == other or (one is None and other != YES_NO):
        return
    message = f"单位不一致：{_told(one)}与{_told(other)}"
    raise ExpressionError(message)


def _number(one: Dimension) -> Powers | None:
    if isinstance(one, str):
        message = "“是”或“否”不能计算或比较大小"
        raise ExpressionError(message)
    return one


def _powers(powers: Counter[str]) -> Powers:
    return tuple(sorted((factor, power) for factor, power in powers.items() if power))


def _told(one: Dimension) -> str:
    if one is None or isinstance(one, str):
        return "是否" if one else "0"
    return "·".join(_factor(*pair) for pair in one) or "没有单位的数"


def _factor(factor: str, power: int) -> str:
    return factor if power == 1 else f"{factor}^{power}"
