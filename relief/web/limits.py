"""How much one request may bring: refused before anything of it is read or understood."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import (
    BadRequest,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
)

MIB = 1 << 20
SMALL_BODY = 1 * MIB  # forms and JSON
FILE_BODY = 200 * MIB  # the largest department file is far below; the proxy may set less
MEDIA_BODY = 11 * MIB  # a picture or sound of 10 MiB, and the fields with it
FORM_TEXT = 256 << 10  # all fields of a form that are not files
FORM_PARTS = 200
ADDRESS_LENGTH = 4096  # path and query
QUERY_ARGUMENTS = 40
HEADER_COUNT = 64
HEADER_LENGTH = 16 << 10  # all of them; a cookie is the longest
JSON_DEPTH = 24
THREADS = 8  # of one process: how many requests it works at together
ASKING_WECHAT = THREADS // 2  # of these: how many may wait for WeChat; the others go on

View = TypeVar("View", bound=Callable[..., object])


def takes_files(view: View) -> View:
    """Mark a view whose requests may be as large as a department file."""
    view.takes_files = True  # type: ignore[attr-defined]  # a mark
    return view


def takes_media(view: View) -> View:
    """Mark a view whose requests bring one picture, sound or document."""
    view.takes_media = True  # type: ignore[attr-defined]  # a mark
    return view


def install(app: Flask) -> None:
    """Set the limits of `app`."""
    app.config.update(
        MAX_CONTENT_LENGTH=SMALL_BODY,
        MAX_FORM_MEMORY_SIZE=FORM_TEXT,
        MAX_FORM_PARTS=FORM_PARTS,
    )
    app.before_request(check)


def check() -> None:
    """Refuse a request that is too large in any way. Raises 400, 413, 414, 431."""
    _check_address()
    _check_headers()
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False):
        request.max_content_length = FILE_BODY
    elif getattr(view, "takes_media", False):
        request.max_content_length = MEDIA_BODY
    elif request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = FORM_TEXT  # Werkzeug reads such a form at once
    # A body whose length is not told is measured by whoever reads it.
    if (request.content_length or 0) > (request.max_content_length or SMALL_BODY):
        raise RequestEntityTooLarge


def is_too_deep(value: object, depth: int = JSON_DEPTH) -> bool:
    """Tell whether a value read from JSON is nested deeper than `depth`.

    >>> is_too_deep([[[1]]], 3), is_too_deep({"a": [[1]]}, 2)
    (False, True)
    """
    level: list[object] = [value]
    for _ in range(depth):
        level = [member for item in level for member in _members(item)]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def _members(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _check_address() -> None:
    query = request.query_string
    if len(request.environ.get("PATH_INFO", "")) + len(query) > ADDRESS_LENGTH:
        raise RequestURITooLarge
    if query.count(b"&") >= QUERY_ARGUMENTS:
        raise BadRequest


def _check_headers() -> None:
    headers = [(name, value) for name, value in request.environ.items() if name[:5] == "HTTP_"]
    length = sum(len(name) + len(str(value)) for name, value in headers)
    if len(headers) > HEADER_COUNT or length > HEADER_LENGTH:
        raise RequestHeaderFieldsTooLarge
