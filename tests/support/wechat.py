"""A scripted other side for the gateway: says what a test tells it to, and keeps what it heard."""

import contextlib
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from relief.core.wechat_settings import WeChatSettings
from relief.integrations.outbound import Outbound
from relief.integrations.wechat import gateway
from tests.support.settings import FakeClock, cipher_with

APPID = "wxba5fad812f8e6fb9"
SECRET = "5ec2e7" * 5 + "5e"
PUSH_TOKEN = "AAAAA"
TOKEN_PATH = "/cgi-bin/stable_token"
DROP = object()  # ends the connection without an answer


@dataclass(frozen=True)
class Heard:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    content_type: str | None


@dataclass
class Scripted:
    """What it says of each path, one after the other; the last is said again and again.

    A dict is JSON, bytes are a picture, a number is a status, DROP ends the connection.
    """

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    delay: float = 0.0
    token: str = "secret-token-1"
    _says: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))

    def says(self, path: str, *answers: Any) -> None:
        self._says[path] = deque(answers)

    def answer(self, heard: Heard) -> Any:
        self.heard.append(heard)
        time.sleep(self.delay)
        said = self._says.get(heard.path)
        if said:
            return said.popleft() if len(said) > 1 else said[0]
        if heard.path == TOKEN_PATH:
            if heard.body["force_refresh"]:
                self.token = f"secret-forced-{len(self.heard)}"
            return {"access_token": self.token, "expires_in": 7200}
        return {"errcode": 0, "errmsg": "ok"}

    def paths(self) -> list[str]:
        return [one.path for one in self.heard]


@contextlib.contextmanager
def scripted() -> Iterator[Scripted]:
    """Serve until the block ends."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = script.answer(
                Heard(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    json.loads(raw) if raw else None,
                    self.headers.get("Content-Type"),
                )
            )
            if said is DROP:
                self.close_connection = True
                return
            status = said if isinstance(said, int) else 200
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            with contextlib.suppress(OSError):  # whoever asked may have gone
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  # the standard library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def settings_of(port: int, **more: str) -> WeChatSettings:
    """Return the settings of an invented mini program whose API is on this machine."""
    return WeChatSettings(
        appid=APPID,
        secret=SECRET,
        push_token=PUSH_TOKEN,
        base=f"http://127.0.0.1:{port}/",
        **more,
    )


def gateway_of(port: int, opened: Any, clock: Any = None, **more: str) -> gateway.Gateway:
    """Return a gateway that asks this port."""
    return gateway.build(
        settings_of(port, **more),
        outbound=Outbound([f"127.0.0.1:{port}"]),
        opened=opened,
        cipher=cipher_with(),
        clock=clock or FakeClock(),
    )
