"""Phones that use the mini program: real requests to it, and from it to the stand-in for WeChat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from miniprogram_api.app import create_app
from relief.core.config import Config
from relief.core.db import db
from relief.core.wechat_settings import WeChatSettings
from tests.support import leaks
from tests.support.application import Client
from tests.support.settings import FakeClock
from tests.support.stand_in import Asker

POLICY_VERSION = 1


def with_wechat(config: Config, wechat: Asker) -> Config:
    """Return settings by which WeChat is this stand-in."""
    return replace(
        config,
        wechat=WeChatSettings(
            appid=wechat.appid, secret=wechat.secret, push_token="AAAAA", base=wechat.base
        ),
        outbound_hosts=(wechat.base.split("/")[2],),
    )


@pytest.fixture
def mini(session: Session, config: Config, clock: FakeClock, wechat: Asker) -> Iterator[Flask]:
    """The mini program's API on the test's connection, with the stand-in for WeChat."""
    app = leaks.watch(create_app(with_wechat(config, wechat), clock))
    app.testing = True
    app.test_client_class = Client
    connection = session.connection()
    assert isinstance(connection, Connection)
    with app.app_context():
        engine = db.engine
        db.engines[None] = connection  # type: ignore[assignment]
    yield app
    with app.app_context():
        db.engines[None] = engine
        engine.dispose()


@dataclass
class MiniPhone:
    """Someone's phone. `openid` is who holds it, `token` its session."""

    client: Any
    wechat: Asker
    openid: str
    token: str = ""
    _keys: int = field(default=0)

    def sign_in(self, code: str | None = None) -> Any:
        """Open the mini program: `wx.login`, and its code to the server."""
        answer = self.client.post(
            "/mini/v1/sessions", json={"code": code or self.wechat.login_code(self.openid)}
        )
        if answer.status_code == 201:
            self.token = answer.json["token"]
        return answer

    def call(self, method: str, path: str, *, key: str | None = None, **more: Any) -> Any:
        """Send a request with the token; a POST with a key of its own unless one is given."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        if method == "POST":
            self._keys += 1
            headers["Idempotency-Key"] = key or f"{self.openid}-{self._keys}"
        return self.client.open(f"/mini/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def agree(self) -> "MiniPhone":
        """Agree to the privacy policy."""
        answer = self.call("PUT", "/consent", json={"version": POLICY_VERSION})
        assert answer.status_code == 200, answer.text
        return self


@pytest.fixture
def new_phone(mini: Flask, wechat: Asker) -> Callable[[], MiniPhone]:
    """`new_phone()`: the phone of someone new, that did nothing yet."""
    return lambda: MiniPhone(mini.test_client(), wechat, wechat.person())


@pytest.fixture
def phone(new_phone: Callable[[], MiniPhone]) -> MiniPhone:
    """A phone that is signed in, and whose holder agreed to the privacy policy."""
    made = new_phone()
    assert made.sign_in().status_code == 201
    return made.agree()
