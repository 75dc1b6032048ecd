import pytest

from relief.accounts import service
from relief.accounts.types import Role
from tests.support.people import PASSWORD


def sign_in(client, username="alice", password=PASSWORD):
    return client.post("/v1/sign-in", json={"username": username, "password": password})


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_told_once_and_opens_the_api(client):
    answer = sign_in(client)

    me = client.get("/v1/me", headers=bearer(answer.json["token"]))
    assert set(answer.json) == {"token", "expires_at"}
    assert me.json["username"] == "alice"
    assert "see-households" in me.json["permissions"]


@pytest.mark.parametrize(("username", "password"), [("alice", "wrong"), ("nobody", PASSWORD)])
def test_a_failure_does_not_tell_whether_the_account_exists(client, username, password):
    answer = sign_in(client, username, password)

    assert (answer.status_code, answer.json["code"]) == (401, "sign-in-failed")
    assert answer.json["title"] == "登录名或密码不正确"


def test_too_many_failures_are_told_to_wait(client):
    for _ in range(5):
        sign_in(client, password="wrong")

    answer = sign_in(client)

    assert (answer.status_code, answer.json["code"]) == (429, "too-many-attempts")
    assert answer.headers["Retry-After"] == "600"


def test_a_token_is_dead_after_sign_out(client):
    headers = bearer(sign_in(client).json["token"])

    assert client.post("/v1/sign-out", headers=headers).status_code == 204
    assert client.get("/v1/me", headers=headers).status_code == 401


def test_a_role_taken_back_closes_the_next_request(
    client, session, signed_in, alice, security_admin, clock
):
    hers = signed_in(alice)
    assert hers.get("/v1/households").status_code == 200

    service.revoke_role(
        session, account_id=alice.id, role=Role.REVIEWER, actor_id=security_admin.id, now=clock()
    )
    session.commit()

    assert hers.get("/v1/households").status_code == 401
    again = signed_in(alice)
    assert again.get("/v1/households").status_code == 403


def test_the_open_sessions_are_listed(signed_in, alice):
    signed_in(alice)

    rows = signed_in(alice).get("/v1/sessions").json["items"]

    assert sorted(row["current"] for row in rows) == [False, True]


def test_one_administrator_makes_an_account_and_two_others_give_it_a_role(
    signed_in, system_admin, security_admin, second_admin
):
    form = {
        "username": "newcomer",
        "display_name": "新同事",
        "post": "operations",
        "department_code": "D01",
        "password": "A long enough secret 1",
    }
    made = signed_in(system_admin).post("/v1/accounts", json=form)
    other = signed_in(security_admin)
    url = f"/v1/accounts/{made.json['id']}"

    assert made.status_code == 201
    role = other.put(f"{url}/roles/reviewer")
    region = other.put(f"{url}/regions/210302000000")
    assert (role.status_code, role.json["kind"], role.json["what"]) == (202, "role", "reviewer")
    assert other.put(f"{url}/roles/reviewer").json == role.json  # a repeat proposes nothing more
    assert other.get(url).json["roles"] == []
    decision = {"approve": True, "reason": "情况属实"}
    own = other.post(f"/v1/grants/{role.json['id']}/decision", json=decision)
    assert (own.status_code, own.json["code"]) == (403, "own-proposal")
    second = signed_in(second_admin)
    assert len(second.get("/v1/grants").json["items"]) == 2
    for proposal in (role, region):
        decided = second.post(f"/v1/grants/{proposal.json['id']}/decision", json=decision)
        assert decided.json["approved"] is True
    assert second.get("/v1/grants").json["items"] == []
    assert other.get(url).json["roles"] == ["reviewer"]
    assert other.get(url).json["regions"] == ["210302000000"]
    assert other.put(f"{url}/roles/reviewer").json["code"] == "already-granted"
    assert other.put(f"{url}/roles/auditor").json["code"] == "role-does-not-fit-post"
    assert other.put(f"{url}/roles/emperor").status_code == 404
    assert other.delete(f"{url}/roles/reviewer").json["roles"] == []
    assert other.post(f"{url}/disable").json["disabled_at"] is not None


def test_an_account_made_twice_under_one_key_is_one_account(signed_in, system_admin):
    form = {
        "username": "newcomer",
        "display_name": "新同事",
        "post": "operations",
        "password": "A long enough secret 1",
    }
    client = signed_in(system_admin)
    key = {"Idempotency-Key": "form-1"}

    first = client.post("/v1/accounts", json=form, headers=key)
    second = client.post("/v1/accounts", json=form, headers=key)
    other = client.post("/v1/accounts", json=form | {"username": "another"}, headers=key)
    long = client.post("/v1/accounts", json=form, headers={"Idempotency-Key": "x" * 65})

    assert first.json == second.json
    assert first.status_code == second.status_code == 201
    assert other.json["code"] == "idempotency-key-reused"
    assert long.json["code"] == "bad-idempotency-key"
