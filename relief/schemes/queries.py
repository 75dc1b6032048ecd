"""Reading the schemes, their procedures, combination rules and parameters."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.core.reading_once import once
from relief.organisation.models import Region
from relief.schemes import regional
from relief.schemes.errors import ParameterNotSet, ProcedureNotFound, SchemeNotFound
from relief.schemes.models import (
    CombinationRule,
    DataProvider,
    Delivery,
    KinCircle,
    Parameter,
    PauseReason,
    Procedure,
    ProcedureEvent,
    ProcedureStage,
    ReminderRule,
    Scheme,
    StageOwner,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a procedure, with its stages in order."""

    procedure: Procedure
    stages: tuple[ProcedureStage, ...]


@once(Scheme)
def schemes(session: Session, *, department_code: str | None = None) -> Sequence[Scheme]:
    """Return the schemes by code: all, or those that one department leads."""
    found = select(Scheme).order_by(Scheme.code)
    if department_code is not None:
        found = found.where(Scheme.department_code == department_code)
    return session.scalars(found).all()


def get_scheme(session: Session, *, code: str) -> Scheme:
    """Return one scheme. Raises SchemeNotFound."""
    scheme = session.get(Scheme, code)
    if scheme is None:
        raise SchemeNotFound
    return scheme


@once(Scheme)
def scheme_names(session: Session) -> Mapping[str, str]:
    """Return code → short name (低保, 特困 …) of every scheme, by code."""
    rows = session.execute(select(Scheme.code, Scheme.short_name).order_by(Scheme.code))
    return {row.code: row.short_name for row in rows}


@once(Scheme)
def categories(session: Session) -> Mapping[str, str]:
    """Return scheme code → hardship identity (困难身份), for the schemes that confirm one."""
    rows = session.execute(
        select(Scheme.code, Scheme.category).where(Scheme.category.is_not(None))
    ).all()
    return {row.code: str(row.category) for row in rows}


@once(DataProvider)
def providers(session: Session) -> Sequence[DataProvider]:
    """Return the offices that supply data for checks, by code."""
    return session.scalars(select(DataProvider).order_by(DataProvider.code)).all()


@once(CombinationRule)
def combination_rules(
    session: Session, *, scheme_code: str | None = None
) -> Sequence[CombinationRule]:
    """Return the rules on what goes together, by code: all, or those that name one scheme."""
    found = select(CombinationRule).order_by(CombinationRule.code)
    if scheme_code is not None:
        found = found.where(
            (CombinationRule.first == scheme_code) | (CombinationRule.second == scheme_code)
        )
    return session.scalars(found).all()


@once(Procedure, ProcedureStage)
def procedure(session: Session, *, code: str, on: date) -> Plan:
    """Return the version of a procedure that a case opened on a day begins under.

    Raises ProcedureNotFound.
    """
    found = session.scalars(
        select(Procedure)
        .where(Procedure.code == code, Procedure.valid_from <= on)
        .order_by(Procedure.valid_from.desc(), Procedure.version.desc())
        .limit(1)
    ).first()
    return _plan(session, found)


@once(Procedure, ProcedureStage)
def procedure_version(session: Session, *, code: str, version: int) -> Plan:
    """Return the version of a procedure that a case names. Raises ProcedureNotFound."""
    return _plan(session, session.get(Procedure, (code, version)))


@once(Procedure, ProcedureStage)
def plans(session: Session, *, on: date) -> Mapping[str, Plan]:
    """Return code → the version of each procedure that holds on a day. Two queries."""
    editions = session.scalars(
        select(Procedure)
        .ext(distinct_on(Procedure.code))
        .where(Procedure.valid_from <= on)
        .order_by(Procedure.code, Procedure.valid_from.desc(), Procedure.version.desc())
    ).all()
    stages: dict[tuple[str, int], list[ProcedureStage]] = defaultdict(list)
    for stage in session.scalars(select(ProcedureStage).order_by(ProcedureStage.position)):
        stages[stage.procedure_code, stage.procedure_version].append(stage)
    return {one.code: Plan(one, tuple(stages[one.code, one.version])) for one in editions}


@once(ProcedureEvent)
def events(session: Session) -> Mapping[str, ProcedureEvent]:
    """Return code → what may start the clock of a stage."""
    return {one.code: one for one in session.scalars(select(ProcedureEvent))}


@once(StageOwner)
def owners(session: Session) -> Mapping[str, StageOwner]:
    """Return code → who acts where a stage names an owner."""
    return {one.code: one for one in session.scalars(select(StageOwner))}


@once(PauseReason)
def pause_reasons(session: Session) -> Sequence[PauseReason]:
    """Return for what a clock may stand, in the order of the catalogue."""
    return session.scalars(select(PauseReason).order_by(PauseReason.position)).all()


@once(ReminderRule)
def reminder_rules(session: Session) -> Sequence[ReminderRule]:
    """Return when somebody is told of a limit, in the order of the catalogue."""
    return session.scalars(select(ReminderRule).order_by(ReminderRule.position)).all()


@once(KinCircle, Parameter, Region)
def kin_circle(session: Session, *, on: date) -> frozenset[str]:
    """Return the relations (GB/T 4761) that make a close relative on a day.

    Raises ParameterNotSet.
    """
    position = int(parameter(session, "kin_circle", on=on))
    circle = session.scalars(select(KinCircle).where(KinCircle.position == position)).one()
    return frozenset(circle.relations)


@once(Procedure)
def procedures(session: Session) -> Mapping[tuple[str, int], Procedure]:
    """Return (code, version) → every version of every procedure that there is."""
    return {(one.code, one.version): one for one in session.scalars(select(Procedure))}


def parameter(session: Session, name: str, *, on: date, region_code: int | None = None) -> Decimal:
    """Return what a parameter is worth on a day in a region, or in the city as a whole.

    Raises ParameterNotSet.
    """
    row = parameters(session, on=on, region_code=region_code).get(name)
    if row is None:
        raise ParameterNotSet(name=name, on=on.isoformat())
    return row.value


def parameters(
    session: Session, *, on: date, region_code: int | None = None
) -> Mapping[str, Parameter]:
    """Return name → the row that holds on a day in a region, or in the city as a whole. One query.

    With its source and confidence. Of many regions: `regional.standards`.
    """
    return regional.standards(session, on=on).at(region_code)


@once(Delivery)
def deliveries(session: Session, *, on: date) -> Mapping[str, Delivery]:
    """Return scheme code → how often its file is to come, as it holds on a day."""
    rows = session.scalars(
        select(Delivery)
        .ext(distinct_on(Delivery.scheme_code))
        .where(Delivery.valid_from <= on)
        .order_by(Delivery.scheme_code, Delivery.valid_from.desc())
    )
    return {row.scheme_code: row for row in rows}


def _plan(session: Session, found: Procedure | None) -> Plan:
    if found is None:
        raise ProcedureNotFound
    stages = session.scalars(
        select(ProcedureStage)
        .where(
            ProcedureStage.procedure_code == found.code,
            ProcedureStage.procedure_version == found.version,
        )
        .order_by(ProcedureStage.position)
    )
    return Plan(found, tuple(stages))
