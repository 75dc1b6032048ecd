"""From which registers of the departments a roster is drawn (按名单进入), and of whom.

A roster names who is confirmed as something that the scheme accepts (`recognition`), or who stands
in a register that a department delivers: nobody is asked for what it tells (社会救助法第六十二条).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String, select, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

import seeds
from relief.core import documents
from relief.core.db import Base
from relief.core.seeding import Row
from relief.organisation.seeding import Plan
from relief.schemes.models import Parameter, Scheme
from relief.schemes.recognition import RecognitionRule
from relief.schemes.soundness import Fault
from relief.schemes.soundness_rules import Rule
from relief.schemes.types import CountedFrom, Entry


class RosterRegister(Base):
    """That a scheme's roster is drawn from a register, from a day on, and of which entries."""

    __tablename__ = "roster_register"

    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), primary_key=True)
    register: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    states: Mapped[list[Any]] = mapped_column(comment="of the entries that are drawn")
    kinds: Mapped[list[Any]] = mapped_column(comment="of the entries that are drawn")
    assessed: Mapped[bool] = mapped_column(comment="only with an amount above nothing")
    per_event: Mapped[bool] = mapped_column(
        comment="once for each event; else whoever has nothing of the scheme"
    )
    counted_from: Mapped[CountedFrom]
    months: Mapped[str] = mapped_column(
        String(60), comment="parameter: for how long after that day an entry is drawn"
    )
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


def of_scheme(session: Session, *, scheme_code: str, on: date) -> Sequence[RosterRegister]:
    """Return by what rules a scheme's roster is drawn on a day, one a register. One query."""
    return _in_force(session, on, scheme_code=scheme_code)


def every(session: Session, *, on: date) -> Sequence[tuple[RosterRegister, str]]:
    """Return the rules of all schemes that hold on a day, with the scheme's name. Two queries."""
    rows = session.execute(select(Scheme.code, Scheme.short_name))
    names = {row.code: row.short_name for row in rows}
    return [(one, names[one.scheme_code]) for one in _in_force(session, on)]


def drawn(session: Session, *, on: date) -> frozenset[str]:
    """Return the codes of the schemes that have on a day what a roster is drawn from. One query.

    An identity that they accept, or a register.
    """
    accepting = select(RecognitionRule.scheme_code).where(RecognitionRule.valid_from <= on)
    drawing = select(RosterRegister.scheme_code).where(RosterRegister.valid_from <= on)
    return frozenset(session.scalars(union(accepting, drawing)))


def faults(session: Session, *, procedures: Collection[str], on: date) -> list[Fault]:
    """Return what is wrong with where rosters are drawn from on a day. Four queries.

    A scheme that is entered by roster and has neither an identity that it accepts nor a register
    names nobody, ever. `procedures`: codes of those in force, of whose schemes it is asked.
    """
    schemes = {one.code: one for one in session.scalars(select(Scheme).order_by(Scheme.code))}
    names = set(session.scalars(select(Parameter.name)))
    found = []
    for rule in session.scalars(select(RosterRegister)):
        found += [
            Fault(_place(schemes[rule.scheme_code]), message, Rule.ROSTER)
            for message in _of_rule(rule, schemes[rule.scheme_code], names)
        ]
    named = drawn(session, on=on)
    for scheme in schemes.values():
        if scheme.entry is not Entry.ROSTER or scheme.procedure_code not in procedures:
            continue
        if scheme.code not in named:
            message = "按名单进入，但没有认可的身份，也没有提取名单的登记库"
            found.append(Fault(_place(scheme), message, Rule.ROSTER))
    return found


def _of_rule(rule: RosterRegister, scheme: Scheme, names: Collection[str]) -> Iterator[str]:
    if scheme.entry is not Entry.ROSTER:
        yield "不是按名单进入的项目，却有提取名单的登记库"
    if rule.months not in names:
        yield f"没有参数“{rule.months}”"
    if not rule.states or not rule.kinds:
        yield f"没有写明提取登记库“{rule.register}”中的哪些人"


def _place(scheme: Scheme) -> str:
    return f"{scheme.code} {scheme.short_name}"


def seed_plan() -> Plan:
    """Return the section `draws` of the recognition file, as the catalogue's loading takes it."""
    entries = documents.read(seeds.path("reference/recognition.yml"))["draws"]
    return [(RosterRegister, list(_rows(entries)), [])]


def _rows(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for entry in entries:
        yield {
            "scheme_code": entry["scheme"],
            "register": entry["register"],
            "valid_from": entry["valid_from"],
            "states": entry["states"],
            "kinds": entry["kinds"],
            "assessed": entry["assessed"],
            "per_event": entry["per_event"],
            "counted_from": CountedFrom(entry["counted_from"]),
            "months": entry["months"],
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def _in_force(session: Session, on: date, **of: str) -> Sequence[RosterRegister]:
    return session.scalars(
        select(RosterRegister)
        .filter_by(**of)
        .ext(distinct_on(RosterRegister.scheme_code, RosterRegister.register))
        .where(RosterRegister.valid_from <= on)
        .order_by(
            RosterRegister.scheme_code, RosterRegister.register, RosterRegister.valid_from.desc()
        )
    ).all()
