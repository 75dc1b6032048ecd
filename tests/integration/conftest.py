"""What several tests of commands need."""

from collections.abc import Iterator

import pytest
from flask import Flask, appcontext_pushed

from relief.core.db import db
from tests.support.settings import key_settings


@pytest.fixture
def command_settings(monkeypatch, tmp_path, database_url) -> Iterator[None]:
    """The environment of a command, whose connections are closed afterwards."""
    monkeypatch.setenv("RELIEF_OWNER_DATABASE_URL", database_url)
    for name, value in key_settings().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RELIEF_STORAGE_DIR", str(tmp_path))
    monkeypatch.setenv("RELIEF_ANCHOR_DIR", str(tmp_path / "anchors"))
    apps: set[Flask] = set()

    def note(app: Flask, **_more: object) -> None:
        apps.add(app)

    with appcontext_pushed.connected_to(note):
        yield
    for app in apps:
        with app.app_context():
            db.engine.dispose()
