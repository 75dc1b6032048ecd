"""Who a register that a department delivers names for a roster, and what it says of them.

Found as registrar, since no signed-in account may see an entry (decision 28): under the condition
of the viewer's scope, and whoever calls reads the people anew under their own row security.
"""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Interval,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from relief.core.ages import months_after
from relief.core.clock import CHINA
from relief.core.registrar import registrar
from relief.core.scope import RegionRange, Scope, within
from relief.registers import queries as registers
from relief.registers.intake import layouts
from relief.registers.models import StoredEntry
from relief.registers.types import Register
from relief.registry.models import Enrolment, Household, Membership, Person
from relief.registry.queries.visible import person_visible
from relief.review.checks import outside
from relief.review.models import Case, CaseDecision
from relief.review.recognition.having import aided, of_theirs, under_way
from relief.review.recognition.models import CaseBasis
from relief.review.recognition.words import day
from relief.review.types import LIVE, CaseStatus, Outcome
from relief.schemes import queries as schemes
from relief.schemes.models import Scheme
from relief.schemes.recognition import HOUSEHOLD
from relief.schemes.rosters import RosterRegister
from relief.schemes.types import CountedFrom

PAID_WITHIN = "roster_months_paid_after_grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an entry says of somebody, by which a scheme's roster names them.

    `event_id`: for which event, where the scheme helps once for each. `data_on`: the day of which
    the register speaks. `told`: all of it in words.
    """

    register: Register
    batch_id: uuid.UUID
    row_number: int
    event_id: uuid.UUID | None
    since_on: date | None
    data_on: date
    told: str
    legal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Among whom is looked. None: not narrowed so.

    `after`: from behind that person, in the order of ids. `holders`: of whom the entries are.
    `besides`: a case that does not count as asking for it. `helped`: for events, too, that are
    helped with already.
    """

    scope: Scope | None = None
    after: uuid.UUID | None = None
    ranges: Sequence[RegionRange] | None = None
    people: Collection[uuid.UUID] | None = None
    holders: Collection[uuid.UUID] | None = None
    besides: uuid.UUID | None = None
    helped: bool = False
    limit: int | None = None


def named(
    session: Session,
    scheme: Scheme,
    rules: Sequence[RosterRegister],
    among: Among,
    *,
    on: date,
    told_on: date | None,
) -> Mapping[uuid.UUID, Basis]:
    """Return person → by what a register names them on a scheme's roster, in the order of ids.

    For a scheme for households who heads it, whoever of it the register names, once. Of several
    events the oldest that is not helped with yet. `told_on`: of which day the scheme's own list
    tells. A fixed number of statements; none without `rules`. Raises ParameterNotSet.
    """
    if not rules:
        return {}
    found: dict[uuid.UUID, Basis] = {}
    with registrar(session):
        for rule in rules:
            query = _query(session, scheme, rule, among, on=on, told_on=told_on)
            for row in session.execute(query):
                found.setdefault(row.id, _basis(rule, row))
    return {person: found[person] for person in sorted(found)[: among.limit]}


def _query(
    session: Session,
    scheme: Scheme,
    rule: RosterRegister,
    among: Among,
    *,
    on: date,
    told_on: date | None,
) -> Select[*tuple[Any, ...]]:
    entry = _entries(session, rule, on)
    whose: ColumnElement[Any] = entry.c.holder_id
    if scheme.unit == HOUSEHOLD:
        whose = case((Household.id.is_(None), entry.c.holder_id), else_=Household.householder_id)
    query = (
        select(Person.id, entry)
        .ext(distinct_on(Person.id))
        .select_from(entry)
        .outerjoin(Membership, Membership.person_id == entry.c.holder_id)
        .outerjoin(Household, Household.id == Membership.household_id)
        .join(Person, Person.id == whose)
        .where(Person.died_on.is_(None), *_narrowed(entry, among))
        .order_by(Person.id, entry.c.from_on, entry.c.data_on, entry.c.batch_id, entry.c.row_number)
        .limit(among.limit)
    )
    if among.helped:
        return query
    if rule.per_event:
        months = int(schemes.parameter(session, PAID_WITHIN, on=on))
        query = query.where(~_helped(scheme, entry, among), ~_listed(scheme, entry, months))
        return query.where(~under_way(scheme)) if among.besides is None else query
    # Whoever enters a case for somebody who has the aid is told so by the checks.
    return query.where(~aided(scheme, on, told_on)) if among.besides is None else query


def _narrowed(entry: Subquery, among: Among) -> Iterator[ColumnElement[bool]]:
    place = func.coalesce(Household.region_code, Person.region_code)
    conditions: Sequence[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = (
        (among.scope, person_visible),
        (among.after, lambda after: Person.id > after),
        (among.ranges, lambda ranges: within(place, ranges)),
        (among.people, Person.id.in_),
        (among.holders, entry.c.holder_id.in_),
    )
    return (made(given) for given, made in conditions if given is not None)


def _entries(session: Session, rule: RosterRegister, on: date) -> Subquery:
    """Return the entries of living people here that hold on a day, and that the rule draws."""
    holder = aliased(Person)
    held = registers.holding([Register(rule.register)], on, holder)
    data_on = held.selected_columns["data_on"]
    months = int(schemes.parameter(session, rule.months, on=on))
    after = months_after(on, -months)
    if rule.counted_from is CountedFrom.HAPPENED:
        counts: ColumnElement[bool] = StoredEntry.from_on > after
    else:
        # The newest file, since one of changes names nobody of whom nothing is new.
        newest = registers.delivered(session, on=on).get(Register(rule.register))
        counts = true() if newest and newest > after else false()
    drawn: list[ColumnElement[bool]] = [
        StoredEntry.state.in_(rule.states),
        StoredEntry.kind.in_(rule.kinds),
        counts,
        holder.died_on.is_(None),
    ]
    if rule.assessed:
        drawn.append(StoredEntry.amount_fen > 0)
    return (
        held.with_only_columns(
            StoredEntry.batch_id,
            StoredEntry.row_number,
            StoredEntry.kind,
            StoredEntry.place,
            StoredEntry.from_on,
            StoredEntry.amount_fen,
            StoredEntry.group_id,
            data_on,
            holder.id.label("holder_id"),
            holder.name.label("holder"),
            maintain_column_froms=True,
        )
        .where(holder.id.is_not(None), *drawn)
        .order_by(None)
        .subquery("entry")
    )


def _helped(scheme: Scheme, entry: Subquery, among: Among) -> ColumnElement[bool]:
    """Return the condition that a case of theirs was about the event, or came in after it.

    What names no event is taken for one of those before it, whoever entered it, unless it was
    refused: then it helped with none. A case that was withdrawn says nothing.
    """
    after_it = cast(func.timezone(CHINA.key, Case.submitted_at), Date) >= entry.c.from_on
    may_help = or_(Case.status.in_(LIVE), CaseDecision.outcome == Outcome.GRANTED)
    query = (
        select(Case.id)
        .outerjoin(CaseBasis, CaseBasis.case_id == Case.id)
        .outerjoin(CaseDecision, CaseDecision.case_id == Case.id)
        .where(
            Case.scheme_code == scheme.code,
            Case.status.in_((*LIVE, CaseStatus.DECIDED)),
            or_(
                CaseBasis.event_id == entry.c.group_id,
                and_(CaseBasis.event_id.is_(None), after_it, may_help),
            ),
        )
    )
    if among.besides is not None:
        query = query.where(Case.id != among.besides)
    return of_theirs(scheme, Case.person_id, query)


def _listed(scheme: Scheme, entry: Subquery, months: int) -> ColumnElement[bool]:
    """Return the condition that the scheme's list has a line of theirs since the event.

    Unless it is the payment of what was granted here for another event: the first line after the
    grant, within so many months. Of a line that is not the last only the month is known.
    """
    one_day, one_month = (cast(literal(length), Interval) for length in ("1 day", "1 month"))
    month = func.generate_series(
        func.lower(Enrolment.spells), cast(Enrolment.last_on, DateTime), one_month
    ).column_valued("month")
    first_on = cast(month, Date)
    latest_on = func.least(cast(month + one_month - one_day, Date), Enrolment.last_on)
    granted_on = cast(func.timezone(CHINA.key, CaseDecision.decided_at), Date)
    # Of both the lesser, since a range may not end before it begins.
    since = func.least(cast(func.date_trunc("month", granted_on), Date), first_on)
    for_another = (
        select(CaseDecision.id)
        .join(Case, Case.id == CaseDecision.case_id)
        .outerjoin(CaseBasis, CaseBasis.case_id == Case.id)
        .where(
            Case.scheme_code == scheme.code,
            CaseDecision.outcome == Outcome.GRANTED,
            CaseBasis.event_id.is_distinct_from(entry.c.group_id),
            granted_on <= latest_on,
            granted_on + cast(literal(f"{months} months"), Interval) > latest_on,
            ~Enrolment.spells.op("&&")(func.daterange(since, first_on)),
        )
    )
    line = (
        select(month)
        .where(
            Enrolment.spells.op("@>")(first_on),
            latest_on >= entry.c.from_on,
            ~of_theirs(scheme, Case.person_id, for_another),
        )
        .correlate(Enrolment, entry, Person)
    )
    query = select(Enrolment.id).where(
        Enrolment.scheme_code == scheme.code,
        Enrolment.last_on >= entry.c.from_on,
        line.exists(),
    )
    return of_theirs(scheme, Enrolment.person_id, query)


def _basis(rule: RosterRegister, row: Row[Any]) -> Basis:
    register = Register(rule.register)
    form = layouts.of_register(register)[0].layout
    words = {code: word for column in form.columns for word, code in column.codes.items()}
    says = _SAYS[register](row, words.get(row.kind, row.kind))
    return Basis(
        register=register,
        batch_id=row.batch_id,
        row_number=row.row_number,
        event_id=row.group_id if rule.per_event else None,
        since_on=row.from_on,
        data_on=row.data_on,
        told=f"{form.title}（数据截至{day(row.data_on)}）列有{row.holder}：{says}",
        legal=rule.source,
    )


def _victim(row: Row[Any], kind: str) -> str:
    loss = f"，核定损失 {outside.yuan(row.amount_fen)}" if row.amount_fen else ""
    return f"{row.place}，{day(row.from_on)}受灾{loss}，{kind}"


def _monitored(row: Row[Any], kind: str) -> str:
    return f"{kind}，致贫返贫风险：{row.place}，{day(row.from_on)}识别"


# What each register that a roster may be drawn from says, in words.
_SAYS: Mapping[Register, Callable[[Row[Any], str], str]] = {
    Register.DISASTER_VICTIMS: _victim,
    Register.MONITORED_HOUSEHOLDS: _monitored,
}
DRAWN_FROM = frozenset(_SAYS)
