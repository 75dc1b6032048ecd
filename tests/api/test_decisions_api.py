"""What stewards decide, over HTTP: as the web's own database account, under row security."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from relief.registry.models import LinkDecision, LinkReview, Person
from tests.support.deciding import Desk
from tests.support.source import number

BORN = date(1980, 3, 4)
FATHER = {"name": "王建国", "number": number(BORN, 1)}
MOTHER = {"name": "李秀英", "number": number(BORN, 2)}
CHILD = {"name": "王小宝", "born_on": date(2015, 6, 7), "number": FATHER["number"]}
REASON = "与户口簿核对过"


@pytest.fixture
def desk(session, cipher, steward, clock):
    desk = Desk(session, cipher, steward.id)
    desk.moment -= timedelta(hours=1)
    desk.send("S01", FATHER, MOTHER)
    desk.file("S18", CHILD)
    session.commit()
    return desk


@pytest.fixture
def api(signed_in, steward):
    return signed_in(steward)


def names(session):
    return sorted(
        session.scalars(select(Person.name), execution_options={"populate_existing": True})
    )


def test_a_question_is_read_and_answered(desk, session, api):
    [row] = api.get("/v1/link-reviews?kind=number_shared&region=210302000000").json["items"]
    found = api.get(f"/v1/link-reviews/{row['id']}").json
    assert found["alike"]["name"] is False
    assert (found["person"]["name"], found["other"]["name"]) == ("王建国", "王小宝")
    sent = {"verdict": "same", "seen": found["seen"], "reason": REASON}

    done = api.post(f"/v1/link-reviews/{row['id']}/decision", json=sent)

    assert (done.status_code, done.json["kind"], done.json["verdict"]) == (200, "review", "same")
    assert names(session) == ["李秀英", "王建国"]
    assert api.get("/v1/link-reviews").json["items"] == []
    [closed] = api.get("/v1/link-reviews?closed=true").json["items"]
    answer = api.get(f"/v1/link-reviews/{closed['id']}").json["answer"]
    assert (answer["act_id"], answer["decider"]) == (done.json["id"], "Steward")
    late = api.post(f"/v1/link-reviews/{row['id']}/decision", json=sent)
    assert (late.status_code, late.json["code"]) == (409, "already-decided")
    assert late.json["conflicts"][0]["decided_by"] == "Steward"
    assert "Steward于" in late.json["detail"]


def test_an_act_is_listed_and_withdrawn_once(desk, session, api):
    father, mother = desk.person("王建国"), desk.person("李秀英")
    seen = {
        person: api.get(f"/v1/persons/{person}/descriptions").json["seen"]
        for person in (father, mother)
    }
    merge = {"other_id": str(mother), "seen": seen[father], "other_seen": seen[mother]}
    headers = {"Idempotency-Key": "merge-1"}
    answers = [
        api.post(f"/v1/persons/{father}/merge", json=merge | {"reason": REASON}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert len(names(session)) == 2
    [act] = api.get("/v1/link-acts?limit=1").json["items"]
    assert (act["kind"], act["reason"], act["withdrawn_at"]) == ("merge", REASON, None)
    address = f"/v1/link-acts/{act['act_id']}/withdraw"

    assert api.post(address, json={"reason": "核对有误，撤回"}).status_code == 200

    assert names(session) == ["李秀英", "王小宝", "王建国"]
    again = api.post(address, json={"reason": "核对有误，撤回"})
    assert (again.status_code, again.json["code"]) == (409, "already-withdrawn")
    [act] = api.get("/v1/link-acts").json["items"]
    assert act["withdrawn_reason"] == "核对有误，撤回"


def test_records_are_split_off(desk, session, api):
    desk.file("S09", FATHER | {"name": "王建园"})
    session.commit()
    father = desk.of("S01", "王建国")
    found = api.get(f"/v1/persons/{father}/descriptions").json
    [wrong] = [row["id"] for row in found["rows"] if row["name"] == "王建园"]
    sent = {"identities": [wrong], "seen": found["seen"], "reason": REASON}

    done = api.post(f"/v1/persons/{father}/split", json=sent)

    assert done.status_code == 200
    assert names(session) == ["李秀英", "王小宝", "王建园", "王建国"]
    stale = api.post(f"/v1/persons/{father}/split", json=sent)
    assert (stale.status_code, stale.json["code"]) == (409, "person-changed-meanwhile")


def test_a_contradiction_lists_what_it_contradicts(desk, session, api):
    father, child = desk.person("王建国"), desk.person("王小宝")
    [row] = session.scalars(select(LinkReview)).all()
    seen = api.get(f"/v1/link-reviews/{row.id}").json["seen"]
    sent = {"verdict": "different", "seen": seen, "reason": REASON}
    first = api.post(f"/v1/link-reviews/{row.id}/decision", json=sent).json["id"]
    versions = [
        api.get(f"/v1/persons/{person}/descriptions").json["seen"] for person in (father, child)
    ]

    refused = api.post(
        f"/v1/persons/{father}/merge",
        json={
            "other_id": str(child),
            "seen": versions[0],
            "other_seen": versions[1],
            "reason": REASON,
        },
    )

    assert (refused.status_code, refused.json["code"]) == (409, "contradicts-decisions")
    assert [each["act_id"] for each in refused.json["conflicts"]] == [first]
    assert len(session.scalars(select(LinkDecision)).all()) == 1


def test_a_page_of_acts_leads_to_the_next(desk, session, api):
    [row] = session.scalars(select(LinkReview)).all()
    seen = api.get(f"/v1/link-reviews/{row.id}").json["seen"]
    answer = {"verdict": "different", "seen": seen, "reason": REASON}
    api.post(f"/v1/link-reviews/{row.id}/decision", json=answer)
    father, mother = desk.person("王建国"), desk.person("李秀英")
    desk.later()
    desk.unite(father, mother)
    session.commit()

    first = api.get("/v1/link-acts?limit=1").json
    second = api.get(f"/v1/link-acts?limit=1&cursor={first['next_cursor']}").json

    assert {first["items"][0]["kind"], second["items"][0]["kind"]} == {"review", "merge"}
    assert second["next_cursor"] is None
