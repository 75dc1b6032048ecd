"""The folder of a merge: private, and swept of what a killed merge left in plain text."""

import os
import tempfile

import pytest

from relief.registry.merging.workbench import open_workbench


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"relief-{os.geteuid()}"


def test_what_a_killed_merge_left_is_removed_by_the_next(place):
    left = place / "work" / "work-left"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "identity.csv").write_text("张三,210302198003041234\n")

    with open_workbench() as bench:
        assert not left.exists()
        assert bench.folder.stat().st_mode & 0o077 == 0
        assert place in bench.folder.parents
    assert not bench.folder.exists()


def test_two_merges_leave_each_other_alone(place):
    with open_workbench() as first, open_workbench() as second:
        assert first.folder != second.folder
        assert first.folder.is_dir()


def test_a_folder_that_someone_else_made_is_not_used(place, monkeypatch):
    place.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    (place.parent / f"relief-{os.geteuid()}").symlink_to(place)

    with pytest.raises(PermissionError), open_workbench():
        pass
