"""What a request shows to the database's row security before anybody knows whose it is.

The mini program's database account sees a session only for its token and an account only for its
openid, both as digests, or for the id of the viewer (`relief.core.viewer`) once that is known.
Local to the transaction.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def show(session: Session, digests: Iterable[bytes]) -> None:
    """Let the rows of these digests be seen until the transaction ends, and no others."""
    shown = ",".join(digest.hex() for digest in digests)
    session.execute(select(func.set_config("relief.presented", shown, True)))  # noqa: FBT003  # local


def become(session: Session, account_id: uuid.UUID) -> None:
    """Let the rows of an account be seen until the transaction ends, beside what is shown."""
    session.execute(
        select(func.set_config("relief.viewer", str(account_id), True))  # noqa: FBT003  # local
    )
