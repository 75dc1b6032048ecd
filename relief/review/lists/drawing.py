"""Which cases go on a list, and why others do not."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, and_, func, literal, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.scope import RegionRange, within
from relief.review.lists.models import DecisionList, DecisionListEntry
from relief.review.lists.standing import Rules, Standing, look
from relief.review.lists.types import EntryStatus
from relief.review.models import Case, CaseStage
from relief.review.types import LIVE, StageStatus
from relief.review.visible import case_visible
from relief.schemes.types import StageKind

MOST = 5_000  # cases of a list: what one can look at, and hold
_NEVER = date(9999, 12, 31)


def cases_waiting(
    session: Session, *, actor: Actor, scheme_code: str, ranges: Sequence[RegionRange] | None
) -> tuple[Sequence[Case], int, int]:
    """Return the cases whose decision waits for the actor, the most urgent first, and hold them.

    And how many more there are than one list holds, and how many are not at the decision yet.
    `ranges` None: of all their regions. Three queries.
    """
    there = and_(Case.scheme_code == scheme_code, Case.status.in_(LIVE), case_visible(actor.scope))
    if ranges is not None:
        there = and_(there, within(Case.region_code, ranges))
    theirs = _decision(
        CaseStage.department_code == actor.department_code, CaseStage.role.in_(actor.roles)
    )
    due = select(func.min(CaseStage.due_on)).where(theirs).correlate(Case).scalar_subquery()
    urgent = session.scalars(
        select(Case.id)
        .where(there, select(CaseStage.id).where(theirs).exists())
        .order_by(func.coalesce(due, literal(_NEVER, Date())), Case.id)
        .limit(MOST)
    ).all()
    cases = _hold(session, urgent, there)
    at_it = select(CaseStage.id).where(_decision()).exists()
    mine = select(CaseStage.id).where(theirs).exists()
    counts = session.execute(
        select(func.count().filter(mine), func.count().filter(~at_it))
        .select_from(Case)
        .where(there)
    ).one()
    return cases, max(counts[0] - len(cases), 0), counts[1]


def _hold(
    session: Session, urgent: Sequence[uuid.UUID], there: ColumnElement[bool]
) -> Sequence[Case]:
    """Return cases in the order given, held to the end: locked in one order for everybody.

    Others may act in them or look at them at the same moment; without those that ended meanwhile.
    """
    held = {
        case.id: case
        for case in session.scalars(
            select(Case)
            .where(Case.id.in_(urgent), there)
            .order_by(Case.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    return [held[one] for one in urgent if one in held]


def schemes_waiting(session: Session, *, actor: Actor) -> frozenset[str]:
    """Return the schemes of which a decision waits for the actor. One query.

    Cases that began under an earlier version wait for whom that one lets confirm.
    """
    return frozenset(
        session.scalars(
            select(Case.scheme_code)
            .distinct()
            .join(CaseStage, _decision())
            .where(
                CaseStage.department_code == actor.department_code,
                CaseStage.role.in_(actor.roles),
                Case.status.in_(LIVE),
                case_visible(actor.scope),
            )
        )
    )


def entries_of(
    rules: Rules, drawn: DecisionList, *, actor: Actor, cases: Sequence[Case], now: datetime
) -> Sequence[DecisionListEntry]:
    """Return the lines of a list: first who stands on it, then who was left out and why."""
    found = look(rules, actor=actor, cases=cases, amount_fen=drawn.amount_fen, now=now)
    standings = sorted((found[case.id] for case in cases), key=lambda one: one.why is not None)
    return [_entry(drawn, number, one) for number, one in enumerate(standings, start=1)]


def _entry(drawn: DecisionList, position: int, standing: Standing) -> DecisionListEntry:
    case = standing.case
    reason, note = standing.why or (None, None)
    starts_on = standing.period.lower
    assert starts_on is not None  # noqa: S101  # an entitlement begins on some day
    return DecisionListEntry(
        list_id=drawn.id,
        position=position,
        case_id=case.id,
        number=case.number,
        case_version=case.version,
        amount_fen=drawn.amount_fen,
        starts_on=starts_on,
        ends_on=standing.period.upper,
        doubts=[doubt.as_json() for doubt in standing.doubts],
        status=EntryStatus.LEFT_OUT if reason else EntryStatus.LISTED,
        reason=reason,
        note=note,
    )


def _decision(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on a stage that it is the decision of the case, and open."""
    return and_(
        CaseStage.case_id == Case.id,
        CaseStage.kind == StageKind.CONFIRMATION,
        CaseStage.status == StageStatus.OPEN,
        *more,
    )
