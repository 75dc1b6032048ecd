"""What the web's own database account sees of a roster that is drawn from a register."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from relief.core.database_roles import DatabaseRole
from relief.core.scope import Scope, subtree
from relief.core.viewer import Viewer
from relief.registers.models import StoredEntry
from relief.review.recognition import rosters
from relief.review.recognition.models import CaseBasis
from tests.integration.test_row_security import EAST, WEST, as_viewer, urls
from tests.support.settings import START
from tests.support.victims import hit, victim

__all__ = ["as_viewer", "urls"]  # fixtures


@pytest.fixture
def home(spare_roster):
    [made] = spare_roster.confirmed(1, region=210302002001)
    with spare_roster.opened() as session:
        hit(session, victim(made))
    return made


def named(session, scope):
    page = rosters.missing(session, scope=scope, scheme_code="S26", limit=5, cursor=None, now=START)
    return [row.person_id for row in page.items]


def test_a_clerk_is_told_of_families_in_scope_and_sees_no_entry(
    spare_roster, urls, as_viewer, home
):
    clerk = spare_roster.clerk().id
    east, west = (Scope((subtree(one),), None) for one in (EAST, WEST))
    with as_viewer(urls[DatabaseRole.WEB], Viewer(clerk, east)) as session:
        assert named(session, east) == [home.person_id]
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.scalar(select(func.count()).select_from(StoredEntry))
    with as_viewer(urls[DatabaseRole.WEB], Viewer(clerk, west)) as session:
        # Whatever scope is asked for, the account's own rows are the limit.
        assert named(session, west) == named(session, east) == []


def test_what_a_case_rests_on_is_seen_with_the_case(spare_roster, urls, as_viewer, home):
    spare_roster.applied("S26", home.person_id)
    clerk = spare_roster.clerk().id
    for code, rows in ((EAST, 1), (WEST, 0)):
        who = Viewer(clerk, Scope((subtree(code),), None))
        with as_viewer(urls[DatabaseRole.WEB], who) as session:
            assert session.scalar(select(func.count()).select_from(CaseBasis)) == rows
