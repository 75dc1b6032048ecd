"""The door: headers on every answer, cookies, forgery, and views that say nothing."""

import re

import pytest
from werkzeug.exceptions import Unauthorized

from relief.accounts import sign_in
from relief.web import context, guard
from tests.support.people import PASSWORD
from tests.support.settings import CIPHER

CSP = "Content-Security-Policy"


def cookie_client(app, session, clock, username="alice"):
    opened = sign_in.sign_in(
        session,
        username=username,
        password=PASSWORD,
        kind=sign_in.COOKIE,
        address="127.0.0.1",
        user_agent="tests",
        cipher=CIPHER,
        now=clock(),
    )
    session.commit()
    client = app.test_client()
    client.set_cookie(guard.COOKIE_NAME, opened.token)
    return client


@pytest.mark.parametrize("path", ["/healthz", "/v1/me", "/nowhere", "/v1/nowhere", "/sign-in"])
def test_every_answer_is_hardened(client, path):
    answer = client.get(path)

    assert answer.headers[CSP].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in answer.headers[CSP]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]


def test_style_sheets_may_be_kept(client):
    with client.get("/assets/console.css") as answer:
        assert answer.status_code == 200
        assert answer.headers.get("Cache-Control") != "no-store"


def test_a_post_without_the_pages_token_is_refused(app, session, client, clock):
    browser = cookie_client(app, session, clock)

    assert browser.post("/sessions/leave").status_code == 403
    assert browser.get("/sessions").status_code == 200  # still signed in


def test_a_post_with_the_pages_token_goes_through(app, session, client, clock):
    browser = cookie_client(app, session, clock)
    with browser:
        browser.get("/sessions")
        token = guard.csrf_token()

    assert browser.post("/sessions/leave", data={"_csrf": token}).status_code == 303


def test_a_token_of_another_session_is_refused(app, session, client, clock):
    first = cookie_client(app, session, clock)
    with first:
        first.get("/sessions")
        token = guard.csrf_token()
    second = cookie_client(app, session, clock)

    assert second.post("/sessions/leave", data={"_csrf": token}).status_code == 403


@pytest.mark.parametrize("path", ["/households?scheme=%00", "/batches?scheme=a%00"])
def test_an_address_with_text_that_cannot_be_kept_is_refused(app, session, client, clock, path):
    browser = cookie_client(app, session, clock)

    assert browser.get(path).status_code == 400


def test_a_form_with_text_that_cannot_be_kept_is_refused(client):
    answer = client.post("/sign-in", data={"username": "alice\x00", "password": PASSWORD})

    assert answer.status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_made_by_a_strangers_page_is_refused(client, site):
    answer = client.post(
        "/sign-in",
        data={"username": "alice", "password": PASSWORD},
        headers={"Sec-Fetch-Site": site},
    )

    assert answer.status_code == 403


def test_a_cookie_is_no_bearer_token_and_a_token_no_cookie(
    app, session, client, clock, signed_in, alice
):
    browser = cookie_client(app, session, clock)
    program = signed_in(alice)
    token = program.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    client.set_cookie(guard.COOKIE_NAME, token)

    assert browser.get("/v1/me").status_code == 401
    assert client.get("/sessions").status_code == 303
    assert client.get("/v1/me", headers={"Authorization": "Basic abc"}).status_code == 401


def test_a_mini_programs_token_opens_no_staff_route(app, client, alice, phone):
    token = phone.token
    assert phone.get("/me").status_code == 200  # it is a good one
    client.set_cookie(guard.COOKIE_NAME, token)

    for rule in app.url_map.iter_rules():
        if rule.endpoint in guard.PUBLIC or "GET" not in (rule.methods or ()):
            continue
        url = re.sub(r"<[^>]*>", str(alice.id), re.sub(r"<int:[^>]*>", "1", rule.rule))
        answer = client.get(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {303, 401}, url


@pytest.mark.parametrize(
    ("base", "secure"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://localhost", False),
        ("http://relief.example", True),
        ("https://127.0.0.1", True),
    ],
)
def test_the_cookie_travels_by_https_but_on_this_machine(client, base, secure):
    answer = client.post(
        "/sign-in", data={"username": "alice", "password": PASSWORD}, base_url=base
    )

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if guard.COOKIE_NAME in c)
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_of_short_answers_travels_as_the_sessions_does(app):
    for base, secure in (("http://127.0.0.1:8080", False), ("http://relief.example", True)):
        with app.test_request_context("/", base_url=base):
            assert app.session_interface.get_cookie_secure(app) is secure


def test_signing_out_takes_the_cookie_away(app, session, client, clock):
    browser = cookie_client(app, session, clock)
    with browser:
        browser.get("/sessions")
        answer = browser.post("/sessions/leave", headers={"X-CSRF-Token": guard.csrf_token()})

    assert f"{guard.COOKIE_NAME}=;" in answer.headers["Set-Cookie"]


def test_a_view_that_says_nothing_answers_nobody(app, signed_in, steward, monkeypatch):
    monkeypatch.delattr(app.view_functions["reference.list_departments"], "required_permission")

    assert signed_in(steward).get("/v1/departments").status_code == 403


def test_who_is_asked_to_sign_in_by_a_program_is_told_how(client):
    answer = client.get("/v1/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
    assert answer.json["title"] == "请先登录"


def test_without_a_sign_in_page_a_browser_is_told_so(app, client, monkeypatch):
    monkeypatch.setattr(guard, "SIGN_IN_PAGE", "not there")

    assert client.get("/sessions").status_code == 401


def test_outside_a_signed_in_request_there_is_no_actor(app):
    with app.test_request_context("/v1/me"), pytest.raises(Unauthorized):
        context.current_actor()
