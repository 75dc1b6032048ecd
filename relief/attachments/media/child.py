"""The child process that makes one file anew: it has limits, no keys, no names, no network.

The job is an argument, the file is standard input. Out go one line of JSON and the new bytes.
Before the first byte of the file is looked at, the process can open nothing any more.
"""

import dataclasses
import importlib
import json
import resource
import signal
import sys
from typing import Any

from relief.attachments.media.kinds import KIND_OF
from relief.attachments.media.limits import MediaLimits
from relief.attachments.media.types import Clean, Form, MediaKind, Refusal, Refused
from relief.core.processes import end_with


def main() -> None:  # pragma: no cover  # limits hold for the whole process, so tests call `run`
    """Limit this process, do the job, tell the result."""
    job = json.loads(sys.argv[2])
    limits = MediaLimits(**job["limits"])
    end_with(job["parent"], signal.SIGKILL)
    prepare(Form(job["form"]))
    limit(limits)
    head, content = run(job, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)


def limit(limits: MediaLimits) -> None:  # pragma: no cover  # tried in a process of its own
    """Take from this process what making a file anew does not need, for ever."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.kept_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),  # what is open stays; no file, no socket is opened any more
    ):
        resource.setrlimit(what, (most, most))


def prepare(form: Form) -> Any:
    """Load what makes files of a form anew, and nothing else: each brings megabytes of decoders."""
    if KIND_OF[form] is MediaKind.SOUND:
        return importlib.import_module("relief.attachments.media.sounds")
    pictures = importlib.import_module("relief.attachments.media.pictures")
    pictures.prepare()
    return pictures


def run(job: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Do one job and return what is told of the new file, and it; or `refused`, and nothing."""
    try:
        made = _make(job, content)
    except Refused as refused:
        return {"refused": refused.why.value}, b""
    except MemoryError:
        return {"refused": Refusal.HOSTILE.value}, b""
    told = dataclasses.asdict(made)
    return told, told.pop("content")


def _make(job: dict[str, Any], content: bytes) -> Clean:
    form, limits = Form(job["form"]), MediaLimits(**job["limits"])
    made: Clean = prepare(form).make(content, form, limits, longest=job["longest"])
    return made
