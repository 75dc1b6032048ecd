"""What a list finds in a case stays and is told there, whoever drew it; and races of drawing."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.registry.models import Person
from relief.review import service
from relief.review.checks.models import CaseFinding
from relief.review.kin import filing
from relief.review.kin.models import CaseKin
from relief.review.models import Case, CaseStep
from relief.review.types import Step
from tests import factories
from tests.support.applicants import BORN
from tests.support.confirming import enrolled, listed
from tests.support.settings import CIPHER
from tests.support.source import number
from tests.support.waiting import at_once, wait_until

S11 = {"scheme_code": "S11", "amount_fen": 90_00}


def marries(town, *cases):
    """The registry learns that applicants are married, and knows no spouse (A08)."""
    with town.opened() as session:
        people = select(Case.person_id).where(Case.id.in_(cases))
        session.execute(update(Person).where(Person.id.in_(people)).values(marital="20"))


def steps(town, case, step=Step.CHECKED):
    with town.opened() as session:
        return session.scalars(
            select(CaseStep.note).where(CaseStep.case_id == case, CaseStep.step == step)
        ).all()


def found(town, case):
    with town.opened() as session:
        return session.scalars(
            select(CaseFinding.check_code).where(
                CaseFinding.case_id == case,
                CaseFinding.grade == "doubt",
                CaseFinding.gone_at.is_(None),
            )
        ).all()


def case_of(town, case_id):
    with town.opened() as session:
        return session.get_one(Case, case_id, populate_existing=True)


@pytest.fixture
def family(session):
    """A family on the newest list of the minimum living allowance, of the age for S11."""
    home = factories.make_household(
        session, CIPHER, schemes=("S01",), marital="10", born_on=BORN["S11"]
    )
    return listed(session, home)


class TestDrawing:
    def test_what_is_found_is_told_in_the_case(self, town):
        [doubted], [fine] = town.waiting(), town.waiting()
        marries(town, doubted)

        report = town.report(town.draw())

        assert report == {doubted: ("left_out", "doubts"), fine: ("listed", None)}
        assert found(town, doubted) == ["A08"]
        [told] = steps(town, doubted)
        assert told.startswith("A08 张三登记为已婚")
        assert steps(town, fine) == []

    def test_it_is_told_once_and_in_the_trail(self, town, session):
        [doubted] = town.waiting()
        marries(town, doubted)

        for _ in range(2):
            assert town.report(town.draw()) == {doubted: ("left_out", "doubts")}

        assert len(steps(town, doubted)) == 1
        assert session.scalar(
            select(func.count()).where(
                AuditEvent.action == "case:checked", AuditEvent.subject_id == doubted
            )
        ) == 1  # fmt: skip

    def test_what_rests_on_a_lost_identity_lapses(self, town, session, family):
        [case] = town.waiting(1, "S11", person=family.person_id)
        before = case_of(town, case)
        limit, due = before.shorter_limit, before.due_on
        enrolled(session, family, ended_on=date(2026, 11, 20))

        report = town.report(town.draw(**S11))

        after = case_of(town, case)
        assert report == {case: ("left_out", "doubts")}
        assert found(town, case) == ["A30"]
        assert (limit, after.shorter_limit) == (17, None)
        assert after.due_on > due
        assert len(steps(town, case)) == 1

    def test_kin_who_filed_meanwhile_is_told_too(self, town, session):
        [case] = town.waiting()
        person = session.get_one(Case, case).person_id
        citizen = session.scalar(select(Person.citizen_id).where(Person.id == person))
        filed_by(town, citizen)

        for _ in range(2):
            assert town.report(town.draw()) == {case: ("left_out", "unvisited")}

        assert session.scalar(select(func.count()).select_from(CaseKin)) == 1
        assert len(steps(town, case, Step.KIN_FOUND)) == 1


def filed_by(town, citizen):
    """A reviewer files the applicant as their child."""
    with town.opened() as session:
        filing.file(
            session, account_id=town.actor(Role.REVIEWER).id, relatives=(), cipher=CIPHER,
            own_number=number(date(1985, 5, 6), 7), now=town.clock(),
        )  # fmt: skip
        session.flush()
        session.execute(
            text(
                "INSERT INTO kin_relative (id, filing_id, name, relation, number_id)"
                " SELECT id, id, '张三', '20', :citizen FROM kin_filing"
            ),
            {"citizen": citizen},
        )


class TestDeciding:
    def test_what_is_found_only_then_stays_and_is_told(self, town):
        [doubted], [fine] = town.waiting(), town.waiting()
        list_id = town.draw()
        town.sign(list_id)
        marries(town, doubted)

        assert town.work()

        assert town.report(list_id) == {
            doubted: ("not_decided", "doubts"), fine: ("decided", None),
        }  # fmt: skip
        assert found(town, doubted) == ["A08"]
        assert len(steps(town, doubted)) == 1

    def test_an_identity_that_is_lost_then_lapses(self, town, session, family):
        [case] = town.waiting(1, "S11", person=family.person_id)
        list_id = town.draw(**S11)
        town.sign(list_id)
        enrolled(session, family, ended_on=date(2026, 11, 20))

        assert town.work()

        assert town.report(list_id) == {case: ("not_decided", "doubts")}
        assert case_of(town, case).shorter_limit is None
        assert len(steps(town, case)) == 1


class TestRaces:
    def test_two_who_draw_the_same_cases_at_once_find_the_same_once(self, spare_town):
        cases = spare_town.waiting(4)
        marries(spare_town, *cases)
        signers = [spare_town.actor(), spare_town.newcomer()]

        drawn = at_once(lambda place: spare_town.draw(signers[place]), threads=2)

        for list_id, signer in zip(drawn, signers, strict=True):
            assert spare_town.report(list_id, signer) == dict.fromkeys(
                cases, ("left_out", "doubts")
            )
        for case in cases:
            assert found(spare_town, case) == ["A08"]
            assert len(steps(spare_town, case)) == 1

    def test_what_changes_while_it_is_drawn_is_waited_for(self, spare_town):
        leaving, fine = spare_town.waiting(2)
        clerk, drawn = spare_town.actor(Role.CLERK), []
        spare_town.actor()
        drawing = threading.Thread(target=lambda: drawn.append(spare_town.draw()))

        with spare_town.opened() as session:
            service.withdraw(
                session, actor=clerk, case_id=leaving, reason="不再需要", now=spare_town.clock()
            )
            session.flush()
            drawing.start()
            wait_until(lambda: drawn or blocked(spare_town))
        drawing.join()

        assert spare_town.report(drawn[0]) == {fine: ("listed", None)}


def blocked(town):
    with town.opened() as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
