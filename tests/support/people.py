"""The people of the tests: an insider, a colleague, a stranger, and those who watch."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relief.accounts import service as accounts
from relief.accounts import sign_in
from relief.accounts.types import POST_OF, Role
from tests.support import run_folder
from tests.support.settings import FakeClock

PASSWORD = "correct horse battery"
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
        ids[name] = str(account.id)
    return ids


def _person(name: str) -> Callable[..., Person]:
    @pytest.fixture(name=name)
    def person(template: str) -> Person:
        facts = run_folder.read(run_folder.path())
        return Person(uuid.UUID(facts["people"][name]), name)

    person.__doc__ = f"{name}: {PEOPLE[name]}."
    return person


alice = _person("alice")
bob = _person("bob")
charlie = _person("charlie")
steward = _person("steward")
auditor = _person("auditor")
leader = _person("leader")
system_admin = _person("system_admin")
security_admin = _person("security_admin")
audit_admin = _person("audit_admin")


@pytest.fixture
def signed_in(app: Flask, session: Session, clock: FakeClock) -> Callable[[Person], FlaskClient]:
    """`signed_in(alice)`: a client of the API that sends her bearer token."""

    def make(person: Person) -> FlaskClient:
        opened = sign_in.sign_in(
            session,
            username=person.username,
            password=person.password,
            kind=sign_in.BEARER,
            address="127.0.0.1",
            user_agent="tests",
            now=clock(),
        )
        session.commit()
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {opened.token}"
        return client

    return make
