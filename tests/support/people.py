"""The people of the tests: an insider, a colleague, a stranger, and those who watch."""

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from relief.accounts import second_factor, sign_in
from relief.accounts import service as accounts
from relief.accounts.models import Account, AccountTotp
from relief.accounts.types import POST_OF, Role
from relief.core.sign_in_rules import DEFAULT_RULES
from tests.support import run_folder
from tests.support.settings import CIPHER, FakeClock

PASSWORD = "Correct horse battery 1"
CITY, TIEDONG, TIEXI = "210300000000", "210302000000", "210303000000"
CIVIL_AFFAIRS, HOUSING = "D01", "D04"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff who can sign in."""

    id: uuid.UUID
    username: str
    password: str = PASSWORD


# name: role, department, region
PEOPLE: dict[str, tuple[Role, str | None, str | None]] = {
    "alice": (Role.REVIEWER, CIVIL_AFFAIRS, TIEDONG),
    "bob": (Role.REVIEWER, HOUSING, TIEDONG),
    "charlie": (Role.REVIEWER, CIVIL_AFFAIRS, TIEXI),
    "steward": (Role.STEWARD, CIVIL_AFFAIRS, CITY),
    "auditor": (Role.AUDITOR, None, CITY),
    "leader": (Role.LEADER, CIVIL_AFFAIRS, CITY),
    "system_admin": (Role.SYSTEM_ADMIN, None, None),
    "security_admin": (Role.SECURITY_ADMIN, None, None),
    "second_admin": (Role.SECURITY_ADMIN, None, None),
    "audit_admin": (Role.AUDIT_ADMIN, None, None),
}


def make_people(session: Session, *, now: datetime) -> dict[str, str]:
    """Create everybody, and return their ids by name."""
    ids = {}
    for name, (role, department, region) in PEOPLE.items():
        account = accounts.create_account(
            session,
            username=name,
            display_name=name.title(),
            post=POST_OF[role],
            password=PASSWORD,
            actor_id=None,
            now=now,
            department_code=department,
            roles=[role],
            regions=[region] if region else [],
        )
        enrol(session, account, role)
        ids[name] = str(account.id)
    return ids


def enrol(session: Session, account: Account, role: Role | None) -> None:
    """Set up the second factor that a role asks for; its key follows from the account's name."""
    if role in DEFAULT_RULES.second_factor_roles:
        second_factor.enrol(
            session,
            account_id=account.id,
            secret=totp_key(account.username),
            cipher=CIPHER,
            now=account.created_at,
        )


def totp_key(username: str) -> str:
    """Return the key of somebody's device."""
    return base64.b32encode(hashlib.sha256(username.encode()).digest()[:20]).decode()


def code_of(username: str, now: datetime) -> str:
    """Return what somebody's device shows."""
    return pyotp.TOTP(totp_key(username)).at(now)


def forget_used_codes(session: Session) -> None:
    """Let the code of this moment be used again: the clock of the tests stands still."""
    session.execute(update(AccountTotp).values(last_step=None))


def _person(name: str) -> Callable[..., Person]:
    @pytest.fixture(name=name)
    def person(template: str, worker_id: str) -> Person:
        facts = run_folder.read(run_folder.path())
        return Person(uuid.UUID(facts["people"][worker_id][name]), name)

    person.__doc__ = f"{name}: {PEOPLE[name]}."
    return person


alice = _person("alice")
bob = _person("bob")
charlie = _person("charlie")
steward = _person("steward")
auditor = _person("auditor")
leader = _person("leader")
system_admin = _person("system_admin")
second_admin = _person("second_admin")
security_admin = _person("security_admin")
audit_admin = _person("audit_admin")


@pytest.fixture
def signed_in(app: Flask, session: Session, clock: FakeClock) -> Callable[[Person], FlaskClient]:
    """`signed_in(alice)`: a client of the API that sends her bearer token."""

    def make(person: Person) -> FlaskClient:
        forget_used_codes(session)
        session.commit()
        opened = sign_in.sign_in(
            session,
            username=person.username,
            password=person.password,
            kind=sign_in.BEARER,
            address="127.0.0.1",
            user_agent="tests",
            cipher=CIPHER,
            code=code_of(person.username, clock()),
            now=clock(),
        )
        session.commit()
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
        return client

    return make
