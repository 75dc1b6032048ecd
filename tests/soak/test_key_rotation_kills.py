"""Keys that change while the process that changes them is killed, and people go on working."""

import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import func, select

from relief.core.privacy import store
from relief.core.privacy.models import SecretValue
from relief.jobs.process import unit_of_work_of
from tests.integration.test_key_rotation import (
    BOTH,
    NEW,
    OLD,
    PHONE,
    apps,
    opened,
    put,
    storage,
    usage,
)
from tests.support.scale import scaled

__all__ = ["apps", "opened", "storage"]


class Users:
    """A reader and a writer who work all the time, and note what they miss."""

    def __init__(self, opened, values):
        self.opened, self.values = opened, values
        self.reads = self.writes = 0
        self.missed = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._read, self._write)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self):
        names = list(self.values)
        while not self._stop.is_set():
            value = names[self.reads * 7919 % len(names)]
            try:
                with self.opened() as session:
                    row_id = store.find(session, BOTH, PHONE, value)
                    if row_id != self.values[value]:
                        self.missed.append(("found", value, row_id))
                    elif store.reveal(session, BOTH, [row_id])[row_id] != value:
                        self.missed.append(("opened", value))
            except Exception as error:  # noqa: BLE001  # noted, and asserted to be none
                self.missed.append(("raised", repr(error)))
            self.reads += 1

    def _write(self):
        names = list(self.values)
        while not self._stop.is_set():
            known = names[self.writes * 104729 % len(names)]
            fresh = f"new {self.writes}"
            try:
                ids = put(self.opened, BOTH, known, fresh)
                if ids[known] != self.values[known]:
                    self.missed.append(("doubled", known))
            except Exception as error:  # noqa: BLE001  # noted, and asserted to be none
                self.missed.append(("raised", repr(error)))
            self.writes += 1


def kill_and_finish(apps, opened, storage, url, *, count, kills):
    """Turn `count` values under load, kill the process at the stages, and let one finish."""
    values = [f"1{number:010}" for number in range(count)]
    ids = put(opened, OLD, *values)
    command_line = [sys.executable, "-m", "tests.support.doomed_rotation", url, str(storage)]
    users = unit_of_work_of(apps(BOTH))
    dead = 0
    began = time.monotonic()
    with Users(users, ids) as people:
        for kill in range(1, kills + 1):
            with subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True) as doomed:
                for line in doomed.stdout:
                    if int(line) > 0 and usage_of_old(opened) < count * (1 - kill / (kills + 1)):
                        break
                doomed.kill()
            dead += doomed.returncode == -9
            assert 0 < usage_of_old(opened) < count
        done = subprocess.run(command_line, check=True, capture_output=True, text=True)
        seconds = time.monotonic() - began
    assert done.returncode == 0
    assert dead == kills
    assert people.missed == []
    assert people.reads > kills
    assert people.writes > kills
    assert {name[1:] for name in usage(opened, BOTH, storage)} == {("data", 2), ("index", 2)}
    with opened() as session:
        for start in range(0, count, 10_000):
            part = {ids[value]: value for value in values[start : start + 10_000]}
            assert store.reveal(session, NEW, part) == part
        doubled = select(func.count() - func.count(SecretValue.blind_index.distinct()))
        assert session.scalar(doubled.select_from(SecretValue)) == 0
        assert store.find(session, NEW, PHONE, values[-1]) == ids[values[-1]]
    return people, seconds


def usage_of_old(opened):
    with opened() as session:
        return session.scalar(
            select(func.count()).select_from(SecretValue).where(SecretValue.index_key_id == 1)
        )


@pytest.mark.rehearsal
def test_a_rotation_killed_twice_is_finished(apps, opened, storage, spare_database_url):
    kill_and_finish(apps, opened, storage, spare_database_url, count=3_000, kills=2)


@pytest.mark.soak
def test_a_hundred_thousand_values_killed_three_times(
    apps, opened, storage, spare_database_url, capsys
):
    count = scaled(100_000)

    people, seconds = kill_and_finish(
        apps, opened, storage, spare_database_url, count=count, kills=3
    )

    with capsys.disabled():
        sys.stdout.write(
            f"\n{count} values, 3 kills, {seconds:.1f} s with four starts of the process:"
            f" {count / seconds:.0f} values/s beside {people.reads} searches and"
            f" {people.writes} writes\n"
        )
