"""Enters applications of many people at once, each as it would be entered by itself.

What the single application refuses is refused here, and what it writes is written here, by the same
functions (`review/service.py`, `review/stages.py`), in few statements for all of them.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.errors import DomainError
from relief.organisation import queries as organisation
from relief.review import clocks, stages
from relief.review.checks import running
from relief.review.clocks import Law
from relief.review.kin import comparing, locks
from relief.review.kin.models import CaseKin
from relief.review.recognition import acts as recognition
from relief.review.recognition import bases, rosters
from relief.review.recognition.rosters import Confirmed
from relief.review.rostering import left_out, opening, taking
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.types import NotEntered, PlaceStatus
from relief.review.stages import Way
from relief.review.types import Step
from relief.schemes import queries as schemes
from relief.schemes import recognition as rules
from relief.schemes.types import ENTRY_EVENTS

logger = logging.getLogger(__name__)

Why = tuple[NotEntered, str | None]
_FAILED = "录入时出现意外错误，请单独录入"


@dataclass(frozen=True, slots=True)
class Acting:
    """An act that is being done, for whom and when."""

    session: Session
    act: RosterAct
    clerk: Actor
    now: datetime


def enter(acting: Acting, places: Sequence[RosterPlace]) -> None:
    """Enter each, or say why not; one that fails stops no other.

    What fails is found by halving under savepoints. Trouble of the database itself (a lost
    connection, a deadlock) is the caller's: the work is done again.
    """
    try:
        with acting.session.begin_nested():
            _enter(acting, places)
    except OperationalError:
        raise
    except DomainError as fault:
        # What a rule refuses is told by the rule, also where it refuses everybody.
        why = f"{fault.title}：{fault.detail}" if fault.detail else fault.title
    except Exception:
        why = _FAILED
        if len(places) == 1:
            logger.exception("one of a roster failed", extra={"act_id": str(acting.act.id)})
    else:
        return
    if len(places) == 1:
        _close(places[0], (NotEntered.FAILED, why))
        return
    middle = len(places) // 2
    enter(acting, places[:middle])
    enter(acting, places[middle:])


def _enter(acting: Acting, places: Sequence[RosterPlace]) -> None:
    """Try all who may be entered; whom the checks hold are left out, and the others tried again."""
    by_person = {place.person_id: place for place in places}
    good, refused = _may(acting, by_person)
    entered: Mapping[uuid.UUID, uuid.UUID] = {}
    while good:
        attempt = acting.session.begin_nested()
        entered, held = _try(acting, good)
        if not held:
            attempt.commit()
            break
        attempt.rollback()
        refused |= held
        good, entered = [one for one in good if one.person.id not in held], {}
    for person, place in by_person.items():
        if person in entered:
            place.status, place.case_id = PlaceStatus.ENTERED, entered[person]
            place.entered_at = acting.now
        else:
            _close(place, refused.get(person, (NotEntered.UNDER_WAY, None)))
    acting.session.flush()


def _may(
    acting: Acting, by_person: Mapping[uuid.UUID, RosterPlace]
) -> tuple[list[Confirmed], dict[uuid.UUID, Why]]:
    """Return who is still missing on the roster and no kin of the clerk, and why others are not."""
    session, now = acting.session, acting.now
    confirmed = {
        one.person.id: one
        for one in rosters.drawn(
            session,
            scope=acting.clerk.scope,
            scheme_code=acting.act.scheme_code,
            people=by_person.keys(),
            now=now,
        )
        if one.told
    }
    kin = comparing.hits_of(
        session, people=confirmed.keys(), on=local_date(now), account_id=acting.clerk.id
    )
    gone = left_out.why_not(
        session,
        scope=acting.clerk.scope,
        scheme=schemes.get_scheme(session, code=acting.act.scheme_code),
        people=by_person.keys() - confirmed.keys(),
    )
    refused: dict[uuid.UUID, Why] = {one: (why.reason, None) for one, why in gone.items()}
    refused |= dict.fromkeys(kin, (NotEntered.KIN, None))
    return [one for person, one in confirmed.items() if person not in kin], refused


def _try(
    acting: Acting, chosen: Sequence[Confirmed]
) -> tuple[Mapping[uuid.UUID, uuid.UUID], Mapping[uuid.UUID, Why]]:
    """Enter all; return person → case, and person → what holds them, which undoes it all.

    Who applied in the meantime is in neither.
    """
    session, now, today = acting.session, acting.now, local_date(acting.now)
    scheme = schemes.get_scheme(session, code=acting.act.scheme_code)
    plan = schemes.procedure(session, code=scheme.procedure_code, on=today)
    owners, calendar = schemes.owners(session), organisation.calendar(session)
    cases = opening.open_all(session, acting.act, scheme, plan, chosen, now=now)
    if not cases:
        return {}, {}
    locks.compare_all(session, list(cases.values()), on=today, now=now)
    accepted = rules.accepted_by(session, scheme_code=scheme.code, on=today)
    found = [one for one in chosen if one.person.id in cases]
    # Read before anything is added, so that each case is written once less.
    known = taking.known_of_all(session, found, scheme=scheme, scope=acting.clerk.scope, now=now)
    ways = []
    for one in found:
        way = Way(
            session=session, case=cases[one.person.id], scheme=scheme, plan=plan, owners=owners,
            calendar=calendar, actor_id=acting.clerk.id, now=now, known=[],
        )  # fmt: skip
        stages.note(way, Step.SUBMITTED, None, None)
        way.fresh = recognition.keep(way, one.identities, accepted)
        bases.keep(way, one.basis)
        stages.raise_events(way, ENTRY_EVENTS)
        ways.append(way)
    taking.take_over_all(ways, found, known, scope=acting.clerk.scope)
    held = _held(acting, ways)
    law = Law(
        calendar,
        {(plan.procedure.code, plan.procedure.version): plan.procedure},
        schemes.reminder_rules(session),
    )
    if not held:
        clocks.count(session, list(cases.values()), law=law, now=now)
        session.flush()
    return {person: case.id for person, case in cases.items()}, held


def _held(acting: Acting, ways: Sequence[Way]) -> Mapping[uuid.UUID, Why]:
    """Return person → why the checks hold the application, or that it is the clerk's own kin's."""
    blocked = running.admit_all(ways)
    kin = set(
        acting.session.scalars(
            select(CaseKin.case_id).where(
                CaseKin.case_id.in_(blocked.keys()), CaseKin.account_id == acting.clerk.id
            )
        )
    )
    held: dict[uuid.UUID, Why] = {}
    for way in ways:
        fault = blocked[way.case.id]
        if way.case.id in kin:
            held[way.case.person_id] = NotEntered.KIN, None
        elif fault is not None:
            held[way.case.person_id] = NotEntered.BLOCKED, fault.detail
    return held


def _close(place: RosterPlace, why: Why) -> None:
    place.status = PlaceStatus.NOT_ENTERED
    place.reason, place.note = why
