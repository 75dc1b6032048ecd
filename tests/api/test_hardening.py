"""Every answer is hardened and has an id, and every error is told in the caller's form."""

import io
import json
import uuid

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from miniprogram_api.app import create_app as create_mini
from relief.app import create_app
from relief.web import hardening, limits
from relief.web.limits import is_too_deep
from tests.api import access_changes, access_matrix
from tests.support.people import PASSWORD

PROBLEM = "application/problem+json"


def faults_of(answer):
    """What of the hard headers an answer lacks."""
    wanted = hardening.HEADERS | {"Cache-Control": "no-store"}
    if answer.request.path.startswith(("/assets/", "/static/")) and answer.status_code == 200:
        wanted.pop("Cache-Control")
    missing = [name for name, value in wanted.items() if answer.headers.get(name) != value]
    return missing + [name for name in ("X-Request-ID",) if not answer.headers.get(name)]


def addresses(app):
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            converter = "filename" if name == "filename" else str(uuid.UUID(int=1))
            converter = "console.css" if converter == "filename" else converter
            for form in (f"<{name}>", f"<uuid:{name}>", f"<path:{name}>", f"<int:{name}>"):
                path = path.replace(form, converter)
        for method in (*sorted(rule.methods), "PATCH", "TRACE"):
            yield method, path


@pytest.mark.parametrize("factory", [create_app, create_mini], ids=["web", "mini"])
def test_every_answer_of_every_route_is_hardened(spare_database_url, build_app, factory):
    app = build_app(spare_database_url, factory)
    client = app.test_client()
    found = {}
    seen = set()
    for method, path in [*addresses(app), ("GET", "/nowhere"), ("POST", "/v1/nowhere")]:
        with client.open(path, method=method) as answer:
            seen.add(answer.status_code)
            if faults := faults_of(answer):
                found[method, path] = faults

    assert found == {}
    assert seen >= {200, 404, 405}


def test_a_redirect_a_file_and_an_error_are_hardened(client):
    for path, status in (("/", 303), ("/assets/console.css", 200), ("/assets/none.css", 404)):
        with client.get(path) as answer:
            assert (answer.status_code, faults_of(answer)) == (status, [])


def test_https_stays_https(client):
    plain = client.get("/sign-in")
    secure = client.get("/sign-in", base_url="https://relief.example")

    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


REQUESTS = {
    400: {"path": "/v1/sign-in", "method": "POST", "data": b"{", "type": "application/json"},
    404: {"path": "/v1/nowhere"},
    405: {"path": "/v1/sign-in", "method": "DELETE"},
    413: {"path": "/v1/sign-in", "method": "POST", "data": b"x" * (limits.SMALL_BODY + 1)},
    414: {"path": f"/v1/me?a={'a' * limits.ADDRESS_LENGTH}"},
    415: {"path": "/v1/sign-in", "method": "POST", "data": b"a=b", "type": "text/plain"},
    431: {"path": "/v1/me", "headers": {"X-Long": "a" * limits.HEADER_LENGTH}},
}


@pytest.mark.parametrize("status", REQUESTS)
def test_every_error_of_the_api_is_a_problem_document(client, status):
    asked = REQUESTS[status]

    answer = client.open(
        asked["path"],
        method=asked.get("method", "GET"),
        data=asked.get("data"),
        content_type=asked.get("type"),
        headers=asked.get("headers"),
    )

    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert not answer.json["title"].isascii()
    assert faults_of(answer) == []


@pytest.mark.parametrize("status", [404, 414, 431])
def test_the_same_errors_are_pages_for_people(client, status):
    asked = REQUESTS[status]
    path = asked["path"].replace("/v1/me", "/sign-in").replace("/v1/", "/")

    answer = client.get(path, headers=asked.get("headers"))

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert answer.headers["X-Request-ID"] in answer.text


def test_the_mini_programs_errors_are_problem_documents(spare_database_url, build_app):
    client = build_app(spare_database_url, create_mini).test_client()

    for path, status in (("/nowhere", 404), (REQUESTS[414]["path"], 414)):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM)


@pytest.mark.parametrize(("path", "form"), [("/v1/me", PROBLEM), ("/households", "text/html")])
def test_a_database_that_is_down_is_503_and_worth_another_try(build_app, path, form):
    client = build_app("postgresql://nobody@127.0.0.1:1/none").test_client()
    client.set_cookie("relief_session", "x")

    answer = client.get(path, headers={"Authorization": "Bearer x"})

    assert (answer.status_code, answer.mimetype) == (503, form)
    assert answer.headers["Retry-After"] == "5"
    assert faults_of(answer) == []


def test_a_bug_is_500_without_a_word_of_it(spare_database_url, build_app, monkeypatch):
    app = build_app(spare_database_url)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "healthz", lambda: 1 / 0)

    answer = app.test_client().get("/healthz")

    assert answer.status_code == 500
    assert "division" not in answer.text
    assert faults_of(answer) == []


def test_a_statement_that_the_database_gave_up_is_503(client, app, monkeypatch):
    def late():
        raise OperationalError("SELECT", {}, psycopg.errors.QueryCanceled())

    monkeypatch.setitem(app.view_functions, "healthz", late)

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert "SELECT" not in answer.text


def test_only_uploads_may_be_large(app):
    large = {
        endpoint for endpoint, view in app.view_functions.items() if hasattr(view, "takes_files")
    }

    assert large == {
        "batches.upload",
        "console.batches.create",
        "registers.upload_register",
        "console.registers.create",
        "helper_files.upload_helper_file",
        "console.helper_files.create",
    }


def test_an_upload_may_be_larger_than_a_form(app, signed_in, steward, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    client = signed_in(steward)
    content = b"x" * 2000

    assert client.post("/v1/sign-in", data=content).status_code == 413
    file = (io.BytesIO(content), "a.csv")
    assert client.post("/v1/batches", data={"file": file}).status_code == 202


def test_many_fields_arguments_or_parts_are_refused(client):
    fields = {f"f{n}": "x" for n in range(limits.FORM_PARTS + 1)}
    query = "&".join(f"a{n}=1" for n in range(limits.QUERY_ARGUMENTS + 1))
    user = {"username": "alice", "password": PASSWORD}

    parts = client.post("/sign-in", data=fields | user, content_type="multipart/form-data")
    text = client.post("/sign-in", data=user | {"a": "x" * (limits.FORM_TEXT + 1)})
    many = client.get(f"/v1/me?{query}")
    headers = client.get("/v1/me", headers={f"X-{n}": "1" for n in range(limits.HEADER_COUNT)})

    assert [parts.status_code, text.status_code] == [413, 413]
    assert [many.status_code, headers.status_code] == [400, 431]


@pytest.mark.parametrize("depth", [limits.JSON_DEPTH + 1, 100_000])
def test_json_nested_too_deep_is_refused(client, depth):
    body = "[" * depth + "]" * depth

    answer = client.post("/v1/sign-in", data=body, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)


def test_depth_is_counted_in_lists_and_objects():
    deep = json.loads('{"a":' * 3 + "1" + "}" * 3)

    assert not is_too_deep(deep, 3)
    assert is_too_deep([deep], 3)


def test_every_page_that_changes_something_asks_for_its_own_token(app, session, cipher, client):
    world = access_matrix.build(app, session, cipher)
    mine = access_matrix.client_of(world, "steward", page=True)
    other = access_matrix.client_of(world, "reviewer", page=True)
    foreign = other.environ_base.pop("HTTP_X_CSRF_TOKEN")
    own = mine.environ_base.pop("HTTP_X_CSRF_TOKEN")
    assert own != foreign
    tried = []
    for rule in app.url_map.iter_rules():
        unsafe = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/") or not unsafe or rule.endpoint == "console.sign_in":
            continue
        path = rule.rule
        for name in rule.arguments:
            for form in (f"<uuid:{name}>", f"<{name}>"):
                path = path.replace(form, str(uuid.UUID(int=1)))
        for method in unsafe:
            tried.append(path)
            for token in (None, "nonsense", foreign):
                data = {"_csrf": token} if token else {}
                assert mine.open(path, method=method, data=data).status_code == 403, path
                headers = {"X-CSRF-Token": token} if token else {}
                assert mine.open(path, method=method, headers=headers).status_code == 403, path
    assert len(tried) > 10
    assert access_changes.fingerprint(world.connection) == world.fingerprint
    kept = mine.post("/sessions/leave", data={"_csrf": own})
    assert kept.status_code == 303
