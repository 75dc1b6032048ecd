"""What happens while a binding is made: WeChat takes its time, and others act."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from miniprogram_api.app import create_app
from relief.accounts.types import Role
from relief.bindings import households
from relief.bindings.models import HouseholdBinding, HouseholdCode
from relief.core.config import normalise_url
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.core.scope import Scope, subtree
from tests import factories
from tests.support.database import accounts_on
from tests.support.phones import MiniPhone, with_wechat
from tests.support.settings import START, FakeClock, cipher_with, make_config

PHONE_PATH = "/wxa/business/getuserphonenumber"
VILLAGE = 210302002001
SLOW_SECONDS = 1.0
LONGEST_SECONDS = 3.0  # how long a paused request waits for the other one


def told(answer):
    return answer.status_code, (answer.json or {}).get("code")


@pytest.fixture
def database(spare_database_url):
    engine = create_engine(normalise_url(spare_database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def home(database):
    with Session(database, expire_on_commit=False) as session, session.begin():
        return factories.make_household(session, cipher_with(), region=VILLAGE)


@pytest.fixture
def codes(database, home):
    """Two codes of the household."""
    with Session(database) as session, session.begin():
        clerk = factories.make_account(session, Role.CLERK, department="D01", region="210302000000")
        for scene in ("one", "two"):
            households.issue(
                session,
                household_id=home.id,
                scene=scene,
                scope=Scope((subtree(210300000000),), None),
                actor_id=clerk.id,
                now=START,
            )
    return ["one", "two"]


@pytest.fixture
def alone(spare_database_url, tmp_path, wechat):
    """The mini program's API on a database of its own, for several threads."""
    url = accounts_on(spare_database_url)[DatabaseRole.MINI]
    app = create_app(with_wechat(make_config(url, tmp_path), wechat), FakeClock())
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def new_phone(alone, wechat):
    def made():
        phone = MiniPhone(alone.test_client(), wechat, wechat.person())
        assert phone.sign_in().status_code == 201
        return phone.agree()

    return made


def bind(phone, scene, number, key):
    """As the phone does it, by a client of its own: several threads may."""
    code = phone.wechat.ctl("POST", f"people/{phone.openid}/phone", {"phone": number})["code"]
    one = MiniPhone(phone.client.application.test_client(), phone.wechat, phone.openid, phone.token)
    given = {"scene": scene, "phone_code": code}
    return one.call("POST", "/household-binding", key=key, json=given)


def rows(database, model=HouseholdBinding):
    with Session(database) as session:
        return session.scalars(select(model)).all()


def while_wechat_is_asked(phone, home, act):
    """Begin to bind, act while WeChat is asked, and return how the binding was answered."""
    phone.wechat.arm(path=PHONE_PATH, times=1, delay_seconds=SLOW_SECONDS)
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(bind, phone, "one", home.phone, "k")
        while not phone.wechat.ctl("GET", f"calls?path={PHONE_PATH}")["items"]:
            time.sleep(0.01)
        act()
        return coming.result()


def test_consent_taken_back_while_wechat_is_asked_binds_nothing(new_phone, home, codes, database):
    phone = new_phone()

    answer = while_wechat_is_asked(phone, home, lambda: phone.call("DELETE", "/consent"))

    assert told(answer) == (403, "consent-missing")
    assert rows(database) == []
    assert {code.used_at for code in rows(database, HouseholdCode)} == {None}


@pytest.mark.parametrize("path", ["/sessions/current", "/sessions"])
def test_who_signed_out_while_wechat_is_asked_binds_nothing(new_phone, home, codes, database, path):
    phone = new_phone()

    answer = while_wechat_is_asked(phone, home, lambda: phone.call("DELETE", path))

    assert told(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert rows(database) == []


def test_a_binding_made_while_wechat_is_asked_stays_the_one(new_phone, home, codes, database):
    phone = new_phone()

    answer = while_wechat_is_asked(
        phone, home, lambda: bind(phone, "two", home.phone, "other").status_code
    )

    assert told(answer) == (409, "already-bound")
    [made] = rows(database)
    assert made.ended_at is None


def test_two_phones_with_one_code_are_one_binding(new_phone, home, codes, database):
    phones = [new_phone() for _ in range(2)]

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda phone: bind(phone, "one", home.phone, "k"), phones))

    assert sorted(map(told, answers)) == [(201, None), (422, "household-code-invalid")]
    assert len(rows(database)) == 1


def test_one_phone_that_sends_twice_is_bound_once_and_told_so_twice(
    new_phone, home, codes, database
):
    phone = new_phone()
    code = phone.wechat.ctl("POST", f"people/{phone.openid}/phone", {"phone": home.phone})["code"]
    given = {"scene": "one", "phone_code": code}

    def send(_time):
        one = MiniPhone(phone.client.application.test_client(), phone.wechat, "", phone.token)
        return one.call("POST", "/household-binding", key="same", json=given)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(send, range(2)))

    # WeChat takes a code once: who came second with it may be refused by WeChat, and repeats.
    assert 201 in {answer.status_code for answer in answers}
    assert send(3).status_code == 201
    assert len(rows(database)) == 1


def test_one_phone_with_two_codes_at_once_is_bound_by_one(alone, new_phone, home, codes, database):
    """The first is held just before it ends what it found to be a binding of nobody."""
    phone, second_is_done = new_phone(), threading.Event()
    first = threading.local()

    def pause(_connection, _cursor, statement, *_more):
        if getattr(first, "pauses", False) and statement.startswith("UPDATE household_binding"):
            first.pauses = False
            second_is_done.wait(LONGEST_SECONDS)

    def begin():
        first.pauses = True
        return bind(phone, "one", home.phone, "first")

    with alone.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", pause)
    with ThreadPoolExecutor(2) as both:
        coming = both.submit(begin)
        time.sleep(SLOW_SECONDS / 2)
        other = both.submit(bind, phone, "two", home.phone, "second")
        other.add_done_callback(lambda _done: second_is_done.set())
        answers = [coming.result(), other.result()]
    event.remove(engine, "before_cursor_execute", pause)

    assert sorted(map(told, answers)) == [(201, None), (409, "already-bound")]
    assert [row.ended_at for row in rows(database)] == [None]


def test_a_person_whom_a_merge_is_taking_away_is_bound_a_little_later(
    new_phone, home, codes, database, spare_database_url
):
    phone = new_phone()
    with psycopg.connect(spare_database_url) as merging:
        merging.execute("UPDATE person SET name = name || '一' WHERE id = %s", [home.person_id])
        for key in range(8):  # and no try is counted
            assert told(bind(phone, "one", home.phone, f"k{key}")) == (503, "registry-busy")
        merging.rollback()

    assert bind(phone, "one", home.phone, "later").status_code == 201
    assert len(rows(database)) == 1


def test_who_took_the_consent_back_unbinds_all_the_same(new_phone, home, codes, database):
    phone = new_phone()
    assert bind(phone, "one", home.phone, "k").status_code == 201
    assert phone.call("DELETE", "/consent").status_code == 204

    assert phone.call("DELETE", "/household-binding").status_code == 204
    assert phone.call("DELETE", "/helper-binding").status_code == 204

    [ended] = rows(database)
    assert ended.ended_at is not None
