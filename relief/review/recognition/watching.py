"""Finds open cases whose recognised identity stands no longer: each gets a doubt (A30).

At once where the identity is ended or re-checked here; each day for what the lists tell and for
what has become too old. Nothing is refused by it, and nothing ends.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.core.registrar import registrar
from relief.review import stages
from relief.review.checks import running
from relief.review.checks.models import CaseFinding
from relief.review.models import Case
from relief.review.recognition import household, resting
from relief.review.recognition.identities import known_of
from relief.review.recognition.models import CaseRecognition
from relief.review.recognition.skipping import LOST
from relief.review.stages import Way
from relief.review.types import LIVE
from relief.schemes import queries as schemes

logger = logging.getLogger(__name__)

AT_ONCE = 500  # cases that are compared by the same statements


def run(session: Session, *, now: datetime, at_once: int = AT_ONCE) -> int:
    """Look at all open cases that rest on an identity; return how many got a doubt.

    A dozen queries for each batch of them, and a look at each case that lost one, in a savepoint of
    its own: one that cannot be looked at never holds up the others. `at_once`: cases of a batch.
    """
    return _look(session, _resting(), now=now, at_once=at_once)


def after(way: Way) -> int:
    """Look at the open cases of the family of a case, of which an identity was just ended.

    Of those that the actor sees and nobody holds; the others are found in the daily run.
    """
    with registrar(way.session):
        family = household.families_of(way.session, [way.case.person_id])[way.case.person_id]
    theirs = _resting().where(Case.person_id.in_(family), Case.id != way.case.id)
    return _look(way.session, theirs, now=way.now)


def _resting() -> "Select[Case]":
    """Return the query of open cases that rest on something and have no open doubt of it."""
    rests = select(CaseRecognition.id).where(CaseRecognition.case_id == Case.id)
    doubted = select(CaseFinding.id).where(
        CaseFinding.case_id == Case.id,
        CaseFinding.check_code == LOST,
        CaseFinding.gone_at.is_(None),
    )
    return (
        select(Case)
        .where(Case.status.in_(LIVE), rests.exists(), ~doubted.exists())
        .order_by(Case.id)
    )


def _look(session: Session, query: "Select[Case]", *, now: datetime, at_once: int = AT_ONCE) -> int:
    looked_at = 0
    after: uuid.UUID | None = None
    while cases := session.scalars(
        (query if after is None else query.where(Case.id > after)).limit(at_once)
    ).all():
        after = cases[-1].id
        for case_id in _lost_of(session, cases, now=now):
            looked_at += _look_at(session, case_id, now)
        if len(cases) < at_once:
            break
    return looked_at


def _look_at(session: Session, case_id: uuid.UUID, now: datetime) -> bool:
    """Look at one case under its lock; tell whether it was there to look at.

    What somebody holds just now is left to the next run: whoever is here may hold another case
    themselves, and two who wait for each other's would both be thrown out.
    """
    try:
        with session.begin_nested():
            case = session.scalars(
                select(Case)
                .where(Case.id == case_id, Case.status.in_(LIVE))
                .with_for_update(skip_locked=True)
                .execution_options(populate_existing=True)
            ).one_or_none()
            if case is not None:
                running.look_again(stages.way_of(session, case, actor_id=None, now=now))
    except OperationalError:  # of the database, and not of the case
        raise
    except Exception:
        logger.exception("a case could not be looked at", extra={"case": str(case_id)})
        return False
    return case is not None


def _lost_of(session: Session, cases: Sequence[Case], *, now: datetime) -> Collection[uuid.UUID]:
    """Return the ids of cases of which an identity stands no longer, without those that fail.

    What fails is found by halving, under savepoints.
    """
    ids = [case.id for case in cases]
    try:
        with session.begin_nested():
            return _lost(session, cases, now=now)
    except OperationalError:
        raise
    except Exception:
        if len(ids) == 1:
            logger.exception("a case could not be compared", extra={"case": str(ids[0])})
            return ()
    middle = len(ids) // 2
    return [
        one
        for part in (ids[:middle], ids[middle:])
        for one in _lost_of(session, _again(session, part), now=now)
    ]


def _again(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Case]:
    """Return cases as they are after a rollback."""
    return session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)).all()


def _lost(session: Session, cases: Sequence[Case], *, now: datetime) -> Collection[uuid.UUID]:
    """Return the ids of cases of which an identity stands no longer."""
    if not cases:
        return ()
    rests = resting.kept(session, cases)
    units = {one.code: one.unit for one in schemes.schemes(session)}
    with registrar(session):
        families = household.families_of(session, {case.person_id for case in cases})
        known = known_of(session, set().union(*families.values()), now=now)
    return [
        case.id
        for case in cases
        if any(
            not one.stands
            for one in resting.recognised(
                rests.get(case.id, ()),
                known,
                case.person_id,
                families[case.person_id],
                scheme_unit=units[case.scheme_code],
            )
        )
    ]
