"""Tells what a file is by its first bytes: never by its name, nor by what its sender says."""

from collections.abc import Mapping

from relief.attachments.media.types import Form, MediaKind

KIND_OF: Mapping[Form, MediaKind] = {
    Form.JPEG: MediaKind.PICTURE,
    Form.PNG: MediaKind.PICTURE,
    Form.WEBP: MediaKind.PICTURE,
    Form.PDF: MediaKind.DOCUMENT,
    Form.MP3: MediaKind.SOUND,
    Form.AAC: MediaKind.SOUND,
    Form.M4A: MediaKind.SOUND,
    Form.WAV: MediaKind.SOUND,
    Form.WEBM: MediaKind.SOUND,
}
_STARTS = (
    (b"\xff\xd8\xff", Form.JPEG),
    (b"\x89PNG\r\n\x1a\n", Form.PNG),
    (b"%PDF-", Form.PDF),
    (b"GIF8", Form.GIF),
    (b"ID3", Form.MP3),
    (b"\x1a\x45\xdf\xa3", Form.WEBM),
    (b"FLV\x01", Form.VIDEO),
    (b"\x00\x00\x01\xba", Form.VIDEO),
)
_RIFF = {b"WEBP": Form.WEBP, b"WAVE": Form.WAV, b"AVI ": Form.VIDEO}
# Pictures in the box format of MP4; what is neither of them is sound or video, which only
# whoever reads its tracks can tell.
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
_TEXT_HEAD = 1024


def form_of(content: bytes) -> Form:
    """Return how a file is written.

    >>> form_of(b"GIF89a"), form_of(b"<?xml ?><svg/>"), form_of(b"hello")
    (<Form.GIF: 'gif'>, <Form.SVG: 'svg'>, <Form.OTHER: 'other'>)
    """
    for start, form in _STARTS:
        if content.startswith(start):
            return form
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12], Form.OTHER)
    if content[4:8] == b"ftyp":
        return Form.HEIC if content[8:12] in _HEIC else Form.M4A
    if b"<svg" in content[:_TEXT_HEAD].lower():
        return Form.SVG
    return _frames(content)


def _frames(content: bytes) -> Form:
    """Tell frames of MPEG sound without a head: twelve bits set, then the layer."""
    if content[:1] != b"\xff" or len(content) < 2:  # noqa: PLR2004  # two bytes
        return Form.OTHER
    if content[1] & 0xF6 == 0xF0:  # noqa: PLR2004  # ADTS: layer 0
        return Form.AAC
    return Form.MP3 if content[1] & 0xE6 == 0xE2 else Form.OTHER  # noqa: PLR2004  # layer III
