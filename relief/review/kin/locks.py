"""Whom a case is locked for, and which cases are of kin."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, any_, cast, exists, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.models import Account, AccountRegion
from relief.core.ids import new_id
from relief.organisation.models import FunctionalZonePart, Region
from relief.review.kin import comparing
from relief.review.kin.comparing import Hit
from relief.review.kin.errors import KinOfCase, KinVisitMissing, StoodBack
from relief.review.kin.models import CaseKin, CaseRecusal, KinVisit
from relief.review.mandates import agents
from relief.review.mandates.errors import AgentHandles
from relief.review.models import Case

_COMPANION = "另一名入户人员与申请家庭有近亲属关系，或者已经回避、是申请人的受托人，不得入户调查"
_COLUMNS = ("id", "case_id", "account_id", "name", "relation", "source", "found_at")


def refuse(session: Session, case: Case, *, account_id: uuid.UUID, on: date) -> None:
    """Refuse who stood back, or is kin of the family: as found, as declared, or as filed by now.

    And who is the applicant's agent. Raises StoodBack, KinOfCase, AgentHandles.
    """
    if session.get(CaseRecusal, (case.id, account_id)) is not None:
        raise StoodBack
    refuse_known(session, case, account_id=account_id)
    refuse_kin(session, person_id=case.person_id, account_id=account_id, on=on)
    agents.refuse(session, case_id=case.id, account_id=account_id)


def refuse_companion(session: Session, case: Case, *, account_id: uuid.UUID, on: date) -> None:
    """Refuse whom a case is locked for as the other one at its home, in words that say so.

    Raises StoodBack, KinOfCase, AgentHandles.
    """
    try:
        refuse(session, case, account_id=account_id, on=on)
    except (StoodBack, KinOfCase, AgentHandles) as fault:
        raise type(fault)(_COMPANION) from None


def refuse_known(session: Session, case: Case, *, account_id: uuid.UUID) -> None:
    """Refuse who is kept as kin of the family. Raises KinOfCase."""
    known = select(CaseKin.id).where(CaseKin.case_id == case.id, CaseKin.account_id == account_id)
    if session.scalar(select(exists(known))):
        raise KinOfCase


def refuse_kin(session: Session, *, person_id: uuid.UUID, account_id: uuid.UUID, on: date) -> None:
    """Refuse an account that by its filing is kin of someone's family. Raises KinOfCase."""
    if comparing.hits(session, person_id=person_id, account_id=account_id, on=on):
        raise KinOfCase


def compare(session: Session, case: Case, *, on: date, now: datetime) -> None:
    """Keep which of those who handle such cases there the family is kin of, as filed by now."""
    compare_all(session, [case], on=on, now=now)


def compare_all(
    session: Session, cases: Sequence[Case], *, on: date, now: datetime
) -> Mapping[uuid.UUID, Sequence[Hit]]:
    """Do that for some cases; return person → whose kin the family is, of all staff.

    Two queries and one insert, however many cases there are.
    """
    found = comparing.hits_of(session, people={case.person_id for case in cases}, on=on)
    of_case = {case.id: found[case.person_id] for case in cases if case.person_id in found}
    handling = handled_by(
        session, {(case_id, hit.account_id) for case_id, hits in of_case.items() for hit in hits}
    )
    names = accounts.display_names(session, {account_id for _, account_id in handling})
    kept = [
        {
            "id": new_id(now),
            "case_id": case_id,
            "account_id": hit.account_id,
            "name": names[hit.account_id],
            "relation": hit.relation,
            "source": hit.source,
            "found_at": now,
        }
        for case_id, hits in of_case.items()
        for hit in hits
        if (case_id, hit.account_id) in handling
    ]
    if kept:
        session.execute(insert(CaseKin).on_conflict_do_nothing(), kept)
    return found


def handled_by(
    session: Session, pairs: Collection[tuple[uuid.UUID, uuid.UUID]]
) -> Collection[tuple[uuid.UUID, uuid.UUID]]:
    """Return of pairs of case and account those in which the account is in use and handles it.

    That is: of a department of the case and of its place.
    """
    if not pairs:
        return set()
    in_zone = exists().where(
        FunctionalZonePart.zone_code == AccountRegion.code,
        FunctionalZonePart.region_code == Region.code,
    )
    rows = session.execute(
        select(Case.id, Account.id)
        .join(Account, Account.department_code == any_(Case.departments))
        .join(AccountRegion, AccountRegion.account_id == Account.id)
        .join(Region, or_(cast(Region.code, String()) == AccountRegion.code, in_zone))
        .where(
            tuple_(Case.id, Account.id).in_(pairs),
            Account.disabled_at.is_(None),
            Region.code <= Case.region_code,
            Region.code_end > Case.region_code,
        )
        .distinct()
    )
    return {(row[0], row[1]) for row in rows}


def keep(session: Session, found: Collection[CaseKin]) -> None:
    """Keep whose kin families are by a register; what is kept already stays as it is."""
    if found:
        values = [{name: getattr(one, name) for name in _COLUMNS} for one in found]
        session.execute(insert(CaseKin).on_conflict_do_nothing(), values)


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
