"""The rules of the schemes: read from their seed file, kept in the database, and read from it."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import seeds
from relief.core import documents
from relief.core.reading_once import once
from relief.core.seeding import Row
from relief.organisation.seeding import Plan
from relief.schemes.calculation import FactMeaning, Rule, StepKind, StepRule
from relief.schemes.models import Parameter, Scheme
from relief.schemes.rule_models import FactKind, SchemeRule

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All rules there are, with everything that they may name.

    `parameters`: by name, the rows of all days and regions, the oldest first. `schemes`: the codes.
    """

    rules: Sequence[SchemeRule]
    kinds: Mapping[str, FactKind]
    parameters: Mapping[str, Sequence[Parameter]]
    schemes: frozenset[str]


def seed_plan() -> Plan:
    """Return the rows of the seed file, as the catalogue's loading takes them."""
    document: dict[str, Any] = documents.read(seeds.path("reference/rules.yml"))
    return [
        (FactKind, list(_kinds(document["fact_kinds"])), None),
        (SchemeRule, list(_rules(document["rules"], document["parameter_names"])), []),
    ]


def book(session: Session) -> Book:
    """Return all rules and what they may name. Four queries."""
    parameters: dict[str, list[Parameter]] = defaultdict(list)
    every = select(Parameter).order_by(Parameter.name, Parameter.valid_from, Parameter.region_code)
    for row in session.scalars(every):
        parameters[row.name].append(row)
    return Book(
        rules=session.scalars(
            select(SchemeRule).order_by(SchemeRule.scheme_code, SchemeRule.valid_from)
        ).all(),
        kinds=fact_kinds(session),
        parameters=parameters,
        schemes=frozenset(session.scalars(select(Scheme.code))),
    )


def called(book: Book) -> dict[str, str]:
    """Return parameter → what the rules call it."""
    return {name: label for row in book.rules for name, label in row.labels.items()}


@once(FactKind)
def fact_kinds(session: Session) -> Mapping[str, FactKind]:
    """Return code → every kind of fact, in the order of the seed file."""
    return {one.code: one for one in session.scalars(select(FactKind).order_by(FactKind.position))}


@once(SchemeRule)
def rule_on(session: Session, *, scheme_code: str, on: date) -> SchemeRule | None:
    """Return the rule of a scheme that holds on a day; None where it is decided by hand."""
    return session.scalars(
        select(SchemeRule)
        .where(SchemeRule.scheme_code == scheme_code, SchemeRule.valid_from <= on)
        .order_by(SchemeRule.valid_from.desc())
        .limit(1)
    ).first()


def read(row: SchemeRule) -> Rule:
    """Return a stored rule in the form in which it is applied; each is parsed once.

    Raises ExpressionError, which `rule_soundness` finds before anything is stored.
    """
    steps = tuple(
        (step["code"], step["name"], step["kind"], step["expression"], step["source"])
        for step in row.steps
    )
    labels = tuple(sorted(row.labels.items()))
    return _read(
        scheme_code=row.scheme_code,
        valid_from=row.valid_from,
        unit=row.unit,
        per=row.per,
        labels=labels,
        steps=steps,
    )


def meanings(kinds: Mapping[str, FactKind]) -> dict[str, FactMeaning]:
    """Return code → name and unit of facts, as the calculation takes them."""
    return {one.code: FactMeaning(name=one.name, unit=one.unit) for one in kinds.values()}


@functools.lru_cache(maxsize=256)
def _read(
    *,
    scheme_code: str,
    valid_from: date,
    unit: str,
    per: str,
    labels: tuple[tuple[str, str], ...],
    steps: tuple[tuple[str, str, str, str, str | None], ...],
) -> Rule:
    return Rule(
        scheme_code=scheme_code,
        valid_from=valid_from,
        unit=unit,
        per=per,
        labels=dict(labels),
        steps=tuple(
            StepRule.read(code=code, name=name, kind=StepKind(kind), text=text, source=source)
            for code, name, kind, text, source in steps
        ),
    )


def _kinds(entries: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for position, entry in enumerate(entries, start=1):
        scale = 100 if str(entry["unit"]).startswith("CNY") else 1  # the file has yuan
        yield {
            "code": entry["code"],
            "position": position,
            "name": entry["zh"],
            "unit": entry["unit"],
            "low": int(Decimal(str(entry["low"])) * scale),
            "high": int(Decimal(str(entry["high"])) * scale),
            "derived": entry.get("derived", False),
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def _rules(entries: Sequence[Mapping[str, Any]], called: Mapping[str, str]) -> Iterator[Row]:
    for entry in entries:
        yield {
            "scheme_code": entry["scheme"],
            "valid_from": entry["valid_from"],
            "unit": entry["unit"],
            "per": entry["per"],
            "labels": {
                name: label
                for name, label in called.items()
                if any(name in _WORD.findall(step["expression"]) for step in entry["steps"])
            },
            "steps": [
                {
                    "code": step["code"],
                    "name": step["zh"],
                    "kind": step["kind"],
                    "expression": step["expression"],
                    "source": step.get("source"),
                }
                for step in entry["steps"]
            ],
            "source": entry["source"],
            "confidence": entry["conf"],
        }
