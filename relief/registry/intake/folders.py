"""Private folders for plain text that must not outlive the work, even a killed one."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "lock"
_PREFIX = "work-"


@contextmanager
def private(storage: Path) -> Iterator[Path]:
    """Give a folder that only this user can enter, and remove it in the end.

    The folders of processes that were killed are removed first: nobody holds their lock.
    """
    root = storage / "work"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(root)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    # One sweeper at a time, or one could take a folder that another is about to lock.
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for folder in root.glob(f"{_PREFIX}*"):
            _remove_if_left(folder)
    finally:
        os.close(descriptor)


def _remove_if_left(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / _LOCK).open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
