"""Which checks rest on which outside register, and what they are worth while it is behind.

A check finds nothing of somebody whom a register does not name, and cannot tell that from a
register that never came. So whoever keeps the registers is told which checks are *silent* since
there is no file, and which are *unsure* since the newest is old or never was the whole register.
So are the rosters that are drawn from it.
Nothing of whom the files name is read here but how many they are.
"""

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from relief.core.clock import local_date
from relief.core.registrar import registrar
from relief.organisation import queries as organisation
from relief.registers import batches
from relief.registers.batches import DeliveryRow
from relief.registers.intake import layouts
from relief.registers.types import Content, Register
from relief.schemes import check_rules, held_papers, rosters
from relief.schemes import queries as schemes
from relief.schemes.check_rules import CheckRule
from relief.schemes.held_papers import HeldPaper

_SHARED = (Register.HOUSEHOLD_REGISTER, Register.MARRIAGES)  # whom they relate to a member
# Check → the registers without which it finds less. Of A26 the catalogue's papers tell.
RESTS_ON: Mapping[str, Sequence[Register]] = {
    "A03": (Register.DEATHS,),
    "A06": (Register.BUSINESSES, Register.SOCIAL_INSURANCE, Register.PENSIONS),
    "A08": _SHARED,
    "A09": (*_SHARED, Register.CADRES),
    "A11": (Register.FISCAL_STAFF,),
    "A12": (*_SHARED, Register.CADRES),
    "A13": (Register.VEHICLES,),
    "A14": (Register.REAL_ESTATE,),
    "A15": (Register.BUSINESSES,),
    "A16": (Register.PROVIDENT_FUND, Register.SOCIAL_INSURANCE),
    "A17": (Register.PENSIONS,),
    "A18": (Register.BALANCES,),
    "A21": (Register.DISABILITY_CERTIFICATES,),
    "A22": (Register.BALANCES,),
}
_BY_PAPERS = "A26"
_DAYS = "register_days_{register}"


class Supply(enum.StrEnum):
    """How a register stands, and so the checks that rest on it."""

    MISSING = "missing"  # no file counts: they are silent
    PARTIAL = "partial"  # only changes came, never the whole: they are unsure
    STALE = "stale"  # the newest file is older than it may be: they are unsure
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingCheck:
    """A check, or a scheme whose roster is drawn from the register, by code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One register. `age_days`: of the newest file's day; `due_days`: how old it may be.

    `entries`: how many things it holds today; a marriage is one.
    """

    register: Register
    title: str
    office: str
    department_code: str
    department_name: str
    layouts: Sequence[str]
    supply: Supply
    last: DeliveryRow | None
    age_days: int | None
    due_days: int | None
    due_source: str | None
    entries: int
    checks: Sequence[RestingCheck]
    rosters: Sequence[RestingCheck]


def overview(session: Session, *, now: datetime) -> Sequence[RegisterRow]:
    """Return every register, in the order of the layouts. A fixed number of statements."""
    on = local_date(now)
    last = batches.last_live(session, on=on)
    wholes = batches.whole_on(session, on=on)
    with registrar(session):
        changed = batches.changed_since(session, wholes, on=on)
    rules = check_rules.in_force(session, on=on)
    papers = held_papers.in_order(session)
    drawing = rosters.every(session, on=on)
    numbers = schemes.parameters(session, on=on)
    departments = organisation.department_names(session)
    rows = []
    for register, forms in _forms().items():
        newest = last.get(register)
        due = numbers.get(_DAYS.format(register=register.value))
        due_days = int(due.value) if due else None
        age = (on - newest.data_on).days if newest and newest.data_on else None
        rows.append(
            RegisterRow(
                register=register,
                title=forms[0].layout.title,
                office=forms[0].office,
                department_code=forms[0].department,
                department_name=departments.get(forms[0].department, forms[0].department),
                layouts=[one.layout.id for one in forms],
                supply=_supply(age, due_days, is_whole=register in wholes),
                last=newest,
                age_days=age,
                due_days=due_days,
                due_source=due.source if due else None,
                entries=wholes.get(register, (None, 0))[1] + changed.get(register, 0),
                checks=list(_resting(register, rules, papers)),
                rosters=[
                    RestingCheck(code=rule.scheme_code, name=name)
                    for rule, name in drawing
                    if rule.register == register.value
                ],
            )
        )
    return rows


def one(session: Session, register: Register, *, now: datetime) -> RegisterRow:
    """Return one register, in as many statements as all."""
    return next(row for row in overview(session, now=now) if row.register is register)


def _forms() -> Mapping[Register, Sequence[layouts.RegisterLayout]]:
    """Return register → its layouts, the one of whole files first."""
    found: dict[Register, list[layouts.RegisterLayout]] = {}
    for form in layouts.load_all().values():
        found.setdefault(form.register, []).append(form)
    return {
        register: sorted(forms, key=lambda form: form.content is not Content.WHOLE)
        for register, forms in found.items()
    }


def _supply(age: int | None, due_days: int | None, *, is_whole: bool) -> Supply:
    if age is None:
        return Supply.MISSING
    if due_days is not None and age > due_days:
        return Supply.STALE
    return Supply.CURRENT if is_whole else Supply.PARTIAL


def _resting(
    register: Register, rules: Mapping[str, CheckRule], papers: Collection[HeldPaper]
) -> Iterator[RestingCheck]:
    """Yield the checks that run today and rest on a register, in the catalogue's order."""
    named = any(register.value in paper.registers for paper in papers)
    for code, rule in rules.items():
        if register in RESTS_ON.get(code, ()) or (code == _BY_PAPERS and named):
            yield RestingCheck(code=code, name=rule.name)
