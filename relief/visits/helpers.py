"""Who the helpers are: added with their first household, changed, and gone from their post."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, not_, select, tuple_
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
from relief.visits.placing import running


@dataclass(frozen=True, slots=True)
class Said:
    """What a form or a row of a file says of a helper."""

    name: str
    unit: str
    phone: str


def read(*, name: str, unit: str, phone: str) -> Said:
    """Return what is said, cleaned. Raises HelperName, HelperPhone."""
    name, unit = values.clean(name), values.clean(unit)
    if not (0 < len(name) <= values.NAME_LENGTH and 0 < len(unit) <= values.NAME_LENGTH):
        raise HelperName
    number = values.phone(phone)
    if number is None:
        raise HelperPhone
    return Said(name, unit, number)


def of_all(
    session: Session,
    cipher: Cipher,
    said: Collection[Said],
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> Mapping[tuple[str, str], uuid.UUID]:
    """Return (name, telephone) → the helper in post, adding who is new. Rows of theirs are locked.

    As registrar: the same person may stand by households that the actor does not see. A unit
    that is written otherwise than before changes nothing: `change` does.
    """
    if not said:
        return {}
    with registrar(session):
        phones = store.put_many(
            session, cipher, SecretKind.PHONE, {one.phone for one in said}, now=now
        )
        wanted = {(phones[one.phone], one.name): one for one in said}
        known = _in_post(session, wanted)
        if fresh := sorted(wanted.keys() - known.keys()):
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


def _in_post(
    session: Session, wanted: Collection[tuple[uuid.UUID, str]]
) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    rows = session.execute(
        select(Helper.phone_id, Helper.name, Helper.id)
        .where(Helper.left_on.is_(None), tuple_(Helper.phone_id, Helper.name).in_(list(wanted)))
        .order_by(Helper.id)
        .with_for_update()
    )
    return {(phone_id, name): helper_id for phone_id, name, helper_id in rows}


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
