"""What every front end has: health page, request id, body limit."""

import importlib
import logging

import pytest

from miniprogram_api.app import create_app as create_mini
from relief.app import create_app
from relief.core.database_roles import DatabaseRole
from relief.web import limits
from tests.support.database import accounts_on
from tests.support.settings import key_settings


@pytest.mark.parametrize("factory", [create_app, create_mini], ids=["web", "mini"])
def test_health_tells_that_the_database_answers(database_url, build_app, factory):
    app = build_app(database_url, factory)

    response = app.test_client().get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_health_tells_that_the_database_is_gone(build_app):
    app = build_app("postgresql://nobody@127.0.0.1:1/none")

    response = app.test_client().get("/healthz")

    assert (response.status_code, response.json) == (503, {"status": "no-database"})


def test_a_good_request_id_is_kept_and_a_bad_one_replaced(client):
    kept = client.get("/healthz", headers={"X-Request-ID": "abc-DEF_0123"})
    replaced = client.get("/healthz", headers={"X-Request-ID": "<script>"})

    assert kept.headers["X-Request-ID"] == "abc-DEF_0123"
    assert len(replaced.headers["X-Request-ID"]) == 24


def test_a_request_is_logged_by_its_route_and_not_its_path(client, caplog):
    with caplog.at_level(logging.INFO, "relief.requests"):
        client.get("/no/such/张三")

    assert [(r.route, r.status) for r in caplog.records] == [(None, 404)]
    assert "张三" not in caplog.text


def test_the_body_is_limited(app):
    assert app.config["MAX_CONTENT_LENGTH"] == limits.SMALL_BODY


@pytest.mark.parametrize("module", ["relief.wsgi", "miniprogram_api.wsgi"])
def test_the_entries_build_their_application_from_the_environment(
    monkeypatch, database_url, tmp_path, module
):
    settings = {
        **key_settings(),
        "RELIEF_WEB_DATABASE_URL": accounts_on(database_url)[DatabaseRole.WEB],
        "RELIEF_MINI_DATABASE_URL": accounts_on(database_url)[DatabaseRole.MINI],
        "RELIEF_STORAGE_DIR": str(tmp_path),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level

    app = importlib.import_module(module).app

    root.handlers[:] = before
    root.setLevel(level)
    assert "healthz" in app.view_functions
