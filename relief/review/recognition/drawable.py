"""Proves that what a rule draws a roster from can be told: register, kinds and states of entries.

Beside `schemes.rosters.faults`, which knows no registers: whose words these are is asked here.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from relief.registers.intake import layouts
from relief.registers.types import Register, State
from relief.review.recognition.registered import DRAWN_FROM
from relief.schemes import rosters
from relief.schemes.rosters import RosterRegister
from relief.schemes.soundness import Fault
from relief.schemes.soundness_rules import Rule


def faults(session: Session, *, on: date) -> list[Fault]:
    """Return what no entry can have, or nobody could be told, of the rules of a day. Two queries.

    Without this a roster with such a rule stays empty, or its page fails.
    """
    return [
        Fault(f"{rule.scheme_code} {name}", message, Rule.ROSTER)
        for rule, name in rosters.every(session, on=on)
        for message in _of_rule(rule)
    ]


def _of_rule(rule: RosterRegister) -> Iterator[str]:
    known = {one.value: one for one in DRAWN_FROM}
    register = known.get(rule.register)
    if register is None:
        yield f"不能从登记库“{rule.register}”提取名单，可以的只有：{'、'.join(sorted(known))}"
        return
    for kind in sorted(set(rule.kinds) - _kinds(register)):
        yield f"登记库“{rule.register}”中没有“{kind}”这一类人"
    for state in sorted(set(rule.states) - {one.value for one in State}):
        yield f"登记库“{rule.register}”中没有“{state}”这一状态"


def _kinds(register: Register) -> set[str]:
    return {
        code
        for form in layouts.of_register(register)
        for column in form.layout.columns
        if column.field == "kind"
        for code in column.codes.values()
    }
