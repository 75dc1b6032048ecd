"""What staff file of their relatives: each year and on change, also of none (零备案)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core import citizen_id
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.organisation import queries as organisation
from relief.review.kin.errors import BadNumber, BadRelation
from relief.review.kin.models import KinFiling, KinRelative

RELATION = "relation"  # the code table
_OWN = "本人"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A close relative to file. `relation`: to oneself, GB/T 4761.

    `number`: 18 characters; without one, that of the relative `keep` of one's last filing.
    """

    name: str
    relation: str
    number: str | None = None
    keep: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What an account filed last."""

    year: int
    filed_at: datetime
    own_number_id: uuid.UUID
    relatives: Sequence[KinRelative]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What was filed last, if anything, and whether this year's filing is still owed."""

    filing: Filed | None
    owed: bool


def state(session: Session, *, account_id: uuid.UUID, on: date) -> State:
    """Return what an account filed last, and whether it owes this year's filing. Two queries."""
    found = _newest(session, account_id)
    return State(filing=found, owed=found is None or found.year < on.year)


def file(
    session: Session,
    *,
    account_id: uuid.UUID,
    own_number: str | None,
    relatives: Sequence[Relative],
    cipher: Cipher,
    now: datetime,
) -> uuid.UUID:
    """File one's close relatives, or that there are none; return the id of the filing.

    It replaces what was filed before, which is kept. Who filed before need not give a number again.
    Raises BadRelation; BadNumber where one is wrong, or missing.
    """
    today = local_date(now)
    known = organisation.code_tables(session, tables=[RELATION])[RELATION]
    if unknown := {relative.relation for relative in relatives} - known.keys():
        which = f"没有这种亲属关系：{'、'.join(sorted(unknown))}"
        raise BadRelation(which)
    before = _newest(session, account_id)
    kept: dict[uuid.UUID | None, uuid.UUID] = {
        one.id: one.number_id for one in (before.relatives if before else ())
    }
    own_id = before.own_number_id if before else None
    given = [_number(own_number, _OWN, today, known=own_id is not None)] + [
        _number(one.number, one.name, today, known=one.keep in kept) for one in relatives
    ]
    filing_id = new_id(now)
    # Only the registrar adds secret values for the web; what it adds here is the caller's own.
    with registrar(session):
        ids = store.put_many(
            session, cipher, SecretKind.CITIZEN_ID, [one for one in given if one], now=now
        )
        session.add(
            KinFiling(
                id=filing_id,
                account_id=account_id,
                year=today.year,
                own_number_id=ids[given[0]] if given[0] else own_id,
                filed_at=now,
            )
        )
        session.flush()
        session.add_all(
            KinRelative(
                id=new_id(now),
                filing_id=filing_id,
                name=relative.name,
                relation=relative.relation,
                number_id=ids[number] if number else kept[relative.keep],
            )
            for relative, number in zip(relatives, given[1:], strict=True)
        )
    audit.record(
        session,
        "kin:filed",
        subject_type="account",
        subject_id=account_id,
        actor_id=account_id,
        now=now,
        details={"year": today.year, "relatives": len(relatives)},
    )
    return filing_id


def _number(text: str | None, whose: str, today: date, *, known: bool) -> str | None:
    """Return a number in its form, or None where the one that is known stays."""
    if not text and known:
        return None
    number = citizen_id.normalise(text or "")
    if citizen_id.parse(number, today=today) is None:
        which = f"{whose}的身份证号不正确"
        raise BadNumber(which)
    return number


def _newest(session: Session, account_id: uuid.UUID) -> Filed | None:
    filing = session.scalars(
        select(KinFiling)
        .where(KinFiling.account_id == account_id)
        .order_by(KinFiling.id.desc())
        .limit(1)
    ).one_or_none()
    if filing is None:
        return None
    relatives = session.scalars(
        select(KinRelative).where(KinRelative.filing_id == filing.id).order_by(KinRelative.id)
    ).all()
    return Filed(
        year=filing.year,
        filed_at=filing.filed_at,
        own_number_id=filing.own_number_id,
        relatives=relatives,
    )
