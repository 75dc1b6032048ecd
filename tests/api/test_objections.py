"""Objections in the notice period, from the record to what who objected is told; days by hand."""

import pytest
from sqlalchemy import select, text

from relief.accounts.models import Account
from relief.accounts.service import add_role
from relief.accounts.types import Role
from relief.review.objecting.models import CaseObjection
from tests.support.objecting import (
    CITY,
    OBJECTED,
    SURVEYED,
    TIEDONG,
    done,
    objected,
    post,
    refused,
    surveyed,
    to_notice,
)

DISMISSED = {"upheld": False, "reason": "车辆是借用的，已核实"}
UPHELD = {"upheld": True, "reason": "家庭有经营收入，未申报"}


@pytest.fixture
def case(office):
    """A living allowance that hangs in public from Monday 2026-11-23 to the end of 11-30."""
    return to_notice(office, office.apply("S01")["case"]["id"])


def stages(detail, code):
    return [one for one in detail["stages"] if one["code"] == code]


def end(office, case, code, outcome="passed", **given):
    return office.client("D01", "clerk").post(
        f"/v1/cases/{case}/stages/{code}/end", json={"outcome": outcome} | given
    )


def answer(office, case, objection, sent, role="approver", region=TIEDONG):
    return post(office, case, f"/{objection}/answer", sent, role, region=region)


def test_an_unfounded_objection_is_surveyed_answered_and_told_and_the_notice_goes_on(office, case):
    [objection] = done(post(office, case, "", OBJECTED))["objections"]
    assert (objection["in_time"], objection["named"], objection["upheld"]) == (True, True, None)
    office.clock.advance(days=8)
    said = refused(end(office, case, "PUBLIC"), 409, "objection-unanswered")
    assert "民发〔2021〕57号第十九条" in said
    detail = surveyed(office, case)
    [inquiry] = detail["inquiries"]
    assert (inquiry["kind"], inquiry["signature"]) == ("resurvey", SURVEYED["signature"])
    assert (inquiry["finding"], inquiry["participants"]) == (SURVEYED["finding"], None)

    [objection] = done(answer(office, case, objection["id"], DISMISSED))["objections"]

    assert (objection["upheld"], objection["answer"]) == (False, DISMISSED["reason"])
    [objection] = done(post(office, case, f"/{objection['id']}/told", {"how": "phone"}))[
        "objections"
    ]
    assert (objection["told_how"], objection["told_note"]) == ("phone", None)
    detail = done(end(office, case, "PUBLIC"))
    assert [one["status"] for one in stages(detail, "CONFIRM")] == ["open"]
    steps = [one["step"] for one in detail["timeline"]]
    assert steps[-7:] == [
        "objected", "resurvey_ordered", "resurveyed", "objection_dismissed", "objector_told",
        "stage_ended", "stage_opened",
    ]  # fmt: skip


def test_no_clock_is_longer_for_an_objection(office, case):
    before = office.show(case)
    done(post(office, case, "", OBJECTED))
    surveyed(office, case)

    after = office.show(case)

    assert after["case"]["due_on"] == before["case"]["due_on"]
    assert [one["hangs_until"] for one in stages(after, "PUBLIC")] == ["2026-11-30"]


def test_a_justified_one_ends_the_notice_and_the_opinion_is_given_anew(office, case):
    objection = objected(office, case)
    surveyed(office, case)

    detail = done(answer(office, case, objection, UPHELD))

    [notice] = stages(detail, "PUBLIC")
    assert (notice["status"], notice["outcome"]) == ("ended", "objected")
    assert notice["opinion"] == UPHELD["reason"]
    assert [(one["turn"], one["status"]) for one in stages(detail, "FIRST_OPN")] == [
        (1, "ended"),
        (2, "open"),
    ]
    assert stages(detail, "CONFIRM") == []
    # To the county with the new opinion, and not into public again.
    detail = done(end(office, case, "FIRST_OPN", "objected", opinion="收入超过标准，建议不予救助"))
    assert [(one["turn"], one["status"]) for one in stages(detail, "PUBLIC")] == [
        (1, "ended"),
        (2, "left_out"),
    ]
    assert "不再公示（民发〔2021〕57号第十九条）" in stages(detail, "PUBLIC")[1]["opinion"]
    assert [one["status"] for one in stages(detail, "CONFIRM")] == ["open"]
    office.client("D01", "approver", region=CITY)
    refusal = {"granted": False, "reason": "家庭收入超过标准"}
    four_eyes = office.client("D01", "approver").post(f"/v1/cases/{case}/decision", json=refusal)
    refused(four_eyes, 403, "four-eyes")  # who found the objection justified
    decided = office.client("D01", "approver", region=CITY).post(
        f"/v1/cases/{case}/decision", json=refusal
    )
    assert done(decided)["decision"]["outcome"] == "refused"


def test_a_city_may_want_the_new_opinion_shown_again(office, session, case):
    session.execute(
        text("UPDATE parameter SET value = 1 WHERE name = 'notice_again_after_objection'")
    )
    session.commit()
    objection = objected(office, case)
    surveyed(office, case)
    done(answer(office, case, objection, UPHELD))

    detail = done(end(office, case, "FIRST_OPN"))

    assert [(one["turn"], one["status"]) for one in stages(detail, "PUBLIC")] == [
        (1, "ended"),
        (2, "open"),
    ]
    second = objected(office, case)
    surveyed(office, case)
    detail = done(answer(office, case, second, UPHELD))
    assert [one["turn"] for one in stages(detail, "FIRST_OPN")] == [1, 2, 3]


def test_where_no_stage_led_to_the_notice_who_confirms_decides_on_it(office, session, case):
    session.execute(text("UPDATE procedure_stage SET raises = '{}' WHERE code = 'FIRST_OPN'"))
    session.commit()
    first, second = objected(office, case), objected(office, case)
    surveyed(office, case)

    detail = done(answer(office, case, first, UPHELD))

    assert [one["status"] for one in stages(detail, "CONFIRM")] == ["open"]
    refusal = {"granted": False, "reason": "家庭收入超过标准"}
    path = f"/v1/cases/{case}/decision"
    city = office.client("D01", "approver", region=CITY)
    refused(city.post(path, json=refusal), 409, "objection-unanswered")
    done(answer(office, case, second, DISMISSED))
    assert city.post(path, json=refusal).status_code == 200


def test_every_objection_is_answered_before_the_case_goes_on(office, case):
    first, second = objected(office, case), objected(office, case)
    surveyed(office, case)
    done(answer(office, case, first, UPHELD))

    refused(end(office, case, "FIRST_OPN"), 409, "objection-unanswered")
    detail = done(answer(office, case, second, UPHELD))

    assert [one["turn"] for one in stages(detail, "FIRST_OPN")] == [1, 2]
    assert end(office, case, "FIRST_OPN").status_code == 200


def test_an_appraisal_is_ordered_with_a_reason_and_decides_nothing(office, case):
    objection = objected(office, case)
    order = {"kind": "appraisal", "reason": "邻里说法不一，入户调查难以认定"}
    done(post(office, case, "/inquiries", order))
    refused(post(office, case, "/inquiries", order), 409, "inquiry-ordered")
    held = {"held_on": "2026-11-23", "participants": 21, "finding": "15 人认为异议成立"}
    surveyed(office, case)
    refused(answer(office, case, objection, DISMISSED), 409, "inquiry-ordered")

    detail = done(post(office, case, "/appraisal", held))

    appraisal = next(one for one in detail["inquiries"] if one["kind"] == "appraisal")
    assert (appraisal["participants"], appraisal["companion"]) == (21, None)
    assert detail["objections"][0]["upheld"] is None
    assert done(answer(office, case, objection, DISMISSED))["objections"][0]["upheld"] is False


def test_nothing_is_answered_before_two_were_at_the_home_after_it(office, case):
    first = objected(office, case)
    refused(answer(office, case, first, DISMISSED), 409, "objection-not-inquired")
    done(post(office, case, "/inquiries", {"kind": "resurvey", "reason": "核实车辆"}))
    refused(answer(office, case, first, DISMISSED), 409, "inquiry-ordered")
    surveyed(office, case, order=False)
    office.clock.advance(minutes=5)
    second = objected(office, case)

    refused(answer(office, case, second, DISMISSED), 409, "objection-not-inquired")
    done(answer(office, case, first, DISMISSED))


def test_a_survey_that_was_held_before_it_came_does_not_look_at_it(office, case):
    first = objected(office, case)
    done(post(office, case, "/inquiries", {"kind": "resurvey", "reason": "核实车辆"}))
    office.clock.advance(days=1)
    second = objected(office, case)
    sent = SURVEYED | {"companion_id": str(office.bind("reviewer"))}  # held the day before
    done(post(office, case, "/resurvey", sent))

    refused(answer(office, case, second, DISMISSED), 409, "objection-not-inquired")
    done(answer(office, case, first, DISMISSED))
    surveyed(office, case)
    done(answer(office, case, second, DISMISSED))


def test_an_objection_is_answered_once(office, case):
    objection = objected(office, case)
    refused(post(office, case, f"/{objection}/told", {"how": "phone"}), 409,
            "objection-not-answered")  # fmt: skip
    surveyed(office, case)
    done(answer(office, case, objection, DISMISSED))

    refused(answer(office, case, objection, UPHELD), 409, "objection-answered")
    done(post(office, case, f"/{objection}/told", {"how": "unreachable", "note": "电话停机"}))
    refused(post(office, case, f"/{objection}/told", {"how": "phone"}), 409, "objector-told")


def test_a_late_one_is_kept_points_to_a_complaint_and_stops_nothing(office, case):
    office.clock.advance(days=8)  # Tuesday 2026-12-01
    detail = done(post(office, case, "", OBJECTED | {"received_on": "2026-12-01"}))
    [objection] = detail["objections"]
    assert objection["in_time"] is False
    assert "向县级民政部门投诉举报" in detail["timeline"][-1]["note"]
    refused(answer(office, case, objection["id"], DISMISSED), 409, "objection-late")
    order = {"kind": "resurvey", "reason": "核实"}
    refused(post(office, case, "/inquiries", order), 409, "nothing-objected")
    done(post(office, case, f"/{objection['id']}/told", {"how": "in_person"}))
    assert end(office, case, "PUBLIC").status_code == 200

    detail = done(post(office, case, "", OBJECTED))  # came in time, entered after the end

    assert [one["in_time"] for one in detail["objections"]] == [False, False]
    assert "公示期内收到，公示办结后才登记" in detail["timeline"][-1]["note"]


def test_what_came_on_the_last_day_is_in_time_though_entered_later(office, case):
    office.clock.advance(days=8)

    detail = done(post(office, case, "", OBJECTED | {"received_on": "2026-11-30"}))

    assert detail["objections"][0]["in_time"] is True


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-24"])
def test_it_comes_after_the_notice_began_and_not_tomorrow(office, case, day):
    refused(post(office, case, "", OBJECTED | {"received_on": day}), 422, "objection-day")


def test_before_a_notice_nothing_is_objected(office):
    case = office.apply("S01")["case"]["id"]

    refused(post(office, case, "", OBJECTED), 409, "no-notice")


def test_a_case_that_was_withdrawn_takes_none(office, case):
    objection = objected(office, case)
    withdrawn = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/withdraw", json={"reason": "不再需要"}
    )
    assert withdrawn.status_code == 200

    refused(post(office, case, "", OBJECTED), 409, "case-closed")
    refused(answer(office, case, objection, DISMISSED), 409, "case-closed")
    order = {"kind": "resurvey", "reason": "核实"}
    refused(post(office, case, "/inquiries", order), 409, "case-closed")
    held = {"held_on": "2026-11-23", "participants": 21, "finding": "认为异议成立"}
    refused(post(office, case, "/appraisal", held), 409, "case-closed")


def test_it_is_not_answered_while_papers_are_waited_for(office, case):
    objection = objected(office, case)
    surveyed(office, case)
    asked = office.client("D01", "clerk").post(
        f"/v1/cases/{case}/pause", json={"missing": "收入证明"}
    )
    assert asked.status_code == 200

    refused(answer(office, case, objection, UPHELD), 409, "case-paused")


def test_who_entered_surveyed_or_gave_an_opinion_does_not_answer(office, case):
    objection = objected(office, case)
    city = office.bind("reviewer", region=CITY)
    surveyed(office, case, role="reviewer", region=TIEDONG, companion=city)

    for role, region in (("reviewer", TIEDONG), ("reviewer", CITY)):
        refused(answer(office, case, objection, DISMISSED, role, region), 403,
                "objection-four-eyes")  # fmt: skip
    refused(answer(office, case, objection, DISMISSED, "clerk"), 403, "not-yours")
    done(answer(office, case, objection, DISMISSED))


def test_who_surveyed_anew_does_not_decide_the_case(office, session, case):
    objection = objected(office, case)
    companion = office.bind("reviewer", region=CITY)
    surveyed(office, case, companion=companion)
    done(answer(office, case, objection, DISMISSED))
    office.clock.advance(days=8)
    done(end(office, case, "PUBLIC"))
    add_role(
        session,
        session.get_one(Account, companion),
        Role.APPROVER,
        actor_id=None,
        now=office.clock(),
    )
    session.commit()

    decided = office.client("D01", "reviewer", region=CITY).post(
        f"/v1/cases/{case}/decision", json={"granted": False, "reason": "收入超过标准"}
    )

    refused(decided, 403, "four-eyes")


def test_two_of_the_office_survey_and_nobody_who_approves(office, session, case):
    objected(office, case)
    both = office.bind("reviewer", region=CITY)
    add_role(
        session, session.get_one(Account, both), Role.APPROVER, actor_id=None, now=office.clock()
    )
    session.commit()
    refused(post(office, case, "/resurvey", SURVEYED | {"companion_id": str(office.bind("clerk"))}),
            409, "inquiry-not-ordered")  # fmt: skip
    done(post(office, case, "/inquiries", {"kind": "resurvey", "reason": "核实车辆"}))

    for other in (
        office.bind("clerk"),  # oneself
        office.bind("approver"),
        both,
        office.bind("reviewer", department="D04"),
        office.bind("reviewer", region="210303000000"),
    ):
        sent = SURVEYED | {"companion_id": str(other)}
        refused(post(office, case, "/resurvey", sent), 422, "two-investigators")
    for day in ("2026-11-22", "2026-11-24"):
        sent = SURVEYED | {"held_on": day, "companion_id": str(office.bind("reviewer"))}
        refused(post(office, case, "/resurvey", sent), 422, "inquiry-day")
    sent = SURVEYED | {"companion_id": str(office.bind("reviewer"))}
    refused(post(office, case, "/resurvey", sent, "approver"), 403, "not-yours")
    assert done(post(office, case, "/resurvey", sent))["inquiries"][0]["recorded_at"]


def test_it_is_the_office_of_the_notice(office, case):
    answer_ = post(office, case, "", OBJECTED, "reviewer", department="D05")

    assert answer_.status_code in (403, 404)
    assert office.show(case)["objections"] == []


def test_what_is_not_of_the_case_does_not_exist(office, case):
    other = to_notice(office, office.apply("S01")["case"]["id"])
    objection = objected(office, other)

    for path, sent in (
        ("answer", DISMISSED), ("told", {"how": "phone"}), ("objector", {"reason": "核实"}),
    ):  # fmt: skip
        answer_ = post(office, case, f"/{objection}/{path}", sent, "approver")
        refused(answer_, 404, "objection-not-found")


def test_sent_twice_it_is_recorded_once(office, session, case):
    key = {"Idempotency-Key": "k1"}

    answers = [post(office, case, "", OBJECTED, headers=key) for _ in "12"]

    assert [one.status_code for one in answers] == [200, 200]
    assert len(session.scalars(select(CaseObjection.id)).all()) == 1


def test_a_notice_is_not_ended_with_a_word_against_it(office, case):
    office.clock.advance(days=8)

    said = refused(end(office, case, "PUBLIC", "objected", opinion="有人反映"), 422, "other-form")

    assert "逐件登记并处理" in said


def test_an_unanswered_objection_waits_for_the_office(office, case):
    objected(office, case)

    for role in ("clerk", "reviewer", "approver"):
        rows = office.client("D01", role).get("/v1/my-turn").json["items"]
        assert [(one["code"], one["objections"]) for one in rows if one["code"] == "PUBLIC"] == [
            ("PUBLIC", 1)
        ], role
    surveyed(office, case)
    [objection] = office.show(case)["objections"]
    done(answer(office, case, objection["id"], DISMISSED))
    assert not [
        one
        for one in office.client("D01", "approver").get("/v1/my-turn").json["items"]
        if one["code"] == "PUBLIC"
    ]
