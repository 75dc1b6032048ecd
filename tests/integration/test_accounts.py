import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from relief.accounts import queries, service
from relief.accounts.errors import (
    AccountNotFound,
    OwnAccount,
    RoleDoesNotFitPost,
    UnknownDepartment,
    UsernameTaken,
    WeakPassword,
)
from relief.accounts.identity import NO_SCOPE, look_up, scope_of
from relief.accounts.models import Account, AccountRole
from relief.accounts.samples import SAMPLES, create_sample_accounts, sample_code
from relief.accounts.types import POST_OF, Post, Role
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.core.scope import RegionRange, subtree
from relief.organisation.errors import RegionNotFound
from relief.organisation.queries import zones
from tests.factories import make_account
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER, START

EAST = subtree(210302000000)


def create(session, **changes):
    return service.create_account(
        session,
        **{
            "username": "newcomer",
            "display_name": "新同事",
            "post": Post.OPERATIONS,
            "password": PASSWORD,
            "actor_id": None,
            "now": START,
            **changes,
        },
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"username": "Alice"}, UsernameTaken),
        ({"department_code": "D99"}, UnknownDepartment),
        ({"roles": [Role.AUDITOR]}, RoleDoesNotFitPost),
        ({"post": Post.SECURITY, "roles": [Role.REVIEWER]}, RoleDoesNotFitPost),
        ({"regions": ["nowhere"]}, RegionNotFound),
        ({"regions": ["219999000000"]}, RegionNotFound),
        ({"password": "short"}, WeakPassword),
        ({"password": "x" * 129}, WeakPassword),
    ],
)
def test_an_account_that_breaks_a_rule_is_refused(session, changes, error):
    with pytest.raises(error):
        create(session, **changes)


def test_an_unknown_constraint_is_not_explained_away(session):
    with pytest.raises(IntegrityError):
        create(session, display_name=None)


def test_the_database_keeps_posts_apart(session):
    account = make_account(session, Role.SYSTEM_ADMIN)
    session.add(
        AccountRole(
            account_id=account.id, role=Role.APPROVER, post=Post.OPERATIONS, granted_at=START
        )
    )

    with pytest.raises(IntegrityError, match="fk_account_role_account_id"):
        session.flush()


@pytest.mark.parametrize("first", Role)
def test_no_account_holds_roles_of_two_posts(session, security_admin, first):
    account = make_account(session, first)
    misfit = next(role for role in Role if POST_OF[role] is not POST_OF[first])

    with pytest.raises(RoleDoesNotFitPost):
        service.add_role(session, account, misfit, actor_id=None, now=START)


def test_roles_and_regions_come_and_go_and_each_is_recorded(session, security_admin):
    account = make_account(session, Role.CLERK, department="D01")
    by = {"account_id": account.id, "actor_id": security_admin.id, "now": START}

    granted = {"actor_id": security_admin.id, "now": START}
    service.add_role(session, account, Role.REVIEWER, **granted)
    service.add_role(session, account, Role.REVIEWER, **granted)  # a repeat changes nothing
    service.revoke_role(session, role=Role.CLERK, **by)
    service.add_region(session, account, "210302000000", **granted)
    service.add_region(session, account, "210303000000", **granted)
    service.revoke_region(session, code="210303000000", **by)

    row = queries.account_detail(session, account_id=account.id)
    assert (row.roles, row.regions) == ([Role.REVIEWER], ["210302000000"])
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.actor_id == security_admin.id)
    ).all()
    assert sorted(actions) == sorted(
        ["account:role_granted"] * 2
        + ["account:role_revoked", "account:region_revoked"]
        + ["account:region_granted"] * 2
    )


def test_nobody_changes_the_own_account(session, security_admin):
    with pytest.raises(OwnAccount):
        service.revoke_role(
            session,
            account_id=security_admin.id,
            role=Role.SECURITY_ADMIN,
            actor_id=security_admin.id,
            now=START,
        )


def test_an_absent_account_is_not_found(session, security_admin):
    absent = new_id(START)

    with pytest.raises(AccountNotFound):
        service.disable(session, account_id=absent, actor_id=security_admin.id, now=START)
    with pytest.raises(AccountNotFound):
        queries.account_detail(session, account_id=absent)


def test_disabling_twice_keeps_the_first_moment(session, security_admin, clock):
    account = make_account(session, Role.CLERK)
    by = {"account_id": account.id, "actor_id": security_admin.id}

    service.disable(session, now=clock(), **by)
    service.disable(session, now=clock.advance(hours=1), **by)

    assert account.disabled_at == START


@pytest.mark.parametrize(
    ("role", "department", "sees"),
    [
        (Role.REVIEWER, "D01", ((EAST,), None)),
        (Role.REVIEWER, "D04", ((EAST,), "D04")),
        (Role.STEWARD, "D04", ((EAST,), None)),
        (Role.AUDITOR, None, ((EAST,), None)),
        (Role.LEADER, None, ((EAST,), None)),
        (Role.SUPERVISOR, None, ((), None)),
        (Role.SYSTEM_ADMIN, "D01", ((), None)),
        (None, "D01", ((), None)),
    ],
)
def test_the_scope_follows_role_and_department(session, role, department, sees):
    account = make_account(session, role, department=department, region="210302000000")

    scope = scope_of(session, account)

    assert (scope.ranges, scope.department_code) == sees


def test_a_zone_counts_by_its_parts(session):
    zone = zones(session)[0]
    account = make_account(session, Role.CLERK, department="D01", region=zone.code)

    ranges = scope_of(session, account).ranges

    assert ranges
    assert all(isinstance(part, RegionRange) and part != EAST for part in ranges)


def test_nobody_has_a_scope_without_a_region(session):
    account = make_account(session, Role.CLERK, department="D01")

    assert scope_of(session, account).ranges == NO_SCOPE.ranges


def test_the_sample_accounts_are_made_once_one_for_each_role(session):
    given = {}

    def password_for(username):
        given[username] = f"Sample secret {len(given)}!"
        return given[username]

    options = {"now": START, "password_for": password_for, "cipher": CIPHER}
    create_sample_accounts(session, **options)
    session.flush()
    again = create_sample_accounts(session, **options)

    assert again == SAMPLES
    assert {sample.role for sample in SAMPLES} == set(Role)
    known = set(session.scalars(select(Account.username)))
    assert known >= {sample.username for sample in SAMPLES}
    assert len(given) <= len(SAMPLES)
    asked = {"cipher": CIPHER, "now": START}
    assert sample_code(session, username="secadmin2", **asked).isdecimal()
    assert sample_code(session, username="clerk", **asked) is None
    assert sample_code(session, username="second_admin", **asked) is None  # not of the sample


def test_accounts_are_listed_newest_first_by_pages_and_department(session, assert_queries):
    made = [make_account(session, Role.CLERK, department="D03") for _ in range(3)]
    session.flush()

    with assert_queries(1):
        first = queries.list_accounts(session, limit=2, department_code="D03")
    rest = queries.list_accounts(session, limit=2, department_code="D03", cursor=first.next_cursor)

    listed = [row.id for row in (*first.items, *rest.items)]
    assert listed == sorted((account.id for account in made), reverse=True)
    assert rest.next_cursor is None


def test_names_are_found_for_many_accounts(session):
    account = make_account(session, Role.CLERK)

    assert queries.display_names(session, {account.id}) == {account.id: "测试人员"}


def test_an_account_is_told_with_its_roles(session):
    account = make_account(session, Role.CLERK, department="D07", region="210302000000")

    page = queries.list_accounts(session, limit=1, department_code="D07")

    assert page.items[0] == queries.account_detail(session, account_id=account.id)


def test_an_unknown_token_is_nobody(session):
    assert look_up(session, "nonsense", kind="bearer", now=START) is None
