"""Which confirmed identities other schemes recognise (结果互认), and what is then not done again.

社会救助法第四十二条: the result of a confirmation is shared and mutually recognised. Read from a
file of its own in `seeds/`, kept in the database, and read from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

import seeds
from relief.core import documents
from relief.core.db import Base
from relief.core.seeding import Row
from relief.organisation.seeding import Plan as SeedPlan
from relief.schemes.models import Parameter, Procedure, Scheme
from relief.schemes.queries import Plan
from relief.schemes.soundness import Fault
from relief.schemes.types import StageKind

HOUSEHOLD = "household"
AUTHORISATION = "A07"
# What was found out once for the identity; nothing by which a person looks at the case itself.
SPARED_KINDS = frozenset({StageKind.SURVEY, StageKind.DATA_CHECK, StageKind.FIRST_OPINION})
SPARED_CHECKS = frozenset({AUTHORISATION})


class RecognisedIdentity(Base):
    """An identity that a scheme confirms and others recognise."""

    __tablename__ = "recognised_identity"

    category: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), unique=True)
    unit: Mapped[str] = mapped_column(String(20), comment="whom it covers: person or household")
    months: Mapped[str] = mapped_column(
        String(60), comment="parameter: for how long after its last check it is recognised"
    )
    fact_code: Mapped[str | None] = mapped_column(
        ForeignKey("fact_kind.code"), comment="what a rule asks of it"
    )
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


class RecognitionRule(Base):
    """That a scheme accepts an identity from a day on, and what is not done again there."""

    __tablename__ = "recognition_rule"
    __table_args__ = (CheckConstraint("total_limit > 0", name="total_positive"),)

    scheme_code: Mapped[str] = mapped_column(ForeignKey("scheme.code"), primary_key=True)
    category: Mapped[str] = mapped_column(
        ForeignKey("recognised_identity.category"), primary_key=True
    )
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    spares: Mapped[str] = mapped_column(String(100), comment="what, in words for the family")
    stages: Mapped[list[Any]] = mapped_column(comment="codes of stages that are left out")
    checks: Mapped[list[Any]] = mapped_column(comment="codes of checks that are not made")
    total_limit: Mapped[int | None] = mapped_column(comment="of the whole; empty: as it was")
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(4))


def seed_plan() -> SeedPlan:
    """Return the rows of the seed file, as the catalogue's loading takes them."""
    document: dict[str, Any] = documents.read(seeds.path("reference/recognition.yml"))
    return [
        (RecognisedIdentity, list(_identities(document["identities"])), None),
        (RecognitionRule, list(_rules(document["accepts"])), []),
    ]


def identities(session: Session) -> Mapping[str, RecognisedIdentity]:
    """Return scheme code → the identity that it confirms, the strongest first. One query."""
    rows = session.scalars(select(RecognisedIdentity).order_by(RecognisedIdentity.position))
    return {row.scheme_code: row for row in rows}


def accepted_by(session: Session, *, scheme_code: str, on: date) -> Mapping[str, RecognitionRule]:
    """Return category → by what rule a scheme accepts it on a day. One query."""
    rows = session.scalars(
        select(RecognitionRule)
        .ext(distinct_on(RecognitionRule.category))
        .where(RecognitionRule.scheme_code == scheme_code, RecognitionRule.valid_from <= on)
        .order_by(RecognitionRule.category, RecognitionRule.valid_from.desc())
    )
    return {row.category: row for row in rows}


def faults(session: Session, plans: Mapping[str, Plan]) -> list[Fault]:
    """Return what in the seeds cannot be applied to the procedures; none if all can. Four queries.

    What four eyes, a notice, another department or the decision look at is never left out.
    """
    known = {one.code: one for one in session.scalars(select(Scheme))}
    names = set(session.scalars(select(Parameter.name)))
    found: list[Fault] = []
    for identity in session.scalars(select(RecognisedIdentity)):
        if known[identity.scheme_code].category != identity.category:
            found.append(Fault(identity.scheme_code, f"不认定“{identity.category}”"))
        if identity.months not in names:
            found.append(Fault(identity.category, f"没有参数“{identity.months}”"))
    for rule in session.scalars(select(RecognitionRule)):
        plan = plans.get(known[rule.scheme_code].procedure_code)
        if plan is not None:
            found.extend(_of_rule(rule, plan))
    return found


def _of_rule(rule: RecognitionRule, plan: Plan) -> Iterator[Fault]:
    stages = {one.code: one for one in plan.stages}
    for code in rule.stages:
        if code not in stages:
            yield Fault(rule.scheme_code, f"互认所免的环节“{code}”不在流程中")
        elif stages[code].kind not in SPARED_KINDS:
            yield Fault(rule.scheme_code, f"环节“{stages[code].name}”不得因互认免去")
    for code in rule.checks:
        if code not in SPARED_CHECKS:
            yield Fault(rule.scheme_code, f"核验“{code}”不得因互认免去")
    yield from _of_total(rule, plan.procedure)


def _of_total(rule: RecognitionRule, procedure: Procedure) -> Iterator[Fault]:
    """Look that a shorter way is not longer than the whole, which has a limit."""
    if rule.total_limit is None:
        return
    if procedure.total_limit is None or rule.total_limit > procedure.total_limit:
        yield Fault(rule.scheme_code, "互认后的总时限不短于流程的总时限")


def _identities(entries: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for position, entry in enumerate(entries, start=1):
        yield {
            "category": entry["category"],
            "position": position,
            "scheme_code": entry["scheme"],
            "unit": entry["unit"],
            "months": entry["months"],
            "fact_code": entry.get("fact"),
            "source": entry["source"],
            "confidence": entry["conf"],
        }


def _rules(entries: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for entry in entries:
        for category in entry["of"]:
            yield {
                "scheme_code": entry["scheme"],
                "category": category,
                "valid_from": entry["valid_from"],
                "spares": entry["zh"],
                "stages": entry["stages"],
                "checks": entry["checks"],
                "total_limit": entry.get("total"),
                "source": entry["source"],
                "confidence": entry["conf"],
            }
