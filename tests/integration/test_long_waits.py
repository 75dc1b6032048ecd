"""Waits for what is missing: for a reason, and no longer than it allows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.jobs.pauses import end_long_waits
from relief.review import service
from relief.review.errors import PauseReasonUnknown
from relief.review.models import Case, CasePause, CaseStage, CaseStep
from relief.review.types import Outcome, Step
from tests import factories
from tests.factories import actor_of, make_account, make_case
from tests.support.people import TIEDONG
from tests.support.settings import CIPHER, START


@pytest.fixture
def clerk(session):
    return make_account(session, Role.CLERK, department="D01", region=TIEDONG)


@pytest.fixture
def waiting(session, clerk):
    """`waiting(reason)`: an accepted case that waits since Monday 23 November."""

    def make(reason="papers"):
        home = factories.make_household(session, CIPHER)
        case = make_case(session, home, scheme="S01", entered_by=clerk.id)
        actor = actor_of(session.get_one(Account, clerk.id))
        service.end_stage(
            session, actor=actor, case_id=case, code="ACCEPT", outcome=Outcome.PASSED,
            opinion=None, now=START,
        )  # fmt: skip
        service.pause(
            session, actor=actor, case_id=case, reason=reason, missing="收入证明", now=START
        )
        session.flush()
        return case

    return make


def wait_of(session, case):
    session.expire_all()
    return session.scalars(select(CasePause).where(CasePause.case_id == case)).one()


@pytest.mark.parametrize(("reason", "days"), [("papers", 30), ("appraisal", 60), ("dispute", 180)])
def test_a_clock_runs_on_when_it_has_stood_as_long_as_it_may(session, waiting, reason, days):
    case = waiting(reason)
    last = START + timedelta(days=days)

    end_long_waits(session, now=last)
    still = wait_of(session, case).until_on
    end_long_waits(session, now=last + timedelta(days=1))
    wait = wait_of(session, case)

    assert still is None
    assert wait.until_on == wait.stands_until == (START + timedelta(days=days)).date()
    assert wait.resumed_by is None
    due = session.scalars(
        select(CaseStage.due_on).where(CaseStage.case_id == case, CaseStage.status == "open")
    ).all()
    assert due
    assert min(due) > wait.until_on
    step = session.scalars(
        select(CaseStep).where(CaseStep.case_id == case).order_by(CaseStep.number.desc()).limit(1)
    ).one()
    assert (step.step, step.actor_id) == (Step.RESUMED, None)
    assert f"已等待 {days} 天" in step.note
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "case:resumed")).one()
    assert event.actor_id is None
    end_long_waits(session, now=last + timedelta(days=2))
    assert wait_of(session, case).until_on == wait.stands_until


def test_what_was_resumed_in_time_is_left_alone(session, waiting, clerk):
    case = waiting()
    actor = actor_of(session.get_one(Account, clerk.id))
    service.resume(session, actor=actor, case_id=case, now=START + timedelta(days=3))

    end_long_waits(session, now=START + timedelta(days=90))

    assert wait_of(session, case).until_on == (START + timedelta(days=3)).date()
    assert session.scalar(select(func.count()).where(CaseStep.step == Step.RESUMED)) == 1


def test_a_wait_from_before_reasons_were_told_has_no_end(session, waiting):
    case = waiting()
    session.execute(update(CasePause).values(stands_until=None, reason=None))

    end_long_waits(session, now=START + timedelta(days=900))

    assert wait_of(session, case).until_on is None


def test_one_case_that_cannot_go_on_does_not_hold_up_the_others(session, waiting):
    bad, good = waiting(), waiting()
    session.execute(
        text(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.case_id = '{bad}' THEN RAISE EXCEPTION 'poisoned'; END IF;"
            " RETURN NEW; END $$"
        )
    )
    session.execute(
        text(
            "CREATE TRIGGER poison BEFORE UPDATE ON case_pause"
            " FOR EACH ROW EXECUTE FUNCTION poison()"
        )
    )

    said = end_long_waits(session, now=START + timedelta(days=31))

    assert said == "1 waits ended"
    assert wait_of(session, good).until_on is not None
    assert wait_of(session, bad).until_on is None


def test_an_unknown_reason_is_refused(session, waiting, clerk):
    case = waiting()

    with pytest.raises(PauseReasonUnknown):
        service.pause(
            session, actor=actor_of(session.get_one(Account, clerk.id)), case_id=case,
            reason="holiday", missing="收入证明", now=START,
        )  # fmt: skip


def test_the_clock_that_never_stood_is_kept_beside_the_one_that_did(session, waiting, clerk):
    case = waiting()
    actor = actor_of(session.get_one(Account, clerk.id))
    service.resume(session, actor=actor, case_id=case, now=START + timedelta(days=7))
    session.expire_all()

    whole = session.get_one(Case, case)
    stages = session.scalars(
        select(CaseStage).where(CaseStage.case_id == case, CaseStage.status == "open")
    ).all()

    # Thirty working days from 23 November; five of them were waited. 2027 is not announced yet.
    assert (str(whole.due_unpaused_on), str(whole.due_on)) == ("2027-01-04", "2027-01-11")
    assert all(stage.due_unpaused_on < stage.due_on for stage in stages if stage.limit)
