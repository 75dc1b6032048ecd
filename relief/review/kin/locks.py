"""Whom a case is locked for, and which cases are of kin."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, cast, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.models import Account, AccountRegion
from relief.core.ids import new_id
from relief.organisation.models import FunctionalZonePart, Region
from relief.review.kin import comparing
from relief.review.kin.errors import KinOfCase, KinVisitMissing, StoodBack
from relief.review.kin.models import CaseKin, CaseRecusal, KinVisit
from relief.review.models import Case


def refuse(session: Session, case: Case, *, account_id: uuid.UUID, on: date) -> None:
    """Refuse who stood back, or is kin of the family: as found, as declared, or as filed by now.

    Raises StoodBack, KinOfCase.
    """
    if session.get(CaseRecusal, (case.id, account_id)) is not None:
        raise StoodBack
    known = select(CaseKin.id).where(CaseKin.case_id == case.id, CaseKin.account_id == account_id)
    if session.scalar(select(exists(known))):
        raise KinOfCase
    refuse_kin(session, person_id=case.person_id, account_id=account_id, on=on)


def refuse_kin(session: Session, *, person_id: uuid.UUID, account_id: uuid.UUID, on: date) -> None:
    """Refuse an account that by its filing is kin of someone's family. Raises KinOfCase."""
    if comparing.hits(session, person_id=person_id, account_id=account_id, on=on):
        raise KinOfCase


def compare(session: Session, case: Case, *, on: date, now: datetime) -> None:
    """Keep which of those who handle such cases there the family is kin of, as filed by now."""
    found = comparing.hits(session, person_id=case.person_id, on=on)
    handling = _handling(session, case, {hit.account_id for hit in found})
    hits = [hit for hit in found if hit.account_id in handling]
    if not hits:
        return
    names = accounts.display_names(session, handling)
    session.execute(
        insert(CaseKin).on_conflict_do_nothing(),
        [
            {
                "id": new_id(now),
                "case_id": case.id,
                "account_id": hit.account_id,
                "name": names[hit.account_id],
                "relation": hit.relation,
                "source": hit.source,
                "found_at": now,
            }
            for hit in hits
        ],
    )


def _handling(session: Session, case: Case, ids: Collection[uuid.UUID]) -> Collection[uuid.UUID]:
    """Return those of some accounts in use who are of a department of the case and of its place."""
    in_zone = exists().where(
        FunctionalZonePart.zone_code == AccountRegion.code,
        FunctionalZonePart.region_code == Region.code,
    )
    return session.scalars(
        select(Account.id)
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .join(Region, or_(cast(Region.code, String()) == AccountRegion.code, in_zone))
        .where(
            Account.id.in_(ids),
            Account.disabled_at.is_(None),
            Account.department_code.in_(case.departments),
            Region.code <= case.region_code,
            Region.code_end > case.region_code,
        )
        .distinct()
    ).all()


def refuse_unvisited(session: Session, case: Case) -> None:
    """Refuse to decide a case of kin before the county was at the home. Raises KinVisitMissing."""
    if is_kin(session, case) and session.get(KinVisit, case.id) is None:
        raise KinVisitMissing


def is_kin(session: Session, case: Case) -> bool:
    """Tell whether a case is filed as one of kin, of anybody's."""
    return bool(session.scalar(select(exists().where(CaseKin.case_id == case.id))))


def is_locked(session: Session, *, case_id: uuid.UUID, account_id: uuid.UUID) -> bool:
    """Tell whether a case is locked for an account, as far as known. One query."""
    unlocked = select(Case.id).where(Case.id == case_id, open_to(account_id))
    return not session.scalar(select(exists(unlocked)))


def open_to(account_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition on `aid_case` that it is not locked for an account, as far as known."""
    stood_back = exists().where(
        CaseRecusal.case_id == Case.id, CaseRecusal.account_id == account_id
    )
    kin = exists().where(CaseKin.case_id == Case.id, CaseKin.account_id == account_id)
    return ~or_(stood_back, kin)
