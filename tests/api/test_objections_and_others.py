"""Objections beside what else there is: standing in, and lists that are signed."""

import pytest

from relief.core.ids import new_id
from relief.review.objecting.models import CaseInquiry, CaseObjection
from relief.review.objecting.types import Channel, InquiryKind
from tests.api.test_decision_lists_api import DRAW, waiting
from tests.api.test_delegation import LEAVE
from tests.support.objecting import CITY, TIEDONG, done, objected, post, surveyed, to_notice


def test_who_stands_in_for_who_answers_sees_it_and_answers(office):
    case = to_notice(office, office.apply("S01")["case"]["id"])
    standing = {"delegate_id": str(office.bind("clerk", region=CITY))}
    left = office.client("D01", "approver", region=CITY).post(
        "/v1/me/delegations", json=LEAVE | standing
    )
    assert left.status_code == 200, left.json
    objection = objected(office, case)
    surveyed(office, case)

    rows = office.client("D01", "clerk", region=CITY).get("/v1/my-turn").json["items"]
    assert [one["objections"] for one in rows if one["code"] == "PUBLIC"] == [1]
    sent = {"upheld": False, "reason": "车辆已转让"}
    detail = done(post(office, case, f"/{objection}/answer", sent, region=CITY))

    assert detail["objections"][0]["upheld"] is False
    assert detail["timeline"][-1]["acting_for"]


@pytest.mark.parametrize("answered", [False, True])
def test_a_list_leaves_out_what_is_not_answered_and_what_the_signer_judged(
    office, session, answered
):
    [(case, _)] = waiting(office)
    clerk, approver = office.bind("clerk"), office.bind("approver")
    now = office.clock()
    given = (
        {"upheld": False, "answer": "不属实", "answered_by": approver, "answered_at": now}
        if answered
        else {}
    )
    session.add_all(
        [
            CaseObjection(
                id=new_id(now), case_id=case, in_time=True, received_on=now.date(),
                channel=Channel.PHONE, words="有车", recorded_by=clerk, recorded_at=now, **given,
            ),
            CaseInquiry(
                id=new_id(now), case_id=case, kind=InquiryKind.RESURVEY, reason="核实",
                ordered_by=clerk, ordered_at=now, held_on=now.date(), finding="不属实",
                recorded_by=clerk, companion_id=office.bind("reviewer"), signature="均已签字",
                recorded_at=now,
            ),
        ]
    )  # fmt: skip
    session.commit()
    client = office.client("D01", "approver", region=TIEDONG)

    refused = client.post("/v1/decision-lists", json=DRAW)

    drawn = refused.json if refused.status_code == 201 else None
    assert drawn is not None, refused.json
    [left] = client.get(f"/v1/decision-lists/{drawn['id']}/cases").json["items"]
    assert (left["status"], left["reason"]) == (
        "left_out",
        "four_eyes" if answered else "too_early",
    )
    assert left["note"] == (None if answered else "公示期异议")
