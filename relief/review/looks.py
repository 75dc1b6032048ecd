"""Opening a case: who looked at whom is written down, as it is for a household."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.registry import disclosure
from relief.registry.errors import PersonNotFound
from relief.review import queries
from relief.review.checks import queries as checks
from relief.review.checks.queries import ChecksOfCase, Signer
from relief.review.rows import CaseDetail
from relief.review.types import LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A case with what the checks found, and who of the family may still have to sign."""

    detail: CaseDetail
    checked: ChecksOfCase
    signers: Sequence[Signer]


def view_case(session: Session, *, viewer: Actor, case_id: uuid.UUID, now: datetime) -> CaseDetail:
    """Return a case for a page, and record the look. Raises CaseNotFound."""
    detail = queries.case_detail(session, scope=viewer.scope, case_id=case_id, on=local_date(now))
    _record(session, viewer, detail, {detail.person_id}, now)
    return detail


def view_page(session: Session, *, viewer: Actor, case_id: uuid.UUID, now: datetime) -> CasePage:
    """Return a case with its checks for a page, and record the one look at all whom it shows.

    Who may not see the household is not shown its members. Raises CaseNotFound.
    """
    detail = queries.case_detail(session, scope=viewer.scope, case_id=case_id, on=local_date(now))
    checked = checks.of_case(session, scope=viewer.scope, case_id=case_id)
    signers: Sequence[Signer] = ()
    if detail.case.status in LIVE:
        try:
            signers = checks.signers(
                session, scope=viewer.scope, person_id=detail.person_id, on=local_date(now)
            )
        except PersonNotFound:
            signers = ()
    people = {detail.person_id, *(one.id for one in signers)}
    people |= {one.person_id for one in checked.authorisations}
    _record(session, viewer, detail, people, now)
    return CasePage(detail=detail, checked=checked, signers=signers)


def _record(
    session: Session,
    viewer: Actor,
    detail: CaseDetail,
    people: Collection[uuid.UUID],
    now: datetime,
) -> None:
    disclosure.record_look(
        session,
        "case",
        detail.case.id,
        viewer,
        {"persons": sorted(map(str, people))},
        people=sorted(people),
        region_code=detail.case.region_code,
        now=now,
    )
