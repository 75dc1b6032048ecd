"""Which checks rest on which register is what the checks themselves read."""

import ast
import inspect
from types import ModuleType

import pytest

from relief.console import register_words
from relief.registers import entries
from relief.registers.making import _OWN as MADE
from relief.registers.types import Register
from relief.review.checks import ext_benefits, resting
from relief.review.checks.every import CHECKS

OF_VALUE = {made.__name__: register for register, (made, _) in MADE.items()}
# A22 and A08 are given their entries, and do not name their kind.
GIVEN = {"holders": {Register.BALANCES}, "related": set(resting.RESTS_ON["A08"])}


def read_by(module: ModuleType) -> set[Register]:
    """The registers whose entries a module of a check names."""
    found: set[Register] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module == entries.__name__:
            found |= {OF_VALUE[one.name] for one in node.names if one.name in OF_VALUE}
        if isinstance(node, ast.Attribute) and node.attr in GIVEN:
            found |= GIVEN[node.attr]
    return found


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_a_check_rests_on_what_it_reads(code: str):
    module = inspect.getmodule(CHECKS[code])
    assert module is not None
    found = read_by(module) | (read_by(ext_benefits) if code == "A06" else set())

    assert found == set(resting.RESTS_ON.get(code, ()))


def test_every_state_has_its_words():
    for table in ("register_supply", "register_supply_tone", "register_effect"):
        assert register_words.WORDS[table].keys() == {one.value for one in resting.Supply}
