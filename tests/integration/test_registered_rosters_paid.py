"""Lines of the list of a scheme that helps once for each event: for which event they are."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from relief.review.models import CaseStep
from relief.review.recognition.models import CaseBasis
from relief.review.types import Step
from tests.integration.test_registered_rosters import families, named
from tests.support.confirming import move_in
from tests.support.settings import START
from tests.support.victims import CHANGES, STORM, hit, judge, lined, victim

__all__ = ["named"]  # the fixture

GRANTED = START.date()
SNOW = date(2026, 12, 5)  # after what was granted
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
LATE = datetime(2027, 3, 8, 1, tzinfo=UTC)


@pytest.fixture
def later(roster):
    """Months after the decisions, as the registers and the lists tell it then."""

    def become():
        roster.clock.moment = LATE

    return become


@pytest.fixture
def granted(roster, session):
    """`granted(home, …)`: what was granted here to a home, for an event of the register."""

    def grant(home, *event, **given):
        hit(session, victim(home, *event, **given))
        roster.entered(scheme_code="S26")
        [case] = roster.cases("S26")
        judge(roster, case.id)

    return grant


@pytest.mark.parametrize("has_wife", [False, True])
def test_the_payment_of_a_later_event_is_not_for_the_earlier(
    roster, session, named, granted, later, has_wife
):
    """The storm is helped with first; only then the flood is assessed."""
    home, wife = families(roster, 2)
    granted(home, "风灾", from_on=STORM)
    later()
    if has_wife:
        move_in(session, wife, home)
    lined(session, wife if has_wife else home, date(2026, 12, 15), Range(DECEMBER, JANUARY))
    hit(session, victim(home), content=CHANGES)

    assert "2026年洪涝" in named()[home.person_id].told


@pytest.mark.parametrize(
    ("spells", "last_on", "is_named"),
    [
        ([Range(NOVEMBER, JANUARY)], date(2026, 12, 20), False),  # the second line is another's
        ([Range(NOVEMBER, DECEMBER), Range(JANUARY, date(2027, 2, 1))], date(2027, 1, 5), False),
        ([Range(NOVEMBER, DECEMBER)], date(2026, 11, 30), True),  # before the snow
        ([Range(DECEMBER, JANUARY)], date(2026, 12, 20), True),  # the only one: what was granted
        ([Range(date(2027, 2, 1), date(2027, 3, 1))], date(2027, 2, 22), True),
        ([Range(date(2027, 2, 1), date(2027, 3, 1))], date(2027, 2, 23), False),  # three months on
    ],
)
def test_a_grant_is_paid_by_one_line_soon_after_it(
    roster, session, named, granted, later, spells, last_on, is_named
):
    """What the office paid for the snow by itself is for the snow."""
    [home] = families(roster)
    granted(home)
    later()
    lined(session, home, last_on, *spells)
    hit(session, victim(home, "雪灾", from_on=SNOW), content=CHANGES)

    assert (home.person_id in named()) is is_named


@pytest.mark.parametrize(("last_on", "is_named"), [(22, False), (23, True)])
def test_a_line_before_the_grant_is_not_its_payment(
    roster, session, named, granted, later, last_on, is_named
):
    """November has a line: of the day of the grant it may be the payment, of the one before not."""
    [home] = families(roster)
    granted(home)
    later()
    lined(session, home, date(2026, 11, last_on), Range(NOVEMBER, DECEMBER))
    hit(session, victim(home, "风灾", from_on=STORM), content=CHANGES)

    assert (home.person_id in named()) is is_named
    assert GRANTED.day == 23


def test_a_grant_for_no_event_is_paid_by_its_line_too(roster, session, named, later):
    [home] = families(roster)
    judge(roster, roster.applied("S26", home.person_id))
    later()
    lined(session, home, date(2026, 12, 15), Range(DECEMBER, JANUARY))
    hit(session, victim(home, "雪灾", from_on=SNOW))

    assert set(named()) == {home.person_id}


def test_who_comes_again_for_an_event_is_told_of_in_the_timeline(
    roster, session, named, granted, later
):
    """By the roster first, then at the window: a person says whether it is twice the same."""
    home, wife, other = families(roster, 3)
    move_in(session, wife, home)
    granted(home)
    later()

    again = roster.applied("S26", wife.person_id)
    fresh = roster.applied("S26", other.person_id)  # of whom the register says nothing

    assert session.get(CaseBasis, again) is None
    query = select(CaseStep.case_id, CaseStep.note).where(
        CaseStep.step == Step.CHECKED, CaseStep.case_id.in_((again, fresh))
    )
    [(case_id, note)] = session.execute(query).all()
    assert case_id == again
    assert note.startswith("登记的灾害事件均已申请或者救助，请核实是否重复：受灾人员台账")
    assert "2026年洪涝" in note
