"""Ports of this machine."""

import socket  # noqa: TID251  # listens to nobody
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf_port() -> Iterator[int]:
    """Give a port where nobody listens, nor will while the block runs.

    A port that was just closed may be another test's by the time it is called.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
