"""What two persons decide together: roles, regions and the reset of a second factor.

One security administrator proposes, another approves or refuses; only then does it count.
Taking back and disabling need one person, and act at once (`relief.accounts.service`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from relief.accounts import second_factor, service, trail
from relief.accounts.errors import (
    AlreadyGranted,
    NothingToReset,
    OwnProposal,
    ProposalDecided,
    ProposalNotFound,
    RoleDoesNotFitPost,
)
from relief.accounts.models import Account, AccountRegion, AccountRole, GrantProposal
from relief.accounts.types import POST_OF, GrantKind, Role
from relief.core.ids import new_id
from relief.organisation import queries as organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One proposal, with the names that whoever decides must see."""

    id: uuid.UUID
    account_id: uuid.UUID
    account_name: str
    kind: GrantKind
    what: str
    proposed_by: uuid.UUID
    proposer_name: str
    proposed_at: datetime
    decided_by: uuid.UUID | None
    decided_at: datetime | None
    approved: bool | None
    reason: str | None


def propose(
    session: Session,
    *,
    account_id: uuid.UUID,
    kind: GrantKind,
    actor_id: uuid.UUID,
    now: datetime,
    what: str = "",
) -> uuid.UUID:
    """Propose to give an account something, and return the proposal's id; a repeat adds none.

    `what`: the role, or the code of the region or zone.
    Raises AccountNotFound, OwnAccount, RoleDoesNotFitPost, RegionNotFound, AlreadyGranted,
    NothingToReset.
    """
    account = service.other(session, account_id, actor_id)
    _refuse_pointless(session, account, kind, what)
    proposal_id: uuid.UUID | None = session.scalar(
        insert(GrantProposal)
        .values(
            id=new_id(now),
            account_id=account.id,
            kind=kind,
            what=what,
            proposed_by=actor_id,
            proposed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(GrantProposal.id)
    )
    if proposal_id is None:  # the account is locked: the open one cannot be decided meanwhile
        return session.scalars(
            select(GrantProposal.id).where(
                GrantProposal.account_id == account.id,
                GrantProposal.kind == kind,
                GrantProposal.what == what,
                GrantProposal.decided_at.is_(None),
            )
        ).one()
    trail.record(session, "account:grant_proposed", account.id, actor_id, now, kind=kind, what=what)
    return proposal_id


def decide(
    session: Session,
    *,
    proposal_id: uuid.UUID,
    approve: bool,
    reason: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Approve or refuse what someone else proposed for a third.

    The account is locked before the proposal, as by whoever proposes.
    Raises ProposalNotFound, OwnProposal, ProposalDecided, and what the change itself raises.
    """
    account_id = session.scalar(
        select(GrantProposal.account_id).where(GrantProposal.id == proposal_id)
    )
    if account_id is None:
        raise ProposalNotFound
    account = service.get_account(session, account_id)
    proposal = session.get_one(GrantProposal, proposal_id, populate_existing=True)
    if actor_id in {proposal.proposed_by, account.id}:
        raise OwnProposal
    if proposal.decided_at is not None:
        raise ProposalDecided
    proposal.decided_by, proposal.decided_at = actor_id, now
    proposal.approved, proposal.reason = approve, reason
    trail.record(
        session,
        "account:grant_approved" if approve else "account:grant_refused",
        account.id,
        actor_id,
        now,
        kind=proposal.kind,
        what=proposal.what,
        proposed_by=str(proposal.proposed_by),
    )
    if approve:
        _carry_out(session, account, proposal, actor_id=actor_id, now=now)


def open_proposals(
    session: Session, *, account_id: uuid.UUID | None = None
) -> Sequence[ProposalRow]:
    """Return what waits for a second person, oldest first: of all, or about one account."""
    query = _rows().where(GrantProposal.decided_at.is_(None)).order_by(GrantProposal.id)
    if account_id is not None:
        query = query.where(GrantProposal.account_id == account_id)
    return [_row(*row) for row in session.execute(query)]


def get(session: Session, *, proposal_id: uuid.UUID) -> ProposalRow:
    """Return one proposal. Raises ProposalNotFound."""
    row = session.execute(_rows().where(GrantProposal.id == proposal_id)).one_or_none()
    if row is None:
        raise ProposalNotFound
    return _row(*row)


def _refuse_pointless(session: Session, account: Account, kind: GrantKind, what: str) -> None:
    """Raise what would make the proposal come to nothing, before anyone is asked."""
    if kind is GrantKind.TOTP_RESET:
        if not second_factor.has_one(session, account_id=account.id):
            raise NothingToReset
        return
    if kind is GrantKind.ROLE:
        if POST_OF[Role(what)] is not account.post:
            raise RoleDoesNotFitPost
        role = {"account_id": account.id, "role": Role(what)}
        held = session.get(AccountRole, role) is not None
    else:
        organisation.ranges_of(session, codes=[what])
        held = session.get(AccountRegion, {"account_id": account.id, "code": what}) is not None
    if held:
        raise AlreadyGranted


def _carry_out(
    session: Session,
    account: Account,
    proposal: GrantProposal,
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    if proposal.kind is GrantKind.TOTP_RESET:
        second_factor.reset(session, account_id=account.id, actor_id=actor_id, now=now)
    elif proposal.kind is GrantKind.ROLE:
        service.add_role(
            session,
            account,
            Role(proposal.what),
            actor_id=actor_id,
            proposed_by=proposal.proposed_by,
            now=now,
        )
    else:
        service.add_region(session, account, proposal.what, actor_id=actor_id, now=now)


_SUBJECT, _PROPOSER = aliased(Account), aliased(Account)


def _rows() -> Select[GrantProposal, str, str]:
    return (
        select(GrantProposal, _SUBJECT.display_name, _PROPOSER.display_name)
        .join(_SUBJECT, _SUBJECT.id == GrantProposal.account_id)
        .join(_PROPOSER, _PROPOSER.id == GrantProposal.proposed_by)
    )


def _row(proposal: GrantProposal, account_name: str, proposer_name: str) -> ProposalRow:
    return ProposalRow(
        id=proposal.id,
        account_id=proposal.account_id,
        account_name=account_name,
        kind=proposal.kind,
        what=proposal.what,
        proposed_by=proposal.proposed_by,
        proposer_name=proposer_name,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        approved=proposal.approved,
        reason=proposal.reason,
    )
