"""A connection to one address that was checked before, cut off when its time is over."""

import contextlib
import socket
import threading
from time import monotonic
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool


class Pinned(HTTPAdapter):
    """Connects to `address` whatever name the request carries; certificates are for `host`.

    The name is not looked up again: whoever answers for it could say another address the second
    time. At `until` (monotonic) the connection is shut down, however slowly the other side sends:
    a limit on each single read never ends a drip.
    """

    def __init__(self, address: str, host: str, *, until: float) -> None:
        self._address, self._host, self._until = address, host, until
        self._wire: socket.socket | None = None
        self._timer: threading.Timer | None = None
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Replace the name by the address, and keep the name for TLS."""
        where, how = super().build_connection_pool_key_attributes(request, verify, cert)
        where["host"] = self._address
        if where["scheme"] == "https":
            named = {"server_hostname": self._host, "assert_hostname": self._host}
            return where, {**how, **named}
        return where, how

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> ConnectionPool:
        """Return a pool whose one connection is watched."""
        pool = super().get_connection_with_tls_context(*args, **named)
        assert isinstance(pool, HTTPConnectionPool)  # noqa: S101  # narrows for the type checker
        watch = self._watch

        class Watched(pool.ConnectionCls):  # type: ignore[misc,name-defined]  # http or https
            def _new_conn(self) -> socket.socket:
                wire: socket.socket = super()._new_conn()
                watch(wire)
                return wire

        pool.ConnectionCls = Watched
        return pool

    @property
    def was_connected(self) -> bool:
        """Tell whether anything can have been sent."""
        return self._wire is not None

    def release(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
        if self._wire is not None:
            self._wire.close()

    def _watch(self, wire: socket.socket) -> None:
        # TLS takes the socket over; a second handle on the same connection can still end it.
        self._wire = wire.dup()
        self._timer = threading.Timer(max(self._until - monotonic(), 0), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            if self._wire is not None:
                self._wire.shutdown(socket.SHUT_RDWR)
