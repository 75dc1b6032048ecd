"""The supervisor's decisions, without a server."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from relief.integrations.postgres import places, processes, settings
from relief.integrations.postgres.settings import MEBIBYTE, Machine

CITY = Machine(memory=24 * 1024 * MEBIBYTE, shared_memory=12 * 1024 * MEBIBYTE, cores=2)


def values(text: str) -> dict[str, str]:
    return dict(line.replace("'", "").split(" = ", 1) for line in text.splitlines())


def test_a_server_with_data_keeps_what_it_acknowledged():
    conf = values(settings.conf(CITY, port=5432, durable=True))

    assert {conf["fsync"], conf["synchronous_commit"], conf["full_page_writes"]} == {"on"}
    assert conf["shared_buffers"] == "1024MB"
    assert (conf["listen_addresses"], conf["unix_socket_directories"]) == ("127.0.0.1", "")


def test_a_small_machine_gets_small_buffers():
    conf = values(settings.conf(Machine(512 * MEBIBYTE, 64 * MEBIBYTE, 1), port=5432, durable=True))

    assert conf["shared_buffers"] == "128MB"
    assert conf["dynamic_shared_memory_type"] == "mmap"


def test_the_tests_server_does_not_wait_for_the_disk():
    assert values(settings.conf(CITY, port=5432, durable=False))["fsync"] == "off"


def test_this_machine_has_a_size():
    assert settings.look().memory > 0


def test_an_ordinary_user_keeps_everything_in_the_state_folder(tmp_path):
    found = places.places_for(tmp_path, root=False)

    assert (found.home, found.identity) == (tmp_path, None)


def test_root_keeps_the_data_where_the_service_user_can_go(tmp_path):
    one = places.places_for(tmp_path / "a", root=True)
    other = places.places_for(tmp_path / "b", root=True)

    assert one.home.parent == places.ROOT_HOME
    assert one.home != other.home


def test_the_binaries_are_found_without_importing_the_wheel():
    assert (places.wheel_folder() / "pginstall" / "bin" / "postgres").is_file()
    assert places.PACKAGE not in sys.modules


def test_a_missing_wheel_is_said(monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", "no_such_package_here")

    with pytest.raises(FileNotFoundError):
        places.wheel_folder()


def test_a_copied_folder_can_be_read_by_everyone(tmp_path):
    tool, text = tmp_path / "tool", tmp_path / "text"
    tool.touch(mode=0o700)
    text.touch(mode=0o600)

    places.make_readable(tmp_path)

    assert (tool.stat().st_mode & 0o777, text.stat().st_mode & 0o777) == (0o755, 0o644)


@pytest.mark.parametrize("content", ["", "not a number\n", "4194304999\n"])
def test_a_strange_pid_file_names_no_server(tmp_path, content):
    (tmp_path / "postmaster.pid").write_text(content)

    assert processes.postmaster(tmp_path) is None


def test_a_process_that_got_the_number_is_not_the_server(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "postmaster.pid").write_text(f"{other.pid}\n")

        found = processes.postmaster(tmp_path)

        other.kill()
    assert found is None


def test_a_process_that_is_gone_is_no_server(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as other:
        process = psutil.Process(other.pid)

    assert not processes.is_postmaster(process, Path(tmp_path))


def test_without_a_service_user_it_is_nobody(monkeypatch):
    monkeypatch.setattr(places, "SERVICE_USER", "no-such-user-here")
    monkeypatch.setattr(places.shutil, "which", lambda *_, **__: None)

    assert places.service_identity() == places.Identity(
        pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid
    )


def test_a_program_that_is_not_there_cannot_be_run(tmp_path):
    me = places.Identity(os.getuid(), os.getgid())

    assert not places.can_run(tmp_path / "none", me)


def test_a_machine_without_shared_memory_has_none(monkeypatch):
    def fail(_path):
        raise OSError

    monkeypatch.setattr(settings.shutil, "disk_usage", fail)

    assert settings.look().shared_memory == 0
