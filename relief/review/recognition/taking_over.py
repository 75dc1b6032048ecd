"""Filling in an application with what is known, and with corrections of it."""

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from relief.core.ages import months_after
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_phone
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.core.scope import Scope
from relief.registry.intake import values
from relief.review import stages
from relief.review.checks.models import CaseAuthorisation
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.review.recognition import household
from relief.review.recognition.errors import NothingKnown, WrongCorrection
from relief.review.recognition.identities import Identity
from relief.review.recognition.models import CasePrefill
from relief.review.recognition.prefilling import KnownValue, fact_text, known_values
from relief.review.recognition.types import Field
from relief.review.stages import Way
from relief.review.types import Step
from relief.review.visible import case_visible
from relief.schemes import queries as schemes
from relief.schemes.rule_models import FactKind

FAMILY = "family"  # the scheme asks everyone of the family for it
_ONLY_A_NUMBER = "联系电话只能是号码"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """That a known value is another one, and why. `kind`: of a fact, which.

    `secret_id`: of a telephone number, where it is sealed; `value` is masked then.
    """

    field: Field
    kind: str | None
    value: str
    reason: str
    secret_id: uuid.UUID | None = None


def seal(
    session: Session, cipher: Cipher, corrections: Sequence[Correction], *, now: datetime
) -> Sequence[Correction]:
    """Return corrections with telephone numbers sealed. Raises WrongCorrection."""
    if not any(one.field is Field.PHONE for one in corrections):
        return corrections
    plain = [
        replace(one, value=_telephone(one.value)) if one.field is Field.PHONE else one
        for one in corrections
    ]
    numbers = [one.value for one in plain if one.field is Field.PHONE]
    with registrar(session):
        sealed = store.put_many(session, cipher, SecretKind.PHONE, numbers, now=now)
    return [
        replace(one, value=mask_phone(one.value), secret_id=sealed[one.value])
        if one.field is Field.PHONE
        else one
        for one in plain
    ]


def _telephone(text: str) -> str:
    """Return a telephone number in the registry's form. Raises WrongCorrection."""
    number = values.phone(text)
    if number is None:
        raise WrongCorrection(_ONLY_A_NUMBER)
    return number


def take_over(
    way: Way,
    scope: Scope,
    *,
    identities: Sequence[Identity],
    corrections: Sequence[Correction],
    signed: Collection[uuid.UUID],
) -> None:
    """Keep what is known as this application's, with its corrections; facts become the case's.

    `signed`: who signs an authorisation now, so that no earlier one is taken over. A dozen
    statements. Raises NothingKnown, WrongCorrection.
    """
    known = known_values(
        way.session,
        scope=scope,
        person_id=way.case.person_id,
        scheme=way.scheme,
        identities=identities,
        now=way.now,
    )
    by_place = {(one.field, one.kind): one for one in corrections}
    if not by_place.keys() <= {one.place for one in known}:
        raise NothingKnown
    numbers = {
        place: _number(value.kind, by_place[place].value)
        for value in known
        if (place := value.place) in by_place and value.kind is not None
    }
    way.session.execute(
        insert(CasePrefill),
        [prefill_row(way, one, by_place.get(one.place), numbers.get(one.place)) for one in known],
        execution_options={"render_nulls": True},
    )
    facts = [
        fact_row(way, one, by_place.get(one.place), numbers.get(one.place))
        for one in known
        if one.kind is not None
    ]
    if facts:
        way.session.execute(insert(CaseFact), facts)
    names = "、".join(one.name for one in known)
    changed = "、".join(one.name for one in known if one.place in by_place)
    told = f"{names}；其中更正：{changed}" if changed else names
    stages.note(way, Step.TAKEN_OVER, None, told)
    _authorisations(way, scope, signed)


def _number(kind: FactKind, text: str) -> int:
    """Return the value of a corrected fact. Raises WrongCorrection."""
    if not re.fullmatch(r"-?[0-9]{1,18}", text) or not kind.low <= int(text) <= kind.high:
        low, high = fact_text(kind, kind.low), fact_text(kind, kind.high)
        within = f"“{kind.name}”须在 {low} 至 {high} 之间（{kind.source}）"
        raise WrongCorrection(within)
    return int(text)


def prefill_row(
    way: Way, one: KnownValue, other: Correction | None = None, number: int | None = None
) -> Mapping[str, object]:
    """Return a known value as this case keeps it, with its correction if there is one."""
    corrected = other.value if other else None
    if one.kind is not None and number is not None:
        corrected = fact_text(one.kind, number)
    return {
        "id": new_id(way.now),
        "case_id": way.case.id,
        "field": one.field,
        "kind_code": one.kind_code,
        "value": one.value,
        "origin": one.origin,
        "known_on": one.known_on,
        "corrected": corrected,
        "secret_id": other.secret_id if other else None,
        "reason": other.reason if other else None,
        "entered_by": way.actor_id,
        "entered_at": way.now,
    }


def fact_row(
    way: Way, one: KnownValue, other: Correction | None = None, number: int | None = None
) -> Mapping[str, object]:
    """Return a fact as this case's: whoever enters the application answers for it."""
    return {
        "id": new_id(way.now),
        "case_id": way.case.id,
        "kind_code": one.kind_code,
        "value": one.number if number is None else number,
        "proof": one.origin if other is None else f"更正：{other.reason}（原为：{one.origin}）",
        "found_by": way.actor_id,
        "found_at": way.now,
    }


def _authorisations(way: Way, scope: Scope, signed: Collection[uuid.UUID]) -> None:
    """Keep the family's earlier authorisations for this case too, as long as they hold."""
    if way.scheme.extra.get("consent") != FAMILY:
        return
    earlier = authorisations_of(
        way.session, scope, way.case.person_id, on=way.today, but=way.case.id
    )
    rows = [authorisation_row(way, row) for row, _, _ in earlier if row.person_id not in signed]
    if rows:
        way.session.execute(
            insert(CaseAuthorisation), rows, execution_options={"render_nulls": True}
        )
        names = "、".join(str(row["name"]) for row in rows)
        stages.note(way, Step.AUTHORISED, None, f"沿用仍有效的核对授权：{names}")


def authorisation_row(way: Way, row: CaseAuthorisation) -> Mapping[str, object]:
    """Return an earlier authorisation as this case keeps it."""
    return {
        "id": new_id(way.now),
        "case_id": way.case.id,
        "person_id": row.person_id,
        "identity_id": row.identity_id,
        "name": row.name,
        "signed_on": row.signed_on,
        "signed_by": row.signed_by,
        "recorded_by": way.actor_id,
        "recorded_at": way.now,
    }


def authorisations_of(
    session: Session,
    scope: Scope,
    person_id: uuid.UUID,
    *,
    on: date,
    but: uuid.UUID | None = None,
) -> Sequence[tuple[CaseAuthorisation, str, date]]:
    """Return of each of a family the newest authorisation that holds, its case and last day.

    Of cases that the reader may see. `but`: not of this case. Three queries.
    """
    months = int(schemes.parameter(session, "authorisation_months", on=on))
    with registrar(session):
        family = household.families_of(session, [person_id])[person_id]
    rows = session.execute(
        select(CaseAuthorisation, Case.number)
        .ext(distinct_on(CaseAuthorisation.person_id))
        .join(Case, Case.id == CaseAuthorisation.case_id)
        .where(
            CaseAuthorisation.person_id.in_(family),
            case_visible(scope),
            Case.id.is_distinct_from(but),
        )
        .order_by(CaseAuthorisation.person_id, CaseAuthorisation.signed_on.desc(), Case.id)
    )
    return [
        (row, number, months_after(row.signed_on, months))
        for row, number in rows
        if months_after(row.signed_on, months) > on
    ]
