"""What of an application is known before anybody is asked, and where each value comes from.

社会救助法第六十二条: what the office can find out by itself is not asked of the family. Members,
address and telephone are the registry's; facts are those of the family's last cases, as long as
they are young enough and no re-check found a change since; an identity that stands is a fact too.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relief.core.ages import months_after
from relief.core.clock import local_date
from relief.core.scope import Scope
from relief.registry.models import Household, Membership, Person
from relief.registry.queries.visible import get_person
from relief.review.facts.models import CaseFact
from relief.review.models import Case
from relief.review.rechecking.models import CaseRecheck
from relief.review.rechecking.types import Found
from relief.review.recognition.identities import Identity
from relief.review.recognition.models import CasePrefill
from relief.review.recognition.types import Field
from relief.review.recognition.words import day, sentence
from relief.review.visible import case_visible
from relief.schemes import queries as schemes
from relief.schemes import rules
from relief.schemes.dimensions import YES_NO, of_unit
from relief.schemes.models import Scheme
from relief.schemes.recognition import HOUSEHOLD
from relief.schemes.rule_models import FactKind
from relief.schemes.wording import value_text

NAMES = {Field.MEMBERS: "家庭成员", Field.ADDRESS: "住址", Field.PHONE: "联系电话"}
_PHONE = "困难群众库已登记"

# A person with membership and household, as `registry.queries.visible` finds them.
Registered = tuple[Person, Membership | None, Household | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValue:
    """A value that is filled in. `kind`, `number`: of a fact, which and its value."""

    field: Field
    name: str
    value: str
    origin: str
    known_on: date | None
    kind: FactKind | None = None
    number: int | None = None

    @property
    def kind_code(self) -> str | None:
        """Return which fact it is, if one."""
        return self.kind.code if self.kind else None

    @property
    def place(self) -> tuple[Field, str | None]:
        """Return what it is the value of."""
        return self.field, self.kind_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the rule of a scheme asks for, by code; nothing for one that is decided by hand."""

    kinds: Mapping[str, FactKind]


def asked_by(session: Session, scheme: Scheme | None, *, on: date) -> Asked:
    """Return the facts that a scheme's rule asks for and somebody finds out. Two queries."""
    row = rules.rule_on(session, scheme_code=scheme.code, on=on) if scheme else None
    if row is None:
        return Asked(kinds={})
    names = rules.read(row).names
    return Asked(
        kinds={
            code: kind
            for code, kind in rules.fact_kinds(session).items()
            if code in names and not kind.derived
        }
    )


def known_values(
    session: Session,
    *,
    scope: Scope,
    person_id: uuid.UUID,
    scheme: Scheme | None,
    identities: Sequence[Identity],
    now: datetime,
) -> Sequence[KnownValue]:
    """Return what is known for an application of someone in scope.

    Seven queries at most. Facts are told of cases that the reader may see. Raises PersonNotFound.
    """
    row = get_person(session, scope, person_id)
    return known_values_of(
        session, scope=scope, rows=[row], scheme=scheme, identities={person_id: identities}, now=now
    )[person_id]


def known_values_of(
    session: Session,
    *,
    scope: Scope,
    rows: Sequence[Registered],
    scheme: Scheme | None,
    identities: Mapping[uuid.UUID, Sequence[Identity]],
    now: datetime,
) -> Mapping[uuid.UUID, Sequence[KnownValue]]:
    """Return person → what is known for an application of each, found in scope before.

    As many statements for a hundred as for one.
    """
    asked = asked_by(session, scheme, on=local_date(now)).kinds
    homes = _homes(session, rows)
    found = _found_before(session, scope, rows, scheme, homes, asked=asked, now=now)
    order = {code: place for place, code in enumerate(asked)}
    known: dict[uuid.UUID, Sequence[KnownValue]] = {}
    for person, membership, household in rows:
        home = homes.get(membership.household_id, ()) if membership else ()
        lost = {one.fact_code for one in identities[person.id] if not one.stands}
        facts = {one.place: one for one in found.get(person.id, ()) if one.kind_code not in lost}
        facts |= {one.place: one for one in _confirmed(identities[person.id], asked)}
        known[person.id] = [
            *_registered(person, home, household),
            *sorted(facts.values(), key=lambda one: order[one.kind.code] if one.kind else -1),
        ]
    return known


def _homes(session: Session, rows: Sequence[Registered]) -> Mapping[uuid.UUID, Sequence[Person]]:
    """Return household → everyone of it, the dead too, the oldest first. One query, if any."""
    ids = {membership.household_id for _, membership, _ in rows if membership is not None}
    homes: dict[uuid.UUID, list[Person]] = defaultdict(list)
    if ids:
        found = session.execute(
            select(Membership.household_id, Person)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.household_id.in_(ids))
            .order_by(Person.born_on.nulls_last(), Person.id)
        )
        for row in found:
            homes[row.household_id].append(row.Person)
    return homes


def _registered(
    person: Person, home: Sequence[Person], household: Household | None
) -> Iterator[KnownValue]:
    """Yield the registry's values; who is in no household is a family alone."""
    names = [one.name for one in home if one.died_on is None] if home else [person.name]
    origin = f"困难群众库，户编号 {household.number}" if household else "困难群众库"
    known_on = local_date(household.merged_at if household else person.merged_at)
    address = (household.address if household else None) or person.address
    phone = (household.phone if household else None) or person.phone
    for field, value in (
        (Field.MEMBERS, "、".join(names)),
        (Field.ADDRESS, address),
        (Field.PHONE, _PHONE if phone else None),
    ):
        if value:
            yield KnownValue(
                field=field, name=NAMES[field], value=value, origin=origin, known_on=known_on
            )


def _confirmed(
    identities: Sequence[Identity], asked: Mapping[str, FactKind]
) -> Iterator[KnownValue]:
    for one in identities:
        kind = asked.get(one.fact_code) if one.fact_code else None
        if one.stands and kind is not None:
            yield _fact(kind, 1, f"互认：{sentence(one)}", one.checked_on)


def _found_before(
    session: Session,
    scope: Scope,
    people: Sequence[Registered],
    scheme: Scheme | None,
    homes: Mapping[uuid.UUID, Sequence[Person]],
    *,
    asked: Mapping[str, FactKind],
    now: datetime,
) -> Mapping[uuid.UUID, Sequence[KnownValue]]:
    """Return person → facts of the applicant's cases and of the household's, the newest last.

    What was found of a household, in a case of one of its members, is told of the household alone.
    """
    if scheme is None or not asked:
        return {}
    months = int(schemes.parameter(session, "fact_reuse_months", on=local_date(now)))
    # Whose cases tell of whom: everyone's own, and for households those of who lives with them.
    of_whom: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for person, membership, _ in people:
        for one in homes.get(membership.household_id, ()) if membership else ():
            of_whom[one.id].add(person.id)
    mine = {person.id for person, _, _ in people}
    wanted: ColumnElement[bool] = Case.person_id.in_(mine)
    if scheme.unit == HOUSEHOLD:
        wanted |= Case.person_id.in_(of_whom.keys()) & (Scheme.unit == HOUSEHOLD)
    # What was itself taken over is as old as where it came from, and stands or falls with it.
    taken_over = select(CasePrefill.id).where(
        CasePrefill.case_id == CaseFact.case_id,
        CasePrefill.kind_code == CaseFact.kind_code,
        CasePrefill.entered_at == CaseFact.found_at,
        CasePrefill.corrected.is_(None),
    )
    changed = select(CaseRecheck.id).where(
        CaseRecheck.case_id == Case.id,
        CaseRecheck.found == Found.CHANGED,
        CaseRecheck.done_at >= CaseFact.found_at,
    )
    rows = session.execute(
        select(CaseFact, Case.number, Case.person_id, Scheme.unit)
        .join(Case, Case.id == CaseFact.case_id)
        .join(Scheme, Scheme.code == Case.scheme_code)
        .where(
            case_visible(scope),
            wanted,
            CaseFact.kind_code.in_(asked),
            ~changed.exists(),
            ~taken_over.exists(),
        )
        .order_by(CaseFact.found_at, CaseFact.id)
    )
    found: dict[uuid.UUID, list[KnownValue]] = defaultdict(list)
    for row, number, person_id, unit in rows:
        found_on = local_date(row.found_at)
        if months_after(found_on, months) <= local_date(now):
            continue
        told = f"沿用 {number} {day(found_on)}查明：{row.proof}"
        shared = scheme.unit == HOUSEHOLD and unit == HOUSEHOLD
        for whose in ({person_id} & mine) | (of_whom[person_id] if shared else set()):
            found[whose].append(_fact(asked[row.kind_code], row.value, told, found_on))
    return found


def _fact(kind: FactKind, value: int, origin: str, known_on: date) -> KnownValue:
    return KnownValue(
        field=Field.FACT,
        name=kind.name,
        value=fact_text(kind, value),
        origin=origin,
        known_on=known_on,
        kind=kind,
        number=value,
    )


def fact_text(kind: FactKind, value: int) -> str:
    """Return the value of a fact in words."""
    dimension = of_unit(kind.unit)
    return value_text(bool(value) if dimension == YES_NO else Fraction(value), dimension)
