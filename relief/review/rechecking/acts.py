"""Planning re-checks with what is granted, and doing them."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.core.ids import new_id
from relief.review import stages, standing_in, turns
from relief.review.changing import queries as changing
from relief.review.errors import NotYours
from relief.review.rechecking import rhythm
from relief.review.rechecking.errors import NoRecheckDue, WrongRhythm
from relief.review.rechecking.models import CaseRecheck
from relief.review.rechecking.types import Every, Found
from relief.review.recognition import watching
from relief.review.stages import Way
from relief.review.types import Step

_FOUND = {Found.UNCHANGED: "情况未变", Found.CHANGED: "情况有变"}


def plan(way: Way, *, starts_on: date, ends_on: date | None) -> None:
    """Plan the first re-check of what a case grants, if its scheme has one before it ends."""
    for every in rhythm.rhythms(way.scheme)[:1]:
        _add(way, every, since=starts_on, ends_on=ends_on)


def record(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    found: Found,
    finding: str,
    every: Every | None,
    now: datetime,
) -> None:
    """Record a re-check by the lead department's office, and plan the next while anything runs.

    `every`: how soon the next is; as before without it. What was found changes nothing by itself.
    Raises what `turns.enter` does; NotYours, NoRecheckDue, WrongRhythm.
    """
    way = turns.enter(session, actor=actor, case_id=case_id, now=now)
    _of_lead(way, actor)
    still = session.scalars(
        select(CaseRecheck)
        .where(CaseRecheck.case_id == case_id, CaseRecheck.done_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if still is None:
        raise NoRecheckDue
    if every is not None and every not in rhythm.rhythms(way.scheme):
        raise WrongRhythm
    still.found, still.finding = found, finding
    still.done_by, still.done_at = actor.id, now
    session.flush()
    stages.note(way, Step.RECHECKED, None, f"{_FOUND[found]}：{finding}")
    if found is Found.CHANGED:
        watching.after(way)
    entitlement = changing.running(session, case_id=case_id, on=way.today)
    if entitlement is not None:
        ends_on = entitlement.period.upper
        _add(way, every or still.every, since=way.today, ends_on=ends_on)


def _add(way: Way, every: Every, *, since: date, ends_on: date | None) -> None:
    due_on = rhythm.due(since, every)
    if ends_on is None or due_on < ends_on:
        way.session.add(
            CaseRecheck(id=new_id(way.now), case_id=way.case.id, every=every, due_on=due_on)
        )
        stages.write(way)


def _of_lead(way: Way, actor: Actor) -> None:
    """Let only clerks and reviewers of the scheme's lead department act. Raises NotYours."""
    preparing = (Role.CLERK, Role.REVIEWER)
    held = [role for role in preparing if role in actor.roles] or [
        role for role in preparing if role in actor.roles_in_cases
    ]
    if actor.department_code != way.scheme.department_code or not held:
        raise NotYours
    standing_in.take(way, actor, held[0])
