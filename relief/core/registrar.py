"""For a moment, the right to write the registry: the web's only way past its own row security.

What a steward decides concerns people and households that the steward may not see, and a merge
must see all that is live; nor does a record that a department's system sends end at the sender's
scope. So the web account may become the *registrar*, a role without sign-in
that has the rights of a merge and of nothing else. Whoever calls this has checked before, under
row security, that the people concerned are in scope. Ends with the transaction at the latest.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from relief.core.database_roles import REGISTRAR

# Becomes it in the same statement. The worker, and whoever else sees all rows anyhow, needs no
# registrar, and stays who it is.
_BECOME = text(
    "SELECT m.rolname AS present,"
    " CASE WHEN r.rolname IS NOT NULL THEN set_config('role', r.rolname, true) END AS other,"
    " EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS made"
    " FROM pg_roles m LEFT JOIN pg_roles r ON r.rolname = m.rolname || :ending"
    " AND NOT m.rolbypassrls AND NOT m.rolsuper"
    " WHERE m.rolname = current_user"
).bindparams(ending=f"_{REGISTRAR}")
_BECOME_AGAIN = text("SELECT set_config('role', :role, true)")


@contextmanager
def registrar(session: Session) -> Iterator[None]:
    """Let the block see and write the whole registry.

    What was left by an error is left to the rollback, which must follow.
    """
    session.flush()
    present, other, made = session.execute(_BECOME).one()
    if other is not None and made:
        # What was made under another name could not be dropped under this one.
        session.execute(text("DISCARD TEMP"))
    yield
    session.flush()
    if other is not None:
        session.execute(_BECOME_AGAIN, {"role": present})
