"""Reading what the checks found in a case, and who authorised them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.core.ages import age_on
from relief.core.clock import local_date
from relief.core.findings import Evidence, Grade
from relief.core.scope import Scope
from relief.registry import disclosure
from relief.registry.models import Membership, Person
from relief.registry.queries.visible import get_person
from relief.review.checks import ran, running
from relief.review.checks.models import CaseAuthorisation, CaseFinding
from relief.review.checks.outside import without_payee
from relief.review.checks.ran import RanChecks
from relief.review.checks.types import CLEARING, SignedBy, Verdict
from relief.review.models import Case
from relief.review.visible import get_case
from relief.schemes import queries as schemes
from relief.schemes.check_rules import CheckRule


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """What a check found, and what verifying it came to.

    `waits`: it holds a grant and may be answered. `due_on`: the last day to verify it.
    """

    id: uuid.UUID
    check: str
    name: str
    grade: Grade
    message: str
    evidence: Evidence
    rule: str
    mend: str
    owner: str
    found_at: datetime
    due_on: date | None
    due_provisional: bool
    gone_at: datetime | None
    verdict: Verdict | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationRow:
    """That someone of the family signed."""

    person_id: uuid.UUID
    name: str
    signed_on: date
    signed_by: SignedBy
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksOfCase:
    """All findings of a case, what holds first, its authorisations, newest first, and what ran."""

    findings: Sequence[FindingRow]
    authorisations: Sequence[AuthorisationRow]
    ran: RanChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Someone whose authorisation the application may need."""

    id: uuid.UUID
    name: str
    relation: str | None


def of_case(session: Session, *, scope: Scope, case_id: uuid.UUID) -> ChecksOfCase:
    """Return what was found in a case in scope. Eight queries at most. Raises CaseNotFound.

    To whom is paid is not told to a department that only takes part.
    """
    return _of(session, get_case(session, scope, case_id), scope)


def view(session: Session, *, viewer: Actor, case_id: uuid.UUID, now: datetime) -> ChecksOfCase:
    """Return what was found in a case, and record the look. Raises CaseNotFound."""
    case = get_case(session, viewer.scope, case_id)
    found = _of(session, case, viewer.scope)
    people = {case.person_id, *(one.person_id for one in found.authorisations)}
    disclosure.record_look(
        session,
        "case",
        case_id,
        viewer,
        {"persons": sorted(map(str, people))},
        people=sorted(people),
        region_code=case.region_code,
        now=now,
    )
    return found


def doubts() -> ScalarSelect[int]:
    """Return how many doubts hold the case of a row, as a column beside `aid_case`."""
    return (
        select(func.count())
        .where(CaseFinding.case_id == Case.id, running.holding())
        .correlate(Case)
        .scalar_subquery()
    )


def signers(session: Session, *, scope: Scope, person_id: uuid.UUID, on: date) -> Sequence[Signer]:
    """Return who of someone's household, living and of age, may have to sign.

    Three queries, of what the reader sees of the household. Raises PersonNotFound.
    """
    person, membership, _ = get_person(session, scope, person_id)
    of_age = int(schemes.parameter(session, "adult_age", on=on))
    query = select(Person, Membership.relation).outerjoin(
        Membership, Membership.person_id == Person.id
    )
    if membership is None:
        query = query.where(Person.id == person.id)
    else:
        query = query.where(Membership.household_id == membership.household_id)
    rows = session.execute(query.order_by(Person.born_on.nulls_last(), Person.id))
    return [
        Signer(id=one.id, name=one.name, relation=relation)
        for one, relation in rows
        if one.died_on is None and (one.born_on is None or age_on(one.born_on, on) >= of_age)
    ]


def _of(session: Session, case: Case, scope: Scope) -> ChecksOfCase:
    found = session.execute(
        select(CaseFinding, Account.display_name)
        .outerjoin(Account, Account.id == CaseFinding.answered_by)
        .where(CaseFinding.case_id == case.id)
        .order_by(CaseFinding.gone_at.nulls_first(), CaseFinding.check_code, CaseFinding.key)
    ).all()
    rules = _rules(
        session, local_date(max((row[0].found_at for row in found), default=case.submitted_at))
    )
    signed = session.execute(
        select(CaseAuthorisation, Account.display_name)
        .join(Account, Account.id == CaseAuthorisation.recorded_by)
        .where(CaseAuthorisation.case_id == case.id)
        .order_by(CaseAuthorisation.signed_on.desc(), CaseAuthorisation.id.desc())
    )
    payer = _pays(session, case, scope)
    rows = [_finding(*row, rules, payer=payer) for row in found]
    return ChecksOfCase(
        findings=sorted(rows, key=lambda row: (row.gone_at is not None, not row.waits)),
        authorisations=[
            AuthorisationRow(
                person_id=row.person_id,
                name=row.name,
                signed_on=row.signed_on,
                signed_by=row.signed_by,
                recorded_by=recorded_by,
                recorded_at=row.recorded_at,
            )
            for row, recorded_by in signed
        ],
        ran=ran.ran(session, case, [row[0] for row in found]),
    )


def _rules(session: Session, on: date) -> Mapping[str, CheckRule]:
    """Return the newest rule of each check up to a day, switched off since or not."""
    rows = session.scalars(
        select(CheckRule).where(CheckRule.valid_from <= on).order_by(CheckRule.valid_from)
    )
    return {row.code: row for row in rows}


def _pays(session: Session, case: Case, scope: Scope) -> bool:
    """Tell whether a reader sees the payee of a case, as `paying.queries` has it."""
    if scope.department_code is None:
        return True
    return schemes.get_scheme(session, code=case.scheme_code).department_code == (
        scope.department_code
    )


def _finding(
    row: CaseFinding, answered_by: str | None, rules: Mapping[str, CheckRule], *, payer: bool
) -> FindingRow:
    rule = rules[row.check_code]
    return FindingRow(
        id=row.id,
        check=row.check_code,
        name=rule.name,
        grade=row.grade,
        message=row.message,
        evidence=row.evidence if payer else without_payee(row.evidence),
        rule=row.rule,
        mend=rule.mend,
        owner=rule.owner,
        found_at=row.found_at,
        due_on=row.due_on,
        due_provisional=row.due_provisional,
        gone_at=row.gone_at,
        verdict=row.verdict,
        answer=row.answer,
        answered_by=answered_by,
        answered_at=row.answered_at,
        waits=row.grade is Grade.DOUBT and row.gone_at is None and row.verdict not in CLEARING,
    )
