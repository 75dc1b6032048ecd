"""The health page of a process that serves nothing else: `/healthz` on a port of its own."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

logger = logging.getLogger(__name__)

PATH = "/healthz"
Facts = Callable[[], Mapping[str, Any]]


@contextmanager
def health_page(port: int, facts: Facts, host: str = "127.0.0.1") -> Iterator[None]:
    """Answer `/healthz` while the block runs: 200 if the facts say `alive`, else 503."""

    class Handler(BaseHTTPRequestHandler):
        """Answers one path."""

        def do_GET(self) -> None:
            """Tell whether the process works."""
            status, body = _answer(facts) if self.path == PATH else (HTTPStatus.NOT_FOUND, {})
            data = json.dumps(body, ensure_ascii=False, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_parts: object) -> None:
            """Write no log: it is asked every few seconds."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), name="healthz", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _answer(facts: Facts) -> tuple[HTTPStatus, dict[str, Any]]:
    try:
        found = dict(facts())
    except Exception:  # whatever it is, the process cannot work
        logger.warning("the health page found no answer", exc_info=True)
        return HTTPStatus.SERVICE_UNAVAILABLE, {"status": "no-database"}
    alive = bool(found.get("alive"))
    status = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
    return status, {"status": "ok" if alive else "stuck", **found}
