"""`relief workdays add`."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask, appcontext_pushed

from relief.cli.workdays import workdays
from relief.core.db import db
from tests.support.settings import key_settings


@pytest.fixture
def settings(monkeypatch, tmp_path, database_url) -> Iterator[None]:
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


@pytest.mark.parametrize(
    ("start", "count", "printed"),
    [("2026-11-23", "5", "2026-11-30\n"), ("2026-12-30", "5", "2027-01-06 暂定\n")],
)
def test_the_due_day_is_printed_and_marked_when_a_calendar_may_move_it(
    settings, start, count, printed
):
    result = CliRunner().invoke(workdays, ["add", start, count])

    assert result.exit_code == 0, result.output
    assert result.stdout == printed


@pytest.mark.parametrize("arguments", [["2026-02-30", "1"], ["2026-11-23", "-1"]])
def test_a_day_that_does_not_exist_and_a_negative_count_are_refused(arguments):
    result = CliRunner().invoke(workdays, ["add", "--", *arguments])

    assert result.exit_code == 2
