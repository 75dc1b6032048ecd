"""Which cases a reader may see, and whose turn it is: the one place that says so in SQL.

Who sees all households of their regions sees all cases of them; a department, those that it takes
part in. What a scope does not cover is as if it did not exist.
"""

import uuid

from sqlalchemy import ColumnElement, and_, any_, select
from sqlalchemy.orm import Session

from relief.core.scope import Scope, within
from relief.review.errors import CaseNotFound
from relief.review.models import Case


def case_visible(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `aid_case`."""
    condition = within(Case.region_code, scope.ranges)
    if scope.department_code is None:
        return condition
    return and_(condition, any_(Case.departments) == scope.department_code)


def get_case(session: Session, scope: Scope, case_id: uuid.UUID) -> Case:
    """Return a case in scope. Raises CaseNotFound."""
    return _one(session, scope, case_id, lock=False)


def lock_case(session: Session, scope: Scope, case_id: uuid.UUID) -> Case:
    """Return a case in scope, held until the transaction ends. Raises CaseNotFound.

    Whoever changes anything of a case begins here, so that two never do at once.
    """
    return _one(session, scope, case_id, lock=True)


def _one(session: Session, scope: Scope, case_id: uuid.UUID, *, lock: bool) -> Case:
    query = select(Case).where(Case.id == case_id, case_visible(scope))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise CaseNotFound
    return found
