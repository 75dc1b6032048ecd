"""Which schemes a counter settles."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from relief.core.scope import Scope
from relief.schemes.acting import acted_in_by
from relief.schemes.models import Scheme
from relief.schemes.types import Entry


def offered(session: Session, *, scope: Scope, on: date) -> Sequence[Scheme]:
    """Return the schemes of a settlement that whoever has the scope may enter. Four queries."""
    department = scope.department_code
    return [
        one
        for one in acted_in_by(session, department_code=department, on=on)
        if one.entry is Entry.SETTLEMENT
    ]
