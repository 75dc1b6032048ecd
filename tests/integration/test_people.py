"""The people fixtures are what the tests believe of them."""

from relief.accounts import sign_in
from relief.accounts.identity import token_hash
from tests.support.settings import CIPHER


def test_everybody_signs_in(session, clock, signed_in, alice, auditor):
    clients = [signed_in(alice), signed_in(auditor)]

    assert all("HTTP_AUTHORIZATION" in client.environ_base for client in clients)


def test_alice_sees_her_county(session, clock, alice):
    opened = sign_in.sign_in(
        session,
        username="alice",
        password=alice.password,
        kind=sign_in.BEARER,
        address="127.0.0.1",
        user_agent="tests",
        cipher=CIPHER,
        now=clock(),
    )

    assert opened.account_id == alice.id
    assert token_hash(opened.token)
