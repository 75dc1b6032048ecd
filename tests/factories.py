"""Builds the smallest valid records, and lets a test name what it cares about.

Files come from `tests.support.source` and are merged by the program itself; what is here is
for tests of what is read, which need not wait for a merge.
"""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.accounts import passwords
from relief.accounts import service as accounts
from relief.accounts.identity import Actor
from relief.accounts.models import Account
from relief.accounts.types import POST_OF, Post, Role
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.core.pinyin import sound_keys
from relief.core.privacy import store
from relief.core.privacy.cipher import Cipher
from relief.core.privacy.models import SecretKind
from relief.core.scope import Scope, subtree
from relief.registry.intake.values import name_key
from relief.registry.models import (
    AidYear,
    Enrolment,
    Household,
    ImportBatch,
    LinkDecision,
    LinkReview,
    Membership,
    Person,
    RejectedRow,
    SourceIdentity,
    SourceLink,
)
from relief.registry.types import ActKind, BatchStatus, Category, LinkRule, ReviewKind, Verdict
from relief.review import service as cases
from relief.review.checks.acts import Signed
from relief.schemes.models import Scheme
from tests.support import canaries
from tests.support.people import PASSWORD, enrol
from tests.support.settings import START

VILLAGE = 210302002001  # 铁东区解放街道解放社区
_count = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Home:
    """A household that a test made."""

    id: uuid.UUID
    person_id: uuid.UUID
    citizen_id: str
    phone: str
    batches: dict[str, uuid.UUID]


def make_batch(
    session: Session, scheme: str, *, rejected: int = 0, now: datetime = START
) -> uuid.UUID:
    """One loaded file of a scheme."""
    batch_id = new_id(now)
    session.add(
        ImportBatch(
            id=batch_id,
            scheme_code=scheme,
            department_code=_department(session, scheme),
            layout=f"{scheme}@1",
            file_name=f"{scheme}.csv",
            sha256=batch_id.bytes * 2,
            status=BatchStatus.MERGED,
            received=1 + rejected,
            loaded=1,
            rejected=rejected,
            data_on=date(2026, 10, 1),
            created_at=now,
        )
    )
    session.flush()
    session.add_all(
        RejectedRow(
            batch_id=batch_id, row_number=row, column="金额", code="amount", reason="金额无法识别"
        )
        for row in range(5, 5 + rejected)
    )
    session.flush()
    return batch_id


def actor_of(account: Account, role: Role = Role.CLERK) -> Actor:
    """Who works in the whole city, and sees all of it."""
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=Post.OPERATIONS,
        roles=frozenset({role}),
        permissions=frozenset(),
        department_code=account.department_code,
        department_name=None,
        scope=Scope((subtree(210300000000),), None),
        session_hash=b"",
    )


def make_case(
    session: Session, home: "Home", *, scheme: str, entered_by: uuid.UUID, now: datetime = START
) -> uuid.UUID:
    """An application that waits to be accepted."""
    actor = actor_of(session.get_one(Account, entered_by))
    return cases.submit(
        session,
        actor=actor,
        person_id=home.person_id,
        scheme_code=scheme,
        need="家庭困难",
        authorisations=[Signed(person_id=home.person_id, signed_on=local_date(now))],
        now=now,
    )


def make_household(
    session: Session,
    cipher: Cipher,
    *,
    region: int = VILLAGE,
    schemes: Sequence[str] = ("S01",),
    name: str = "张三",
    address: str | None = "解放社区1号楼",
    category: Category = Category.MINIMUM_ALLOWANCE,
    born_on: date = date(1980, 3, 4),
    marital: str = "20",
    now: datetime = START,
) -> Home:
    """A household of one person, who is in the schemes named."""
    serial = next(_count)
    citizen_id = canaries.citizen_id(serial)
    phone = canaries.phone(serial)
    secrets = {
        kind: store.put_many(session, cipher, kind, [value], now=now)[value]
        for kind, value in (
            (SecretKind.CITIZEN_ID, citizen_id),
            (SecretKind.PHONE, phone),
            (SecretKind.BANK_ACCOUNT, canaries.account(serial)),
            (SecretKind.HEALTH, f"肢体残疾{serial}级"),
        )
    }
    person_id, household_id, identity_id = (new_id(now) for _ in range(3))
    county = region // 10**6
    batches = {scheme: make_batch(session, scheme, now=now) for scheme in schemes}
    origin = str(identity_id)
    person = Person(
        id=person_id,
        county_code=county,
        region_code=region,
        home_region_code=region,
        name=name,
        name_key=name_key(name),
        name_sounds=sound_keys(name),
        citizen_id=secrets[SecretKind.CITIZEN_ID],
        sex="1",
        born_on=born_on,
        marital=marital,
        phone=secrets[SecretKind.PHONE],
        account=secrets[SecretKind.BANK_ACCOUNT],
        health=secrets[SecretKind.HEALTH],
        address=address,
        origins=dict.fromkeys(["name", "citizen_id", "phone", "account", "health"], origin),
        merged_at=now,
    )
    household = Household(
        id=household_id,
        number=f"{county}-{serial:06}",
        county_code=county,
        region_code=region,
        address=address,
        householder_id=person_id,
        householder_name=name,
        phone=secrets[SecretKind.PHONE],
        member_count=1,
        category=category,
        origins={},
        merged_at=now,
    )
    session.add_all([person, household])
    session.flush()
    session.add(
        Membership(
            person_id=person_id,
            household_id=household_id,
            county_code=county,
            home_region_code=region,
            relation="02",
        )
    )
    for scheme, batch_id in batches.items():
        department = _department(session, scheme)
        this_identity = identity_id if scheme == schemes[0] else new_id(now)
        session.add_all(
            [
                SourceIdentity(
                    id=this_identity,
                    batch_id=batch_id,
                    scheme_code=scheme,
                    department_code=department,
                    county_code=county,
                    region_code=region,
                    name=name,
                    name_key=name_key(name),
                    citizen_id_valid=True,
                    record_count=12,
                ),
                SourceLink(identity_id=this_identity, person_id=person_id, rule=LinkRule.NUMBER),
                Enrolment(
                    id=new_id(now),
                    scheme_code=scheme,
                    department_code=department,
                    county_code=county,
                    home_region_code=region,
                    person_id=person_id,
                    household_id=household_id,
                    first_on=date(2025, 1, 1),
                    last_on=date(2026, 10, 1),
                    record_count=12,
                    total_fen=1_200_00,
                    last_fen=100_00,
                    spells=[Range(date(2025, 1, 1), date(2026, 11, 1))],
                ),
                AidYear(
                    person_id=person_id,
                    scheme_code=scheme,
                    year=2026,
                    household_id=household_id,
                    county_code=county,
                    home_region_code=region,
                    times=10,
                    amount_fen=1_000_00,
                    months=0b11_1111_1111,
                ),
            ]
        )
    session.flush()
    return Home(household_id, person_id, citizen_id, phone, batches)


def make_review(session: Session, home: Home, *, region: int, now: datetime = START) -> uuid.UUID:
    """An open question about a person."""
    review = LinkReview(
        id=new_id(now),
        kind=ReviewKind.NUMBER_SHARED,
        key=f"{home.person_id}|{next(_count)}",
        county_code=region // 10**6,
        region_code=region,
        person_id=home.person_id,
        identity_id=new_id(now),
        evidence={"names": 2},
        opened_at=now,
    )
    session.add(review)
    session.flush()
    return review.id


def make_act(
    session: Session, home: Home, *, region: int, decided_by: uuid.UUID, now: datetime = START
) -> uuid.UUID:
    """A decision about a person and somebody who is not there any more."""
    act_id = new_id(now)
    session.add(
        LinkDecision(
            id=new_id(now),
            one_anchor=f"{next(_count):032}",
            other_anchor=f"i:{new_id(now)}",
            verdict=Verdict.DIFFERENT,
            kind=ActKind.REVIEW,
            act_id=act_id,
            person_id=home.person_id,
            county_code=region // 10**6,
            region_code=region,
            reason="与户口簿核对过",
            decided_by=decided_by,
            decided_at=now,
        )
    )
    session.flush()
    return act_id


def make_account(
    session: Session,
    role: Role | None,
    *,
    department: str | None = None,
    region: str | None = None,
    username: str | None = None,
    now: datetime = START,
) -> Account:
    """An account with one role, or none, and the second factor that the role asks for."""
    with _hashing_quickly():
        account = accounts.create_account(
            session,
            username=username or f"person-{next(_count)}",
            display_name="测试人员",
            post=POST_OF[role or Role.CLERK],
            password=PASSWORD,
            actor_id=None,
            now=now,
            department_code=department,
            roles=[role] if role else [],
            regions=[region] if region else [],
        )
    enrol(session, account, role)
    return account


@contextmanager
def _hashing_quickly() -> Iterator[None]:
    """Hash with little work: nobody guesses the passwords of tests, and each test makes several."""
    strong = passwords.HASHER
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        yield
    finally:
        passwords.HASHER = strong


def _department(session: Session, scheme: str) -> str:
    department = session.scalar(select(Scheme.department_code).where(Scheme.code == scheme))
    assert department is not None
    return department
