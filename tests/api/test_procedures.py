"""Procedures over HTTP: drafted, proved, signed by a second person, and taken by new cases only."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.audit.models import AuditEvent
from relief.core.clock import local_date
from relief.review.models import Case
from tests.support.drafting import LATER, TODAY

PATH = "/v1/procedures/W_STD20"
HEX = "0" * 64


@pytest.fixture
def editor(signed_in, system_admin):
    return signed_in(system_admin)


@pytest.fixture
def signer(signed_in, security_admin):
    return signed_in(security_admin)


@pytest.fixture
def draft(editor):
    made = editor.post(f"{PATH}/drafts", json={})
    assert made.status_code == 201, made.json
    return made.json


def at(told, act=""):
    return f"/v1/procedure-drafts/{told['draft']['id']}{act}"


def with_limit(told, code, limit):
    """What is sent to give a stage another limit."""
    stages = [
        one | {"limit": limit} if one["code"] == code else one for one in told["content"]["stages"]
    ]
    return {
        "version": told["draft"]["version"],
        "content": told["content"] | {"stages": stages},
    }


def refused(answer, status, code):
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.json
    return answer.json


def propose(editor, told, day=LATER):
    saved = editor.put(at(told), json=with_limit(told, "MATCH", 2)).json
    proposed = editor.post(
        at(told, "/proposal"),
        json={"version": saved["draft"]["version"], "valid_from": day.isoformat()},
    )
    assert proposed.status_code == 200, proposed.json
    return proposed.json


def sign(signer, told, **given):
    sent = {"version": told["draft"]["version"], "digest": told["draft"]["digest"]} | given
    return signer.post(at(told, "/publication"), json=sent)


def test_the_way_of_a_draft(editor, signer, draft):
    assert draft["faults"] == []
    assert draft["difference"] == {"head": [], "stages": [], "joint": []}
    proposed = propose(editor, draft)
    [stage] = proposed["difference"]["stages"]
    assert stage["changes"] == [{"field": "limit", "before": 3, "after": 2}]

    seen = signer.get(at(draft)).json
    assert (seen["draft"]["touched"], seen["draft"]["digest"]) == (
        False,
        proposed["draft"]["digest"],
    )
    done = sign(signer, seen)

    assert done.status_code == 200, done.json
    assert (done.json["draft"]["status"], done.json["draft"]["published_version"]) == (
        "published",
        2,
    )
    history = signer.get(PATH).json
    assert [(one["version"], one["in_force"]) for one in history["versions"]] == [
        (2, False),
        (1, True),
    ]
    newest = history["versions"][0]
    assert (newest["proposed_by"], newest["signed_by"]) == ("System_Admin", "Security_Admin")
    assert newest["digest"] == proposed["draft"]["digest"]
    version = signer.get(f"{PATH}/versions/2").json
    assert (version["before"], version["version"]["origin"]) == (1, "console")
    assert version["difference"]["stages"] == proposed["difference"]["stages"]
    [listed] = [one for one in editor.get("/v1/procedures").json["items"] if one["versions"] == 2]
    assert (listed["code"], listed["in_force"], listed["draft"]) == ("W_STD20", 1, None)


def test_what_there_is_not_is_not_found(editor, draft):
    for path in ("/v1/procedures/W_NONE", f"{PATH}/versions/9", f"{PATH}/versions/x"):
        refused(editor.get(path), 404, "procedure-not-found")
    refused(editor.post("/v1/procedures/W_NONE/drafts", json={}), 404, "procedure-not-found")
    gone = f"/v1/procedure-drafts/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    refused(editor.get(gone), 404, "procedure-draft-not-found")


def test_who_saves_late_is_told_and_nothing_is_lost(editor, draft):
    first = editor.put(at(draft), json=with_limit(draft, "MATCH", 2))
    assert first.status_code == 200

    late = editor.put(at(draft), json=with_limit(draft, "JOINT", 4))

    told = refused(late, 409, "procedure-draft-edited-meanwhile")
    assert told["title"] == "别人刚刚改过这份草稿，您的修改没有保存，请看过最新内容后再改"
    limits = {one["code"]: one["limit"] for one in editor.get(at(draft)).json["content"]["stages"]}
    assert (limits["MATCH"], limits["JOINT"]) == (2, 5)


def test_a_repeated_request_with_its_key_is_answered_as_before(editor, draft):
    sent = with_limit(draft, "MATCH", 2)
    headers = {"Idempotency-Key": "the-same"}

    first = editor.put(at(draft), json=sent, headers=headers)
    again = editor.put(at(draft), json=sent, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == first.json


def test_what_is_no_procedure_is_refused_by_its_member(editor, draft):
    sent = with_limit(draft, "MATCH", -1)

    answer = editor.put(at(draft), json=sent)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/content/stages/1/limit"
    twice = with_limit(draft, "MATCH", 2)
    twice["content"]["stages"][1]["code"] = "JOINT"
    told = refused(editor.put(at(draft), json=twice), 422, "bad-procedure-content")
    assert told["detail"] == "环节代码 JOINT 重复"


@pytest.mark.parametrize("joint", [{}, {"S77": ["D01"]}])
def test_whose_procedure_it_is_is_not_said_here(editor, draft, joint):
    sent = with_limit(draft, "MATCH", 2)
    told = sent["content"]["joint"]
    sent["content"]["joint"] = joint | ({} if not joint else told)

    answer = editor.put(at(draft), json=sent)

    told = refused(answer, 422, "bad-procedure-content")
    assert "使用这个流程的项目不能增减" in told["detail"]


def test_an_unsound_draft_is_not_proposed_and_each_fault_is_told(editor, draft):
    saved = editor.put(at(draft), json=with_limit(draft, "MATCH", 30)).json
    [fault] = saved["faults"]
    sent = {"version": saved["draft"]["version"], "valid_from": LATER.isoformat()}

    answer = editor.post(at(draft, "/proposal"), json=sent)

    told = refused(answer, 409, "procedure-draft-unsound")
    assert told["conflicts"] == [fault]
    assert fault["rule"] == "total"
    assert "超过总时限 20 天" in told["detail"]
    assert "规则：各环节相加不超过总时限；依据：" in told["detail"]


def test_an_unlawful_notice_is_not_proposed_by_which_rule_and_source(editor):
    """Of children without care nothing is shown in public (民发〔2019〕62号二)."""
    draft = editor.post("/v1/procedures/W_CHILD/drafts", json={}).json
    stages = draft["content"]["stages"]
    [check] = [one for one in stages if one["code"] == "CHECK"]
    notice = check | {"code": "SHOW", "name": "公示", "kind": "public_notice", "raises": []}
    notice |= {"limit": 7, "starts_from": "county_receive"}
    content = draft["content"] | {"stages": [*stages, notice]}
    sent = {"version": draft["draft"]["version"], "content": content}
    saved = editor.put(at(draft), json=sent)
    assert saved.status_code == 200, saved.json
    sent = {"version": saved.json["draft"]["version"], "valid_from": LATER.isoformat()}

    answer = editor.post(at(draft, "/proposal"), json=sent)

    told = refused(answer, 409, "procedure-draft-unsound")
    unlawful = [one for one in told["conflicts"] if one["rule"] == "no-notice"]
    assert {one["place"][:3] for one in unlawful} == {"S07", "S08"}
    assert "依法不得公示，但流程有公示环节" in told["detail"]
    assert "民发〔2019〕62号二" in told["detail"]


def test_a_date_in_the_past_is_refused(editor, draft):
    saved = editor.put(at(draft), json=with_limit(draft, "MATCH", 2)).json
    day = TODAY - timedelta(days=1)
    sent = {"version": saved["draft"]["version"], "valid_from": day.isoformat()}

    told = refused(editor.post(at(draft, "/proposal"), json=sent), 422, "procedure-date-in-past")

    assert told["title"].startswith("施行日期不能早于今天")


def test_four_eyes(editor, signer, draft):
    proposed = propose(editor, draft)

    refused(sign(editor, proposed), 403, "procedure-second-person-needed")
    refused(sign(signer, proposed, digest=HEX), 409, "procedure-digest-differs")
    late = sign(signer, proposed, version=1)
    refused(late, 409, "procedure-draft-edited-meanwhile")
    assert signer.get(PATH).json["procedure"]["versions"] == 1


def test_what_is_published_is_not_published_again(editor, signer, draft):
    proposed = propose(editor, draft)
    assert sign(signer, proposed).status_code == 200

    refused(sign(signer, proposed), 409, "procedure-draft-closed")


def test_it_is_sent_back_with_a_reason_and_thrown_away(editor, signer, draft):
    proposed = propose(editor, draft)
    sent = {"version": proposed["draft"]["version"], "reason": "期限太短"}
    back = signer.post(at(draft, "/return"), json=sent)
    assert (back.json["draft"]["status"], back.json["draft"]["returned_reason"]) == (
        "open",
        "期限太短",
    )
    refused(editor.post(f"{PATH}/drafts", json={}), 409, "procedure-draft-exists")

    gone = editor.post(at(draft, "/discard"), json={"version": back.json["draft"]["version"]})

    assert gone.json["draft"]["status"] == "discarded"
    assert editor.get(at(draft)).json["content"] == proposed["content"]
    assert editor.post(f"{PATH}/drafts", json={}).status_code == 201


def test_every_act_is_in_the_trail(editor, signer, draft, session, system_admin, security_admin):
    sign(signer, propose(editor, draft))

    rows = session.execute(
        select(AuditEvent.action, AuditEvent.actor_id).where(
            AuditEvent.subject_type == "procedure_draft"
        )
    )
    assert {row.action.partition(":")[2]: row.actor_id for row in rows} == {
        "begun": system_admin.id,
        "edited": system_admin.id,
        "proposed": system_admin.id,
        "published": security_admin.id,
    }


def test_open_cases_keep_their_version_and_new_ones_take_the_other(
    office, session, editor, signer, draft
):
    def version(case):
        return session.scalar(select(Case.procedure_version).where(Case.id == case))

    told = draft["content"]
    told["joint"]["S11"] = ["D01", "D13"]
    told["stages"][0]["papers"] = ["身份证", "户口簿"]
    draft["draft"]["version"] = editor.put(at(draft), json={"version": 1, "content": told}).json[
        "draft"
    ]["version"]
    assert sign(signer, propose(editor, draft)).status_code == 200
    before = office.apply("S11")["case"]["id"]

    office.later((LATER - local_date(office.clock())).days)
    after = office.apply("S11")["case"]["id"]

    assert (version(before), version(after)) == (1, 2)
    for case, limit, departments, papers in (
        (before, 3, ["D01", "D05", "D06"], []),
        (after, 2, ["D01", "D13"], ["身份证", "户口簿"]),
    ):
        assert office.show(case)["stages"][0]["papers"] == papers
        for code in ("ACCEPT", "MATCH"):
            stage = next(one for one in office.show(case)["stages"] if one["code"] == code)
            if code == "MATCH":
                assert stage["limit"] == limit
            assert office.end(case, stage).status_code == 200
        joint = [one for one in office.show(case)["stages"] if one["code"] == "JOINT"]
        assert [one["department_code"] for one in joint] == departments


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.STEWARD])
def test_who_may_not_see_procedures_does_not(office, role):
    assert office.client("D01", role.value).get("/v1/procedures").status_code == 403


@pytest.mark.parametrize("person", ["audit_admin", "auditor", "leader"])
def test_who_may_read_them_does_not_edit(person, request, signed_in):
    client = signed_in(request.getfixturevalue(person))

    assert client.get(PATH).status_code == 200
    assert client.post(f"{PATH}/drafts", json={}).status_code == 403
