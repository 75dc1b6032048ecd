"""The door of the mini program: what is not marked, who lacks a role, what cannot be repeated."""

import pytest

from miniprogram_api import guard
from miniprogram_api.context import MiniRole, requires


def told(answer):
    return answer.status_code, answer.json["code"]


@pytest.fixture
def doors(mini):
    """Views of the test's own, added before the first request."""

    def answered():
        return {"answered": True}

    def unmarked():
        return answered()

    @requires(MiniRole.HELPER, scope="assigned")
    def helpers():
        return answered()

    @requires(None, scope="own")
    def anyones():
        return answered()

    for view in (unmarked, helpers, anyones):
        name = view.__name__
        mini.add_url_rule(f"/mini/v1/{name}", name, view, methods=["GET", "POST", "PUT"])
    return mini


def test_a_view_without_the_mark_answers_nobody(doors, phone):
    assert told(phone.get("/unmarked")) == (403, "forbidden")


def test_who_lacks_the_role_is_told_so(doors, phone):
    assert told(phone.get("/helpers")) == (403, "role-missing")
    assert phone.get("/anyones").status_code == 200


def test_consent_is_asked_for_before_the_role(doors, new_phone):
    phone = new_phone()
    phone.sign_in()

    assert told(phone.get("/helpers")) == (403, "consent-missing")


def test_a_post_without_a_key_is_refused_and_others_need_none(doors, phone):
    headers = {"Authorization": f"Bearer {phone.token}"}

    refused = phone.client.post("/mini/v1/anyones", headers=headers)

    assert told(refused) == (422, "idempotency-key-missing")
    assert phone.call("POST", "/anyones").status_code == 200
    assert phone.client.put("/mini/v1/anyones", headers=headers).status_code == 200


def test_each_view_is_marked_or_public_and_opens_by_a_token_alone(mini):
    rules = [rule for rule in mini.url_map.iter_rules() if rule.endpoint != "static"]
    assert {rule.endpoint for rule in rules} >= guard.PUBLIC
    closed = [rule for rule in rules if rule.endpoint not in guard.PUBLIC]
    assert closed

    client = mini.test_client()
    for rule in closed:
        view = mini.view_functions[rule.endpoint]
        assert hasattr(view, "mini_role"), rule
        path = mini.url_map.bind("localhost").build(
            rule.endpoint, {name: _value(rule, name) for name in rule.arguments}
        )
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert told(client.open(path, method=method)) == (401, "unauthorized"), rule


def _value(rule, name):
    kind = type(rule._converters[name]).__name__  # noqa: SLF001
    return {
        "UUIDConverter": "00000000-0000-7000-8000-000000000001",
        "IntegerConverter": 1,
    }.get(kind, "x")


def test_a_staff_token_opens_nothing_here(mini, signed_in, alice):
    bearer = signed_in(alice).environ_base["HTTP_AUTHORIZATION"]

    answer = mini.test_client().get("/mini/v1/me", headers={"Authorization": bearer})

    assert told(answer) == (401, "sign-in-unknown")
