"""Sends part of a file (HTTP Range, RFC 9110 section 14): who listens may jump."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

Part = Callable[[int, int], Iterator[bytes]]


def wanted(size: int, tag: str) -> tuple[int, int] | None:
    """Return first and last byte that the request asks for, or None for the whole.

    `tag`: the strong entity tag; a request that has parts of another version gets the whole, and
    so does one for several parts, which no player asks for. Raises RequestedRangeNotSatisfiable.
    """
    asked = request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) > 1:
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    found = asked.range_for_length(size)
    if found is None and size and asked.ranges[0][0] <= -size:
        return 0, size - 1  # of a file shorter than the end that is asked for: all of it
    if found is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return found[0], found[1] - 1


def in_part(response: Response, size: int, *, digest: str, part: Part) -> Response:
    """Let an answer that holds a whole file hold the part that was asked for, if one was.

    `digest`: of the file. Raises RequestedRangeNotSatisfiable.
    """
    tag = f'"{digest}"'
    response.headers["ETag"], response.headers["Accept-Ranges"] = tag, "bytes"
    found = wanted(size, tag)
    if found is not None:
        first, last = found
        response.response = part(first, last)
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.content_length = last - first + 1
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response
