"""Whose word on a visitor's address counts: sign-in throttling and the audit trail rest on it."""

import pytest
from flask import Flask, request

from relief.cli.serve import trust

PROXY, VISITOR = "10.0.0.7", "203.0.113.9"


@pytest.mark.parametrize(
    ("proxies", "peer", "seen"),
    [
        ([PROXY], PROXY, VISITOR),
        (["10.0.0.0/24"], PROXY, VISITOR),
        ([PROXY], "10.0.1.1", "10.0.1.1"),
        ([], PROXY, PROXY),
        ([], "127.0.0.1", "127.0.0.1"),
    ],
)
def test_only_a_named_proxy_tells_the_visitors_address(proxies, peer, seen):
    app = Flask("frame")
    app.add_url_rule("/", "address", lambda: str(request.remote_addr))
    trust(app, proxies)

    answer = app.test_client().get(
        "/", headers={"X-Forwarded-For": VISITOR}, environ_base={"REMOTE_ADDR": peer}
    )

    assert answer.text == seen


def test_an_address_that_the_visitor_made_up_does_not_count():
    app = Flask("frame")
    app.add_url_rule("/", "address", lambda: str(request.remote_addr))
    trust(app, [PROXY])

    answer = app.test_client().get(
        "/",
        headers={"X-Forwarded-For": f"192.0.2.1, {VISITOR}"},
        environ_base={"REMOTE_ADDR": PROXY},
    )

    assert answer.text == VISITOR
