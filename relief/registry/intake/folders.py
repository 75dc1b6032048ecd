"""Private folders for plain text that must not outlive the work, even a killed one."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_LOCK = "lock"
_PREFIX = "work-"


def own() -> Path:
    """Return this user's own folder below the system's, where no one else can change names."""
    folder = Path(tempfile.gettempdir()) / f"relief-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.geteuid():
        message = f"{folder} belongs to someone else"
        raise PermissionError(message)
    return folder


@contextmanager
def private(storage: Path) -> Iterator[Path]:
    """Give a folder that only this user can enter, and remove it in the end.

    The folders of processes that were killed are removed first: nobody holds their lock.
    """
    root = storage / "work"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        with _alone(root):
            for left in root.glob(f"{_PREFIX}*"):
                _remove_if_left(left)
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
            held.callback(shutil.rmtree, folder, ignore_errors=True)
            lock = held.enter_context((folder / _LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep others from sweeping a folder that is not yet locked."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_if_left(folder: Path) -> None:
    """Remove a folder whose lock is free, or that has none: its process is dead."""
    with contextlib.suppress(OSError), (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
