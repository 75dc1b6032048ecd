"""What a child process tells of a file is not believed, and nothing that it began outlives it."""

import json
import os
import sys
from pathlib import Path

import pytest

from relief.attachments.media import running
from relief.attachments.media.types import Form, Refusal, Refused
from tests.support.waiting import wait_until

# It begins another process that would stay, tells which, and goes or stays itself.
BEGINS = """
import os, sys, time
begun = os.fork()
if begun:
    print(begun, flush=True)
    time.sleep(float(sys.argv[1]))
else:
    time.sleep(60)
"""
PICTURE = {"media_type": "image/png", "width": 3, "height": 4, "milliseconds": None}


@pytest.mark.parametrize(("stays", "code"), [("0", 0), ("60", -1)])
def test_whatever_a_child_began_ends_with_it(stays, code):
    with Path(os.devnull).open("rb") as source, os.fdopen(os.memfd_create("out"), "w+b") as target:
        command = [sys.executable, "-I", "-c", BEGINS, stays]

        assert running.ended(command, source, target, seconds=3) == code

        target.seek(0)
        begun = Path(f"/proc/{int(target.read())}")
    wait_until(lambda: not begun.exists() or " Z " in (begun / "stat").read_text())


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"refused": "moves"}, Refusal.MOVES),
        ({"refused": "bored"}, Refusal.HOSTILE),
        (PICTURE | {"media_type": "text/html"}, Refusal.HOSTILE),
        (PICTURE | {"media_type": "audio/mpeg"}, Refusal.HOSTILE),  # of a picture
        (PICTURE | {"media_type": ["image/png"]}, Refusal.HOSTILE),
        (PICTURE | {"width": "3"}, Refusal.HOSTILE),
        (PICTURE | {"height": True}, Refusal.HOSTILE),
        (PICTURE | {"height": -1}, Refusal.HOSTILE),
        (PICTURE | {"width": 1 << 31}, Refusal.HOSTILE),
        (PICTURE | {"more": 1}, Refusal.HOSTILE),
        ([], Refusal.HOSTILE),
        (7, Refusal.HOSTILE),
    ],
)
def test_what_a_child_tells_is_not_believed(told, why):
    with pytest.raises(Refused) as refused:
        running.read(json.dumps(told).encode(), b"x", Form.PNG)

    assert refused.value.why is why


def test_what_is_no_answer_is_refused_and_one_that_is_is_read():
    for head in (b"", b"<html>", b"\xff"):
        with pytest.raises(Refused):
            running.read(head, b"x", Form.PNG)

    clean = running.read(json.dumps(PICTURE).encode(), b"x", Form.PNG)
    assert (clean.content, clean.width, clean.height) == (b"x", 3, 4)
