"""Two who do the same in a case at one moment: one does it, and the other is told."""

import threading

import pytest
from sqlalchemy import func, select

from relief.accounts.types import Role
from relief.core.db import db, unit_of_work
from relief.core.errors import Conflict
from relief.funds.models import Entitlement
from relief.review import decisions, service
from relief.review.models import Case, CaseDecision, CaseStage
from relief.review.types import Outcome, StageStatus
from tests import factories
from tests.support.settings import CIPHER, START
from tests.support.waiting import at_once

MANY = 8


@pytest.fixture
def inside(spare_app):
    """`inside(work)`: do it in a unit of work of its own, in this thread."""

    def do(work):
        with spare_app.app_context():
            try:
                with unit_of_work() as session:
                    return work(session)
            finally:
                db.session.remove()

    return do


@pytest.fixture
def people(inside):
    """A household, and staff of civil affairs and of the federation."""

    def prepare(session):
        home = factories.make_household(session, CIPHER, marital="10")
        staff = {
            (department, role): factories.actor_of(
                factories.make_account(session, role, department=department), role
            )
            for department, role in (
                ("D01", Role.CLERK), ("D01", Role.REVIEWER), ("D13", Role.REVIEWER),
                ("D01", Role.APPROVER),
            )
        }  # fmt: skip
        return home.person_id, staff

    return inside(prepare)


def all_try(inside, work):
    """Let many do it at once; return what they got, and who was told no."""
    done, late, lock = [], [], threading.Lock()

    def one(place):
        try:
            got = inside(work)
        except Conflict as error:
            with lock:
                late.append(error.code)
        else:
            with lock:
                done.append(got)

    at_once(one, threads=MANY)
    return done, late


def submit(person, staff):
    return lambda session: service.submit(
        session, actor=staff["D01", Role.CLERK], person_id=person, scheme_code="S09",
        need="家庭困难", now=START,
    )  # fmt: skip


def end(case, actor, code):
    return lambda session: service.end_stage(
        session, actor=actor, case_id=case, code=code, outcome=Outcome.PASSED, opinion=None,
        now=START,
    )  # fmt: skip


def test_of_many_at_once_one_submits_ends_and_decides(inside, people):
    person, staff = people
    clerk, approver = staff["D01", Role.CLERK], staff["D01", Role.APPROVER]

    [case], late = all_try(inside, submit(person, staff))
    assert late == ["case-open"] * (MANY - 1)

    done, late = all_try(inside, end(case, clerk, "ACCEPT"))
    assert (len(done), late) == (1, ["stage-not-open"] * (MANY - 1))

    for actor, code in (
        (clerk, "FIRST"), (staff["D13", Role.REVIEWER], "CL"),
        (staff["D13", Role.REVIEWER], "JOINT"), (staff["D01", Role.REVIEWER], "JOINT"),
    ):  # fmt: skip
        inside(end(case, actor, code))
    done, late = all_try(
        inside,
        lambda session: decisions.decide(
            session, actor=approver, case_id=case, granted=True, amount_fen=9000,
            reason="符合条件", departs="规则没有涵盖的情形", now=START,
        ),
    )  # fmt: skip

    assert (len(done), late) == (1, ["stage-not-open"] * (MANY - 1))
    counts = inside(
        lambda session: [
            session.scalar(select(func.count()).select_from(model))
            for model in (Case, CaseDecision, Entitlement)
        ]
    )
    assert counts == [1, 1, 1]


def test_of_two_departments_at_once_neither_opinion_is_lost(inside, people):
    person, staff = people
    case = inside(submit(person, staff))
    inside(end(case, staff["D01", Role.CLERK], "ACCEPT"))
    reviewers = [staff["D01", Role.REVIEWER], staff["D13", Role.REVIEWER]]

    at_once(lambda place: inside(end(case, reviewers[place], "JOINT")), threads=2)

    ended = inside(
        lambda session: session.scalars(
            select(CaseStage.department_code).where(
                CaseStage.code == "JOINT", CaseStage.status == StageStatus.ENDED
            )
        ).all()
    )
    assert sorted(ended) == ["D01", "D13"]
