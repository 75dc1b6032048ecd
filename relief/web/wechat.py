"""The mini program at WeChat, for whoever serves a request or does a task."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import BoundedSemaphore

from flask import Flask, current_app
from sqlalchemy.orm import Session

from relief.core.config import Config
from relief.core.db import unit_of_work
from relief.core.errors import Conflict, Unavailable
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import gateway
from relief.integrations.wechat.gateway import Gateway
from relief.web.limits import ASKING_WECHAT

_EXTENSION, _PLACES = "relief.wechat", "relief.wechat-places"


class NoMiniProgram(Conflict):
    """The settings name no mini program: waiting does not help, so this is no outage."""

    code, title = "wechat-not-set-up", "本系统没有配置微信小程序"


class ManyAsk(Unavailable):
    """So many requests wait for WeChat that one more could keep the others from being answered."""

    code, title = "wechat-many-ask", "正在等待微信回应的人较多，请稍后再试"


def install(app: Flask) -> None:
    """Build the gateway if the settings name a mini program. Raises ConfigError."""
    config: Config = app.extensions["relief.config"]
    if config.wechat is None:
        return

    @contextmanager
    def opened() -> Iterator[Session]:
        # A context of its own has a session and a connection of its own.
        with app.app_context(), unit_of_work() as session:
            yield session

    def clock() -> datetime:
        moment: datetime = app.extensions["relief.clock"]()
        return moment

    app.extensions[_PLACES] = BoundedSemaphore(ASKING_WECHAT)
    app.extensions[_EXTENSION] = gateway.build(
        config.wechat,
        outbound=Outbound(config.outbound_hosts),
        opened=opened,
        cipher=config.cipher,
        clock=clock,
    )


def wechat() -> Gateway:
    """Return the gateway. Raises NoMiniProgram."""
    found: Gateway | None = current_app.extensions.get(_EXTENSION)
    if found is None:
        raise NoMiniProgram
    return found


@contextmanager
def asking_wechat() -> Iterator[Gateway]:
    """Give the gateway to a request that waits for WeChat's answer, if a place is free.

    So that a slow WeChat never holds all threads of a process. Raises NoMiniProgram, ManyAsk.
    """
    found = wechat()
    places: BoundedSemaphore = current_app.extensions[_PLACES]
    if not places.acquire(blocking=False):
        raise ManyAsk
    try:
        yield found
    finally:
        places.release()
