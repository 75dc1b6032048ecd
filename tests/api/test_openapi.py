"""What the OpenAPI document tells."""

import pytest
from sqlalchemy.orm.exc import StaleDataError

from relief.web.problems import handle_stale_data


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def test_errors_are_documented_as_problem_documents(document):
    responses = document["components"]["responses"]

    assert {kind for r in responses.values() for kind in r["content"]} == {
        "application/problem+json"
    }


def test_every_route_of_the_api_is_documented(app, document):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")]

    documented = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    for rule in rules:
        path = (
            rule.rule.replace("<uuid:", "{")
            .replace("<int:", "{")
            .replace("<", "{")
            .replace(">", "}")
        )
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (method, path) in documented


def test_every_route_needs_a_token_but_signing_in(document):
    assert document["security"] == [{"bearer": []}]
    assert document["openapi"] == "3.1.0"
    free = [
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("security") == []
    ]
    assert sorted(free) == ["/v1/papers/check", "/v1/sign-in"]


def test_a_wrong_method_names_the_right_ones(client):
    answer = client.delete("/v1/me")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["title"] == "不支持这种操作"


def test_a_change_lost_to_someone_else_is_a_conflict(app):
    with app.test_request_context("/v1/me"):
        answer, status = handle_stale_data(StaleDataError())

    assert (status, answer.json["code"]) == (409, "edited-meanwhile")
