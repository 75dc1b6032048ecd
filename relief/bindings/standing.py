"""Whether whoever began something may still finish it: looked at again where it is done.

A request that asks WeChat looks at session and consent, waits for seconds, and writes then.
Meanwhile the same person may have signed out, taken back the consent or bound the phone otherwise.
What an account does is done under the lock of its row, one act after another, and this is looked at
under it.
"""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.bindings import policy
from relief.bindings.errors import ConsentMissing
from relief.bindings.models import MiniAccount, MiniConsent, MiniSession
from relief.core.clock import local_date


def hold(session: Session, *, account_id: uuid.UUID) -> None:
    """Lock an account until the transaction ends: what it does otherwise waits.

    To be called before anything of the account is read on which a write depends.
    """
    session.execute(
        select(MiniAccount.id).where(MiniAccount.id == account_id).with_for_update(key_share=True)
    )


def is_signed_in(session: Session, *, session_id: uuid.UUID) -> bool:
    """Tell whether a session was not ended since it was looked up."""
    open_ = select(MiniSession.id).where(
        MiniSession.id == session_id, MiniSession.ended_at.is_(None)
    )
    return session.scalar(open_) is not None


def check_consent(session: Session, *, account_id: uuid.UUID, now: datetime) -> None:
    """Raise ConsentMissing if an account does not agree to the policy that holds today."""
    agreed = session.scalar(
        select(func.max(MiniConsent.version)).where(
            MiniConsent.account_id == account_id, MiniConsent.withdrawn_at.is_(None)
        )
    )
    if (agreed or 0) < policy.current(local_date(now)).version:
        raise ConsentMissing
