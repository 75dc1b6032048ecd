"""A worker killed with -9 in the middle of an export: one file, and no plain text left."""

import subprocess
import sys
from datetime import timedelta

from sqlalchemy import func, select, text, update

from relief.core.clock import system_clock
from relief.jobs.cleaning import remove_leftovers
from relief.registry.exports.queries import ExportStatus
from relief.tasks.models import Task
from tests.support.exporting import lines


def test_the_export_of_a_killed_worker_is_made_once_by_the_next(desk, four_homes, alice):
    asker = desk.actor(alice)
    export_id = desk.ask(asker)
    url = desk.app.extensions["relief.config"].database_url
    command = [sys.executable, "-m", "tests.support.doomed_exporter", url, str(desk.storage)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as doomed:
        try:
            assert doomed.stdout.readline() == "begun\n"
            assert desk.told(export_id, asker).status is ExportStatus.RUNNING
        finally:
            doomed.kill()
    left = list(desk.storage.glob("work/*/list"))
    assert (len(left), len(desk.files()), desk.made()) == (1, 1, 0)  # plain text, a stray, no file
    with desk.opened() as session:
        session.execute(
            update(Task).values(leased_until=func.clock_timestamp() - text("interval '1 s'"))
        )

    assert desk.work()
    assert not desk.work()

    assert len(lines(desk.fetch(export_id, asker))) == 2 + 3
    assert list(desk.storage.glob("work/*")) == []
    with desk.opened() as session:
        assert remove_leftovers(session, now=system_clock() + timedelta(days=2)) == 1
        assert session.scalar(select(func.count()).select_from(Task)) == 1
    assert (len(desk.files()), desk.made()) == (1, 1)
    assert len(lines(desk.fetch(export_id, asker))) == 2 + 3


def test_the_plain_text_of_a_killed_worker_goes_without_another_export(desk):
    left = desk.storage / "work" / "work-left"
    left.mkdir(parents=True)
    (left / "list").write_text("张三")

    with desk.opened() as session:
        assert remove_leftovers(session, now=system_clock()) == 0

    assert list(desk.storage.glob("work/*")) == []
