"""Reading what a case recognised, and what was filled in from what was known."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.models import Account
from relief.registry.types import Category
from relief.review.recognition.models import CasePrefill, CaseRecognition
from relief.review.recognition.types import Field, Source
from relief.review.recognition.words import sentence
from relief.schemes.rule_models import FactKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRow:
    """An identity that a case rests on. `told`: the whole of it in a sentence."""

    category: Category
    holder: str
    since_on: date | None
    checked_on: date
    source: Source
    told_by: str
    told: str
    spares: str
    stages: Sequence[str]
    checks: Sequence[str]
    legal: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefillRow:
    """A value that was known before. `kind`: which fact; None of what is no fact."""

    field: Field
    kind: str | None
    name: str | None
    value: str
    origin: str
    known_on: date | None
    corrected: str | None
    reason: str | None
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBefore:
    """What a case did not ask anew."""

    recognitions: Sequence[RecognitionRow]
    prefilled: Sequence[PrefillRow]


def known_before(session: Session, *, case_id: uuid.UUID) -> KnownBefore:
    """Return what a case recognised and took over. Two queries."""
    rests = session.scalars(
        select(CaseRecognition)
        .where(CaseRecognition.case_id == case_id)
        .order_by(CaseRecognition.id)
    )
    filled = session.execute(
        select(CasePrefill, FactKind.name, Account.display_name)
        .join(Account, Account.id == CasePrefill.entered_by)
        .outerjoin(FactKind, FactKind.code == CasePrefill.kind_code)
        .where(CasePrefill.case_id == case_id)
        .order_by(CasePrefill.id)
    )
    return KnownBefore(
        recognitions=[_recognition(row) for row in rests],
        prefilled=[_prefill(*row) for row in filled],
    )


def _recognition(row: CaseRecognition) -> RecognitionRow:
    return RecognitionRow(
        category=row.category,
        holder=row.holder,
        since_on=row.since_on,
        checked_on=row.checked_on,
        source=row.source,
        told_by=row.told_by,
        told=sentence(row),
        spares=row.spares,
        stages=row.stages,
        checks=row.checks,
        legal=row.legal,
        accepted_at=row.accepted_at,
    )


def _prefill(row: CasePrefill, kind_name: str | None, entered_by: str) -> PrefillRow:
    return PrefillRow(
        field=row.field,
        kind=row.kind_code,
        name=kind_name,
        value=row.value,
        origin=row.origin,
        known_on=row.known_on,
        corrected=row.corrected,
        reason=row.reason,
        entered_by=entered_by,
        entered_at=row.entered_at,
    )
