"""While WeChat is slow, who does not need it is answered."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from miniprogram_api.app import create_app
from relief.core.database_roles import DatabaseRole
from relief.core.db import db
from relief.web.limits import ASKING_WECHAT, THREADS
from tests.support.database import accounts_on
from tests.support.phones import MiniPhone, with_wechat
from tests.support.settings import FakeClock, make_config

SLOW_SECONDS = 2.0


@pytest.fixture
def alone(spare_database_url, tmp_path, wechat):
    """The mini program's API on a database of its own, for several threads."""
    url = accounts_on(spare_database_url)[DatabaseRole.MINI]
    app = create_app(with_wechat(make_config(url, tmp_path), wechat), FakeClock())
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_slow_wechat_leaves_threads_for_who_does_not_need_it(alone, wechat):
    phone = MiniPhone(alone.test_client(), wechat, wechat.person())
    phone.sign_in()
    phone.agree()
    codes = [wechat.login_code(wechat.person()) for _ in range(THREADS)]
    wechat.arm(path="/sns/jscode2session", times=THREADS, delay_seconds=SLOW_SECONDS)

    def sign_in(code):
        return alone.test_client().post("/mini/v1/sessions", json={"code": code})

    def read(path):
        headers = {"Authorization": f"Bearer {phone.token}"}
        return alone.test_client().get(f"/mini/v1{path}", headers=headers)

    with ThreadPoolExecutor(THREADS) as server:  # as many as a process has
        coming = [server.submit(sign_in, code) for code in codes]
        began = time.monotonic()
        others = [server.submit(read, path) for path in ("/policy", "/me")]
        assert [other.result().status_code for other in others] == [200, 200]
        waited = time.monotonic() - began
        answers = [one.result() for one in coming]

    assert waited < SLOW_SECONDS
    refused = [answer for answer in answers if answer.status_code != 201]
    assert len(refused) == THREADS - ASKING_WECHAT
    assert {(one.status_code, one.json["code"]) for one in refused} == {(503, "wechat-many-ask")}


def test_a_place_is_free_again_after_an_error(alone, wechat):
    for _ in range(ASKING_WECHAT + 1):
        answer = alone.test_client().post("/mini/v1/sessions", json={"code": "never-was"})
        assert answer.json["code"] == "wechat-code-refused"
