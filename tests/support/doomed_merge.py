"""A process that merges or decides, to be killed: `doomed_merge URL STORAGE merge|unite|withdraw`.

`unite` makes one person of the two who hold the first two numbers; `withdraw` takes that back. It
says on standard output when it begins, and when all is committed.
"""

import sys
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.models import AccountRole
from relief.accounts.types import Role
from relief.app import create_app
from relief.core.clock import system_clock
from relief.jobs.process import unit_of_work_of
from relief.registry.decisions import queries, service
from relief.registry.merging.service import merge
from relief.registry.models import IdentityRegistry, LinkDecision
from tests.support.deciding import REASON, WHOLE_CITY
from tests.support.settings import CIPHER, make_config


def do(session: Session, what: str) -> None:
    """Do it, or find that it is done: the last time may have been killed after it committed."""
    now = system_clock()
    if what == "merge":
        merge(session, cipher=CIPHER, actor_id=None, now=now)
        return
    steward = session.scalars(
        select(AccountRole.account_id).where(AccountRole.role == Role.STEWARD).limit(1)
    ).one()
    act = session.scalars(
        select(LinkDecision.act_id).where(LinkDecision.withdrawn_at.is_(None)).limit(1)
    ).one_or_none()
    common = {
        "cipher": CIPHER,
        "scope": WHOLE_CITY,
        "reason": REASON,
        "actor_id": steward,
        "now": now,
    }
    if what == "withdraw" and act is not None:
        service.withdraw(session, act_id=act, **common)
    if what == "unite" and act is None:
        one, other = session.scalars(
            select(IdentityRegistry.person_id).order_by(IdentityRegistry.citizen_id).limit(2)
        ).all()
        service.merge_persons(
            session,
            person_id=one,
            other_id=other,
            seen=queries.version(session, [one]),
            other_seen=queries.version(session, [other]),
            **common,
        )


def main() -> None:
    url, storage, what = sys.argv[1:]
    app = create_app(make_config(url, Path(storage)))
    opened = unit_of_work_of(app)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    with opened() as session:
        do(session, what)
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
