"""Starts the child process that makes one file anew, and reads what it made.

Both go through memory that has no name, so that nothing of them lies in a folder in the clear.
"""

import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from relief.attachments.media.errors import MediaBusy
from relief.attachments.media.kinds import KIND_OF
from relief.attachments.media.limits import MediaLimits
from relief.attachments.media.types import Clean, Form, MediaKind, Refusal, Refused

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[3]
# `-I` keeps the environment and the working folder out of the child's imports; so it must be
# told where the program is.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from relief.attachments.media import child; child.main()"
)
# What a child writes, by the kind of what it read.
_MADE: Mapping[MediaKind, tuple[str, ...]] = {
    MediaKind.PICTURE: ("image/jpeg", "image/png"),
    MediaKind.SOUND: ("audio/mpeg",),
}
_MOST = 1 << 31  # what the columns of pixels and milliseconds hold
_slots: dict[int, threading.BoundedSemaphore] = {}
_making = threading.Lock()
_inside: list[int] = []  # one for each request that has a file made or waits for its turn


def make(content: bytes, form: Form, limits: MediaLimits, *, longest: int) -> Clean:
    """Return a file made anew. Raises Refused; MediaBusy if too many are being made.

    `longest`: of a sound, in seconds.
    """
    job = {
        "form": form.value,
        "longest": longest,
        "limits": dataclasses.asdict(limits),
        "parent": os.getpid(),
    }
    with _turn(limits), _memory() as source, _memory() as target:
        source.write(content)
        source.seek(0)
        command = [sys.executable, "-I", "-c", _BOOT, str(_ROOT), json.dumps(job)]
        code = ended(command, source, target, seconds=limits.wall_seconds)
        target.seek(0)
        head, _, made = target.read().partition(b"\n")
    if code != 0:
        # Killed by a limit, or by what it read: of an honest file neither happens.
        logger.warning("a file was not made anew", extra={"code": code, "form": form.value})
        raise Refused(Refusal.HOSTILE)
    return read(head, made, form)


def read(head: bytes, made: bytes, form: Form) -> Clean:
    """Return what a child told of a file of a form, which is believed as little as the file is.

    Raises Refused.
    """
    try:
        told = json.loads(head)
        if "refused" in told:
            raise Refused(Refusal(told["refused"]))
        clean = Clean(content=made, **told)
    except (ValueError, TypeError) as error:
        raise Refused(Refusal.HOSTILE) from error
    measured = (clean.width, clean.height, clean.milliseconds)
    if clean.media_type not in _MADE[KIND_OF[form]] or not all(
        one is None or (type(one) is int and 0 <= one < _MOST) for one in measured
    ):
        raise Refused(Refusal.HOSTILE)
    return clean


def ended(command: Sequence[str], source: BinaryIO, target: BinaryIO, *, seconds: float) -> int:
    """Run a command and return its code; not 0 if it took longer. Whatever it began ends, too."""
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        stdin=source,
        stdout=target,
        stderr=subprocess.DEVNULL,  # what a decoder says may hold what stands in the file
        # Nothing of ours, above all no keys and no address.
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            return -1
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


@contextmanager
def _turn(limits: MediaLimits) -> Iterator[None]:
    """Wait for one of the few places, so that many uploads at once do not take all memory.

    Who waits holds a thread that answers requests; so of those that come only some wait.
    """
    with _making:
        if len(_inside) >= limits.together:
            raise MediaBusy
        _inside.append(threading.get_ident())
        slots = _slots.setdefault(limits.at_once, threading.BoundedSemaphore(limits.at_once))
    try:
        if not slots.acquire(timeout=limits.wait_seconds):
            raise MediaBusy
        try:
            yield
        finally:
            slots.release()
    finally:
        with _making:
            _inside.remove(threading.get_ident())


def _memory() -> BinaryIO:
    return os.fdopen(os.memfd_create("media", os.MFD_CLOEXEC), "w+b")
