"""Referrals with the rights of the web's own account: who sees one, and what a look tells."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from relief.accounts.identity import Actor, scope_of
from relief.accounts.permissions import permissions_of
from relief.accounts.types import Role
from relief.core.database_roles import DatabaseRole
from relief.core.viewer import Viewer
from relief.registry.models import Person
from relief.review.models import Case
from relief.review.referring import answering, filing, finding, queries
from relief.review.referring.errors import ReferralNotFound
from relief.review.referring.filing import Found
from relief.review.referring.models import Referral, ReferralEvent
from relief.review.referring.types import FoundBy
from tests import factories
from tests.integration.test_row_security import as_viewer, urls
from tests.support.people import TIEDONG, TIEXI
from tests.support.referring import NEED, STREET, WEST
from tests.support.settings import CIPHER, START

__all__ = ["as_viewer", "urls"]  # fixtures
FOUND = Found(
    found_by=FoundBy.POLICE, finder="派出所", found_at=START, place="车站", handed_to="救助点",
    condition="说不清来处",
)  # fmt: skip


@pytest.fixture
def somebody(spare_roster):
    """`somebody(department, region)`: a clerk with their own rights and scope."""

    def make(department: str, region: str) -> Actor:
        with spare_roster.opened() as session:
            account = factories.make_account(
                session, Role.CLERK, department=department, region=region
            )
            actor = factories.actor_of(account, Role.CLERK)
            scope = scope_of(session, account)
        return replace(actor, permissions=permissions_of({Role.CLERK}), scope=scope)

    return make


@pytest.fixture
def web(urls, as_viewer):
    """`web(actor)`: a session of the web's account for somebody."""
    return lambda actor: as_viewer(urls[DatabaseRole.WEB], Viewer(actor.id, actor.scope))


def refer(web, actor, **given):
    with web(actor) as session:
        referral = filing.refer(
            session, CIPHER, actor=actor, scheme_code="S12", region=STREET,
            found=replace(FOUND, **given), now=START,
        )  # fmt: skip
        session.commit()
    return referral


def counts(web, actor):
    with web(actor) as session:
        return tuple(
            session.scalar(select(func.count()).select_from(one))
            for one in (Referral, ReferralEvent)
        )


def test_what_row_security_shows_of_a_referral(somebody, web):
    hospital, station, west = (
        somebody(*who) for who in (("D06", TIEDONG), ("D01", TIEDONG), ("D01", TIEXI))
    )
    referral = refer(web, hospital)

    told = {"hospital": hospital, "station": station, "west": west}
    assert {name: counts(web, who) for name, who in told.items()} == {
        "hospital": (1, 1), "station": (1, 1), "west": (0, 0),
    }  # fmt: skip
    assert counts(web, somebody("D06", TIEDONG)) == (0, 0)

    with web(station) as session:
        filing.hand_on(
            session, actor=station, referral_id=referral, region=WEST, reason="辖区", now=START
        )
        session.commit()

    assert {name: counts(web, who) for name, who in told.items()} == {
        "hospital": (1, 2), "station": (1, 2), "west": (1, 2),
    }  # fmt: skip
    colleague = somebody("D01", TIEDONG)  # through whose hands it did not go
    with web(colleague) as session, pytest.raises(ReferralNotFound):
        queries.detail(session, CIPHER, viewer=colleague, referral_id=referral, now=START)


def test_a_number_tells_the_office_no_more_than_it_needs(spare_roster, somebody, web):
    home, _ = spare_roster.confirmed(2)
    first, station = somebody("D01", TIEDONG), somebody("D01", TIEXI)
    referral = refer(web, somebody("D06", TIEDONG), citizen_id=home.citizen_id)
    with web(first) as session:
        filing.hand_on(
            session, actor=first, referral_id=referral, region=WEST, reason="辖区", now=START
        )
        session.commit()

    with web(station) as session:
        [found] = finding.look_up(
            session, CIPHER, actor=station, referral_id=referral, citizen_id=None, name=None,
            now=START,
        )  # fmt: skip
        assert (found.person_id, found.name) == (None, "张*")
        case = answering.accept(
            session, actor=station, referral_id=referral, need=NEED, as_found=True,
            person_id=None, now=START,
        )  # fmt: skip
        assert session.scalars(select(Case.id)).all() == [case]
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        session.commit()

    assert [(one.id, one.region_code) for one in spare_roster.cases("S12")] == [(case, int(WEST))]
