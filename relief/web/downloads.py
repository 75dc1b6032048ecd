"""Sends a stored file, piece by piece."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response


def as_download(
    pieces: Iterator[bytes], size: int, *, name: str, media_type: str, inline: bool = False
) -> Response:
    """Return the answer that a browser saves under `name`; `inline`: that it shows."""
    response = Response(pieces, content_type=media_type)
    response.content_length = size
    how = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    return response


def as_pdf(content: bytes, *, name: str) -> Response:
    """Return the answer that a browser shows, and saves under `name`."""
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return response
