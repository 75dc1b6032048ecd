"""Calls to other systems: only to hosts on the list, and never to where an address may lead.

The setting RELIEF_OUTBOUND_HOSTS lists hosts with a comma between: `api.example.cn` allows
https on port 443, `api.example.cn:8443` on that port, and `127.0.0.1:9000` allows a service on
this very machine, by http too. An empty list allows nothing.

No other module calls out (a check in pyproject.toml). Errors and logs name the host, never the
path, the query or a header: there may be a secret in them.
"""

import enum
import ipaddress
import logging
import queue
import re
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError

from relief.integrations.pinned import Pinned

logger = logging.getLogger(__name__)
# It tells whole addresses, with what is in their query, when a header is not understood.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

TOTAL_SECONDS = 5.0
MOST_BYTES = 2 << 20
_HTTPS_PORT = 443
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*")
_PIECE = 64 << 10
_LAST_GOOD = 299
_REDIRECTS = range(300, 400)
# Addresses that carry another address inside: they could lead anywhere.
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


class Reason(enum.StrEnum):
    """Why there is no answer; a failure of the network is told by its kind instead."""

    NOT_HTTPS_ADDRESS = "not an https address"
    NOT_LISTED = "not on the list of RELIEF_OUTBOUND_HOSTS"
    NO_ADDRESS = "not an address"
    NO_SUCH_HOST = "no such host"
    ODD_ADDRESS = "not a plain address"
    ODD_HOST = "not a plain host name"
    ONLY_HTTPS = "only https leaves this machine"
    PACKED = "answers in a packed form"
    PRIVATE = "leads into a private network"
    REDIRECT = "answers with a redirect"
    TOO_MUCH = "answers with too much"
    TOO_SLOW = "too slow"


class OutboundError(Exception):
    """A call that was not made, or got no whole answer. Says the host and a reason, no more.

    `reached`: there was a connection, so the other side may have got what was sent.
    """

    def __init__(self, reason: str, host: str = "", *, reached: bool = False) -> None:
        super().__init__(f"{host or 'outbound'}: {reason}")
        self.reason, self.host, self.reached = reason, host, reached


class NotAllowed(OutboundError):
    """The call was refused before anything was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other system said."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_good(self) -> bool:
        """Tell whether the status is one of success."""
        return self.status <= _LAST_GOOD


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: everything here has been checked."""

    scheme: str
    host: str
    port: int
    is_local: bool


class Outbound:
    """The way out. One object may be shared by threads."""

    def __init__(self, allowed: Sequence[str], *, resolve: Resolve | None = None) -> None:
        self._allowed = frozenset(entry.strip().lower() for entry in allowed if entry.strip())
        self._resolve = resolve or _resolve

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = TOTAL_SECONDS,
    ) -> Answer:
        """Send one request and return the whole answer. Raises NotAllowed, OutboundError.

        Nothing is repeated and no redirect is followed. `seconds` counts from the look-up of
        the name to the last byte, and is at most TOTAL_SECONDS.
        """
        until = monotonic() + min(seconds, TOTAL_SECONDS)
        target = self.check(url)
        address = self._address(target, until)
        adapter = Pinned(address, target.host, until=until)
        with requests.Session() as session:
            session.trust_env = False  # no proxies, no .netrc, no certificates by environment
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            request = requests.Request(method, url, params=params, json=json, data=data)
            request.headers.update(
                {"Accept-Encoding": "identity", **(headers or {}), "Host": _host_header(target)}
            )
            try:
                return _send(session, session.prepare_request(request), target, until)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                reason = Reason.TOO_SLOW if monotonic() >= until else type(error).__name__
                logger.warning("a call failed", extra={"host": target.host, "reason": reason})
                raise OutboundError(reason, target.host, reached=adapter.was_connected) from None
            finally:
                adapter.release()

    def check(self, url: str) -> Target:
        """Return where an address leads, if it may be called. Raises NotAllowed."""
        parts = _split(url)
        host, port = (parts.hostname or "").lower(), parts.port
        if parts.scheme not in {"https", "http"} or not host:
            raise NotAllowed(Reason.NOT_HTTPS_ADDRESS)
        literal = _literal(host)
        if literal is None and not _NAME.fullmatch(host):
            raise NotAllowed(Reason.ODD_HOST)
        port = port or (_HTTPS_PORT if parts.scheme == "https" else 80)
        entry = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        is_local = host == "localhost" or (literal is not None and literal.is_loopback)
        is_listed = entry in self._allowed or (
            not is_local and port == _HTTPS_PORT and host in self._allowed
        )
        if not is_listed:
            raise NotAllowed(Reason.NOT_LISTED, host)
        if parts.scheme == "http" and not is_local:
            raise NotAllowed(Reason.ONLY_HTTPS, host)
        return Target(parts.scheme, host, port, is_local)

    def _address(self, target: Target, until: float) -> str:
        """Look the name up once, check every answer, and return the one to connect to."""
        found = _in_time(lambda: self._resolve(target.host, target.port), until, target.host)
        if not found:
            raise OutboundError(Reason.NO_SUCH_HOST, target.host)
        for text in found:
            address = _literal(text)
            good = address is not None and (
                address.is_loopback if target.is_local else is_public(address)
            )
            if not good:
                raise NotAllowed(Reason.PRIVATE, target.host)
        return found[0]


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public Internet, and carries no other inside.

    >>> is_public(ipaddress.ip_address("114.114.114.114"))
    True
    >>> is_public(ipaddress.ip_address("100.64.0.1"))
    False
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or any(address in net for net in _TUNNELS)
    ):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_private
    )


def _split(url: str) -> SplitResult:
    # Every reader of addresses has its own idea of these; none of ours needs them.
    if not url.isascii() or not url.isprintable() or any(mark in url for mark in " \\@#"):
        raise NotAllowed(Reason.ODD_ADDRESS)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise NotAllowed(Reason.NO_ADDRESS) from None
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = _HTTPS_PORT if target.scheme == "https" else 80
    return host if target.port == usual else f"{host}:{target.port}"


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _in_time(work: Callable[[], Sequence[str]], until: float, host: str) -> Sequence[str]:
    """Look a name up in a thread of its own: the library's function knows no time limit."""
    answer: queue.Queue[Sequence[str]] = queue.Queue()

    def run() -> None:
        try:
            answer.put(work())
        except (OSError, UnicodeError):
            answer.put(())

    threading.Thread(target=run, name="resolver", daemon=True).start()
    try:
        return answer.get(timeout=max(until - monotonic(), 0.01))
    except queue.Empty:
        raise OutboundError(Reason.TOO_SLOW, host) from None


def _send(
    session: requests.Session, request: requests.PreparedRequest, target: Target, until: float
) -> Answer:
    left = max(until - monotonic(), 0.01)
    response = session.send(
        request, timeout=(left, left), stream=True, allow_redirects=False, proxies={}
    )
    with response:
        if response.status_code in _REDIRECTS:
            raise OutboundError(Reason.REDIRECT, target.host, reached=True)
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise OutboundError(Reason.PACKED, target.host, reached=True)
        content = bytearray()
        for piece in response.raw.stream(_PIECE, decode_content=False):
            content += piece
            if len(content) > MOST_BYTES:
                raise OutboundError(Reason.TOO_MUCH, target.host, reached=True)
        if monotonic() >= until:
            raise OutboundError(Reason.TOO_SLOW, target.host, reached=True)
        return Answer(response.status_code, dict(response.headers), bytes(content))
