"""The accounts of the sample city: one for each role, and some to compare what they see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts import identity, second_factor
from relief.accounts.identity import Actor
from relief.accounts.models import Account, AccountRole, AccountTotp
from relief.accounts.permissions import permissions_of
from relief.accounts.queries import account_id_of
from relief.accounts.service import create_account
from relief.accounts.types import POST_OF, Role
from relief.core.privacy.cipher import Cipher
from relief.core.sign_in_rules import DEFAULT_RULES, SignInRules

CITY, EAST, WEST = "210300000000", "210302000000", "210303000000"
CIVIL_AFFAIRS, EDUCATION, HOUSING = "D01", "D03", "D04"


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """An account of the sample, as it is shown to whoever runs it."""

    username: str
    display_name: str
    role: Role
    department_code: str | None
    region: str


SAMPLES: Sequence[SampleAccount] = (
    SampleAccount("clerk", "街道经办人（铁东区）", Role.CLERK, CIVIL_AFFAIRS, EAST),
    SampleAccount("reviewer", "民政局审核人（铁东区）", Role.REVIEWER, CIVIL_AFFAIRS, EAST),
    SampleAccount("reviewer-west", "民政局审核人（铁西区）", Role.REVIEWER, CIVIL_AFFAIRS, WEST),
    SampleAccount("housing", "住建局审核人（铁东区）", Role.REVIEWER, HOUSING, EAST),
    SampleAccount("housing-west", "住建局审核人（铁西区）", Role.REVIEWER, HOUSING, WEST),
    SampleAccount("education", "教育局审核人（全市）", Role.REVIEWER, EDUCATION, CITY),
    # The other departments of the minimum living allowance: a whole case can be tried.
    SampleAccount("insurance", "医保局审核人（铁东区）", Role.REVIEWER, "D02", EAST),
    SampleAccount("labour", "人社局审核人（铁东区）", Role.REVIEWER, "D05", EAST),
    SampleAccount("health", "卫健委审核人（铁东区）", Role.REVIEWER, "D06", EAST),
    SampleAccount("federation", "残联审核人（铁东区）", Role.REVIEWER, "D13", EAST),
    SampleAccount("approver", "民政局审批人（铁东区）", Role.APPROVER, CIVIL_AFFAIRS, EAST),
    SampleAccount("steward", "数据管理员", Role.STEWARD, CIVIL_AFFAIRS, CITY),
    SampleAccount("auditor", "审计员", Role.AUDITOR, None, CITY),
    SampleAccount("finance", "资金经办", Role.FINANCE_CLERK, CIVIL_AFFAIRS, CITY),
    SampleAccount("finance-reviewer", "资金复核", Role.FINANCE_REVIEWER, CIVIL_AFFAIRS, CITY),
    SampleAccount("appeals", "诉求受理员", Role.APPEALS_OPERATOR, CIVIL_AFFAIRS, CITY),
    SampleAccount("supervisor", "督办员", Role.SUPERVISOR, CIVIL_AFFAIRS, CITY),
    SampleAccount("leader", "分管领导", Role.LEADER, None, CITY),
    SampleAccount("helper", "帮扶责任人（铁东区）", Role.HELPER, CIVIL_AFFAIRS, EAST),
    SampleAccount("sysadmin", "系统管理员", Role.SYSTEM_ADMIN, None, CITY),
    SampleAccount("secadmin", "安全管理员", Role.SECURITY_ADMIN, None, CITY),
    SampleAccount("secadmin2", "安全管理员（复核）", Role.SECURITY_ADMIN, None, CITY),
    SampleAccount("auditadmin", "审计管理员", Role.AUDIT_ADMIN, None, CITY),
)


def create_sample_accounts(
    session: Session,
    *,
    now: datetime,
    password_for: Callable[[str], str],
    cipher: Cipher,
    rules: SignInRules = DEFAULT_RULES,
) -> Sequence[SampleAccount]:
    """Add the sample accounts and second factors that are not there yet; return all accounts.

    Whose role asks for a second factor has one; `relief accounts code` tells its codes.
    """
    known = {row.username: row.id for row in session.execute(select(Account.username, Account.id))}
    for sample in SAMPLES:
        if sample.username not in known:
            account = create_account(
                session,
                username=sample.username,
                display_name=sample.display_name,
                post=POST_OF[sample.role],
                password=password_for(sample.username),
                department_code=sample.department_code,
                roles=[sample.role],
                regions=[sample.region],
                actor_id=None,
                now=now,
                rules=rules,
            )
            known[sample.username] = account.id
    devices = set(session.scalars(select(AccountTotp.account_id)))
    for sample in SAMPLES:
        account_id = known[sample.username]
        if sample.role in rules.second_factor_roles and account_id not in devices:
            secret = pyotp.random_base32()
            second_factor.enrol(
                session, account_id=account_id, secret=secret, cipher=cipher, now=now
            )
    return SAMPLES


def sample_code(session: Session, *, username: str, cipher: Cipher, now: datetime) -> str | None:
    """Return the current code of a sample account, or None if it is none or needs no code.

    An account that someone made by the same name, with roles of its own, is still told apart by
    the setting that says the whole installation is a sample: the caller checks that first.
    """
    if username not in {sample.username for sample in SAMPLES}:
        return None
    account_id = account_id_of(session, username=username)
    return second_factor.current_code(session, account_id=account_id, cipher=cipher, now=now)


def acting_as(session: Session, username: str) -> Actor:
    """Return one of the sample's accounts as a request would know it."""
    account = session.scalars(select(Account).where(Account.username == username)).one()
    roles = frozenset(
        session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
    )
    return Actor(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        post=account.post,
        roles=roles,
        permissions=permissions_of(roles),
        department_code=account.department_code,
        department_name=None,
        scope=identity.scope_of(session, account),
        session_hash=b"",
    )
