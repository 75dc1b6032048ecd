"""Which pushes have come, and who has the mini program at hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from relief.app import create_app
from relief.core.clock import system_clock
from relief.core.config import ConfigError
from relief.core.db import db
from relief.integrations.wechat import deliveries, push
from relief.integrations.wechat.types import Push
from relief.jobs.catalog import JOBS
from relief.web.wechat import NoMiniProgram, wechat
from tests.support.settings import START, make_config
from tests.support.wechat import scripted, settings_of

CAME = Push("subscribe_msg_popup_event", "oPerson", START, "k" * 64)


def test_a_push_is_new_once(session):
    assert deliveries.is_new(session, CAME, now=START)
    assert not deliveries.is_new(session, CAME, now=START + timedelta(seconds=5))
    assert deliveries.is_new(session, replace(CAME, key="l" * 64), now=START)


def test_a_push_whose_work_was_undone_is_new_again(session):
    undone = session.begin_nested()
    assert deliveries.is_new(session, CAME, now=START)
    undone.rollback()

    assert deliveries.is_new(session, CAME, now=START)


def test_what_is_forgotten_is_refused_by_its_age(session):
    deliveries.is_new(session, CAME, now=START)

    assert deliveries.purge(session, now=START + deliveries.KEEP) == 0
    assert deliveries.purge(session, now=START + deliveries.KEEP + timedelta(seconds=1)) == 1
    assert 2 * push.FRESH < deliveries.KEEP
    assert deliveries.purge in [job.work for job in JOBS]


def test_without_an_appid_there_is_no_gateway(app):
    with app.app_context(), pytest.raises(NoMiniProgram):
        wechat()


def test_an_application_has_the_gateway_of_its_settings(spare_database_url, tmp_path, monkeypatch):
    with scripted() as other:
        config = replace(
            make_config(spare_database_url, tmp_path / "storage"),
            wechat=settings_of(other.port),
            outbound_hosts=(f"127.0.0.1:{other.port}",),
        )
        app = create_app(config, system_clock)
        with app.app_context():
            try:
                assert wechat().is_session_fresh("oPerson", "k")
                assert wechat().is_session_fresh("oPerson", "k")
            finally:
                db.session.remove()
                db.engine.dispose()
    assert [one.method for one in other.heard] == ["POST", "GET", "GET"]


def test_an_application_that_may_not_ask_wechat_does_not_start(tmp_path):
    config = replace(
        make_config("postgresql://u@127.0.0.1/d", tmp_path / "storage"), wechat=settings_of(9)
    )

    with pytest.raises(ConfigError, match="RELIEF_WECHAT_API"):
        create_app(config, system_clock)
