"""A standard rises: who is on the list, what is signed, what is given and owed."""

import json
from datetime import date, datetime
from hashlib import sha256

import pytest
from sqlalchemy import func, select, update

from relief.accounts.models import Account
from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.clock import CHINA
from relief.notifications.models import OutboxMessage
from relief.review import decisions
from relief.review.changing.queries import entitlements_of
from relief.review.kin import acts as kin
from relief.review.models import Case, CaseStep
from relief.review.papers.models import CasePaper
from relief.review.papers.types import PaperKind
from relief.review.rising import service
from relief.review.rising.errors import (
    NoNewStandard,
    NothingInPayment,
    NotMonthly,
    RiseDigestDiffers,
    RiseFourEyes,
    RiseLate,
    RiseMonths,
    RiseNotDrawn,
    RiseNotFound,
    RiseNothingListed,
    RiseNotRunning,
    RiseNotStopped,
    RiseOffice,
    RiseOpen,
    RiseRunning,
)
from relief.review.rising.models import RiseEntry
from relief.review.types import Step
from tests.support.rising import CITY_CODE, Rising, standing_in

JANUARY = datetime(2027, 1, 11, 9, 0, tzinfo=CHINA)
COUNTY, OTHER_COUNTY = 210302000000, 210303000000


@pytest.fixture
def rising(town):
    return Rising(town)


class TestRaising:
    def test_more_is_given_from_the_day_and_what_was_paid_before_is_owed(self, rising):
        [case_id] = rising.granted()
        rising.publish()
        rising.town.clock.moment = JANUARY

        rise_id = rising.risen(paid_from=date(2027, 2, 1))

        told = rising.told(rise_id)
        assert (told.status.value, told.decided, told.left_out) == ("done", 1, 0)
        assert (told.more_fen, told.back_fen) == (10_00, 30_00)
        assert rising.report(rise_id) == {case_id: ("decided", None)}
        with rising.town.opened() as session:
            rows = entitlements_of(session, case_id=case_id)
        assert [(one.amount_fen, str(one.starts_on), one.ends_on) for one in rows] == [
            (90_00, "None", None),
            (100_00, "2026-11-01", None),
        ]
        assert rising.owed() == [("2026-11-01", 3, 10_00, 30_00)]

    def test_each_has_its_line_its_paper_its_calculation_and_its_trail(self, rising):
        [case_id] = rising.granted()
        rising.publish()

        rise_id = rising.risen()

        with rising.town.opened() as session:
            step = session.scalars(select(CaseStep).where(CaseStep.step == Step.RAISED)).one()
            paper = session.scalars(select(CasePaper).where(CasePaper.kind == PaperKind.RISE)).one()
            entry = session.scalars(select(RiseEntry)).one()
            trail = session.scalars(
                select(AuditEvent.action)
                .where(AuditEvent.actor_id == rising.signer.id)
                .order_by(AuditEvent.action)
            ).all()
            number = session.get_one(Case, case_id).number
            outbox = session.scalars(
                select(OutboxMessage.link).where(OutboxMessage.recipient_id == rising.signer.id)
            ).all()
        assert step.note == (
            "原金额90 元；调整后的金额100 元；起始日期2026年11月1日；"
            "补发月份2026年11月至2026年11月，共 1 个月；补发金额10 元"
        )
        assert (paper.number, paper.issued_by) == (f"{number}Z", rising.signer.id)
        assert paper.words["paragraphs"][1] == (
            "标准：困难残疾人生活补贴标准由 90 调整为 100（市民发〔2026〕99号）"
        )
        assert entry.calculation["amount_fen"] == 100_00
        assert entry.calculation["parameters"][0]["value"] == "100.0000"
        assert trail == [
            "case:raised", "entitlement:back_pay_owed", "entitlement:closed", "entitlement:opened",
            "paper:issued", "parameter_draft:published", "standard_rise:signed", "task:queued",
        ]  # fmt: skip
        assert outbox == [f"/standard-rises/{rise_id}"]

    def test_the_same_rise_again_gives_nothing_again(self, rising):
        [case_id] = rising.granted()
        rising.publish()
        rising.risen()
        before = rising.entitlements()

        again = rising.drawn()

        assert rising.report(again) == {case_id: ("left_out", "same")}
        with pytest.raises(RiseNothingListed):
            rising.sign(again)
        assert rising.entitlements() == before
        assert len(rising.owed()) == 1

    def test_what_was_raised_rises_again_with_the_next_standard(self, rising):
        [case_id] = rising.granted()
        rising.publish()
        rising.risen()
        rising.town.clock.moment = JANUARY
        rising.publish(120, on=date(2027, 1, 1))

        rise_id = rising.risen(effective_on=date(2027, 1, 1), paid_from=date(2027, 1, 1))

        assert rising.report(rise_id) == {case_id: ("decided", None)}
        assert rising.entitlements() == [
            (90_00, "empty"), (100_00, "[2026-11-01,2027-01-01)"), (120_00, "[2027-01-01,)"),
        ]  # fmt: skip
        assert rising.owed() == [("2026-11-01", 1, 10_00, 10_00)]
        with rising.town.opened() as session:
            numbers = session.scalars(
                select(CasePaper.number).where(CasePaper.kind == PaperKind.RISE)
            ).all()
        assert max(one[-2:] for one in numbers) == "Z2"

    def test_what_is_raised_can_be_stopped_like_anything_that_is_granted(self, rising):
        [case_id] = rising.granted()
        rising.publish()
        rising.risen()

        rising.propose(case_id, amount=95_00)  # less than the hundred that is paid now


class TestLeavingOut:
    def test_what_would_fall_stays_as_it_is(self, rising):
        [case_id] = rising.granted()
        rising.publish(80)

        rise_id = rising.drawn()

        assert rising.report(rise_id) == {case_id: ("left_out", "falls")}
        [entry] = rising.entries(rise_id)
        assert (entry.new_fen, entry.more_fen, entry.back_fen) == (80_00, -10_00, 0)

    def test_what_departs_from_the_rule_or_was_reduced_is_left_to_a_person(self, rising):
        [changing_now] = rising.granted()
        [departs] = rising.town.waiting()
        with rising.town.opened() as session:
            decisions.decide(
                session, actor=rising.town.actor(), case_id=departs, granted=True,
                amount_fen=95_00, reason="符合条件", departs="双重困难", now=rising.town.clock(),
            )  # fmt: skip
        rising.propose(changing_now)
        rising.publish()

        assert rising.report(rising.drawn()) == {
            departs: ("left_out", "by_hand"), changing_now: ("left_out", "changing"),
        }  # fmt: skip

    def test_kin_of_who_draws_is_left_out_and_of_who_signs_is_not_decided(self, rising):
        [of_drawer], [of_signer] = rising.town.waiting(), rising.town.waiting()
        reviewer, other = rising.town.actor(Role.REVIEWER), rising.town.newcomer(Role.REVIEWER)
        with rising.town.opened() as session:
            for case_id, who in ((of_drawer, rising.drawer), (of_signer, rising.signer)):
                session.get_one(Account, who.id).display_name = f"经办{who.username}"
                session.flush()
                kin.declare(
                    session, actor=reviewer, case_id=case_id, name=f"经办{who.username}",
                    relation="20", now=rising.town.clock(),
                )  # fmt: skip
                kin.visit(
                    session, actor=reviewer, case_id=case_id, companion_id=other.id,
                    finding="属实", visited_on=rising.town.clock().date(),
                    now=rising.town.clock(),
                )  # fmt: skip
        rising.town.decided()
        rising.publish()

        rise_id = rising.risen()

        assert rising.report(rise_id) == {
            of_drawer: ("left_out", "kin"), of_signer: ("not_decided", "kin"),
        }  # fmt: skip
        names = {one.case_id: one.applicant_name for one in rising.entries(rise_id)}
        assert names == {of_drawer: "张三", of_signer: None}  # the signer looks
        assert rising.owed() == []

    def test_only_what_is_in_payment_there(self, rising):
        rising.granted()
        rising.publish()

        with pytest.raises(NothingInPayment):
            rising.start(region_code=OTHER_COUNTY)
        assert rising.told(rising.drawn(region_code=COUNTY)).listed == 1


class TestStarting:
    def test_one_is_under_way_at_a_time(self, rising):
        rising.granted()
        rising.publish()
        first = rising.start()

        with pytest.raises(RiseOpen):
            rising.start()
        rising.act(service.cancel, first)
        assert rising.start() != first
        assert rising.told(first).status.value == "cancelled"

    @pytest.mark.parametrize(
        ("given", "fault"),
        [
            ({"effective_on": date(2026, 11, 2)}, RiseMonths),
            ({"effective_on": date(2026, 12, 1)}, RiseMonths),
            ({"paid_from": date(2026, 10, 1)}, RiseMonths),
            ({"paid_from": date(2026, 12, 2)}, RiseMonths),
            ({"paid_from": date(2027, 1, 1)}, RiseMonths),
            ({"effective_on": date(2026, 10, 1)}, NoNewStandard),
            ({"scheme_code": "S03"}, NotMonthly),
            ({"scheme_code": "S21"}, RiseOffice),
            ({"region_code": 210302002000}, RiseOffice),
            ({"region_code": 210399000000}, RiseOffice),
        ],
    )
    def test_what_does_not_make_sense_is_refused(self, rising, given, fault):
        rising.granted()
        rising.publish()

        with pytest.raises(fault):
            rising.start(**given)

    def test_a_county_raises_its_own_and_sees_no_other(self, rising):
        rising.granted()
        rising.publish()
        county, other = rising.county(), rising.county(region=str(OTHER_COUNTY))

        with pytest.raises(RiseOffice):
            rising.start(actor=county)
        rise_id = rising.drawn(actor=county, region_code=COUNTY)
        assert rising.told(rise_id).listed == 1
        with pytest.raises(RiseNotFound):
            rising.act(service.sign, rise_id, other, digest="0" * 64)


class TestSigning:
    def test_another_signs_what_was_looked_at(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.start()
        with pytest.raises(RiseNotDrawn):
            rising.sign(rise_id)
        assert rising.town.work()

        with pytest.raises(RiseFourEyes):
            rising.sign(rise_id, rising.drawer)
        with pytest.raises(RiseDigestDiffers):
            rising.act(service.sign, rise_id, digest="0" * 64)
        with pytest.raises(RiseDigestDiffers):
            rising.act(service.sign, rise_id, digest="摘要")
        # As the worker, which would stop at once at a right that is lent.
        with pytest.raises(RiseOffice, match="代为办理"):
            rising.sign(rise_id, standing_in(rising.signer))
        rising.sign(rise_id)
        with pytest.raises(RiseNotDrawn):
            rising.sign(rise_id)

    def test_anybody_can_work_the_digest_out(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.drawn()

        told, [entry] = rising.told(rise_id), rising.entries(rise_id)
        with rising.town.opened() as session:
            kept = session.scalars(select(RiseEntry)).one()
        lines = [
            {
                "schema": 1, "rise": str(rise_id), "scheme": "S09", "region": CITY_CODE,
                "effective_on": "2026-11-01", "paid_from": "2026-12-01",
                "standards": told.standards, "reason": told.reason,
            },
            {
                "position": 1, "case": str(entry.case_id), "number": entry.number,
                "entitlement": str(kept.entitlement_id), "old_fen": 9000, "new_fen": 10000,
                "from": "2026-11-01", "back_months": 1, "back_fen": 1000,
            },
        ]  # fmt: skip
        said = "".join(
            json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
            for line in lines
        )
        assert told.digest == sha256(said.encode()).hexdigest()

    def test_it_is_too_late_when_the_first_month_is_over(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.drawn()
        rising.town.clock.moment = JANUARY

        with pytest.raises(RiseLate):
            rising.sign(rise_id)
        rising.act(service.cancel, rise_id)
        assert rising.start(paid_from=date(2027, 1, 1))

    def test_what_happened_since_is_not_decided(self, rising):
        cases_ = rising.granted(2)
        rising.publish()
        rise_id = rising.drawn()
        rising.propose(cases_[0])
        rising.sign(rise_id)

        assert rising.town.work()

        assert rising.report(rise_id) == {
            cases_[0]: ("not_decided", "changing"), cases_[1]: ("decided", None),
        }  # fmt: skip

    def test_a_list_that_was_altered_behind_the_signature_is_not_decided(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.drawn()
        rising.sign(rise_id)
        with rising.town.opened() as session:
            session.execute(update(RiseEntry).values(new_fen=200_00, back_fen=110_00))

        assert rising.town.work()

        told = rising.told(rise_id)
        assert (told.status.value, told.stopped_for.value) == ("stopped", "digest")
        assert rising.owed() == []

    def test_a_signer_who_may_not_any_more_decides_nothing(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.drawn()
        rising.sign(rise_id)
        with rising.town.opened() as session:
            session.get_one(Account, rising.signer.id).disabled_at = rising.town.clock()

        assert rising.town.work()

        told = rising.told(rise_id)
        assert (told.status.value, told.stopped_for.value) == ("stopped", "authority")
        rising.act(service.cancel, rise_id, rising.drawer)

    def test_stopped_it_waits_and_goes_on_by_who_signed(self, rising):
        rising.granted()
        rising.publish()
        rise_id = rising.drawn()
        with pytest.raises(RiseNotRunning):
            rising.act(service.stop, rise_id)
        with pytest.raises(RiseNotStopped):
            rising.act(service.resume, rise_id)
        rising.sign(rise_id)
        with pytest.raises(RiseRunning):
            rising.act(service.cancel, rise_id)
        rising.act(service.stop, rise_id)
        assert rising.town.work()
        assert rising.told(rise_id).decided == 0

        with pytest.raises(RiseOffice):
            rising.act(service.resume, rise_id, rising.drawer)
        rising.act(service.resume, rise_id)
        assert rising.town.work()

        assert rising.told(rise_id).status.value == "done"
        with pytest.raises(RiseRunning):
            rising.act(service.cancel, rise_id)

    def test_the_trail_tells_each_act(self, rising):
        rising.granted()
        rising.publish()
        rising.risen()

        with rising.town.opened() as session:
            told = session.execute(
                select(AuditEvent.action, func.count())
                .where(AuditEvent.subject_type == "standard_rise")
                .group_by(AuditEvent.action)
            ).all()
        assert {tuple(one) for one in told} == {
            (f"standard_rise:{verb}", 1) for verb in ("begun", "drawn", "signed", "done")
        }
