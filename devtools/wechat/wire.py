"""Trouble on the connection itself."""

import socket  # noqa: TID251  # ends connections that it was asked on
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Response

_KEY = "werkzeug.socket"


def drop(environ: Mapping[str, Any]) -> NoReturn:
    """End the connection without an answer. Raises ConnectionAbortedError for the server."""
    environ[_KEY].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def halve(response: Response, environ: Mapping[str, Any]) -> Response:
    """Promise the whole answer, send half of it and end the connection."""
    content = response.get_data()

    def half() -> Iterator[bytes]:
        yield content[: len(content) // 2]
        drop(environ)

    cut = Response(half(), response.status_code, content_type=response.content_type)
    cut.content_length = len(content)
    return cut
