"""The stand-in as a server: in a thread of whoever asks, or as a process of its own."""

import socket  # noqa: TID251  # takes the port itself, to tell what is wrong with it
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from devtools.wechat.app import create_app
from devtools.wechat.world import World

_POLL_SECONDS = 0.05


class _Quiet(WSGIRequestHandler):
    """Keeps connections, as WeChat does, and writes no log: tokens stand in the addresses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing; the control API tells what was asked."""


@dataclass(frozen=True)
class StandIn:
    """A server that listens. `base` is its address, with a slash at the end."""

    world: World
    base: str
    server: BaseWSGIServer

    def serve(self) -> None:
        """Answer until `stop`."""
        self.server.serve_forever(_POLL_SECONDS)

    def stop(self) -> None:
        """Let `serve` return."""
        self.server.shutdown()


@contextmanager
def listening(world: World, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[StandIn]:
    """Give a server that has its port, and does not answer yet. Raises OSError."""
    with socket.create_server((host, port)) as taken:
        where, number = taken.getsockname()[:2]
        # Of the two servers in use here only this one lets an application end the connection.
        server = make_server(
            where,
            number,
            create_app(world),
            threaded=True,
            request_handler=_Quiet,
            fd=taken.fileno(),
        )
        try:
            yield StandIn(world, f"http://{where}:{number}/", server)
        finally:
            server.server_close()


@contextmanager
def running(world: World, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[StandIn]:
    """Answer from a thread while the block runs."""
    with listening(world, host=host, port=port) as stand_in:
        thread = threading.Thread(target=stand_in.serve, name="wechat", daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.stop()
            thread.join()
