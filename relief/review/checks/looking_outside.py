"""Gathers what the outside registers say of many families: so many statements, however many.

Read as registrar, like everything that goes beyond what a department may see (`look`); before a
register was ever delivered, one statement finds that out.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from relief.funds.payees.types import PEOPLE, PayeeKind
from relief.registers import queries as registers
from relief.registers.entries import (
    Balance,
    CadrePost,
    Death,
    Marriage,
    RegisterEntry,
    Residence,
)
from relief.registers.types import Register, State
from relief.review.checks import kinship
from relief.review.checks.facts import Member
from relief.review.checks.outside import Outside, Related
from relief.review.kin.locks import handled_by
from relief.review.kin.models import CaseKin, KinFiling, KinRelative
from relief.review.kin.types import KinSource
from relief.review.models import Case
from relief.review.paying.sharing import PaidTo
from relief.schemes import queries as schemes


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of everyone. `related`: member → others, with all accounts that they are."""

    entries: Mapping[uuid.UUID, Sequence[RegisterEntry]] = field(default_factory=dict)
    holders: Mapping[uuid.UUID, Sequence[Balance]] = field(default_factory=dict)
    related: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, Related]]] = field(default_factory=dict)


PaidInto = Mapping[uuid.UUID, Sequence[PaidTo]]  # by case


def read(session: Session, people: Collection[Member], paid_to: PaidInto, *, on: date) -> Read:
    """Return what the registers say of people, as registrar. Eight statements at most.

    And of the accounts of those to whom is paid.
    """
    if not people or not registers.delivered(session, on=on):
        return Read()
    ids = [one.id for one in people]
    entries = registers.entries(session, list(Register), ids, on=on)
    accounts = {one.account_id for one in people if one.account_id is not None}
    accounts |= {one.account_id for payees in paid_to.values() for one in payees}
    holders = {
        account: [one for one in found if isinstance(one, Balance)]
        for account, found in registers.entries_of_accounts(session, accounts, on=on).items()
    }
    together = registers.booklets(session, ids, on=on)
    circle = schemes.kin_circle(session, on=on)
    found = dict(_found(people, entries, together, circle))
    related = _known(session, found, people, circle, on=on)
    return Read(entries=entries, holders=holders, related=related)


def of_cases(
    session: Session,
    cases: Sequence[Case],
    families: Mapping[uuid.UUID, Sequence[Member]],
    paid_to: PaidInto,
    seen: Read,
) -> Mapping[uuid.UUID, Outside]:
    """Return case → what was read of its family. Two statements, where anything was."""
    if not seen.entries and not seen.holders:
        return {}
    declared = _declared(session, cases)
    pairs = {
        (case.id, one.account_id)
        for case in cases
        for _, one in _others(families.get(case.person_id, ()), seen)
        if one.account_id is not None
    }
    theirs = handled_by(session, pairs)
    made = {}
    for case in cases:
        family = families.get(case.person_id, ())
        applicant = next((one for one in family if one.id == case.person_id), None)
        # Into the newest that was entered; before one was, into the one of the lists.
        payee = paid_to[case.id][-1] if paid_to.get(case.id) else None
        listed = applicant.account_id if applicant else None
        account = payee.account_id if payee else listed
        made[case.id] = Outside(
            entries={one.id: seen.entries.get(one.id, ()) for one in family},
            holders=seen.holders.get(account, ()) if account else (),
            guardian=payee.holder if payee and payee.kind is PayeeKind.GUARDIAN else None,
            institution=payee is not None and payee.kind not in PEOPLE,
            related=[
                one if (case.id, one.account_id) in theirs else replace(one, account_id=None)
                for _, one in _others(family, seen)
            ],
            numbers={one.id: one.number_id for one in family if one.number_id is not None},
            declared=declared[case.id],
        )
    return made


def _others(family: Sequence[Member], seen: Read) -> Iterator[tuple[uuid.UUID, Related]]:
    """Yield whom the registers relate to those of a family who live, and who is not of it."""
    own = {one.number_id for one in family}
    unnumbered = {one.name for one in family if one.number_id is None}
    for member in (one for one in family if one.died_on is None):
        for number, one in seen.related.get(member.id, ()):
            if number not in own and one.name not in unnumbered:
                yield number, one


def _found(
    people: Iterable[Member],
    entries: Mapping[uuid.UUID, Sequence[RegisterEntry]],
    together: Mapping[uuid.UUID, Sequence[Residence]],
    circle: Collection[str],
) -> Iterator[tuple[uuid.UUID, Sequence[tuple[uuid.UUID, Related]]]]:
    """Yield member → who shares their booklet or is married to them, by stored number."""
    for one in people:
        found = [*_in_booklet(one, together.get(one.id, ()), circle)]
        found += _married(one, entries.get(one.id, ()))
        if found:
            yield one.id, found


def _in_booklet(
    one: Member, residents: Sequence[Residence], circle: Collection[str]
) -> Iterator[tuple[uuid.UUID, Related]]:
    mine = [own for own in residents if own.person_id == one.id and _stands(own)]
    for own in mine:
        for other in residents:
            is_other = other.number_id != own.number_id and other.booklet_id == own.booklet_id
            if not is_other or not _stands(other):
                continue
            relation = kinship.between(own.relation, other.relation)
            yield (
                other.number_id,
                Related(
                    member_id=one.id,
                    name=other.name,
                    relation=relation or "",
                    close=relation in circle,
                    register=other.register,
                    since=other.from_on,
                    data_on=other.data_on,
                    born_on=other.born_on,
                ),
            )


def _stands(entry: Residence) -> bool:
    return entry.state is not State.ENDED


def _married(one: Member, entries: Sequence[RegisterEntry]) -> Iterator[tuple[uuid.UUID, Related]]:
    for entry in entries:
        if not isinstance(entry, Marriage) or entry.state is not State.VALID:
            continue
        if entry.spouse_number_id is None or entry.to_on is not None:
            continue
        yield (
            entry.spouse_number_id,
            Related(
                member_id=one.id,
                name=entry.spouse_name or "",
                relation=kinship.SPOUSE,
                close=True,
                register=entry.register,
                since=entry.from_on,
                data_on=entry.data_on,
            ),
        )


def _known(
    session: Session,
    found: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, Related]]],
    people: Collection[Member],
    circle: Collection[str],
    *,
    on: date,
) -> Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, Related]]]:
    """Return the same with who of them is of the staff, filed the member, or is a cadre.

    Without the dead: a marriage and a booklet often do not say so.
    """
    numbers = {number for pairs in found.values() for number, _ in pairs}
    if not numbers:
        return {}
    more = registers.entries_of_numbers(session, [Register.CADRES, Register.DEATHS], numbers, on=on)
    dead = {number for number, told in more.items() if any(_died(one, on) for one in told)}
    staff, filed = _filings(session, numbers, circle)
    number_of = {one.id: one.number_id for one in people}
    return {
        member: [
            (
                number,
                replace(
                    one,
                    account_id=staff.get(number),
                    filed=(staff.get(number), number_of[member]) in filed,
                    posts=[post for post in more.get(number, ()) if isinstance(post, CadrePost)],
                ),
            )
            for number, one in pairs
            if number not in dead
        ]
        for member, pairs in found.items()
    }


def _filings(
    session: Session, numbers: Collection[uuid.UUID], circle: Collection[str]
) -> tuple[Mapping[uuid.UUID, uuid.UUID], Collection[tuple[uuid.UUID, uuid.UUID]]]:
    """Return own number → account of the staff, and whom each filed as close kin. Two statements.

    The newest filing of each counts, as for the locks by what was filed.
    """
    newest = (
        select(KinFiling)
        .ext(distinct_on(KinFiling.account_id))
        .order_by(KinFiling.account_id, KinFiling.id.desc())
        .subquery()
    )
    filings = session.execute(
        select(newest).where(newest.c.own_number_id.in_(numbers)).order_by(newest.c.id)
    ).all()
    relatives = session.execute(
        select(newest.c.account_id, KinRelative.number_id)
        .join(KinRelative, KinRelative.filing_id == newest.c.id)
        .where(newest.c.id.in_([row.id for row in filings]), KinRelative.relation.in_(circle))
    )
    staff = {row.own_number_id: row.account_id for row in filings}
    return staff, {(row.account_id, row.number_id) for row in relatives}


def _died(entry: RegisterEntry, on: date) -> bool:
    """Tell whether an entry of a death holds, as for the check of the dead (A03)."""
    died_on = entry.died_on if isinstance(entry, Death) else None
    return entry.state is not State.ENDED and died_on is not None and died_on <= on


def _declared(session: Session, cases: Sequence[Case]) -> Mapping[uuid.UUID, Collection[str]]:
    """Return case → whom of the staff somebody named as kin in it, and no register did."""
    named: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = session.execute(
        select(CaseKin.case_id, CaseKin.name).where(
            CaseKin.case_id.in_([case.id for case in cases]), CaseKin.source != KinSource.REGISTER
        )
    )
    for row in rows:
        named[row.case_id].add(row.name)
    return named
