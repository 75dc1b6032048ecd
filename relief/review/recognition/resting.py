"""What cases rest on, and whether it stands: for many cases in a few statements."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.review.checks.facts import Member, Recognised
from relief.review.models import Case
from relief.review.recognition.identities import Known, known_of
from relief.review.recognition.models import CaseRecognition

_NOTHING = Known({}, {})
_UNKNOWN = "已没有记载"


def kept(session: Session, cases: Sequence[Case]) -> Mapping[uuid.UUID, Sequence[CaseRecognition]]:
    """Return case → what it rests on. One query."""
    rows: dict[uuid.UUID, list[CaseRecognition]] = defaultdict(list)
    for row in session.scalars(
        select(CaseRecognition)
        .where(CaseRecognition.case_id.in_([case.id for case in cases]))
        .order_by(CaseRecognition.id)
    ):
        rows[row.case_id].append(row)
    return rows


def known(
    session: Session,
    rests: Mapping[uuid.UUID, Sequence[CaseRecognition]],
    cases: Sequence[Case],
    families: Mapping[uuid.UUID, Sequence[Member]],
    *,
    now: datetime,
) -> Known:
    """Return what the families of those cases are confirmed as that rest on it. As registrar.

    No query where none does; else as many as `known_of`.
    """
    people = {
        one.id for case in cases if rests.get(case.id) for one in families.get(case.person_id, ())
    }
    return known_of(session, people, now=now) if people else _NOTHING


def recognised(
    rests: Sequence[CaseRecognition],
    known: Known,
    applicant: uuid.UUID,
    family: Collection[uuid.UUID],
    *,
    scheme_unit: str,
) -> Sequence[Recognised]:
    """Return what one case rests on, each with whether it stands."""
    if not rests:
        return ()
    now = {one.category: one for one in known.of_family(applicant, family, scheme_unit=scheme_unit)}
    return [
        Recognised(
            category=row.category,
            checks=row.checks,
            stands=row.category in now and now[row.category].stands,
            why=(now[row.category].why or "") if row.category in now else _UNKNOWN,
        )
        for row in rests
    ]
