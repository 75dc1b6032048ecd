"""The way out: what may be called, and what the other side may do."""

import contextlib
import socket  # noqa: TID251  # plays the other side, on this machine
import threading
import time

import pytest

from relief.integrations import outbound
from relief.integrations.outbound import NotAllowed, Outbound, OutboundError

PUBLIC = "114.114.114.114"
ALLOWED = ("api.example.cn", "port.example.cn:8443", "localhost:9000", "127.0.0.1:9000")

HOSTILE = [
    "http://api.example.cn/",
    "https://api.example.cn:8443/",
    "https://api.example.cn.evil.cn/",
    "https://evil.cn/api.example.cn",
    "https://evil.cn?api.example.cn",
    "https://evil.cn#api.example.cn",
    "https://api.example.cn@evil.cn/",
    "https://user:word@api.example.cn/",
    "https://evil.cn\\@api.example.cn/",
    "https://api.example.cn\\.evil.cn/",
    "https://api.example.cn /",
    "https://api.example.cn\r\nHost: evil.cn",
    "https://api.example.cn./",
    "https://ａｐｉ.example.cn/",
    "https://xn--api-.evil.cn/",
    "https://port.example.cn/",
    "ftp://api.example.cn/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:9000/_x",
    "//api.example.cn/",
    "api.example.cn",
    "",
    "https://",
    "https://api.example.cn:99999/",
    "https://api.example.cn:x/",
    "https://127.0.0.1/",
    "http://127.0.0.1:5432/",
    "http://127.1:9000/",
    "http://2130706433:9000/",
    "http://0x7f000001:9000/",
    "http://0177.0.0.1:9000/",
    "http://[::1]:9000/",
    "http://[::ffff:127.0.0.1]:9000/",
    "http://0.0.0.0:9000/",
    "http://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "https://[64:ff9b::7f00:1]/",
    "http://localhost.:9000/",
    "https://[api.example.cn/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_no_hostile_address_passes(url):
    asked = []
    out = Outbound(ALLOWED, resolve=lambda host, _port: asked.append(host) or [PUBLIC])

    with pytest.raises(NotAllowed):
        out.call("GET", url)

    assert asked == []


PRIVATE = (
    "10.1.2.3 172.16.0.1 192.168.1.1 127.0.0.1 127.8.8.8 0.0.0.0 169.254.169.254 100.64.0.1 "
    "224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 ff02::1 "
    "::ffff:114.114.114.114 64:ff9b::7272:7272 2002:7f00:1:: 2001:0:1::1 fe80::1%eth0 nonsense"
)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_a_name_that_leads_into_a_private_network_is_refused(address):
    out = Outbound(ALLOWED, resolve=lambda *_: [PUBLIC, address])

    with pytest.raises(NotAllowed, match="private network"):
        out.call("GET", "https://api.example.cn/")


def test_a_local_name_must_lead_to_this_machine():
    out = Outbound(ALLOWED, resolve=lambda *_: [PUBLIC])

    with pytest.raises(NotAllowed, match="private network"):
        out.call("GET", "http://localhost:9000/")


def test_an_empty_list_allows_nothing():
    with pytest.raises(NotAllowed, match="RELIEF_OUTBOUND_HOSTS"):
        Outbound(("", " ")).call("GET", "https://api.example.cn/")


def test_what_is_listed_is_allowed():
    out = Outbound(ALLOWED)

    assert out.check("https://API.example.cn/v1?x=1").port == 443
    assert out.check("https://port.example.cn:8443/").port == 8443
    assert out.check("http://127.0.0.1:9000/").is_local


@contextlib.contextmanager
def other_side(*pieces, every=0.0):
    """A server for one connection that says these pieces; what it heard, and its port."""
    heard = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError), listener.accept()[0] as wire:
            heard.append(wire.recv(65536))
            for piece in pieces:
                wire.sendall(piece)
                time.sleep(every)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def call(port, path="/", *, host="127.0.0.1", resolve=None, **more):
    out = Outbound([f"{host}:{port}"], resolve=resolve)
    return out.call("POST", f"http://{host}:{port}{path}", **more)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}"


def test_a_call_is_answered(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with other_side(OK) as (port, heard):
        answer = call(port, params={"a": "b"}, json={"x": 1}, headers={"X-Key": "k"})

    assert (answer.status, answer.is_good, answer.content) == (200, True, b"{}")
    assert answer.headers["X-A"] == "b"
    assert heard[0].startswith(b"POST /?a=b HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}\r\n".encode() in heard[0]
    assert b"X-Key: k" in heard[0]


def test_the_name_is_looked_up_once_and_that_address_is_called():
    asked = []

    def resolve(host, _port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [PUBLIC]

    with other_side(OK) as (port, heard):
        assert call(port, host="localhost", resolve=resolve).status == 200

    assert asked == ["localhost"]
    assert f"Host: localhost:{port}\r\n".encode() in heard[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "redirect"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx", "packed"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (outbound.MOST_BYTES + 9), "too much"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "ProtocolError|ConnectionError"),
        (b"nonsense\r\n\r\n", "ConnectionError"),
        (b"", "ConnectionError"),
    ],
)
def test_what_the_other_side_may_not_do(answer, reason):
    with other_side(answer) as (port, _), pytest.raises(OutboundError, match=reason):
        call(port)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_drip_ends_in_time(head):
    begun = time.monotonic()
    with other_side(head, *[b"x"] * 40, every=0.1) as (port, _):
        with pytest.raises(OutboundError, match="too slow"):
            call(port, seconds=0.5)
        assert time.monotonic() - begun < 2


def test_a_slow_look_up_ends_in_time():
    out = Outbound(ALLOWED, resolve=lambda *_: time.sleep(1) or [PUBLIC])

    with pytest.raises(OutboundError, match="too slow"):
        out.call("GET", "https://api.example.cn/", seconds=0.1)


def test_no_such_host():
    def resolve(*_):
        raise socket.gaierror

    with pytest.raises(OutboundError, match="no such host"):
        Outbound(ALLOWED, resolve=resolve).call("GET", "https://api.example.cn/")


def test_errors_and_logs_tell_no_secret(caplog):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(OutboundError) as caught:
        call(port, "/path-secret?token=query-secret", headers={"X-Key": "header-secret"})

    told = f"{caught.value!r} {caught.value.__cause__!r} {caplog.text} {caplog.records[0].__dict__}"
    assert "127.0.0.1" in told
    assert "secret" not in told
