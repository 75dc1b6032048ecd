"""What someone must not learn or do who may ask: found by trying to get in."""

import hashlib
import json

import pytest
from sqlalchemy import select

from relief.accounts.types import Role
from relief.audit import bulk_grounds
from relief.audit.models import GroundKind
from relief.web.models import IdempotencyRecord
from tests.factories import PASSWORD, make_account, make_batch, make_household
from tests.support.people import CITY, TIEDONG, Person
from tests.support.settings import START


@pytest.fixture
def hired(session, signed_in):
    """`hired(role, department=…, region=…)`: a client of a new member of staff."""

    def make(role, **place):
        account = make_account(session, role, **place)
        session.commit()
        return signed_in(Person(account.id, account.username, PASSWORD))

    return make


@pytest.fixture
def doubted(session, cipher):
    """A household of two departments, about whose person a merge has asked the stewards."""
    home = make_household(session, cipher, schemes=("S01", "S21"))
    bulk_grounds.open_many(
        session,
        kind=GroundKind.TASK,
        work=[("review-1", home.person_id)],
        purpose="人工核对是否同一人",
        actor_id=None,
        now=START,
    )
    return home


def test_who_is_of_no_department_sees_no_departments_files(session, hired):
    batch_id = make_batch(session, "S01", rejected=1)
    reviewer = hired(Role.REVIEWER, region=CITY)

    assert reviewer.get("/v1/batches").json["items"] == []
    assert reviewer.get(f"/v1/batches/{batch_id}").status_code == 404
    assert reviewer.get(f"/v1/batches/{batch_id}/rejected-rows").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CLERK, 403), (Role.APPROVER, 403), (Role.STEWARD, 200)]
)
def test_a_stewards_question_lets_only_a_steward_see(hired, doubted, role, status):
    someone = hired(role, department="D04", region=TIEDONG)

    answer = someone.post(
        f"/v1/persons/{doubted.person_id}/unmask",
        json={"fields": ["citizen_id"], "purpose": "data_check"},
    )

    assert answer.status_code == status
    assert (doubted.citizen_id in answer.get_data(as_text=True)) is (status == 200)


def test_a_department_decides_only_what_its_own_people_ask(hired, doubted):
    housing, civil = ({"department": code, "region": TIEDONG} for code in ("D04", "D01"))
    asked = {"person_id": str(doubted.person_id), "purpose": "application"}
    decision = {"approve": True, "reason": "情况属实"}
    theirs = hired(Role.CLERK, **civil).post("/v1/access-requests", json=asked).json["id"]
    ours = hired(Role.CLERK, **housing).post("/v1/access-requests", json=asked).json["id"]
    approver = hired(Role.APPROVER, **housing)

    listed = approver.get("/v1/access-requests").json["items"]
    refused = approver.post(f"/v1/access-requests/{theirs}/decision", json=decision)
    decided = approver.post(f"/v1/access-requests/{ours}/decision", json=decision)

    assert [row["id"] for row in listed] == [ours]
    assert (refused.status_code, decided.status_code) == (404, 200)
    everyones = hired(Role.APPROVER, **civil).get("/v1/access-requests").json["items"]
    assert {row["id"] for row in everyones} == {theirs, ours}


def test_a_department_is_told_nothing_of_anothers_scheme_file_or_money(hired, doubted):
    housing = hired(Role.REVIEWER, department="D04", region=TIEDONG)

    for path in (
        "/v1/households",
        f"/v1/households/{doubted.id}",
        f"/v1/persons/{doubted.person_id}",
        "/v1/batches",
    ):
        answer = housing.get(path)
        assert answer.status_code == 200
        assert not [
            word
            for word in ("S01", "D01", "民政", "低保", str(doubted.batches["S01"]))
            if word in answer.get_data(as_text=True)
        ], path
    assert housing.get("/v1/households?scheme=S01").json["items"] == []


def test_a_password_is_not_kept_as_a_bare_digest_of_the_request(session, signed_in, system_admin):
    form = {"username": "new", "display_name": "新", "post": "operations", "password": PASSWORD}
    body = json.dumps(form).encode()

    made = signed_in(system_admin).post(
        "/v1/accounts",
        data=body,
        content_type="application/json",
        headers={"Idempotency-Key": "form-1"},
    )

    assert made.status_code == 201
    kept = session.scalars(select(IdempotencyRecord.fingerprint)).one()
    assert kept != hashlib.sha256(b"POST\n/v1/accounts\n" + body).hexdigest()
