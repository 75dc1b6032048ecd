"""What two persons decide: nobody for oneself, nobody alone, and the database agrees."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from relief.accounts import grants, queries, second_factor
from relief.accounts.errors import (
    AccountNotFound,
    AlreadyGranted,
    NothingToReset,
    OwnAccount,
    OwnProposal,
    ProposalDecided,
    ProposalNotFound,
    RoleDoesNotFitPost,
)
from relief.accounts.models import AccountRole, GrantProposal
from relief.accounts.types import GrantKind, Post, Role
from relief.audit.models import AuditEvent
from relief.core.ids import new_id
from relief.organisation.errors import RegionNotFound
from tests.support.settings import START


@pytest.fixture
def propose(session, alice, security_admin):
    def proposing(kind=GrantKind.ROLE, what="clerk", *, account=alice, actor=security_admin):
        return grants.propose(
            session, account_id=account.id, kind=kind, what=what, actor_id=actor.id, now=START
        )

    return proposing


@pytest.fixture
def decide(session, second_admin):
    def deciding(proposal_id, *, approve=True, actor=second_admin):
        grants.decide(
            session,
            proposal_id=proposal_id,
            approve=approve,
            reason="情况属实",
            actor_id=actor.id,
            now=START,
        )
        session.flush()

    return deciding


def roles_of(session, account):
    return queries.account_detail(session, account_id=account.id).roles


def test_a_role_counts_only_when_a_second_person_approved_it(session, propose, decide, alice):
    proposal = propose()
    assert Role.CLERK not in roles_of(session, alice)

    decide(proposal)

    assert Role.CLERK in roles_of(session, alice)
    assert grants.open_proposals(session) == []
    row = grants.get(session, proposal_id=proposal)
    assert (row.approved, row.account_name) == (True, "Alice")
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject_id == alice.id).order_by(AuditEvent.id)
    ).all()
    expected = {"account:grant_proposed", "account:grant_approved", "account:role_granted"}
    assert set(actions) >= expected


def test_a_refused_one_changes_nothing(session, propose, decide, alice):
    before = roles_of(session, alice)
    proposal = propose()
    decide(proposal, approve=False)

    assert roles_of(session, alice) == before
    with pytest.raises(ProposalDecided):
        decide(proposal)


def test_nobody_proposes_for_oneself(propose, security_admin):
    with pytest.raises(OwnAccount):
        propose(GrantKind.REGION, "210302000000", account=security_admin)


def test_nobody_approves_what_they_proposed_or_what_is_about_them(
    propose, decide, security_admin, second_admin
):
    mine = propose()
    about_her = propose(GrantKind.REGION, "210302000000", account=second_admin)

    with pytest.raises(OwnProposal):
        decide(mine, actor=security_admin)
    with pytest.raises(OwnProposal):
        decide(about_her, actor=second_admin)


def test_a_repeat_is_the_same_proposal_whoever_repeats_it(session, propose, second_admin):
    first = propose()

    assert propose() == first
    assert propose(actor=second_admin) == first
    assert len(grants.open_proposals(session)) == 1


@pytest.mark.parametrize(
    ("kind", "what", "error"),
    [
        (GrantKind.ROLE, "reviewer", AlreadyGranted),
        (GrantKind.ROLE, "auditor", RoleDoesNotFitPost),
        (GrantKind.REGION, "210302000000", AlreadyGranted),
        (GrantKind.REGION, "999", RegionNotFound),
        (GrantKind.TOTP_RESET, "", NothingToReset),
    ],
)
def test_what_would_come_to_nothing_is_not_proposed(propose, kind, what, error):
    with pytest.raises(error):
        propose(kind, what)


def test_a_region_and_a_reset_take_two_persons_too(session, propose, decide, alice, auditor):
    decide(propose(GrantKind.REGION, "210303000000"))
    decide(propose(GrantKind.TOTP_RESET, "", account=auditor))

    assert "210303000000" in queries.account_detail(session, account_id=alice.id).regions
    assert not second_factor.has_one(session, account_id=auditor.id)


def test_what_is_open_about_one_account(session, propose, alice, charlie):
    mine = propose()
    propose(account=charlie)

    found = grants.open_proposals(session, account_id=alice.id)

    assert [row.id for row in found] == [mine]


def test_the_absent_are_not_found(session, decide, security_admin):
    with pytest.raises(ProposalNotFound):
        decide(new_id(START))
    with pytest.raises(ProposalNotFound):
        grants.get(session, proposal_id=new_id(START))
    with pytest.raises(AccountNotFound):
        grants.propose(
            session,
            account_id=new_id(START),
            kind=GrantKind.TOTP_RESET,
            actor_id=security_admin.id,
            now=START,
        )


@pytest.mark.parametrize(
    ("given_by", "proposed_by", "constraint"),
    [
        ("alice", None, "not_granted_by_oneself"),
        ("security_admin", "alice", "not_proposed_by_oneself"),
        ("security_admin", "security_admin", "two_persons"),
    ],
)
def test_the_database_refuses_a_role_given_to_oneself_or_by_one_person(
    session, alice, security_admin, given_by, proposed_by, constraint
):
    people = {"alice": alice.id, "security_admin": security_admin.id, None: None}
    session.add(
        AccountRole(
            account_id=alice.id,
            role=Role.APPROVER,
            post=Post.OPERATIONS,
            granted_at=START,
            granted_by=people[given_by],
            proposed_by=people[proposed_by],
        )
    )

    with pytest.raises(IntegrityError, match=f"ck_account_role_{constraint}"):
        session.flush()


@pytest.mark.parametrize(
    ("decider", "constraint"),
    [("security_admin", "two_persons"), ("alice", "not_decided_by_its_subject")],
)
def test_the_database_refuses_a_decision_of_the_wrong_person(
    session, propose, alice, security_admin, decider, constraint
):
    proposal = propose()
    people = {"alice": alice, "security_admin": security_admin}

    with pytest.raises(IntegrityError, match=f"ck_grant_proposal_{constraint}"):
        session.execute(
            update(GrantProposal)
            .where(GrantProposal.id == proposal)
            .values(decided_by=people[decider].id, decided_at=START, approved=True)
        )
