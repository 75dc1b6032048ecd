"""What the database holds of the mini program's accounts: races, keys, and who sees it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from relief.bindings import consent, openids, presenting
from relief.bindings import sign_in as accounts
from relief.bindings.holding import SESSION_KEYS, Openids, session_key_bound
from relief.bindings.models import MiniAccount
from relief.core.config import normalise_url
from relief.core.database_roles import DatabaseRole
from relief.core.privacy.holders import Keys, Use
from relief.core.privacy.models import IndexKey
from relief.integrations.wechat.types import SignedIn
from tests.support.database import accounts_on
from tests.support.settings import START, cipher_with

OLD, BOTH, NEW = cipher_with(), cipher_with((1, 2), (1, 2)), cipher_with((2,), (2,))
TABLES = ("mini_account", "mini_session", "mini_consent")


def open_for(session, openid, cipher=OLD, *, key="key", now=START):
    return accounts.sign_in(session, openid=openid, session_key=key, cipher=cipher, now=now)


@pytest.fixture
def engine(spare_database_url):
    engine = create_engine(normalise_url(accounts_on(spare_database_url)[DatabaseRole.MINI]))
    yield engine
    engine.dispose()


def test_two_phones_that_come_first_at_once_are_one_account(engine):
    def once(_number):
        with Session(engine) as session, session.begin():
            return open_for(session, "o-somebody").account_id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(once, range(24)))

    assert len(ids) == 1


def test_a_sign_in_that_was_overtaken_does_not_bring_its_old_key_back(session):
    later = START + timedelta(seconds=1)

    def kept():
        session.flush()
        session.expire_all()
        account = session.scalars(select(MiniAccount)).one()
        return OLD.open_bytes(account.session_key, associated=session_key_bound(account.id))

    open_for(session, "o-somebody", key="newer", now=later)
    open_for(session, "o-somebody", key="older", now=START)
    assert kept() == b"newer"

    open_for(session, "o-somebody", key="newest", now=later)
    assert kept() == b"newest"


def test_what_is_secret_is_not_told_by_how_it_is_shown(session):
    opened = open_for(session, "o-somebody")

    assert opened.token not in repr(opened)
    assert "o-mine" not in repr(SignedIn("o-mine", "key", "u-mine"))
    assert "u-mine" not in repr(SignedIn("o-mine", "key", "u-mine"))


def test_the_account_sees_what_is_shown_and_nothing_else(engine, spare_database_url):
    with Session(engine) as session, session.begin():
        mine, other = open_for(session, "o-mine"), open_for(session, "o-other")
        session.flush()
        for opened in (mine, other):
            presenting.show(session, [accounts.token_hash(opened.token)])
            consent.agree(session, account_id=opened.account_id, version=1, now=START)

    with psycopg.connect(accounts_on(spare_database_url)[DatabaseRole.MINI]) as connection:
        for table in TABLES:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
        shown = accounts.token_hash(mine.token).hex()
        connection.execute("SELECT set_config('relief.presented', %s, true)", [shown])
        for table in ("mini_session", "mini_consent"):
            seen = connection.execute(f"SELECT account_id FROM {table}").fetchall()  # noqa: S608
            assert seen == [(mine.account_id,)]
        assert connection.execute("SELECT count(*) FROM mini_account").fetchone() == (0,)


def test_openids_and_keys_are_turned_and_the_account_is_found_again(session):
    before = open_for(session, "o-somebody")
    session.flush()
    keys = Keys(BOTH, Path("unused"))

    for holder in (Openids(), SESSION_KEYS):
        turned = holder.turn(session, keys, after=None, limit=10)
        assert turned.turned == 1
        assert holder.turn(session, keys, after=turned.after, limit=10).turned == 0
    session.expire_all()
    account = session.scalars(select(MiniAccount)).one()

    assert Openids().usage(session, keys) == {(Use.DATA, 2): 1, (Use.INDEX, 2): 1}
    assert SESSION_KEYS.usage(session, keys) == {(Use.DATA, 2): 1}
    assert openids.openid_of(session, account_id=account.id, cipher=NEW) == "o-somebody"
    bound = session_key_bound(account.id)
    assert NEW.open_bytes(account.session_key, associated=bound) == b"key"
    assert account.openid_index == NEW.blind_index("wechat_openid", "o-somebody", key_id=2)
    assert before.account_id == account.id


def test_while_the_keys_change_the_account_is_found_under_the_one_or_the_other(session):
    old = open_for(session, "o-somebody", OLD)
    session.flush()
    Openids().turn(session, Keys(BOTH, Path("unused")), after=None, limit=10)
    session.expire_all()
    # As a rotation does at its beginning.
    session.execute(insert(IndexKey).values(id=2, is_current=False, since=START))

    assert open_for(session, "o-somebody", BOTH).account_id == old.account_id
