"""A counter enters somebody whom it may not see, with the rights of the web's own account."""

import pytest
from sqlalchemy import func, select

from relief.accounts.types import Role
from relief.core.database_roles import DatabaseRole
from relief.core.viewer import Viewer
from relief.registry.models import Person
from relief.review.models import Case
from relief.review.settling import service
from relief.review.settling.errors import NotHere
from tests.integration.test_row_security import as_viewer, urls
from tests.support.settings import CIPHER, START

__all__ = ["as_viewer", "urls"]  # fixtures


def test_the_case_is_theirs_and_the_person_is_not(spare_roster, urls, as_viewer):
    home, _ = spare_roster.confirmed(2)
    clerk = spare_roster.newcomer(Role.CLERK, "D06")
    look = service.LookUp()
    told = {"actor": clerk, "citizen_id": home.citizen_id, "scheme_code": "S25", "need": "急诊"}
    with as_viewer(urls[DatabaseRole.WEB], Viewer(clerk.id, clerk.scope)) as session:
        with pytest.raises(NotHere):
            service.enter(session, CIPHER, look=look, name="李四", now=START, **told)
        session.rollback()
        assert look.person is None

    with as_viewer(urls[DatabaseRole.WEB], Viewer(clerk.id, clerk.scope)) as session:
        case = service.enter(session, CIPHER, look=look, name="张三", now=START, **told)
        assert session.scalars(select(Case.id)).all() == [case]
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        session.commit()

    assert [one.id for one in spare_roster.cases("S25")] == [case]
