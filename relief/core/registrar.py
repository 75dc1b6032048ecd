"""For a moment, the right to write the registry: the web's only way past its own row security.

What a steward decides concerns people and households that the steward may not see, and a merge
must see all that is live; nor does a record that a department's system sends end at the sender's
scope. So the web account may become the *registrar*, a role without sign-in
that has the rights of a merge and of nothing else. Whoever calls this has checked before, under
row security, that the people concerned are in scope. Ends with the transaction at the latest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relief.core.database_roles import REGISTRAR

# The worker, and whoever else sees all rows anyhow, needs no registrar.
_WHO = text(
    "SELECT m.rolname AS present, r.rolname AS registrar FROM pg_roles m"
    " LEFT JOIN pg_roles r ON r.rolname = m.rolname || :ending"
    " AND NOT m.rolbypassrls AND NOT m.rolsuper"
    " WHERE m.rolname = current_user"
).bindparams(ending=f"_{REGISTRAR}")


@contextmanager
def registrar(session: Session) -> Iterator[None]:
    """Let the block see and write the whole registry.

    What was left by an error is left to the rollback, which must follow.
    """
    session.flush()
    present, other = session.execute(_WHO).one()
    if other is None:
        yield
        session.flush()
        return
    _become(session, other)
    # What was made under another name could not be dropped under this one.
    session.execute(text("DISCARD TEMP"))
    yield
    session.flush()
    _become(session, present)


def _become(session: Session, role: str) -> None:
    session.execute(select(func.set_config("role", role, True)))  # noqa: FBT003  # local
