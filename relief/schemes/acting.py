"""Which schemes a department has a hand in, by the versions of the procedures in force on a day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from relief.schemes import queries
from relief.schemes.models import Scheme, StageOwner
from relief.schemes.owners import acting_in, departments_of
from relief.schemes.queries import Plan
from relief.schemes.types import StageKind


def acted_in_by(session: Session, *, department_code: str | None, on: date) -> Sequence[Scheme]:
    """Return the schemes whose applications a department may enter; of no department, all.

    It acts in a stage, or gives the aid. A procedure that is not in force yet has no applications.
    Four queries.
    """
    return _where(
        session,
        on,
        lambda plan, scheme, owners: (
            department_code is None or department_code in acting_in(plan, scheme, owners)
        ),
    )


def confirmed_by(session: Session, *, department_code: str | None, on: date) -> Sequence[Scheme]:
    """Return the schemes whose cases a department confirms; none of no department. Four queries."""
    return _where(
        session,
        on,
        lambda plan, scheme, owners: any(
            department_code in departments_of(owners[stage.owner], scheme, plan.procedure)
            for stage in plan.stages
            if stage.kind is StageKind.CONFIRMATION
        ),
    )


def _where(
    session: Session,
    on: date,
    holds: Callable[[Plan, Scheme, Mapping[str, StageOwner]], bool],
) -> Sequence[Scheme]:
    plans, owners = queries.plans(session, on=on), queries.owners(session)
    return [
        scheme
        for scheme in queries.schemes(session)
        if (plan := plans.get(scheme.procedure_code)) is not None and holds(plan, scheme, owners)
    ]
