"""Binding a phone to a household: a code on paper, and a telephone number of a member."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import ARRAY, LargeBinary, Row, Select, Uuid, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.bindings import presenting, standing, trying
from relief.bindings.errors import (
    AlreadyBound,
    BindingNotFound,
    CodeNotFound,
    HouseholdCodeInvalid,
    NobodyToBind,
    PhoneNotRegistered,
    PhoneOfSeveral,
    RegistryBusy,
)
from relief.bindings.models import HouseholdBinding, HouseholdCode
from relief.bindings.rules import rules_on
from relief.bindings.types import Ending
from relief.core.ids import new_id
from relief.core.privacy import index_keys
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.core.scope import Scope
from relief.registry.errors import HouseholdNotFound
from relief.registry.models import Household, Membership
from relief.registry.queries.visible import household_visible

SCENE_BYTES = 20  # 27 characters; a scene has 32 at most
CHINA_COUNTRY = "86"
# What the mini program's account may ask of the registry: whose the number is, within the
# household of a code that it shows, and nothing else.
_WITH_PHONE = (
    text("SELECT person_id, region_code, is_householder FROM members_with_phone(:scene, :phones)")
    .bindparams(
        bindparam("scene", type_=LargeBinary), bindparam("phones", type_=ARRAY(LargeBinary))
    )
    .columns(person_id=Uuid)
)
_HOUSEHOLD = text("SELECT household_id FROM bound_to(:of)")
_PLACE = text("SELECT place_of_binding(:of)")


def new_scene() -> str:
    """Return what a code shall say: opaque, and good for a QR code of WeChat's."""
    return secrets.token_urlsafe(SCENE_BYTES)


def check_visible(session: Session, *, household_id: uuid.UUID, scope: Scope) -> Household:
    """Return a household that is in someone's scope. Raises HouseholdNotFound."""
    household = session.scalars(
        select(Household).where(Household.id == household_id, household_visible(scope))
    ).one_or_none()
    if household is None:
        raise HouseholdNotFound
    return household


def issue(
    session: Session,
    *,
    household_id: uuid.UUID,
    scene: str,
    scope: Scope,
    actor_id: uuid.UUID,
    now: datetime,
) -> HouseholdCode:
    """Keep a code that was drawn for a household; it binds one phone, once.

    Raises HouseholdNotFound, NobodyToBind.
    """
    household = check_visible(session, household_id=household_id, scope=scope)
    person_id = household.householder_id or session.scalar(
        select(Membership.person_id)
        .where(Membership.household_id == household.id)
        .order_by(Membership.person_id)
        .limit(1)
    )
    if person_id is None:
        raise NobodyToBind
    code = HouseholdCode(
        id=new_id(now),
        person_id=person_id,
        scene_hash=_digest(scene),
        issued_by=actor_id,
        issued_at=now,
        expires_at=now + rules_on(session, now=now).household_code,
    )
    session.add(code)
    _record(
        session,
        "person:mini_code_issued",
        person_id=person_id,
        region_code=household.region_code,
        actor_id=actor_id,
        now=now,
    )
    return code


def revoke(
    session: Session,
    *,
    household_id: uuid.UUID,
    code_id: uuid.UUID,
    scope: Scope,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Take back a code that nobody used. Raises HouseholdNotFound, CodeNotFound."""
    household = check_visible(session, household_id=household_id, scope=scope)
    person_id = session.scalar(
        update(HouseholdCode)
        .where(
            HouseholdCode.id == code_id,
            HouseholdCode.person_id.in_(_members(household.id)),
            HouseholdCode.used_at.is_(None),
            HouseholdCode.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(HouseholdCode.person_id)
    )
    if person_id is None:
        raise CodeNotFound
    _record(
        session,
        "person:mini_code_revoked",
        person_id=person_id,
        region_code=household.region_code,
        actor_id=actor_id,
        now=now,
    )


def bind(
    session: Session,
    *,
    account_id: uuid.UUID,
    scene: str,
    phone: str,
    country: str,
    cipher: Cipher,
    now: datetime,
) -> None:
    """Bind an account to the member of the code's household whose telephone this is.

    `phone`: as WeChat vouches for it, without the country's code. A number that more than one
    member has counts as the householder's, if it is theirs; else nobody can tell who holds the
    telephone, and staff must ask. Raises HouseholdCodeInvalid, PhoneNotRegistered and
    PhoneOfSeveral, which do not tell whose number it is or was, AlreadyBound, and RegistryBusy,
    while a merge changes whose number it is.
    """
    standing.hold(session, account_id=account_id)
    hashed = _digest(scene)
    presenting.show(session, [hashed])
    code = session.scalars(
        select(HouseholdCode).where(HouseholdCode.scene_hash == hashed).with_for_update()
    ).one_or_none()
    if code is None or code.used_at or code.revoked_at or now >= code.expires_at:
        raise HouseholdCodeInvalid
    if country != CHINA_COUNTRY:
        raise PhoneNotRegistered
    keys = index_keys.for_writing(session, cipher, now=now)
    phones = [cipher.blind_index(SecretKind.PHONE, phone, key_id=key) for key in keys.live]
    found = _one_of(_with_phone(session, hashed, phones))
    if session.scalar(_HOUSEHOLD, {"of": account_id}) is None:
        # Bound to who is gone or in no household: nobody is shown that one to end it.
        _let_go(session, account_id, Ending.REGISTRY, now)
    made = session.scalar(
        insert(HouseholdBinding)
        .values(
            id=new_id(now),
            account_id=account_id,
            person_id=found.person_id,
            code_id=code.id,
            bound_at=now,
        )
        .on_conflict_do_nothing()
        .returning(HouseholdBinding.id)
    )
    if made is None:
        raise AlreadyBound
    code.used_at = now
    trying.forgive(session, account_id=account_id)
    _record(
        session,
        "person:mini_bound",
        person_id=found.person_id,
        region_code=found.region_code,
        actor_id=account_id,
        now=now,
        binding=made,
    )


def unbind(session: Session, *, account_id: uuid.UUID, now: datetime) -> None:
    """End the binding of an account, as its holder asks; without one nothing happens."""
    standing.hold(session, account_id=account_id)
    _let_go(session, account_id, Ending.PERSON, now)


def _let_go(session: Session, account_id: uuid.UUID, ending: Ending, now: datetime) -> None:
    ended = session.execute(
        update(HouseholdBinding)
        .where(HouseholdBinding.account_id == account_id, HouseholdBinding.ended_at.is_(None))
        .values(ended_at=now, ending=ending)
        .returning(HouseholdBinding.id, HouseholdBinding.person_id)
    ).one_or_none()
    if ended is None:
        return
    _record(
        session,
        "person:mini_unbound",
        person_id=ended.person_id,
        region_code=session.scalar(_PLACE, {"of": ended.id}),
        actor_id=account_id,
        now=now,
        binding=ended.id,
        ending=ending,
    )


def end(
    session: Session,
    *,
    household_id: uuid.UUID,
    binding_id: uuid.UUID,
    ending: Ending,
    remark: str | None,
    scope: Scope,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """End a binding as staff, with the reason: the phone shows nothing from its next request on.

    Raises HouseholdNotFound, BindingNotFound.
    """
    household = check_visible(session, household_id=household_id, scope=scope)
    person_id = session.scalar(
        update(HouseholdBinding)
        .where(
            HouseholdBinding.id == binding_id,
            HouseholdBinding.person_id.in_(_members(household.id)),
            HouseholdBinding.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=actor_id, ending=ending, remark=remark)
        .returning(HouseholdBinding.person_id)
    )
    if person_id is None:
        raise BindingNotFound
    _record(
        session,
        "person:mini_unbound",
        person_id=person_id,
        region_code=household.region_code,
        actor_id=actor_id,
        now=now,
        binding=binding_id,
        ending=ending,
    )


def _with_phone(session: Session, scene: bytes, phones: Sequence[bytes]) -> Sequence[Row[Any]]:
    """Return who has a number, each held so that no merge takes them away before this is done.

    Raises RegistryBusy where one is taking them: it may last, and would wait for this in its turn.
    """
    try:
        return session.execute(_WITH_PHONE, {"scene": scene, "phones": phones}).all()
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        raise RegistryBusy from error


def _one_of(holders: Sequence[Row[Any]]) -> Row[Any]:
    """Return whose the number is, of those who have it, the householder first."""
    if not holders:
        raise PhoneNotRegistered
    if len(holders) > 1 and not holders[0].is_householder:
        raise PhoneOfSeveral
    return holders[0]


def _members(household_id: uuid.UUID) -> Select[uuid.UUID]:
    return select(Membership.person_id).where(Membership.household_id == household_id)


def _digest(scene: str) -> bytes:
    return hashlib.sha256(scene.encode()).digest()


def _record(
    session: Session,
    action: str,
    *,
    person_id: uuid.UUID,
    region_code: int | None,
    actor_id: uuid.UUID,
    now: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        subject_type="person",
        subject_id=person_id,
        actor_id=actor_id,
        now=now,
        details={name: str(value) for name, value in details.items()},
        region_code=region_code,
    )
