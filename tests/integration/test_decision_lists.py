"""Lists of decisions: who stands on one and why others do not, what is signed, what is decided."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import func, select, text, update

from relief.accounts.delegation import StandIn
from relief.accounts.types import Role
from relief.core.ids import new_id
from relief.funds import service as funds
from relief.organisation.errors import RegionNotFound
from relief.registry.models import Person
from relief.review import service
from relief.review.kin import acts as kin
from relief.review.kin import filing
from relief.review.lists import service as lists
from relief.review.lists.errors import (
    AmountOutside,
    DigestDiffers,
    ListNotFound,
    ListSigned,
    NotByList,
    NothingListed,
    NothingWaits,
    NotListed,
    NotYourOffice,
)
from relief.review.mandates import acts as mandates
from relief.review.mandates.acts import Mandate
from relief.review.mandates.types import AgentKind, MandateAct, MandateForm
from relief.review.models import Case, CaseStage
from relief.schemes.models import Scheme
from tests.support.listing import AMOUNT, REASON
from tests.support.people import TIEXI
from tests.support.settings import CIPHER, START
from tests.support.source import number


def only(town, list_id, signer=None):
    [entry] = town.entries(list_id, signer)
    return entry


def why(town, list_id, signer=None):
    entry = only(town, list_id, signer)
    return entry.reason.value, entry.note


class TestDrawing:
    def test_who_waits_stands_on_it_and_who_is_not_there_yet_is_counted(self, town):
        cases = town.waiting(2)
        town.applied()
        town.waiting(1, "S10")

        told = town.told(town.draw())

        assert (told.listed, told.left_out, told.earlier, told.beyond) == (2, 0, 1, 0)
        assert (told.scheme_name, told.status.value, told.working) == (
            "残疾生活补贴", "drawn", False,
        )  # fmt: skip
        entries = town.entries(told.id)
        assert {one.case_id for one in entries} == set(cases)
        assert [one.position for one in entries] == [1, 2]
        assert {(str(one.starts_on), one.ends_on) for one in entries} == {("2026-11-01", None)}
        assert {one.applicant_name for one in entries} == {"张三"}

    def test_the_most_urgent_come_first(self, town):
        later, sooner = town.waiting(1), town.waiting(1)
        with town.opened() as session:
            session.execute(
                update(CaseStage)
                .where(CaseStage.case_id == sooner[0])
                .values(due_on=func.least(CaseStage.due_on, text("date '2026-11-24'")))
            )

        assert [one.case_id for one in town.entries(town.draw())] == [*sooner, *later]

    def test_only_cases_of_the_place_that_was_asked_for(self, town):
        town.waiting(1)

        assert town.told(town.draw(region="210302000000")).listed == 1
        with pytest.raises(NothingWaits):
            town.draw(region=TIEXI)
        with pytest.raises(RegionNotFound):
            town.draw(region="210399000000")

    def test_what_waits_for_papers_or_for_other_stages_is_left_out(self, town):
        [paused] = town.waiting()
        with town.opened() as session:
            service.pause(
                session, actor=town.actor(), case_id=paused, reason="papers", missing="残疾人证",
                now=town.clock(),
            )  # fmt: skip
        early = town.go_on(town.applied(), but="JOINT")

        found = {one.case_id: one for one in town.entries(town.draw())}

        assert found[paused].reason.value == "paused"
        assert (found[early].reason.value, found[early].note) == ("too_early", "部门联审")

    def test_the_cases_of_ones_own_kin_and_of_anybodys_unvisited_are_left_out(self, town):
        [own], [unvisited] = town.waiting(), town.waiting()
        reviewer = town.actor(Role.REVIEWER)
        with town.opened() as session:
            for case, name in ((own, town.actor().display_name), (unvisited, "村主任王某")):
                kin.declare(
                    session, actor=reviewer, case_id=case, name=name, relation="20",
                    now=town.clock(),
                )  # fmt: skip

        assert town.report(town.draw()) == {
            own: ("left_out", "kin"), unvisited: ("left_out", "unvisited"),
        }  # fmt: skip

    def test_a_visited_home_of_kin_stands_on_it_with_a_word_of_it(self, town):
        [case] = town.waiting()
        reviewer, other = town.actor(Role.REVIEWER), town.newcomer(Role.REVIEWER)
        with town.opened() as session:
            kin.declare(
                session, actor=reviewer, case_id=case, name="村主任王某", relation="20",
                now=town.clock(),
            )  # fmt: skip
            kin.visit(
                session, actor=reviewer, case_id=case, companion_id=other.id, finding="属实",
                visited_on=town.clock().date(), now=town.clock(),
            )  # fmt: skip

        entry = only(town, town.draw())

        assert entry.status.value == "listed"
        assert entry.doubts == [
            {"words": "近亲属单独登记备案的家庭，县级已入户调查", "open": False}
        ]

    def test_who_stood_back_or_gave_an_opinion_does_not_decide(self, town):
        signer = town.actor()
        [stood_back] = town.waiting()
        with town.opened() as session:
            kin.stand_back(
                session, actor=signer, case_id=stood_back, reason="邻居", now=town.clock()
            )
        own_opinion = town.go_on(town.applied(), instead=signer)

        assert town.report(town.draw()) == {
            stood_back: ("left_out", "stood_back"), own_opinion: ("left_out", "four_eyes"),
        }  # fmt: skip

    def test_nor_does_the_applicants_agent_who_filed_their_own_number_later(self, town):
        signer, clerk, own = town.actor(), town.actor(Role.CLERK), number(sequence=951)
        [case, other] = town.waiting(2)
        today = town.clock().date()
        mandate = Mandate(
            agent="李四", kind=AgentKind.HELPER, number=own, acts=[MandateAct.PAPERS],
            from_on=today, until_on=today, form=MandateForm.WRITTEN, proof="委托书第 3 号",
        )  # fmt: skip
        with town.opened() as session:
            mandates.record(
                session, actor=clerk, case_id=case, cipher=CIPHER, mandate=mandate,
                now=town.clock(),
            )  # fmt: skip
            filing.file(
                session, account_id=signer.id, own_number=own, relatives=[], cipher=CIPHER,
                now=town.clock(),
            )  # fmt: skip

        assert town.report(town.draw()) == {
            case: ("left_out", "stood_back"), other: ("listed", None),
        }  # fmt: skip

    def test_nor_does_for_whom_somebody_gave_it(self, town):
        signer = town.actor()
        absent = StandIn(signer.id, signer.display_name, frozenset({Role.REVIEWER}))
        deputy = replace(town.newcomer(Role.REVIEWER), acts_for=(absent,))

        case = town.go_on(town.applied(), instead=deputy)

        assert town.report(town.draw()) == {case: ("left_out", "four_eyes")}

    def test_an_objection_is_an_open_doubt(self, town):
        town.go_on(town.applied(), objection="残疾人证已注销")

        reason, note = why(town, list_id := town.draw())

        assert reason == "doubts"
        assert "残疾人联合会）有异议：残疾人证已注销" in note
        assert all(doubt["open"] for doubt in only(town, list_id).doubts)

    def test_so_is_that_the_applicant_died(self, town, session):
        town.waiting()
        session.execute(update(Person).values(died_on=text("date '2026-11-20'")))

        assert why(town, town.draw()) == ("doubts", "张三已去世")

    def test_a_limit_that_has_passed_is_shown_and_leaves_nobody_out(self, town):
        town.waiting()
        town.clock.advance(days=20)

        entry = only(town, town.draw())

        assert entry.status.value == "listed"
        assert [doubt["open"] for doubt in entry.doubts] == [False]
        assert "民政审定已于 2026-11-30 到期" in entry.doubts[0]["words"]

    def test_a_limit_that_a_calendar_to_come_may_move_says_so(self, town):
        town.clock.advance(days=37)  # Wednesday 2026-12-30
        town.waiting()
        town.clock.advance(days=20)

        entry = only(town, town.draw())

        assert "民政审定已于 2027-01-06（暂定） 到期" in entry.doubts[0]["words"]

    def test_who_was_granted_the_same_meanwhile_is_left_out(self, town, session):
        [case_id] = town.waiting()
        case = session.get_one(Case, case_id)
        funds.open_entitlement(
            session, decision_id=new_id(START), person_id=case.person_id, identity_id=None,
            scheme_code="S09", department_code="D01", region_code=case.region_code,
            amount_fen=9000, per=None, starts_on=START.date(), ends_on=None,
            actor_id=town.actor().id, now=START,
        )  # fmt: skip
        session.commit()

        reason, words = why(town, town.draw())

        assert reason == "doubts"
        assert "已有同一项目的待遇" in words

    def test_where_the_rule_gives_no_such_amount_the_case_is_left_out(self, town):
        town.go_on(town.applied())  # and nothing is found out

        reason, words = why(town, town.draw())

        assert reason == "rule"
        assert "待查明：持有有效的残疾人证" in words

    def test_what_may_not_be_drawn(self, town):
        with pytest.raises(NothingWaits):
            town.draw()
        with pytest.raises(NotByList):
            town.draw(scheme_code="S01")
        for amount in (89_99, 300_01):
            with pytest.raises(AmountOutside, match=r"90.00 至 300.00 元（辽宁自2026年1月1日起"):
                town.draw(amount_fen=amount)

    def test_what_waits_for_others_is_on_no_list_of_mine(self, town):
        town.waiting()

        with pytest.raises(NothingWaits):
            town.draw(town.actor(department="D02"))


class TestSigning:
    def test_the_digest_is_that_of_what_stands_on_it_as_described(self, town, session):
        town.waiting(2)
        town.go_on(town.applied(), but="JOINT")

        told = town.told(list_id := town.draw())

        head = {"list": str(list_id), "reason": REASON, "schema": 1, "scheme": "S09"}
        cases = [
            {
                "amount_fen": AMOUNT, "case": str(one.case_id), "from": "2026-11-01",
                "number": one.number, "position": one.position, "to": None,
                "verdict": "granted", "version": session.get(Case, one.case_id).version,
            }
            for one in town.entries(list_id) if one.status.value == "listed"
        ]  # fmt: skip
        text_ = "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
            for line in (head, *cases)
        )
        assert len(cases) == 2
        assert told.digest == sha256(text_.encode()).hexdigest()

    def test_what_is_signed_is_what_was_looked_at(self, town):
        town.waiting()
        list_id = town.draw()

        with pytest.raises(DigestDiffers):
            town.act(lists.sign, list_id, digest="0" * 64)
        town.sign(list_id)
        with pytest.raises(ListSigned):
            town.sign(list_id)

        assert town.told(list_id).working

    def test_what_the_approver_takes_off_is_not_signed(self, town):
        off, on = town.waiting(2)
        before = town.told(list_id := town.draw()).digest
        town.act(lists.take_off, list_id, case_id=off)

        with pytest.raises(DigestDiffers):
            town.act(lists.sign, list_id, digest=before)
        with pytest.raises(NotListed):
            town.act(lists.take_off, list_id, case_id=off)
        town.sign(list_id)
        with pytest.raises(ListSigned):
            town.act(lists.take_off, list_id, case_id=on)
        town.work()

        assert town.report(list_id) == {off: ("left_out", "taken_off"), on: ("decided", None)}

    def test_nobody_signs_the_list_of_another_or_of_another_office(self, town):
        town.waiting()
        list_id, other = town.draw(), town.newcomer()

        with pytest.raises(ListNotFound):
            town.act(lists.sign, list_id, other, digest="0" * 64)
        moved = town.newcomer(department="D02")
        moved = type(moved)(**{**_fields(moved), "id": town.actor().id})
        with pytest.raises(NotYourOffice):
            town.act(lists.sign, list_id, moved, digest=town.told(list_id).digest)

    def test_a_list_on_which_nobody_stands_is_not_signed(self, town):
        town.go_on(town.applied(), but="JOINT")

        with pytest.raises(NothingListed):
            town.sign(town.draw())


def _fields(actor):
    return {name: getattr(actor, name) for name in actor.__dataclass_fields__}


def test_the_schemes_of_the_seeds_that_are_decided_by_list(session):
    schemes = session.scalars(select(Scheme).order_by(Scheme.code))

    assert [one.code for one in schemes if lists.by_list(one)] == [
        "S09", "S10", "S11", "S13", "S15", "S18", "S19", "S24", "S26", "S28",
    ]  # fmt: skip
