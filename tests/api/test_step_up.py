"""Codes, proofs and stolen sessions over HTTP."""

import dataclasses

import pyotp
import pytest

from relief.accounts import service
from relief.accounts.types import Role
from relief.app import create_app
from relief.core.config import Config, ConfigError
from relief.web import guard
from tests.api.test_guard import cookie_client
from tests.api.test_signing_in import bearer
from tests.factories import make_account
from tests.support.people import PASSWORD, Person, code_of, forget_used_codes
from tests.support.settings import START, key_settings, make_config


def sign_in(client, username, **more):
    return client.post("/v1/sign-in", json={"username": username, "password": PASSWORD} | more)


def test_a_code_is_asked_for_and_counts_once(client, session, auditor, clock):
    forget_used_codes(session)
    asked = sign_in(client, "auditor")
    assert (asked.status_code, asked.json["code"]) == (401, "code-required")

    code = code_of("auditor", clock())
    first = sign_in(client, "auditor", code=code)
    replayed = sign_in(client, "auditor", code=code)

    assert client.get("/v1/me", headers=bearer(first.json["token"])).json["stage"] == "full"
    assert (replayed.status_code, replayed.json["code"]) == (401, "sign-in-failed")


def test_a_stolen_cookie_is_dead_after_sign_out(app, session, client, clock):
    browser = cookie_client(app, session, clock)
    stolen = app.test_client()
    stolen.set_cookie(guard.COOKIE_NAME, browser.get_cookie(guard.COOKIE_NAME).value)
    assert stolen.get("/sessions").status_code == 200
    with browser:
        browser.get("/sessions")
        browser.post("/sessions/leave", data={"_csrf": guard.csrf_token()})

    assert stolen.get("/sessions").location == "/sign-in"


def test_a_change_of_an_account_needs_a_fresh_proof(signed_in, security_admin, alice, clock):
    admin = signed_in(security_admin)
    url = f"/v1/accounts/{alice.id}/disable"
    clock.advance(minutes=5, seconds=1)

    refused = admin.post(url)
    assert (refused.status_code, refused.json["code"]) == (403, "step-up-required")
    wrong = admin.post("/v1/session/step-up", json={"proof": PASSWORD})
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong-code")
    proof = {"proof": code_of("security_admin", clock())}
    assert admin.post("/v1/session/step-up", json=proof).status_code == 204
    assert admin.post(url).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/v1/accounts/{id}/roles/clerk"),
        ("delete", "/v1/accounts/{id}/roles/reviewer"),
        ("put", "/v1/accounts/{id}/regions/210303000000"),
        ("delete", "/v1/accounts/{id}/regions/210302000000"),
        ("post", "/v1/accounts/{id}/second-factor/reset"),
        ("post", "/v1/accounts/{id}/sessions/end"),
        ("post", "/v1/grants/{id}/decision"),
    ],
)
def test_every_change_by_the_security_administrator_does(
    signed_in, security_admin, alice, clock, method, path
):
    admin = signed_in(security_admin)
    clock.advance(minutes=6)

    answer = getattr(admin, method)(path.format(id=alice.id), json={})

    assert answer.json["code"] == "step-up-required"


def test_an_export_needs_one_and_the_password_serves_without_a_device(signed_in, steward, clock):
    hers = signed_in(steward)
    url = f"/v1/batches/{steward.id}/rejected-file"
    clock.advance(minutes=6)

    assert hers.post(url).json["code"] == "step-up-required"
    wrong = hers.post("/v1/session/step-up", json={"proof": "no"})
    assert wrong.json["code"] == "wrong-password"
    assert hers.post("/v1/session/step-up", json={"proof": PASSWORD}).status_code == 204
    assert hers.post(url).status_code == 404  # there is no such batch


def test_too_many_wrong_proofs_are_told_to_wait(signed_in, steward):
    hers = signed_in(steward)
    for _ in range(5):
        hers.post("/v1/session/step-up", json={"proof": "no"})

    answer = hers.post("/v1/session/step-up", json={"proof": PASSWORD})
    changed = hers.post("/v1/me/password", json={"present": PASSWORD, "password": "New words 123"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert changed.status_code == 429


def test_a_device_is_set_up_over_http(client, session, signed_in, clock):
    account = make_account(session, Role.CLERK, department="D01")
    service.add_role(session, account, Role.APPROVER, actor_id=None, now=START)
    session.commit()
    theirs = signed_in(Person(account.id, account.username))
    refused = theirs.get("/v1/households")
    assert (refused.status_code, refused.json["code"]) == (403, "enrolment-required")

    assert theirs.post("/v1/me/second-factor/confirmation", json={"code": "1"}).status_code == 409
    key = theirs.post("/v1/me/second-factor").json
    assert theirs.post("/v1/me/second-factor").json == key
    wrong = theirs.post("/v1/me/second-factor/confirmation", json={"code": "1"})
    assert wrong.json["code"] == "wrong-code"
    code = {"code": pyotp.TOTP(key["secret"]).at(clock())}
    done = theirs.post("/v1/me/second-factor/confirmation", json=code)

    assert len(done.json["recovery_codes"]) == 10
    assert theirs.get("/v1/households").status_code == 200
    recovery = done.json["recovery_codes"][0]
    assert sign_in(client, account.username, code=recovery).status_code == 200
    assert sign_in(client, account.username, code=recovery).status_code == 401


def test_an_expired_password_answers_nothing_but_its_change(client, alice, clock):
    clock.advance(days=90)
    headers = bearer(sign_in(client, "alice").json["token"])
    refused = client.get("/v1/households", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "password-expired")

    form = {"present": "wrong", "password": "Another long one 3"}
    wrong = client.post("/v1/me/password", json=form, headers=headers)
    assert wrong.json["code"] == "wrong-password"
    weak = {"present": PASSWORD, "password": "short"}
    assert client.post("/v1/me/password", json=weak, headers=headers).json["code"] == (
        "weak-password"
    )
    right = client.post("/v1/me/password", json=form | {"present": PASSWORD}, headers=headers)

    assert right.status_code == 204
    assert client.get("/v1/households", headers=headers).status_code == 200


def test_sessions_are_ended_by_their_owner_and_by_the_security_administrator(
    signed_in, alice, security_admin
):
    here, there = signed_in(alice), signed_in(alice)
    rows = here.get("/v1/sessions").json["items"]
    other = next(row["id"] for row in rows if not row["current"])
    assert here.delete(f"/v1/sessions/{other}").status_code == 204
    assert here.delete(f"/v1/sessions/{other}").json["code"] == "session-not-found"
    assert there.get("/v1/me").status_code == 401

    third = signed_in(alice)
    assert here.post("/v1/sessions/end-others").status_code == 204
    assert (here.get("/v1/me").status_code, third.get("/v1/me").status_code) == (200, 401)

    admin = signed_in(security_admin)
    listed = admin.get(f"/v1/accounts/{alice.id}/sessions").json["items"]
    assert len(listed) == 1
    body = {"session_id": listed[0]["id"]}
    assert admin.post(f"/v1/accounts/{alice.id}/sessions/end", json=body).status_code == 200
    assert here.get("/v1/me").status_code == 401


def _rules(**settings):
    env = {
        **key_settings(),
        "RELIEF_WEB_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "RELIEF_STORAGE_DIR": "storage",
    }
    return Config.from_env(
        env | {f"RELIEF_{name}": text for name, text in settings.items()}
    ).sign_in


def test_a_role_that_no_setting_knows_stops_the_start(tmp_path):
    config = make_config("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    env = {"RELIEF_SECOND_FACTOR_ROLES": "approver,emperor"}
    with pytest.raises(ConfigError) as missing:
        Config.from_env(env | {"RELIEF_PASSWORD_DAYS": "0", "RELIEF_PASSWORD_LENGTH": "4"})
    assert "RELIEF_PASSWORD_DAYS is not a number from 1 to 3650, or none" in str(missing.value)
    assert "RELIEF_PASSWORD_LENGTH is not a number from 8 to 64" in str(missing.value)
    good = _rules(SECOND_FACTOR_ROLES="approver,emperor", PASSWORD_DAYS="none")
    assert (good.password_days, good.second_factor_roles) == (0, {"approver", "emperor"})
    assert _rules(SECOND_FACTOR_ROLES="none", PASSWORD_DAYS="30").second_factor_roles == frozenset()

    with pytest.raises(ConfigError, match="names no role of ours: emperor"):
        create_app(dataclasses.replace(config, sign_in=good))
