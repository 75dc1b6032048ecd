"""What a file is, is told by its first bytes."""

import pytest

from relief.attachments.media.kinds import KIND_OF, form_of
from relief.attachments.media.types import Form


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\xff\xd8\xff\xe0JFIF", Form.JPEG),
        (b"\x89PNG\r\n\x1a\n", Form.PNG),
        (b"RIFF\0\0\0\0WEBPVP8 ", Form.WEBP),
        (b"RIFF\0\0\0\0WAVEfmt ", Form.WAV),
        (b"RIFF\0\0\0\0AVI LIST", Form.VIDEO),
        (b"RIFF\0\0\0\0CDXA", Form.OTHER),
        (b"%PDF-1.7", Form.PDF),
        (b" %PDF-1.7", Form.OTHER),
        (b"ID3\x04", Form.MP3),
        (b"\xff\xfb\x90\x64", Form.MP3),
        (b"\xff\xf3\x90\x64", Form.MP3),
        (b"\xff\xf1\x50\x80", Form.AAC),
        (b"\xff\xf9\x50\x80", Form.AAC),
        (b"\xff\xff\xff\xff", Form.OTHER),
        (b"\xff", Form.OTHER),
        (b"", Form.OTHER),
        (b"\0\0\0\x20ftypM4A ", Form.M4A),
        (b"\0\0\0\x20ftypisom", Form.M4A),
        (b"\0\0\0\x20ftypheic", Form.HEIC),
        (b"\0\0\0\x20ftypavif", Form.HEIC),
        (b"\x1a\x45\xdf\xa3", Form.WEBM),
        (b"GIF89a", Form.GIF),
        (b"<?xml version='1.0'?><!-- x --><SVG xmlns=''>", Form.SVG),
        (b"<html><script>", Form.OTHER),
        (b"PK\x03\x04", Form.OTHER),
        (b"#EXTM3U", Form.OTHER),
    ],
)
def test_the_first_bytes_tell(content, form):
    assert form_of(content) is form


def test_what_is_known_only_to_be_refused_has_no_kind():
    assert not set(KIND_OF) & {Form.HEIC, Form.GIF, Form.SVG, Form.VIDEO, Form.OTHER}
