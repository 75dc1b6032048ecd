"""Recognition in the tables: how many statements, what the seeds may spare, and who may look."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import Range

from relief.core.ids import new_id
from relief.funds.models import Entitlement
from relief.review.checks.models import CaseFinding
from relief.review.models import Case, CaseDecision
from relief.review.recognition import watching
from relief.review.recognition.identities import known_of
from relief.review.types import Outcome
from relief.schemes import queries as schemes
from relief.schemes import recognition
from relief.schemes.recognition import RecognisedIdentity, RecognitionRule
from tests import factories
from tests.integration.test_case_races import inside
from tests.support.confirming import enrolled, listed
from tests.support.settings import CIPHER, START
from tests.support.waiting import at_once

__all__ = ["inside"]  # the fixture


@pytest.fixture
def homes(session):
    made = [
        factories.make_household(session, CIPHER, address=f"某路{number}号", marital="10")
        for number in range(4)
    ]
    for home in made:
        listed(session, home)
    return made


@pytest.fixture
def clerk(session):
    return factories.make_account(session, None, department="D01")


def test_as_many_statements_for_many_people_as_for_one(session, homes, assert_queries):
    people = [home.person_id for home in homes]
    with assert_queries(8):
        known_of(session, people[:1], now=START)
    with assert_queries(7):
        found = known_of(session, people, now=START)

    assert all([kind.stands for kind in found.identities[one]] == [True] for one in people)


def test_the_daily_run_finds_those_that_lost_an_identity_and_no_other(
    session, homes, clerk, assert_queries
):
    for home in homes:
        factories.make_case(session, home, scheme="S13", entered_by=clerk.id)
    session.flush()
    with assert_queries(11):
        assert watching.run(session, now=START) == 0

    enrolled(session, homes[0], ended_on=date(2026, 11, 20))
    assert watching.run(session, now=START) == 1

    person = session.scalars(
        select(Case.person_id)
        .join(CaseFinding, CaseFinding.case_id == Case.id)
        .where(CaseFinding.check_code == "A30")
    ).one()
    assert person == homes[0].person_id


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_the_daily_run_goes_on_past_a_case_that_fails(session, homes, clerk, at_once):
    cases = [
        factories.make_case(session, home, scheme="S13", entered_by=clerk.id) for home in homes
    ]
    for home in homes:
        enrolled(session, home, ended_on=date(2026, 11, 20))
    unreadable, refused, *fine = sorted(cases)
    session.execute(
        text("UPDATE case_recognition SET category = 'nonsense' WHERE case_id = :id"),
        {"id": unreadable},
    )
    session.execute(
        text(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.case_id = '{refused}' THEN RAISE EXCEPTION 'planted'; END IF;"
            " RETURN NEW; END $$"
        )
    )
    session.execute(
        text(
            "CREATE TRIGGER refuse BEFORE INSERT ON case_finding"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    )
    session.commit()

    assert watching.run(session, now=START, at_once=at_once) == 2

    found = select(CaseFinding.case_id).where(CaseFinding.check_code == "A30")
    assert sorted(session.scalars(found)) == fine


def test_a_case_that_somebody_holds_is_waited_for_by_nobody_and_found_by_the_next_run(inside):
    home = inside(lambda session: factories.make_household(session, CIPHER, marital="10"))
    inside(lambda session: listed(session, home))

    def apply(session):
        clerk = factories.make_account(session, None, department="D01")
        return factories.make_case(session, home, scheme="S13", entered_by=clerk.id)

    case_id = inside(apply)
    inside(lambda session: enrolled(session, home, ended_on=date(2026, 11, 20)))

    def look(session):
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        return watching.run(session, now=START)

    def meanwhile(session):
        session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
        return at_once(lambda _: inside(look), threads=1)

    assert inside(meanwhile) == [0]
    assert inside(look) == 1


def test_a_year_after_the_last_check_an_identity_is_stale(session, homes):
    person = homes[0].person_id
    enrolled(session, homes[0], last_on=START.date().replace(year=2025) + timedelta(days=1))
    [fresh] = known_of(session, [person], now=START).identities[person]
    enrolled(session, homes[0], last_on=START.date().replace(year=2025))
    [stale] = known_of(session, [person], now=START).identities[person]

    assert (fresh.state, stale.state) == ("stands", "stale")
    assert "已超过认可的期限" in stale.why


def entitle(session, home, first, after, *, closed=False):
    entitlement = Entitlement(
        id=new_id(START), decision_id=new_id(START), person_id=home.person_id,
        identity_id=None, scheme_code="S01", county_code=210302, region_code=210302000000,
        department_code="D01", amount_fen=60000, per=None, period=Range(first, after),
        opened_at=START, closed_by=new_id(START) if closed else None,
    )  # fmt: skip
    session.add(entitlement)
    session.flush()


def test_another_sum_is_no_new_identity(session, homes):
    entitle(session, homes[0], date(2025, 1, 1), date(2026, 7, 1), closed=True)
    entitle(session, homes[0], date(2026, 7, 1), None)
    [one, _] = known_of(session, [homes[0].person_id], now=START).identities[homes[0].person_id]

    assert (one.source, one.stands, one.since_on) == ("entitlement", True, date(2025, 1, 1))


def test_what_speaks_against_an_identity_is_the_newest(session, homes, clerk):
    """It ended here long ago, and was refused only now: the list between the two is behind."""
    home = homes[0]
    entitle(session, home, date(2025, 1, 1), date(2026, 7, 1), closed=True)
    case = factories.make_case(session, home, scheme="S01", entered_by=clerk.id)
    refused = CaseDecision(
        id=new_id(START), case_id=case, outcome=Outcome.REFUSED, reason="收入超过标准",
        legal="", decided_by=clerk.id, decided_at=START,
    )  # fmt: skip
    session.add(refused)
    session.flush()

    against = known_of(session, [home.person_id], now=START).against

    assert against[home.person_id, "S01"].on == START.date()


@pytest.mark.parametrize(
    ("model", "values", "told"),
    [
        (RecognitionRule, {"stages": ["CONFIRM"]}, "不得因互认免去"),
        (RecognitionRule, {"stages": ["JOINT"]}, "不得因互认免去"),
        (RecognitionRule, {"stages": ["NOWHERE"]}, "不在流程中"),
        (RecognitionRule, {"checks": ["A03"]}, "不得因互认免去"),
        (RecognitionRule, {"total_limit": 500}, "不短于"),
        (RecognisedIdentity, {"months": "unknown"}, "没有参数"),
    ],
)
def test_no_seed_spares_four_eyes_or_what_others_look_at(session, model, values, told):
    plans = schemes.plans(session, on=START.date())
    assert recognition.faults(session, plans) == []

    session.execute(update(model).values(**values))
    session.expire_all()

    assert any(told in str(fault) for fault in recognition.faults(session, plans))
