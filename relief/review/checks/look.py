"""Gathers what the checks need to know of many cases: so many statements, however many cases.

The family, what it holds and who shares what with it go beyond what a department may see, so they
are read as registrar, after whoever acts was found to have the case in scope; what comes back is
facts for the checks and goes nowhere else.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from sqlalchemy import Select, and_, func, select, union
from sqlalchemy.orm import Session, aliased

from relief.accounts.models import Account
from relief.core.clock import local_date
from relief.core.registrar import registrar
from relief.registry.models import (
    LinkReview,
    Membership,
    Person,
    SourceIdentity,
    SourceLink,
    UnplacedNumber,
)
from relief.registry.types import ReviewKind
from relief.review.checks import held, looking_outside, sharing
from relief.review.checks.by_region import ByRegion
from relief.review.checks.facts import Asked, CaseFacts, Member, Reference
from relief.review.checks.held import Found
from relief.review.checks.models import CaseAuthorisation
from relief.review.checks.outside import Outside
from relief.review.facts.computing import facts_of_all
from relief.review.kin.models import KinFiling
from relief.review.models import Case, CasePause, CaseStage
from relief.review.paying import sharing as payees
from relief.review.recognition import resting
from relief.review.types import Outcome, StageStatus
from relief.schemes import held_papers, regional
from relief.schemes import queries as schemes
from relief.schemes.regional import Standards
from relief.schemes.types import StageKind


@dataclass(frozen=True, slots=True)
class _Acts:
    """Who acted in each case, with their names; when its data were checked; what was asked for."""

    actors: Mapping[uuid.UUID, Collection[uuid.UUID]]
    names: Mapping[uuid.UUID, str]
    reported: Mapping[uuid.UUID, date]
    asked: Mapping[uuid.UUID, Sequence[Asked]]


def look(session: Session, cases: Sequence[Case], *, now: datetime) -> Sequence[CaseFacts]:
    """Return what is known of each case on the day of `now`, in the order given."""
    reference, standards = _reference(session, local_date(now))
    there = ByRegion(reference, standards)
    signed = _authorisations(session, cases)
    acts = _acts(session, cases)
    rests = resting.kept(session, cases)
    people = {case.person_id for case in cases}
    with registrar(session):
        families = _families(session, people)
        everyone = {one.id for family in families.values() for one in family}
        holdings = held.of(session, reference, everyone, now=now)
        shared = sharing.of(session, everyone)
        filed = _filed(session, acts.names.keys(), reference.on)
        paid_to = payees.paid_to(session, [case.id for case in cases])
        everybody = [one for family in families.values() for one in family]
        seen = looking_outside.read(session, everybody, paid_to, on=reference.on)
        confirmed = resting.known(session, rests, cases, families, now=now)
    told = looking_outside.of_cases(session, cases, families, paid_to, seen)
    known = facts_of_all(session, [case.id for case in cases])
    by_person = _by_person(holdings)
    found = []
    for case in cases:
        family = families.get(case.person_id) or [_unknown(case)]
        living = {one.id for one in family if one.died_on is None}
        found.append(
            CaseFacts(
                reference=there.at(case.region_code),
                scheme=reference.schemes[case.scheme_code],
                applicant=next(one for one in family if one.id == case.person_id),
                family=family,
                holdings=[
                    one.holding for one in _held_by(living, by_person) if one.case_id != case.id
                ],
                authorised=signed[case.id],
                shared=sharing.most(
                    (shared[one.id] for one in family if one.id in shared),
                    payee=max((one.households for one in paid_to.get(case.id, ())), default=0),
                ),
                reported_on=acts.reported.get(case.id),
                unfiled={
                    account: acts.names[account]
                    for account in sorted(acts.actors[case.id])
                    if account not in filed
                },
                asked=acts.asked.get(case.id, ()),
                found={one.kind_code: one.value for one in known.get(case.id, ())},
                submitted_on=local_date(case.submitted_at),
                region_code=case.region_code,
                outside=told.get(case.id, Outside()),
                recognised=resting.recognised(
                    rests.get(case.id, ()),
                    confirmed,
                    case.person_id,
                    {one.id for one in family},
                    scheme_unit=reference.schemes[case.scheme_code].unit,
                ),
            )
        )
    return found


def _by_person(holdings: Iterable[Found]) -> Mapping[uuid.UUID, Sequence[tuple[int, Found]]]:
    """Return person → what they hold, each with its place among all."""
    found: dict[uuid.UUID, list[tuple[int, Found]]] = defaultdict(list)
    for place, one in enumerate(holdings):
        found[one.holding.person_id].append((place, one))
    return found


def _held_by(
    people: Iterable[uuid.UUID], by_person: Mapping[uuid.UUID, Sequence[tuple[int, Found]]]
) -> Sequence[Found]:
    """Return what some people hold, in the order of all, without looking at what others do."""
    theirs = [one for person in people for one in by_person.get(person, ())]
    return [one for _, one in sorted(theirs, key=itemgetter(0))]


def with_household(people: Collection[uuid.UUID]) -> Select[uuid.UUID]:
    """Return the query of the ids of people and of everyone they live with, by indexes alone."""
    mine = aliased(Membership)
    ids = union(
        select(Person.id).where(Person.id.in_(people)),
        select(Membership.person_id)
        .join(mine, mine.household_id == Membership.household_id)
        .where(mine.person_id.in_(people)),
    ).subquery()
    return select(ids.c.id)


def _reference(session: Session, on: date) -> tuple[Reference, Standards]:
    """Return what is the same for all cases, and by which each has the values of its region."""
    standards = regional.standards(session, on=on)
    reference = Reference(
        on=on,
        numbers={},
        schemes={one.code: one for one in schemes.schemes(session)},
        combinations=schemes.combination_rules(session),
        papers=held_papers.in_order(session),
    )
    return reference, standards


def _authorisations(
    session: Session, cases: Sequence[Case]
) -> Mapping[uuid.UUID, Mapping[uuid.UUID, date]]:
    """Return case → person → the day of the newest authorisation."""
    signed: dict[uuid.UUID, dict[uuid.UUID, date]] = defaultdict(dict)
    rows = session.execute(
        select(
            CaseAuthorisation.case_id,
            CaseAuthorisation.person_id,
            func.max(CaseAuthorisation.signed_on).label("signed_on"),
        )
        .where(CaseAuthorisation.case_id.in_([case.id for case in cases]))
        .group_by(CaseAuthorisation.case_id, CaseAuthorisation.person_id)
    )
    for row in rows:
        signed[row.case_id][row.person_id] = row.signed_on
    return signed


def _acts(session: Session, cases: Sequence[Case]) -> _Acts:
    """Return who entered or ended something in each case; the platform is nobody."""
    rows = session.execute(
        select(
            CaseStage.case_id,
            CaseStage.kind,
            CaseStage.ended_by,
            CaseStage.ended_at,
            CaseStage.outcome,
            CaseStage.opinion,
        ).where(
            CaseStage.case_id.in_([case.id for case in cases]),
            CaseStage.status == StageStatus.ENDED,
        )
    ).all()
    actors = {case.id: {case.entered_by} for case in cases}
    reported: dict[uuid.UUID, date] = {}
    for row in rows:
        if row.ended_by is not None:
            actors[row.case_id].add(row.ended_by)
        if row.kind is StageKind.DATA_CHECK:
            day = local_date(row.ended_at)
            reported[row.case_id] = max(day, reported.get(row.case_id, day))
    names = session.execute(
        select(Account.id, Account.display_name).where(
            Account.id.in_(set().union(*actors.values()))
        )
    )
    asked = _asked_for(session, cases)
    for row in rows:
        if row.outcome is Outcome.RETURNED:
            asked[row.case_id].append(Asked(words=row.opinion, on=local_date(row.ended_at)))
    return _Acts(actors, {row.id: row.display_name for row in names}, reported, asked)


def _asked_for(session: Session, cases: Sequence[Case]) -> dict[uuid.UUID, list[Asked]]:
    """Return case → the papers for which its clocks stood."""
    asked: dict[uuid.UUID, list[Asked]] = defaultdict(list)
    rows = session.execute(
        select(CasePause.case_id, CasePause.missing, CasePause.since_on)
        .where(CasePause.case_id.in_([case.id for case in cases]))
        .order_by(CasePause.id)
    )
    for row in rows:
        asked[row.case_id].append(Asked(words=row.missing, on=row.since_on))
    return asked


def _families(
    session: Session, people: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[Member]]:
    """Return applicant → everyone of the household, themselves first; alone, who is in none."""
    rows = session.execute(
        select(
            Person,
            Membership.household_id,
            Membership.relation,
            UnplacedNumber.citizen_id.is_not(None).label("unplaced"),
        )
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(UnplacedNumber, UnplacedNumber.citizen_id == Person.citizen_id)
        .where(Person.id.in_(with_household(people)))
        .order_by(Person.born_on.nulls_last(), Person.id)
    ).all()
    said = _said(session, [row.Person.id for row in rows])
    asked = _asked(session, [row.Person.id for row in rows])
    members = [
        Member(
            id=row.Person.id,
            name=row.Person.name,
            household_id=row.household_id,
            relation=row.relation,
            marital=row.Person.marital,
            born_on=row.Person.born_on,
            died_on=row.Person.died_on,
            has_number=row.Person.citizen_id is not None,
            bad_number=said.get(row.Person.id, (False, ()))[0],
            contradicted=said.get(row.Person.id, (False, ()))[1],
            shares_number=(row.Person.id, ReviewKind.NUMBER_SHARED) in asked,
            contested_home=(row.Person.id, ReviewKind.HOUSEHOLD) in asked,
            unplaced_number=row.unplaced,
            number_id=row.Person.citizen_id,
            account_id=row.Person.account,
        )
        for row in rows
    ]
    by_id = {one.id: one for one in members}
    homes: dict[uuid.UUID | None, list[Member]] = defaultdict(list)
    for one in members:
        homes[one.household_id].append(one)
    return {
        person: [by_id[person], *_at_home(by_id[person], homes)]
        for person in people
        if person in by_id
    }


def _unknown(case: Case) -> Member:
    """Return an applicant whom the registry knows no more, as the case has them."""
    return Member(
        id=case.person_id,
        name=case.applicant_name,
        household_id=None,
        relation=None,
        marital=None,
        born_on=case.applicant_born_on,
        died_on=None,
        has_number=False,
        bad_number=False,
    )


def _at_home(
    person: Member, homes: Mapping[uuid.UUID | None, Sequence[Member]]
) -> Sequence[Member]:
    """Return with whom someone lives."""
    if person.household_id is None:
        return ()
    return [one for one in homes[person.household_id] if one.id != person.id]


def _said(
    session: Session, people: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, tuple[bool, Sequence[str]]]:
    """Return what the lists say: whether of a bad number; which contradict the number's date."""
    number = SourceIdentity.citizen_id
    rows = session.execute(
        select(
            SourceLink.person_id,
            func.bool_or(and_(number.is_not(None), ~SourceIdentity.citizen_id_valid)).label("bad"),
            func.array_agg(SourceIdentity.scheme_code.distinct())
            .filter(
                number == Person.citizen_id,
                SourceIdentity.citizen_id_valid,
                SourceIdentity.born_on != SourceIdentity.number_born_on,
            )
            .label("lists"),
        )
        .join(SourceIdentity, SourceIdentity.id == SourceLink.identity_id)
        .join(Person, Person.id == SourceLink.person_id)
        .where(SourceLink.person_id.in_(people))
        .group_by(SourceLink.person_id)
    )
    return {row.person_id: (bool(row.bad), tuple(row.lists or ())) for row in rows}


def _asked(
    session: Session, people: Collection[uuid.UUID]
) -> Collection[tuple[uuid.UUID, ReviewKind]]:
    """Return about whom the stewards are asked something, and what."""
    rows = session.execute(
        select(LinkReview.person_id, LinkReview.kind).where(
            LinkReview.closed_at.is_(None), LinkReview.person_id.in_(people)
        )
    )
    return {(row.person_id, row.kind) for row in rows if row.person_id is not None}


def _filed(session: Session, accounts: Collection[uuid.UUID], on: date) -> Collection[uuid.UUID]:
    """Return who of the staff filed their kin this year, also of none."""
    return set(
        session.scalars(
            select(KinFiling.account_id).where(
                KinFiling.account_id.in_(accounts), KinFiling.year == on.year
            )
        )
    )
