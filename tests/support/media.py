"""Pictures, sounds and documents as telephones make them, and as nobody should."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (220, 30, 30), (30, 30, 220)
SECRETS = (b"Huawei", b"<script>", b"GPS", b"PK\x03\x04", b"123.0", b"private note")
_PNG = b"\x89PNG\r\n\x1a\n"


def written(image: Image.Image, form: str, **how: Any) -> bytes:
    """The bytes of a picture in a form."""
    target = io.BytesIO()
    image.save(target, form, **how)
    return target.getvalue()


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """Blue, with a red quarter at the top left."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image


def photo(width: int = 400, height: int = 300, *, turned: int = 1, **how: Any) -> bytes:
    """A JPEG of a telephone: who made it, where, and how it was held."""
    notes = Image.Exif()
    notes[0x010F], notes[0x0112], notes[0x9286] = "Huawei", turned, "private note"
    place = notes.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (41.0, 7.0, 1.0), "E", (123.0, 0.0, 9.0)
    place[29] = "2026:11:23 GPS"
    return written(
        scene(width, height), "JPEG", exif=notes.tobytes(), comment=b"<script>alert(1)</script>",
        icc_profile=b"private note" * 9, **how,
    )  # fmt: skip


def drawn(width: int = 40, height: int = 30, **how: Any) -> bytes:
    """A PNG of few colours."""
    return written(scene(width, height), "PNG", **how)


def archive() -> bytes:
    """A ZIP with a page in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as folder:
        folder.writestr("index.html", "<script>alert(1)</script>")
    return target.getvalue()


def pdf(words: bytes = b"1") -> bytes:
    """A document of one empty page."""
    return (
        b"%PDF-1.4\n% " + words + b"\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    """One part of a PNG."""
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def claimed(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return _PNG + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more part after its head."""
    plain = drawn()
    return plain[:33] + chunk(kind, data) + plain[33:]


def inflating() -> bytes:
    """A PNG with a note that is a kilobyte for each megabyte that it becomes."""
    return with_chunk(b"zTXt", b"note\0\0" + zlib.compress(b"\0" * (80 << 20), 9))


def segments(jpeg: bytes) -> set[int]:
    """The kinds of the parts of a JPEG before its pixels."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return found


def chunks(png: bytes) -> tuple[set[bytes], bytes]:
    """The kinds of the parts of a PNG, and what comes after its end."""
    found, at = set(), 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        found.add(kind)
        at += 12 + length
        if kind == b"IEND":
            break
    return found, png[at:]
