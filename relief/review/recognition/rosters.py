"""Schemes that are entered by a roster (名单): who is missing on it.

A roster is drawn from confirmed identities, and from registers that a department delivers
(`registered`).

What exists already stays: whoever has the aid, asks for it, or stands on its list is not named.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.core.clock import local_date
from relief.core.paging import Page, cut, id_after
from relief.core.registrar import registrar
from relief.core.scope import RegionRange, Scope, within
from relief.registry.models import Enrolment, Household, Membership, Person
from relief.registry.queries import spells
from relief.registry.queries.lists import scheme_lists
from relief.registry.queries.persons import place_of
from relief.registry.queries.visible import person_visible, persons
from relief.review.errors import NotYours
from relief.review.recognition import household, registered
from relief.review.recognition.errors import NoDepartment, NoRoster
from relief.review.recognition.having import aided, granted_any, of_theirs
from relief.review.recognition.identities import Identity, known_of
from relief.review.recognition.registered import Among, Basis
from relief.review.recognition.words import sentence
from relief.review.service import departments_of
from relief.schemes import queries as schemes
from relief.schemes import recognition
from relief.schemes import rosters as draws
from relief.schemes.models import Scheme
from relief.schemes.owners import acting_in
from relief.schemes.recognition import HOUSEHOLD
from relief.schemes.types import Entry

NO_PART = "本部门不参与办理这个项目"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """Someone who is confirmed and has nothing of the scheme yet. `told`: as what, and by what.

    `checked_on`: the last check of it, or the day of which the register speaks.
    """

    person_id: uuid.UUID
    name: str
    household_number: str | None
    region_code: int
    told: str
    checked_on: date


def of_department(actor: Actor) -> None:
    """Raise NoDepartment for an account of none, to which nobody would seem to be missing."""
    if actor.department_code is None:
        raise NoDepartment


def offered(session: Session, *, scope: Scope, now: datetime) -> Sequence[Scheme]:
    """Return the schemes whose roster is drawn from identities that they accept, or a register.

    Those that `takes_part` lets whoever has the scope enter. Five queries at most.
    """
    on = local_date(now)
    named = draws.drawn(session, on=on)
    drawn_so = [
        one for one in schemes.schemes(session) if one.entry is Entry.ROSTER and one.code in named
    ]
    if scope.department_code is None:
        return drawn_so
    plans, owners = schemes.plans(session, on=on), schemes.owners(session)
    return [
        one
        for one in drawn_so
        if (plan := plans.get(one.procedure_code)) is not None
        and scope.department_code in acting_in(plan, one, owners)
    ]


def takes_part(session: Session, *, scope: Scope, scheme_code: str, on: date) -> bool:
    """Tell whether whoever has a scope may enter applications for a scheme on a day.

    As the single application asks (`service.submit`): one department alone must act in a stage, or
    give the aid. No query for who sees every household. Raises SchemeNotFound, ProcedureNotFound.
    """
    if scope.department_code is None:
        return True
    scheme = schemes.get_scheme(session, code=scheme_code)
    plan = schemes.procedure(session, code=scheme.procedure_code, on=on)
    return scope.department_code in departments_of(session, plan, scheme)


def missing(
    session: Session,
    *,
    scope: Scope,
    scheme_code: str,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[MissingRow]:
    """Return who in scope is missing on a scheme's roster: of a household, who heads it.

    Twenty-four queries at most, however long the page, which is shorter where an identity stands no
    longer. Raises SchemeNotFound, NoRoster, BadCursor; NotYours for a department that takes no
    part.
    """
    # Who may enter nobody needs no names of those who could be entered.
    if not takes_part(session, scope=scope, scheme_code=scheme_code, on=local_date(now)):
        raise NotYours(NO_PART)
    found = drawn(
        session,
        scope=scope,
        scheme_code=scheme_code,
        limit=limit + 1,
        after=id_after(cursor) if cursor else None,
        now=now,
    )
    page = cut(found, limit=limit, key=lambda one: str(one.person.id), make=lambda one: one)
    return Page([_row(one) for one in page.items if one.told], page.next_cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Someone who has nothing of a scheme and may be confirmed, with membership and household.

    `family`: themselves and their household. `identities`: what the family is confirmed as; `best`:
    the strongest that stands and that the scheme accepts; `basis`: what a register says of them.
    """

    person: Person
    membership: Membership | None
    household: Household | None
    family: Collection[uuid.UUID]
    identities: Sequence[Identity]
    best: Identity | None
    basis: Basis | None = None

    @property
    def told(self) -> str | None:
        """Return as what they are confirmed, or named by which register; None if they are not."""
        if self.best is not None:
            return sentence(self.best)
        return self.basis.told if self.basis else None

    @property
    def place(self) -> int:
        """Return the region where they live."""
        return place_of(self.person, self.household)


def drawn(
    session: Session,
    *,
    scope: Scope,
    scheme_code: str,
    now: datetime,
    limit: int | None = None,
    after: uuid.UUID | None = None,
    ranges: Sequence[RegionRange] | None = None,
    people: Collection[uuid.UUID] | None = None,
) -> Sequence[Confirmed]:
    """Return who in scope may be missing on a scheme's roster, in the order of their ids.

    `after`: from behind that person; `ranges`: who lives there; `people`: no others. Of whom
    nothing is `told` is confirmed no longer. As many statements for a thousand as for one. Raises
    SchemeNotFound, NoRoster.
    """
    on = local_date(now)
    scheme = schemes.get_scheme(session, code=scheme_code)
    rules = recognition.accepted_by(session, scheme_code=scheme_code, on=on)
    registers = draws.of_scheme(session, scheme_code=scheme_code, on=on)
    if scheme.entry is not Entry.ROSTER or not (rules or registers):
        raise NoRoster
    told_on = spells.day_told(scheme_lists(session, before=now)[scheme.code], on)
    among = Among(scope=scope, after=after, ranges=ranges, people=people, limit=limit)
    bases = registered.named(session, scheme, registers, among, on=on, told_on=told_on)
    kinds = recognition.identities(session)
    sources = [code for code, kind in kinds.items() if kind.category in rules]
    # Each is asked for alone where it is alone: so indexes serve it.
    ways: list[ColumnElement[bool]] = [Person.id.in_(bases)] if registers else []
    if rules:
        ways.append(and_(_confirmed(scheme, sources, on), ~aided(scheme, on, told_on)))
    query = persons().where(
        person_visible(scope),
        Person.died_on.is_(None),
        or_(*ways),
    )
    if scheme.unit == HOUSEHOLD:
        query = query.where(or_(Household.id.is_(None), Household.householder_id == Person.id))
    if after is not None:
        query = query.where(Person.id > after)
    if ranges is not None:
        query = query.where(
            within(func.coalesce(Household.region_code, Person.region_code), ranges)
        )
    if people is not None:
        query = query.where(Person.id.in_(people))
    rows = session.execute(query.order_by(Person.id).limit(limit)).all()
    with registrar(session):
        families = household.families_of(session, {row[0].id for row in rows})
        known = known_of(session, set().union(*families.values()), now=now)
    found = []
    for person, membership, home in rows:
        family = families[person.id]
        told = known.of_family(person.id, family, scheme_unit=scheme.unit)
        found.append(
            Confirmed(
                person=person,
                membership=membership,
                household=home,
                family=family,
                identities=told,
                best=next((one for one in told if one.stands and one.category in rules), None),
                basis=bases.get(person.id),
            )
        )
    return found


def _row(one: Confirmed) -> MissingRow:
    checked_on = one.best.checked_on if one.best else one.basis.data_on if one.basis else None
    assert checked_on is not None  # noqa: S101  # one of both tells of whom something is told
    return MissingRow(
        person_id=one.person.id,
        name=one.person.name,
        household_number=one.household.number if one.household else None,
        region_code=one.place,
        told=one.told or "",
        checked_on=checked_on,
    )


def _confirmed(scheme: Scheme, sources: Collection[str], on: date) -> ColumnElement[bool]:
    """Return the condition on `person` that a list or an entitlement may confirm them.

    Roughly, by indexes; what stands is judged of those on the page.
    """
    listed = select(Enrolment.id).where(
        Enrolment.scheme_code.in_(sources),
        or_(Enrolment.ended_on.is_(None), Enrolment.ended_on > on),
    )
    return or_(of_theirs(scheme, Enrolment.person_id, listed), granted_any(scheme, sources, on))
