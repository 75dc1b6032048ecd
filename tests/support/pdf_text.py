"""What stands in a PDF of ours, read from its bytes as a reader of PDF does."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_MEANS = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4,})>")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Return its text, piece by piece as it is drawn, by the one font that is in it."""
    objects = {int(number): content for number, content in _OBJECT.findall(pdf)}
    [to_unicode] = {
        int(found[1])
        for content in objects.values()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", content))
    }
    meanings = {
        int(code, 16): bytes.fromhex(value.decode()).decode("utf-16-be")
        for code, value in _MEANS.findall(_stream(objects[to_unicode]))
    }
    pages = re.findall(rb"/Contents (\d+) 0 R", pdf)
    drawn = [piece for page in pages for piece in _SHOWN.findall(_stream(objects[int(page)]))]
    return "\n".join(
        "".join(meanings[one] for one in _codes(_ESCAPED.sub(_unescaped, piece))) for piece in drawn
    )


def _stream(content: bytes) -> bytes:
    found = _STREAM.search(content)
    assert found, content[:80]
    return zlib.decompress(found[1]) if b"/FlateDecode" in content else found[1]


def _unescaped(found: re.Match[bytes]) -> bytes:
    return _PLAIN.get(found[1], found[1])


def _codes(shown: bytes) -> list[int]:
    return [int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2)]
