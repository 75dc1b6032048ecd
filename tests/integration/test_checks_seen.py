"""A department that may see little of a family has it checked whole, and sees no more for it."""

from sqlalchemy import create_engine, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from relief.core.database_roles import DatabaseRole
from relief.core.db import normalise_url
from relief.core.findings import Grade
from relief.core.ids import new_id
from relief.funds.models import Entitlement
from relief.review.checks import running
from relief.review.models import Case
from tests import factories
from tests.integration.test_row_security import (  # noqa: F401  # fixtures
    EAST,
    as_viewer,
    homes,
    seen,
    urls,
    who,
)
from tests.support.settings import START


def test_what_other_departments_give_is_compared_and_stays_theirs(
    urls,  # noqa: F811  # the fixture
    homes,  # noqa: F811
    as_viewer,  # noqa: F811
    spare_database_url,
):
    engine = create_engine(normalise_url(spare_database_url))
    with Session(engine) as session, session.begin():
        clerk = factories.make_account(session, None, department="D13")
        case_id = factories.make_case(session, homes[0], scheme="S10", entered_by=clerk.id)
        session.add(
            Entitlement(
                id=new_id(START), decision_id=new_id(START), person_id=homes[0].person_id,
                identity_id=None, scheme_code="S02", county_code=210302,
                region_code=210302002001, department_code="D01", amount_fen=9000,
                opened_at=START, period=Range(START.date(), None),
            )
        )  # fmt: skip
    engine.dispose()

    with as_viewer(urls[DatabaseRole.WEB], who(EAST, department="D13")) as session:
        case = session.get_one(Case, case_id)
        assert seen(session, "person") == seen(session, "entitlement") == 0

        looked = running.run(session, [case], now=START)[case_id]

        found = {(one.check, one.grade, one.evidence.get("rule")) for one in looked.findings}
        assert ("A06", Grade.DOUBT, "X09") in found
        assert session.scalar(text("SELECT current_user")) == "relief_test_web"
        assert seen(session, "person") == seen(session, "entitlement") == 0
