"""The stand-in for WeChat under test, someone who asks it, and someone whom it tells."""

import http.client  # noqa: TID251  # asks on this machine, and sees how a connection ends
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from devtools.wechat.server import running
from devtools.wechat.world import World
from tests.support.settings import START

TEMPLATE = "Progress-of-an-application-0000000000000001"
FIELDS = ["thing1", "phrase2", "date3"]
DATA = {
    "thing1": {"value": "临时救助"},
    "phrase2": {"value": "审核中"},
    "date3": {"value": "2026年11月23日"},
}


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Asker:
    """Asks the stand-in as a server would, and works it as a test does."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.appid, self.secret = "", ""
        app = self.ctl("GET", "app")
        self.appid, self.secret = app["appid"], app["secret"]

    def ask(
        self, method: str, path: str, query=None, body=None, *, raw=None, headers=None
    ) -> Reply:
        """Send one request on a connection of its own. Raises what the connection raises."""
        connection = http.client.HTTPConnection(  # noqa: TID251
            urlsplit(self.base).netloc, timeout=10
        )
        address = f"{path}?{urlencode(query)}" if query else path
        content = json.dumps(body, ensure_ascii=False).encode() if body is not None else raw
        try:
            connection.request(method, address, content, headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def ctl(self, method: str, path: str, body=None) -> Any:
        reply = self.ask(method, f"/_ctl/{path}", body=body)
        assert reply.status == 200, reply.content
        return reply.json()

    def arm(self, **fault: Any) -> None:
        self.ctl("POST", "faults", fault)

    def later(self, seconds: float) -> None:
        self.ctl("POST", "clock", {"advance_seconds": seconds})

    def person(self, **about: Any) -> str:
        return self.ctl("POST", "people", about)["openid"]

    def login_code(self, openid: str) -> str:
        return self.ctl("POST", f"people/{openid}/login")["code"]

    def app(self, **more: Any) -> dict[str, Any]:
        return {"appid": self.appid, "secret": self.secret} | more

    def session(self, code: str, **more: Any) -> Any:
        query = self.app(js_code=code, grant_type="authorization_code") | more
        return self.ask("GET", "/sns/jscode2session", query).json()

    def token(self, **more: Any) -> str:
        body = self.app(grant_type="client_credential") | more
        return self.ask("POST", "/cgi-bin/stable_token", body=body).json()["access_token"]

    def post(self, path: str, body: Any) -> Any:
        """Call an endpoint with a good token; the answer must be JSON."""
        return self.ask("POST", path, {"access_token": self.token()}, body).json()

    def allow(self, openid: str, *, add: int = 1, template: str = TEMPLATE, **more: Any) -> None:
        self.ctl("PUT", f"templates/{template}", {"fields": FIELDS, **more})
        self.ctl("POST", "subscriptions", {"openid": openid, "template_id": template, "add": add})

    def send(self, openid: str, **more: Any) -> Any:
        body = {"touser": openid, "template_id": TEMPLATE, "data": DATA} | more
        return self.post("/cgi-bin/message/subscribe/send", body)


@pytest.fixture
def wechat() -> Iterator[Asker]:
    """A stand-in whose time stands still at START until a test lets it pass."""
    with running(World(lambda: START, seed=1)) as stand_in:
        yield Asker(stand_in.base)


@dataclass
class Ear:
    """A server that WeChat tells things, or fetches them from."""

    base: str = ""
    heard: list[tuple[Mapping[str, str], Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    # What it says: to a question with `echostr`, to each message in turn (then "success"), and
    # to whoever fetches a path.
    echo: Callable[[str], str] = str
    says: list[tuple[int, bytes]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def ear() -> Iterator[Ear]:
    """Listen on a free port while the block runs."""
    about = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            about.asked.append(self.path)
            if path in about.files:
                return self.answer(200, about.files[path])
            echo = parse_qs(query).get("echostr")
            return self.answer(200, about.echo(echo[0]).encode()) if echo else self.answer(404, b"")

        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            query = {
                name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
            }
            about.heard.append((query, json.loads(content)))
            self.answer(*(about.says.pop(0) if about.says else (200, b"success")))

        def answer(self, status, content):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_parts):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        about.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield about
        finally:
            server.shutdown()
            thread.join()
