"""Reads what the registers say of people: so many statements, however many people.

Whoever calls has found the people in scope, and reads as registrar (`core.registrar`) or worker:
no signed-in account may see a register's entries by itself.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Row, Select, Uuid, any_, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from relief.registers.entries import RegisterEntry, Residence
from relief.registers.making import entry_of
from relief.registers.models import RegisterBatch, StoredEntry
from relief.registers.types import Content, Register, RegisterBatchStatus
from relief.registry.models import Person

Found = Mapping[uuid.UUID, Sequence[RegisterEntry]]


def entries(
    session: Session, registers: Collection[Register], people: Collection[uuid.UUID], *, on: date
) -> Found:
    """Return person → what those registers said of them on `on`, by register and day.

    What the newest whole register not later than `on` says, with the change files after it.
    An entry that has ended is returned with its state and last day; one that was deleted, or is
    missing in a later whole register, is not. Whom a register does not know, or who has no
    number, is not in the answer. One statement.
    """
    person = aliased(Person)
    return _by(
        session,
        holding(registers, on, person).where(person.id == any_(_array(people))),
        lambda row: row.person_id,
    )


def entries_of_numbers(
    session: Session, registers: Collection[Register], numbers: Collection[uuid.UUID], *, on: date
) -> Found:
    """Return stored number → what the registers said of its bearer, known here or not.

    As `entries`; the numbers are those of `Person.citizen_id`, `KinFiling.own_number_id` and of
    other entries. One statement.
    """
    return _by(
        session,
        holding(registers, on, aliased(Person)).where(
            StoredEntry.number_id == any_(_array(numbers))
        ),
        lambda row: row.number_id,
    )


def entries_of_accounts(session: Session, accounts: Collection[uuid.UUID], *, on: date) -> Found:
    """Return stored account number → the `Balance` entries of whoever holds it. One statement."""
    return _by(
        session,
        holding([Register.BALANCES], on, aliased(Person)).where(
            StoredEntry.account_id == any_(_array(accounts))
        ),
        lambda row: row.account_id,
    )


def booklets(
    session: Session, people: Collection[uuid.UUID], *, on: date
) -> Mapping[uuid.UUID, Sequence[Residence]]:
    """Return person → everyone in the same household register booklets, themselves included.

    Two statements.
    """
    own = entries(session, [Register.HOUSEHOLD_REGISTER], people, on=on)
    shared: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for person_id, found in own.items():
        for one in found:
            if isinstance(one, Residence) and one.booklet_id is not None:
                shared[one.booklet_id].add(person_id)
    together = _by(
        session,
        holding([Register.HOUSEHOLD_REGISTER], on, aliased(Person)).where(
            StoredEntry.group_id == any_(_array(shared))
        ),
        lambda row: row.group_id,
    )
    answer: dict[uuid.UUID, list[Residence]] = defaultdict(list)
    for booklet, residents in together.items():
        for person_id in shared[booklet]:
            answer[person_id].extend(one for one in residents if isinstance(one, Residence))
    return dict(answer)


def delivered(session: Session, *, on: date) -> Mapping[Register, date]:
    """Return register → the day of the newest file not later than `on`.

    A register that is not in the answer was never delivered: that it knows nothing of somebody
    says nothing then.
    """
    rows = session.execute(
        select(RegisterBatch.register, func.max(RegisterBatch.data_on))
        .where(RegisterBatch.status == RegisterBatchStatus.LOADED, RegisterBatch.data_on <= on)
        .group_by(RegisterBatch.register)
    )
    return {register: day for register, day in rows if day is not None}


def _array(ids: Collection[uuid.UUID]) -> ColumnElement[Any]:
    return literal(list(ids), ARRAY(Uuid()))


def holding(
    registers: Collection[Register], on: date, person: type[Person]
) -> Select[*tuple[Any, ...]]:
    """Return the query of the entries that hold on a day, with whose they are.

    An entry holds if its batch is live and not older than the newest whole register of that day,
    no later row of a live batch is of the same thing, and it is not itself a deletion.
    """
    batch, whole, later = aliased(RegisterBatch), aliased(RegisterBatch), aliased(RegisterBatch)
    newer, other = aliased(StoredEntry), aliased(Person)
    live = RegisterBatchStatus.LOADED
    replaced = select(whole.id).where(
        whole.register == StoredEntry.register,
        whole.status == live,
        whole.content == Content.WHOLE,
        whole.data_on <= on,
        tuple_(whole.data_on, whole.id) > tuple_(batch.data_on, batch.id),
    )
    changed = (
        select(newer.batch_id)
        .join(later, later.id == newer.batch_id)
        .where(
            newer.entry_key_id == StoredEntry.entry_key_id,
            later.status == live,
            later.data_on <= on,
            tuple_(later.data_on, later.id, newer.row_number)
            > tuple_(batch.data_on, batch.id, StoredEntry.row_number),
        )
    )
    return (
        select(
            StoredEntry,
            batch.data_on,
            StoredEntry.number_id,
            StoredEntry.account_id,
            StoredEntry.group_id,
            person.id.label("person_id"),
            other.id.label("other_person_id"),
        )
        .join(batch, batch.id == StoredEntry.batch_id)
        .outerjoin(person, person.citizen_id == StoredEntry.number_id)
        .outerjoin(other, other.citizen_id == StoredEntry.other_number_id)
        .where(
            StoredEntry.register.in_(registers),
            batch.status == live,
            batch.data_on <= on,
            ~StoredEntry.removed,
            ~replaced.exists(),
            ~changed.exists(),
        )
        .order_by(
            StoredEntry.register, batch.data_on, batch.id,
            StoredEntry.row_number, StoredEntry.side, person.id,
        )
    )  # fmt: skip


def _by(
    session: Session, query: Select[*tuple[Any, ...]], key: Callable[[Row[Any]], uuid.UUID]
) -> Found:
    found: dict[uuid.UUID, list[RegisterEntry]] = defaultdict(list)
    for row in session.execute(query):
        found[key(row)].append(
            entry_of(
                row.StoredEntry,
                data_on=row.data_on,
                person_id=row.person_id,
                other_person_id=row.other_person_id,
            )
        )
    return dict(found)
