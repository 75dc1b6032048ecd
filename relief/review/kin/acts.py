"""What is done about kin in a case: declared by the applicant, stood back from, visited."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from relief.accounts import queries as accounts
from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.core.ids import new_id
from relief.organisation import queries as organisation
from relief.review import stages, turns
from relief.review.kin import keeping, locks, queries
from relief.review.kin.errors import (
    BadRelation,
    NotKin,
    NotYet,
    StoodBackBefore,
    TwoVisitors,
    VisitedBefore,
)
from relief.review.kin.filing import RELATION
from relief.review.kin.models import CaseKin, CaseRecusal, KinVisit
from relief.review.kin.types import KinSource
from relief.review.types import Step


def declare(
    session: Session, *, actor: Actor, case_id: uuid.UUID, name: str, relation: str, now: datetime
) -> None:
    """Enter that the applicant names someone of the staff, or of a committee, as close kin.

    Who bears that name and takes part is locked out; whoever it is, the county visits the home.
    Raises what `turns.enter` does; CaseClosed, BadRelation.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    if relation not in organisation.code_tables(session, tables=[RELATION])[RELATION]:
        raise BadRelation
    named: list[uuid.UUID | None] = list(
        session.scalars(
            select(Account.id).where(
                Account.display_name == name,
                Account.department_code.in_(way.case.departments),
                Account.disabled_at.is_(None),
            )
        )
    )
    session.execute(
        insert(CaseKin).on_conflict_do_nothing(),
        [
            {
                "id": new_id(now), "case_id": case_id, "account_id": account_id, "name": name,
                "relation": relation, "source": KinSource.DECLARED, "found_at": now,
            }
            for account_id in named or [None]
        ],
    )  # fmt: skip
    stages.note(way, Step.KIN_DECLARED, None, None)


def stand_back(
    session: Session, *, actor: Actor, case_id: uuid.UUID, reason: str, now: datetime
) -> None:
    """Let the case go on without the actor: what waits for their office waits for the others of it.

    Raises CaseNotFound, CaseClosed; StoodBackBefore.
    """
    way = turns.hold(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    added = session.scalar(
        insert(CaseRecusal)
        .values(case_id=case_id, account_id=actor.id, reason=reason, at=now)
        .on_conflict_do_nothing()
        .returning(CaseRecusal.account_id)
    )
    if added is None:
        raise StoodBackBefore
    stages.note(way, Step.STOOD_BACK, None, reason)


def visit(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    companion_id: uuid.UUID,
    visited_on: date,
    finding: str,
    now: datetime,
) -> None:
    """Enter that the county visited the home of a case of kin, by the actor and another.

    Neither may be kin, nor decide later. Raises what `turns.enter` does, for the companion too;
    CaseClosed, NotKin, VisitedBefore; TwoVisitors unless both are of the lead department's county
    office of that place; NotYet for a day to come.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    turns.refuse_ended(way)
    locks.compare(session, way.case, on=way.today, now=now)  # with what was filed meanwhile
    if not locks.is_kin(session, way.case):
        raise NotKin
    department = way.scheme.department_code
    there = {
        one
        for one, _ in queries.visitors(
            session, department_code=department, region_code=way.case.region_code
        )
    }
    if actor.id == companion_id or not {actor.id, companion_id} <= there:
        raise TwoVisitors
    if visited_on > way.today:
        raise NotYet
    with keeping.keeping(way):
        locks.refuse_companion(session, way.case, account_id=companion_id, on=way.today)
    added = session.scalar(
        insert(KinVisit)
        .values(
            case_id=case_id, visited_on=visited_on, visitor_id=actor.id, companion_id=companion_id,
            finding=finding, recorded_at=now,
        )
        .on_conflict_do_nothing()
        .returning(KinVisit.case_id)
    )  # fmt: skip
    if added is None:
        raise VisitedBefore
    names = accounts.display_names(session, {companion_id})
    stages.note(way, Step.KIN_VISITED, None, f"与{names[companion_id]}入户：{finding}")
