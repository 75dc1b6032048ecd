"""Calls from the stand-in to whoever tests with it: to this machine and nowhere else."""

import enum
import http.client  # noqa: TID251  # to this machine only, and as slowly as WeChat bears
import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

SECONDS: Final = 5.0
MOST_BYTES: Final = 10 << 20


class Fault(enum.StrEnum):
    """Why there is no answer; a failure of the connection is told by its kind instead."""

    NOT_HERE = "no address of this machine"
    TOO_LARGE = "too large"


class Unreachable(Exception):
    """There is no whole answer; the message says why."""


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    content: bytes


def call(method: str, url: str, body: bytes | None = None, *, seconds: float = SECONDS) -> Got:
    """Send one request; `seconds` is for each wait. Raises Unreachable."""
    host, port, target = _where(url)
    connection = http.client.HTTPConnection(host, port, timeout=seconds)  # noqa: TID251
    headers = {} if body is None else {"Content-Type": "application/json; charset=utf-8"}
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:  # noqa: TID251
        raise Unreachable(type(error).__name__) from None
    finally:
        connection.close()
    if len(content) > MOST_BYTES:
        raise Unreachable(Fault.TOO_LARGE)
    return Got(answer.status, content)


def _where(url: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise Unreachable(Fault.NOT_HERE) from None
    if parts.scheme != "http" or not here:
        raise Unreachable(Fault.NOT_HERE)
    return host, port, f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
