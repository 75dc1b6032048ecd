"""Who the helpers are: added with their first household, changed, and gone from their post."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.audit import service as audit
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.masking import mask_phone
from relief.core.privacy.models import SecretKind
from relief.core.registrar import registrar
from relief.core.scope import Scope, within
from relief.organisation import queries as organisation
from relief.registry.intake import values
from relief.registry.models import Household
from relief.registry.queries.visible import household_visible
from relief.visits.errors import (
    HelperAccount,
    HelperChanged,
    HelperElsewhere,
    HelperKnown,
    HelperLeft,
    HelperName,
    HelperNotFound,
    HelperPhone,
    LeftOn,
)
from relief.visits.models import Helper, HelperAssignment
from relief.visits.placing import any_of, running


@dataclass(frozen=True, slots=True)
class Said:
    """What a form or a row of a file says of a helper."""

    name: str
    unit: str
    phone: str


def read(*, name: str, unit: str, phone: str) -> Said:
    """Return what is said, in the form of the registry. Raises HelperName, HelperPhone."""
    said = values.name(name), values.words(unit, values.NAME_LENGTH + 1)
    too_long = any(len(values.clean(text)) > values.NAME_LENGTH for text in (name, unit))
    if said[0] is None or said[1] is None or too_long:
        raise HelperName
    number = values.phone(phone)
    if number is None:
        raise HelperPhone
    return Said(said[0], said[1], number)


def of_all(
    session: Session,
    cipher: Cipher,
    said: Collection[Said],
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> Mapping[tuple[str, str], uuid.UUID]:
    """Return (name, telephone) → the helper in post, adding who is new. Rows of theirs are locked.

    As registrar: the same person may stand by households that the actor does not see. A name is
    the same in any width and with any dot, as the registry compares names. A unit that is written
    otherwise than before changes nothing, nor does a name: `change` does.
    """
    if not said:
        return {}
    with registrar(session):
        phones = store.put_many(
            session, cipher, SecretKind.PHONE, {one.phone for one in said}, now=now
        )
        wanted = {(phones[one.phone], one.name): one for one in said}
        known = _in_post(session, wanted)
        if fresh := _distinct(wanted.keys() - known.keys()):
            added = session.scalars(
                insert(Helper)
                .values(
                    [
                        {
                            "id": new_id(now),
                            "name": name,
                            "unit": wanted[phone_id, name].unit,
                            "phone_id": phone_id,
                            "phone_masked": mask_phone(wanted[phone_id, name].phone),
                            "added_by": actor_id,
                            "added_at": now,
                            "version": 1,
                        }
                        for phone_id, name in fresh
                    ]
                )
                .on_conflict_do_nothing()
                .returning(Helper.id)
            ).all()
            for helper_id in added:
                note(session, "helper:added", helper_id, actor_id=actor_id, now=now)
            known = _in_post(session, wanted)
    return {(one.name, one.phone): known[key] for key, one in wanted.items()}


def change(
    session: Session,
    cipher: Cipher,
    *,
    actor: Actor,
    helper_id: uuid.UUID,
    version: int,
    said: Said,
    username: str | None,
    now: datetime,
) -> None:
    """Correct who a helper is, or say which staff account is theirs (`username`; None: none yet).

    Raises HelperNotFound, HelperLeft, HelperElsewhere, HelperChanged, HelperAccount, HelperKnown.
    """
    helper = _locked(session, actor.scope, helper_id, local_date(now))
    if helper.version != version:
        raise HelperChanged
    account_id = _account(session, username, helper, local_date(now)) if username else None
    with registrar(session):
        phones = store.put_many(session, cipher, SecretKind.PHONE, [said.phone], now=now)
    before = (helper.name, helper.unit, helper.phone_id, helper.account_id)
    after = (said.name, said.unit, phones[said.phone], account_id)
    helper.name, helper.unit, helper.phone_id, helper.account_id = after
    helper.phone_masked = mask_phone(said.phone)
    fields = ("name", "unit", "phone", "account")
    changed = [field for field, old, new in zip(fields, before, after, strict=True) if old != new]
    _flush(session)
    note(session, "helper:changed", helper_id, actor_id=actor.id, now=now, fields=changed)


def leave(
    session: Session,
    *,
    actor: Actor,
    helper_id: uuid.UUID,
    left_on: date,
    reason: str,
    now: datetime,
) -> None:
    """Record that a helper has left the post: the households show it until they are transferred.

    Raises HelperNotFound, HelperLeft, HelperElsewhere, LeftOn.
    """
    helper = _locked(session, actor.scope, helper_id, local_date(now))
    if left_on > local_date(now):
        raise LeftOn
    helper.left_on, helper.left_why = left_on, reason
    session.flush()
    note(session, "helper:left", helper_id, actor_id=actor.id, now=now)


def note(
    session: Session,
    action: str,
    helper_id: uuid.UUID,
    *,
    actor_id: uuid.UUID,
    now: datetime,
    **details: object,
) -> None:
    """Write what was done about a helper into the trail."""
    audit.record(
        session, action, subject_type="helper", subject_id=helper_id, actor_id=actor_id,
        now=now, details=details,
    )  # fmt: skip


_Key = tuple[uuid.UUID, str]  # a telephone, and a name


def _in_post(session: Session, wanted: Collection[_Key]) -> dict[_Key, uuid.UUID]:
    """Return who is known: by the name as it is written, or else as names are compared."""
    rows = session.execute(
        select(Helper.phone_id, Helper.name, Helper.id)
        .where(Helper.left_on.is_(None), Helper.phone_id == any_of({one[0] for one in wanted}))
        .order_by(Helper.id)
        .with_for_update()
    )
    exact: dict[_Key, uuid.UUID] = {}
    alike: dict[_Key, uuid.UUID] = {}
    for phone_id, name, helper_id in rows:
        exact[phone_id, name] = helper_id
        alike.setdefault(_compared((phone_id, name)), helper_id)
    found = {key: exact.get(key) or alike.get(_compared(key)) for key in wanted}
    return {key: helper_id for key, helper_id in found.items() if helper_id}


def _distinct(keys: Collection[_Key]) -> list[_Key]:
    """Return each person once, however their name is written."""
    return list({_compared(key): key for key in sorted(keys, reverse=True)}.values())


def _compared(key: _Key) -> _Key:
    return key[0], values.name_key(key[1])


def seen_by(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `helper` that the reader sees a household of theirs, past or not."""
    return (
        select(HelperAssignment.id)
        .join(Household, Household.id == HelperAssignment.household_id)
        .where(HelperAssignment.helper_id == Helper.id, household_visible(scope))
        .exists()
    )


def _locked(session: Session, scope: Scope, helper_id: uuid.UUID, today: date) -> Helper:
    """Return a helper of whom the reader sees every household there is, if still in post."""
    helper = session.scalars(
        select(Helper)
        .where(Helper.id == helper_id, seen_by(scope))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if helper is None:
        raise HelperNotFound
    if helper.left_on is not None:
        raise HelperLeft
    if _stands_outside(session, helper_id, household_visible(scope), today):
        raise HelperElsewhere
    return helper


def _stands_outside(
    session: Session, helper_id: uuid.UUID, inside: ColumnElement[bool], today: date
) -> bool:
    """Tell whether a helper has a household, wherever, of which the condition does not hold."""
    with registrar(session):
        found = session.scalar(
            select(HelperAssignment.id)
            .join(Household, Household.id == HelperAssignment.household_id)
            .where(HelperAssignment.helper_id == helper_id, running(today), not_(inside))
            .limit(1)
        )
    return found is not None


def _account(session: Session, username: str, helper: Helper, today: date) -> uuid.UUID:
    """Return an account in use: the helper's own, or one with the role and all the households."""
    found = session.scalar(
        select(Account.id).where(Account.username == username, Account.disabled_at.is_(None))
    )
    if found is None:
        raise HelperAccount
    if found == helper.account_id:
        return found
    is_helper = session.get(AccountRole, (found, Role.HELPER)) is not None
    codes = session.scalars(select(AccountRegion.code).where(AccountRegion.account_id == found))
    places = organisation.ranges_of(session, codes=codes)
    if not is_helper or _stands_outside(
        session, helper.id, within(Household.region_code, places), today
    ):
        raise HelperAccount
    return found


_EXPLAINED = {"uq_helper_in_post": HelperKnown, "uq_helper_account_id": HelperAccount}


def _flush(session: Session) -> None:
    """Write, and name the rule when a unique index refuses it."""
    try:
        session.flush()
    except IntegrityError as error:
        diagnostic = getattr(error.orig, "diag", None)
        known = _EXPLAINED.get((diagnostic and diagnostic.constraint_name) or "")
        if known is None:
            raise
        raise known from error
