"""Lists of decisions that were signed: each case decided once, or told why it was not."""

import json

import pytest
from sqlalchemy import func, select, text, update

from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.funds.models import Entitlement
from relief.notifications.models import OutboxMessage
from relief.registry.models import Person
from relief.review import decisions, service
from relief.review.lists import service as lists
from relief.review.lists.errors import ListNotRunning, ListNotStopped
from relief.review.lists.models import DecisionListEntry
from relief.review.models import Case, CaseDecision, CaseReminder, CaseStage, CaseStep
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind
from relief.tasks.models import Task
from tests.support.listing import AMOUNT, REASON
from tests.support.people import TIEXI


def why(town, list_id, signer=None):
    [entry] = town.entries(list_id, signer)
    return entry.reason.value, entry.note


class TestDeciding:
    def test_each_is_decided_once_with_entitlement_and_trail(self, town, session):
        cases = town.waiting(3)

        list_id = town.decided()

        told = town.told(list_id)
        assert (told.status.value, told.decided, told.not_decided) == ("done", 3, 0)
        assert told.ended_at is not None
        decisions = session.scalars(select(CaseDecision)).all()
        assert {one.case_id for one in decisions} == set(cases)
        assert {(one.list_id, one.amount_fen, one.reason) for one in decisions} == {
            (list_id, AMOUNT, REASON)
        }
        granted = session.scalars(select(Entitlement)).all()
        assert {one.decision_id for one in granted} == {one.id for one in decisions}
        papers = select(CasePaper.case_id).where(CasePaper.kind == PaperKind.DECISION)
        assert sorted(session.scalars(papers)) == sorted(cases)
        audited = session.scalars(
            select(AuditEvent.subject_id).where(AuditEvent.action == "case:decided")
        ).all()
        assert sorted(audited) == sorted(cases)
        done = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "decision_list:done")
        ).one()
        assert (done["decided"], done["digest"]) == (3, told.digest)
        notice = session.scalars(select(OutboxMessage)).one()
        assert notice.title == "清单办理已完成"
        assert notice.link == f"/decision-lists/{list_id}"
        assert not town.work()

    @pytest.mark.parametrize("scheme", ["S09", "S11"])
    def test_a_case_of_a_list_ends_like_one_that_is_decided_by_itself(self, town, session, scheme):
        [alone] = town.waiting(1, scheme)
        decisions.decide(
            session, actor=town.actor(), case_id=alone, granted=True, amount_fen=AMOUNT,
            reason=REASON, now=town.clock(),
        )  # fmt: skip
        [listed] = town.waiting(1, scheme)
        town.decided(scheme_code=scheme)
        session.expire_all()

        assert _all_of(session, listed) == _all_of(session, alone)

    def test_what_changed_since_it_was_drawn_is_not_decided(self, town):
        changed, same = town.waiting(2)
        list_id = town.draw()
        with town.opened() as session:
            service.pause(
                session, actor=town.actor(), case_id=changed, reason="papers", missing="残疾人证",
                now=town.clock(),
            )  # fmt: skip
            service.resume(session, actor=town.actor(), case_id=changed, now=town.clock())
        assert {one.case_id for one in town.entries(list_id) if one.changed} == {changed}
        town.sign(list_id)
        town.work()

        assert town.report(list_id) == {
            changed: ("not_decided", "changed"), same: ("decided", None),
        }  # fmt: skip

    def test_what_speaks_against_it_only_now_is_seen_then(self, town, session):
        [dead], [fine] = town.waiting(), town.waiting()
        list_id = town.draw()
        town.sign(list_id)
        person = session.get_one(Case, dead).person_id
        session.execute(
            update(Person).where(Person.id == person).values(died_on=text("date '2026-11-20'"))
        )
        town.work()

        assert town.report(list_id) == {dead: ("not_decided", "doubts"), fine: ("decided", None)}

    def test_who_would_get_it_from_another_day_now_is_not_decided(self, town):
        signer = town.actor(department="D07")
        town.waiting(1, "S26")
        list_id = town.draw(signer, scheme_code="S26", amount_fen=500_00)
        town.sign(list_id, signer)
        town.clock.advance(days=1)
        town.work()

        assert why(town, list_id, signer) == ("dates", None)

    def test_what_the_signer_does_not_see_any_more_is_not_decided(self, town, session):
        town.waiting()
        list_id = town.draw()
        town.sign(list_id)
        session.execute(
            update(AccountRegion)
            .where(AccountRegion.account_id == town.actor().id)
            .values(code=TIEXI)
        )
        town.work()

        assert why(town, list_id) == ("gone", None)

    def test_one_that_fails_stops_no_other(self, town, session):
        cases = town.waiting(5)
        session.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF NEW.case_id = '{cases[3]}' THEN RAISE EXCEPTION 'planted'; END IF;"
                " RETURN NEW; END $$"
            )
        )
        session.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON case_decision FOR EACH ROW"
                " EXECUTE FUNCTION refuse()"
            )
        )

        list_id = town.decided()

        assert town.report(list_id) == {
            case: ("not_decided", "failed") if case == cases[3] else ("decided", None)
            for case in cases
        }
        assert session.scalar(select(func.count()).select_from(Entitlement)) == 4
        assert town.told(list_id).status.value == "done"


class TestAuthority:
    @pytest.mark.parametrize("lost", ["role", "account", "department"])
    def test_who_may_not_decide_any_more_decides_nothing(self, town, session, lost):
        town.waiting(2)
        list_id = town.draw()
        town.sign(list_id)
        who = town.actor().id
        role = session.get_one(AccountRole, (who, Role.APPROVER))
        if lost == "role":
            session.delete(role)
        elif lost == "account":
            session.execute(
                update(Account).where(Account.id == who).values(disabled_at=town.clock())
            )
        else:
            session.execute(update(Account).where(Account.id == who).values(department_code="D02"))
        session.flush()
        session.expire_all()

        assert town.work()

        told = town.told(list_id)
        assert (told.status.value, told.stopped_for.value) == ("stopped", "authority")
        assert (told.listed, told.decided) == (2, 0)
        notice = session.scalars(select(OutboxMessage)).one()
        assert notice.title == "清单办理已停止"
        assert "尚未办理 2 件" in notice.body

    def test_what_was_altered_behind_the_signature_is_not_decided(self, town, session):
        town.waiting()
        list_id = town.draw()
        town.sign(list_id)
        session.execute(update(DecisionListEntry).values(amount_fen=300_00))

        town.work()

        assert town.told(list_id).stopped_for.value == "digest"
        assert session.scalar(select(func.count()).select_from(CaseDecision)) == 0


class TestStopping:
    def test_what_was_stopped_goes_on(self, town, session):
        town.waiting(2)
        list_id = town.draw()
        with pytest.raises(ListNotRunning):
            town.act(lists.stop, list_id)
        town.sign(list_id)
        with pytest.raises(ListNotStopped):
            town.act(lists.resume, list_id)
        town.act(lists.stop, list_id)

        assert town.work()
        told = town.told(list_id)
        assert (told.status.value, told.stopped_for.value, told.decided) == ("stopped", "signer", 0)
        town.act(lists.resume, list_id)
        assert town.work()

        told = town.told(list_id)
        assert (told.status.value, told.decided) == ("done", 2)
        assert session.scalar(select(func.count()).select_from(Task)) == 2

    def test_a_list_whose_task_was_given_up_is_not_left_behind(self, town, session):
        town.waiting()
        list_id = town.draw()
        town.sign(list_id)
        session.execute(
            update(Task).values(status="running", attempts=3, leased_until=text("now()"))
        )
        assert not town.work()
        told = town.told(list_id)
        assert (told.status.value, told.working) == ("signed", False)

        town.act(lists.resume, list_id)
        assert town.work()

        assert town.told(list_id).status.value == "done"


def _all_of(session, case_id):
    """Everything that a decision leaves of a case, but for ids and the person."""
    case = session.get_one(Case, case_id)
    stages = session.scalars(
        select(CaseStage)
        .where(CaseStage.case_id == case_id)
        .order_by(CaseStage.position, CaseStage.department_code)
    ).all()
    codes = {one.id: one.code for one in stages}
    decision = session.scalars(select(CaseDecision).where(CaseDecision.case_id == case_id)).one()
    granted = session.scalars(
        select(Entitlement).where(Entitlement.decision_id == decision.id)
    ).one()
    return {
        "case": (
            case.status, case.decided_at, case.due_on, case.due_unpaused_on, case.steps,
        ),
        "decision": (
            decision.outcome, decision.amount_fen, decision.reason, decision.legal,
            decision.decided_by, decision.decided_at,
        ),
        "granted": (granted.amount_fen, granted.per, granted.period, granted.region_code),
        "stages": [
            (one.code, one.department_code, one.status, one.outcome, one.opinion, one.ended_by,
             one.ended_at, one.due_on, one.turn, one.begun_on)
            for one in stages
        ],
        "steps": [
            (one.number, one.step, one.stage_code, one.department_code, one.note, one.actor_id)
            for one in session.scalars(
                select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.number)
            )
        ],
        "reminders": sorted(
            (codes.get(one.stage_id, ""), one.rule_code, one.at)
            for one in session.scalars(
                select(CaseReminder).where(CaseReminder.case_id == case_id)
            )
        ),
        "trail": sorted(
            (action, json.dumps(details | {"number": ""}, sort_keys=True))
            for action, details in session.execute(
                select(AuditEvent.action, AuditEvent.details).where(
                    AuditEvent.subject_id == case_id
                )
            )
        ),
    }  # fmt: skip
