"""What people are confirmed as (认定对象), by entitlements decided here and by the lists.

Read as registrar by whoever found the people in scope before: that someone is confirmed is shared
by law (社会救助法第四十二条), whichever department confirmed it. So many statements, however many
people there are.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.core.ages import months_after
from relief.core.clock import local_date
from relief.funds.models import Entitlement
from relief.registry.models import Enrolment, Person
from relief.registry.queries import spells
from relief.registry.queries.lists import SchemeList, scheme_lists
from relief.registry.types import Category
from relief.review.models import Case, CaseDecision
from relief.review.rechecking.models import CaseRecheck
from relief.review.rechecking.types import Found
from relief.review.recognition.types import Source, State
from relief.review.types import Outcome
from relief.schemes import queries as schemes
from relief.schemes import recognition
from relief.schemes.recognition import HOUSEHOLD, RecognisedIdentity

_ORDER = {state: place for place, state in enumerate(State)}
_STRENGTH = {category: place for place, category in enumerate(Category)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What someone is confirmed as.

    `since_on`: its first day, where it is known. `checked_on`: its last check. `until_on`: from
    when it is recognised no longer. `of_household`: the scheme confirms households. `covers`: it is
    known of the whole household and not of the holder alone. `why`: why it does not stand.
    """

    category: Category
    scheme_code: str
    fact_code: str | None
    holder_id: uuid.UUID
    holder: str
    of_household: bool
    covers: bool
    since_on: date | None
    checked_on: date
    until_on: date
    source: Source
    told_by: str
    state: State = State.STANDS
    why: str | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it may be recognised."""
        return self.state is State.STANDS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """A decision in a case for an identity, and what its re-checks came to."""

    number: str
    granted: bool
    on: date
    found: Found | None = None
    found_on: date | None = None

    @property
    def checked_on(self) -> date:
        """Return the last day on which it was found to be so."""
        return self.found_on if self.found_on and self.found is Found.UNCHANGED else self.on


@dataclass(frozen=True, slots=True)
class Against:
    """That a newer check contradicts what is told of an identity: since when, and why."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of people: their identities, and what speaks against some. By person."""

    identities: Mapping[uuid.UUID, Sequence[Identity]]
    against: Mapping[tuple[uuid.UUID, str], Against]

    def of_family(
        self, applicant: uuid.UUID, family: Collection[uuid.UUID], *, scheme_unit: str | None = None
    ) -> Sequence[Identity]:
        """Return an applicant's identities, one of each category: what stands, then the newest.

        The applicant's own count, and those of the household that are known of the whole. Of what
        a list says of others of the household, what a scheme for households may take; all of it
        without `scheme_unit`.
        """
        whole = scheme_unit in (None, HOUSEHOLD)
        found: dict[Category, Identity] = {}
        for person in sorted(family, key=lambda one: one != applicant):
            for one in self.identities.get(person, ()):
                if person != applicant and not (one.covers or (one.of_household and whole)):
                    continue
                judged = self._judged(one, family)
                held = found.get(one.category)
                if held is None or _rank(judged) < _rank(held):
                    found[one.category] = judged
        return sorted(found.values(), key=lambda one: _STRENGTH[one.category])

    def _judged(self, one: Identity, family: Collection[uuid.UUID]) -> Identity:
        """Return an identity as it is after what is known of all whom it concerns."""
        about = family if one.of_household else (one.holder_id,)
        for person in about:
            other = self.against.get((person, one.scheme_code))
            if other is not None and one.stands and other.on >= one.checked_on:
                return replace(one, state=State.CONTRADICTED, why=other.why)
        return one


def known_of(session: Session, people: Collection[uuid.UUID], *, now: datetime) -> Known:
    """Return what living people are confirmed as on the day of `now`. Eight queries."""
    on = local_date(now)
    kinds = recognition.identities(session)
    numbers = {name: int(row.value) for name, row in schemes.parameters(session, on=on).items()}
    names = {
        row.id: row.name
        for row in session.execute(
            select(Person.id, Person.name).where(Person.id.in_(people), Person.died_on.is_(None))
        )
    }
    decided = _decided(session, kinds, names)
    found: dict[uuid.UUID, list[Identity]] = defaultdict(list)
    against: dict[tuple[uuid.UUID, str], Against] = dict(_spoken_against(decided))
    book = _Book(on, kinds, numbers, names)
    for row, since_on in _newest(session, kinds, names):
        of = row.person_id, row.scheme_code
        one = replace(_entitled(book, row, _granted(decided.get(of))), since_on=since_on)
        found[row.person_id].append(one)
        if one.state is State.ENDED and row.period.upper is not None:
            ended = Against(min(row.period.upper, on), one.why or "")
            against[of] = max(against.get(of, ended), ended, key=lambda each: each.on)
    lists = scheme_lists(session, before=now)
    for place in session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id.in_(names), Enrolment.scheme_code.in_(kinds))
        .order_by(Enrolment.id)
    ):
        if (listed := _listed(book, place, lists[place.scheme_code])) is not None:
            found[place.person_id].append(listed)
    return Known(found, against)


@dataclass(frozen=True, slots=True)
class _Book:
    """By what is judged: the day, the identities, the parameters, and who is called how."""

    on: date
    kinds: Mapping[str, RecognisedIdentity]
    numbers: Mapping[str, int]
    names: Mapping[uuid.UUID, str]

    def until(self, kind: RecognisedIdentity, checked_on: date) -> date:
        """Return the first day on which a check is too old."""
        return months_after(checked_on, self.numbers[kind.months])

    def aged(self, one: Identity) -> Identity:
        """Return what stands as stale if its last check is too old."""
        if one.until_on > self.on:
            return one
        why = f"最近一次核查是 {one.checked_on.isoformat()}，已超过认可的期限"
        return replace(one, state=State.STALE, why=why)


def _granted(decided: _Decided | None) -> _Decided | None:
    """Return a decision that confirmed; one that did not only speaks against."""
    return decided if decided is not None and decided.granted else None


def _entitled(book: _Book, row: Entitlement, decided: _Decided | None) -> Identity:
    kind = book.kinds[row.scheme_code]
    checked_on = decided.checked_on if decided else local_date(row.opened_at)
    one = Identity(
        category=Category(kind.category),
        scheme_code=row.scheme_code,
        fact_code=kind.fact_code,
        holder_id=row.person_id,
        holder=book.names[row.person_id],
        of_household=kind.unit == HOUSEHOLD,
        covers=kind.unit == HOUSEHOLD,
        since_on=None,
        checked_on=checked_on,
        until_on=book.until(kind, checked_on),
        source=Source.ENTITLEMENT,
        told_by=f"认定决定 {decided.number}" if decided else "本平台的认定决定",
    )
    end = row.period.upper
    if row.closed_by is not None or (end is not None and end <= book.on):
        day = f"自 {end.isoformat()} 起" if end is not None else ""
        return replace(one, state=State.ENDED, why=f"{day}已终止")
    return book.aged(one)


def _listed(book: _Book, row: Enrolment, list_: SchemeList) -> Identity | None:
    """Return what a list says, as far as it speaks of a day at all."""
    said = spells.of_ranges(row.spells)
    if not said or row.last_on is None:
        return None
    kind = book.kinds[row.scheme_code]
    standing = spells.standing(said, book.on, list_)
    one = Identity(
        category=Category(kind.category),
        scheme_code=row.scheme_code,
        fact_code=kind.fact_code,
        holder_id=row.person_id,
        holder=book.names[row.person_id],
        of_household=kind.unit == HOUSEHOLD,
        covers=False,
        since_on=(standing.spell if standing else said[-1]).from_on,
        checked_on=row.last_on,
        until_on=book.until(kind, row.last_on),
        source=Source.LIST,
        told_by=f"{list_.department_name}“{list_.tag.name}”名册（{row.last_on.isoformat()}）",
    )
    left = row.ended_on if row.ended_on is not None and row.ended_on <= book.on else None
    if left is not None or standing is None:
        day = left or said[-1].to_on
        return replace(one, state=State.ENDED, why=f"自 {day.isoformat()} 起名册不再列有")
    return book.aged(one)


def _newest(
    session: Session, kinds: Collection[str], people: Collection[uuid.UUID]
) -> Sequence[tuple[Entitlement, date | None]]:
    """Return of each person and scheme the entitlement that ends last and was opened last.

    With since when, by those before that it follows without a gap: another sum is no new identity.
    """
    rows = session.scalars(
        select(Entitlement)
        .where(
            Entitlement.person_id.in_(people),
            Entitlement.scheme_code.in_(kinds),
            ~func.isempty(Entitlement.period),  # replaced before it ran
        )
        # What was opened at one moment, in the order in which it runs.
        .order_by(Entitlement.opened_at, func.lower(Entitlement.period), Entitlement.id)
        .execution_options(populate_existing=True)
    )
    last: dict[tuple[uuid.UUID, str], tuple[Entitlement, date | None]] = {}
    for row in rows:
        held, since_on = last.get((row.person_id, row.scheme_code), (None, None))
        if held is None or not _outlasts(held, row):
            joins = held is not None and held.period.upper == row.period.lower
            last[row.person_id, row.scheme_code] = row, since_on if joins else row.period.lower
    return list(last.values())


def _outlasts(held: Entitlement, row: Entitlement) -> bool:
    """Tell whether what was opened before runs on when what was opened later is over."""
    return held.closed_by is None and row.closed_by is not None


def _decided(
    session: Session, kinds: Collection[str], people: Collection[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, str], _Decided]:
    """Return the newest decision of each person and identity, with its newest re-check."""
    rows = session.execute(
        select(
            Case.id,
            Case.person_id,
            Case.scheme_code,
            Case.number,
            CaseDecision.outcome,
            CaseDecision.decided_at,
        )
        .ext(distinct_on(Case.person_id, Case.scheme_code))
        .join(CaseDecision, CaseDecision.case_id == Case.id)
        .where(Case.person_id.in_(people), Case.scheme_code.in_(kinds))
        .order_by(Case.person_id, Case.scheme_code, CaseDecision.decided_at.desc())
    ).all()
    rechecks = {
        row.case_id: row
        for row in session.execute(
            select(CaseRecheck.case_id, CaseRecheck.found, CaseRecheck.done_at)
            .ext(distinct_on(CaseRecheck.case_id))
            .where(
                CaseRecheck.case_id.in_([row.id for row in rows]), CaseRecheck.done_at.is_not(None)
            )
            .order_by(CaseRecheck.case_id, CaseRecheck.done_at.desc())
        )
    }
    return {
        (row.person_id, row.scheme_code): _Decided(
            number=row.number,
            granted=row.outcome is Outcome.GRANTED,
            on=local_date(row.decided_at),
            found=rechecks[row.id].found if row.id in rechecks else None,
            found_on=local_date(rechecks[row.id].done_at) if row.id in rechecks else None,
        )
        for row in rows
    }


def _spoken_against(
    decided: Mapping[tuple[uuid.UUID, str], _Decided],
) -> Iterator[tuple[tuple[uuid.UUID, str], Against]]:
    """Yield what the newest decision or re-check of someone says against an identity."""
    for place, one in decided.items():
        if not one.granted:
            yield place, Against(one.on, f"{one.on.isoformat()} 决定不予认定（{one.number}）")
        elif one.found is Found.CHANGED and one.found_on is not None:
            why = f"{one.found_on.isoformat()} 定期核查发现情况有变（{one.number}）"
            yield place, Against(one.found_on, why)


def standing(found: Iterable[Identity]) -> Mapping[Category, Identity]:
    """Return category → what may be recognised."""
    return {one.category: one for one in found if one.stands}


def _rank(one: Identity) -> tuple[int, int, int]:
    """Return what is shown first: what stands, then what was checked last, then decisions."""
    decided_here = one.source is Source.ENTITLEMENT
    return _ORDER[one.state], -one.checked_on.toordinal(), not decided_here
