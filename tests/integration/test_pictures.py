"""A picture is made anew from its pixels alone, upright and small, in a process with limits."""

import dataclasses
import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from relief.attachments.media import child, running, service
from relief.attachments.media.errors import MediaBusy, PictureTooLarge, UploadHostile
from relief.attachments.media.kinds import form_of
from relief.attachments.media.limits import DEFAULT_LIMITS
from relief.attachments.media.types import Clean, Form, MediaKind
from relief.web.limits import THREADS
from tests.support.media import (
    RED,
    SECRETS,
    archive,
    chunks,
    claimed,
    drawn,
    pdf,
    photo,
    scene,
    segments,
    with_chunk,
    written,
)
from tests.support.waiting import at_once

ALL = frozenset(MediaKind)
ROOT = Path(__file__).parents[2]
# In a process that was limited: what it may still do.
PROBE = """
import os, socket, sys
sys.path.insert(0, sys.argv[1])
from relief.attachments.media import child
from relief.attachments.media.limits import MediaLimits
from relief.attachments.media.types import Form
child.prepare(Form.JPEG)
child.limit(MediaLimits(kept_bytes=1000))
for name, act in (
    ("file", lambda: open("/etc/hostname")), ("socket", lambda: socket.socket()),
    ("memory", lambda: bytearray(2 << 30)),
    ("output", lambda: [os.write(1, b"x" * 800) for _ in range(2)] and os.write(1, b"x")),
):
    try:
        act()
        sys.stderr.write(name + " ")
    except (OSError, MemoryError):
        pass
"""


def run(content: bytes, **changed):
    """Do in this process what the child does."""
    limits = dataclasses.asdict(dataclasses.replace(DEFAULT_LIMITS, **changed))
    job = {"form": form_of(content).value, "limits": limits, "longest": 0}
    return child.run(job, content)


def make(content: bytes, **changed) -> Clean:
    limits = dataclasses.replace(DEFAULT_LIMITS, **changed)
    received = service.receive(io.BytesIO(content))
    return service.make_anew(received, accepts=ALL, limits=limits).clean


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("turned", "red"),
    [
        (1, "top left"), (2, "top right"), (3, "bottom right"), (4, "bottom left"),
        (5, "top left"), (6, "top right"), (7, "bottom right"), (8, "bottom left"),
        (9, "top left"), (0, "top left"),
    ],
)  # fmt: skip
def test_a_photo_stands_upright_however_the_telephone_was_held(turned, red):
    told, content = run(photo(turned=turned))

    image = opened(content)
    assert image.size == (told["width"], told["height"])
    assert image.size == ((300, 400) if turned in {5, 6, 7, 8} else (400, 300))
    x = 20 if "left" in red else image.width - 20
    y = 20 if "top" in red else image.height - 20
    assert all(abs(a - b) < 20 for a, b in zip(image.getpixel((x, y)), RED, strict=True))


def test_a_photo_of_twelve_megapixels_is_small_and_says_nothing_of_its_place():
    taken = photo(4000, 3000, turned=6)
    assert all(secret in taken for secret in (b"Huawei", b"<script>", b"GPS", b"private note"))

    clean = make(taken)

    assert (clean.media_type, clean.width, clean.height) == ("image/jpeg", 1920, 2560)
    assert opened(clean.content).size == (1920, 2560)
    assert not dict(opened(clean.content).getexif())
    # Tables, frame and JFIF: no EXIF (E1), no profile (E2), no comment (FE).
    assert segments(clean.content) <= {0xE0, 0xDB, 0xC0, 0xC4}
    assert not [secret for secret in SECRETS if secret in clean.content]


@pytest.mark.parametrize(
    "content",
    [
        photo() + archive(),
        photo() + b"<html><script>alert(1)</script></html>",
        drawn() + archive(),
        with_chunk(b"tEXt", b"private note\0<script>alert(1)</script>"),
        with_chunk(b"eXIf", b"MM\0*Huawei GPS"),
        written(scene(), "WEBP", exif=b"Exif\0\0MM\0*Huawei GPS", xmp=b"private note"),
    ],
    ids=["jpeg-zip", "jpeg-html", "png-zip", "png-text", "png-exif", "webp-notes"],
)
def test_nothing_that_stands_behind_or_beside_the_pixels_survives(content):
    told, kept = run(content)

    assert "refused" not in told
    assert not [secret for secret in SECRETS if secret in kept]
    if told["media_type"] == "image/png":
        kinds, rest = chunks(kept)
        assert (kinds <= {b"IHDR", b"IDAT", b"IEND"}, rest) == (True, b"")
    else:
        assert kept.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("mode", "form", "kept"),
    [
        ("1", "PNG", "L"), ("L", "PNG", "L"), ("P", "PNG", "RGB"), ("RGBA", "PNG", "RGB"),
        ("LA", "PNG", "RGB"), ("CMYK", "JPEG", "RGB"), ("L", "JPEG", "L"), ("RGBA", "WEBP", "RGB"),
    ],
)  # fmt: skip
def test_every_way_of_writing_colours_becomes_grey_or_colour(mode, form, kept):
    _, content = run(written(Image.new(mode, (60, 40)), form))

    assert opened(content).mode == kept


def test_what_is_transparent_is_white_and_what_is_deep_keeps_its_shade():
    _, clear = run(written(Image.new("RGBA", (60, 40), (0, 0, 0, 0)), "PNG"))
    _, deep = run(written(Image.new("I;16", (60, 40), 40_000), "PNG"))

    assert opened(clear).getpixel((9, 9)) == (255, 255, 255)
    assert abs(opened(deep).getpixel((9, 9)) - 40_000 // 256) <= 1


def test_the_second_picture_of_a_telephone_is_left_out():
    both = written(scene(), "MPO", save_all=True, append_images=[scene(80, 60)])

    told, kept = run(both)

    assert (told["width"], told["height"]) == (400, 300)
    assert kept.count(b"\xff\xd8\xff") == 1


def test_pixels_are_counted_before_they_are_decoded():
    with pytest.raises(PictureTooLarge, match="5500 万像素"):
        make(claimed(60_000, 60_000))
    assert run(drawn(), pixels=40 * 30 - 1)[0] == {"refused": "pixels"}
    assert "refused" not in run(drawn(), pixels=40 * 30)[0]


def test_broken_notes_do_not_break_a_picture():
    told, _ = run(photo().replace(b"MM\0*", b"XX\0*").replace(b"II*\0", b"XX*\0"))

    assert "refused" not in told


@pytest.mark.parametrize(
    "limit", [{"wall_seconds": 0}, {"memory_bytes": 300 << 20}, {"kept_bytes": 500}]
)
def test_what_takes_too_much_is_stopped_and_refused(limit):
    content = (
        written(Image.new("RGBA", (7000, 7000)), "PNG") if "memory_bytes" in limit else photo()
    )

    with pytest.raises(UploadHostile):
        make(content, **limit)


def test_the_process_that_decodes_can_open_nothing_and_take_little():
    # Measured for coverage, the process could not open the file of its figures, and would say so.
    unmeasured = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    with os.fdopen(os.memfd_create("out"), "w+b") as target:
        done = subprocess.run(
            [sys.executable, "-I", "-c", PROBE, str(ROOT)],
            stdout=target, stderr=subprocess.PIPE, check=False, timeout=60, env=unmeasured,
        )  # fmt: skip
        written_bytes = target.tell()

    assert (done.stderr.decode(), written_bytes) == ("", 1000)


def test_many_at_once_wait_and_then_are_told_to_come_again():
    limits = dataclasses.replace(DEFAULT_LIMITS, at_once=1, wait_seconds=0)

    def one(_number):
        try:
            return running.make(photo(), Form.JPEG, limits, longest=0)
        except MediaBusy as busy:
            return busy

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(4)))

    assert {type(each) for each in found} == {Clean, MediaBusy}
    assert isinstance(one(0), Clean)  # and the place is free again


def test_of_many_who_come_only_some_wait_and_the_others_are_told_at_once():
    """Who waits holds a thread that answers requests: half of them go on."""
    assert DEFAULT_LIMITS.together == THREADS // 2
    nobodys_turn = dataclasses.replace(DEFAULT_LIMITS, at_once=0, together=2, wait_seconds=2)

    def one(_number):
        begun = time.monotonic()
        with pytest.raises(MediaBusy):
            running.make(photo(), Form.JPEG, nobodys_turn, longest=0)
        return time.monotonic() - begun

    told, *waited = sorted(at_once(one, threads=3))

    assert told < 1
    assert all(seconds >= 2 for seconds in waited)
    assert isinstance(running.make(photo(), Form.JPEG, DEFAULT_LIMITS, longest=0), Clean)


def test_a_document_stays_as_it_came():
    clean = make(pdf())

    assert (clean.content, clean.media_type) == (pdf(), "application/pdf")
