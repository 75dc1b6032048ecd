"""What is armed at the stand-in for WeChat, and who may arm it."""

import http.client  # noqa: TID251
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from devtools.wechat.app import create_app
from devtools.wechat.control import PREFIX
from devtools.wechat.refusals import WORDS
from devtools.wechat.world import World
from relief.cli.wechat import wechat as command
from tests.support.settings import START

SEND = "/cgi-bin/message/subscribe/send"
LOGIN = "/sns/jscode2session"
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("code", WORDS)
def test_every_code_can_be_armed(wechat, code):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, errcode=code)

    answer = wechat.send(openid)

    assert answer["errcode"] == code
    assert answer["errmsg"].startswith(f"{WORDS[code]} rid: ")
    assert wechat.send(openid)["errcode"] == 0


def test_an_error_strikes_the_next_calls_of_its_endpoint_only(wechat):
    openid = wechat.person()
    code = wechat.login_code(openid)
    wechat.arm(path=LOGIN, errcode=-1, times=2)
    wechat.allow(openid)

    assert wechat.send(openid)["errcode"] == 0
    assert [wechat.session(code).get("errcode") for _ in range(3)] == [-1, -1, None]
    assert wechat.ctl("GET", "faults")["items"] == []


def test_an_error_for_ever_ends_when_it_is_taken_away(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, errcode=40001, times=None)

    assert {wechat.send(openid)["errcode"] for _ in range(20)} == {40001}
    wechat.ctl("DELETE", "faults")
    assert wechat.send(openid)["errcode"] == 0


def test_an_error_may_have_words_of_its_own(wechat):
    wechat.arm(errcode=12345, errmsg="something new")

    answer = wechat.session("any")

    assert answer["errcode"] == 12345
    assert answer["errmsg"].startswith("something new rid: ")


def test_the_first_armed_strikes_first(wechat):
    code = wechat.login_code(wechat.person())
    wechat.arm(path=LOGIN, errcode=45011)
    wechat.arm(path="*", status=502)

    assert wechat.session(code)["errcode"] == 45011
    query = wechat.app(js_code=code, grant_type="authorization_code")
    reply = wechat.ask("GET", LOGIN, query)
    assert reply.status == 502
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "openid" in wechat.session(code)


def test_a_delay_is_a_delay(wechat):
    code = wechat.login_code(wechat.person())
    wechat.arm(path=LOGIN, delay_seconds=0.3)
    begun = time.monotonic()

    assert "openid" in wechat.session(code)
    assert time.monotonic() - begun >= 0.3


def test_a_connection_dropped_before_leaves_no_trace(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, cut="before")

    with pytest.raises(http.client.RemoteDisconnected):  # noqa: TID251
        wechat.send(openid)

    assert wechat.ctl("GET", "sent")["items"] == []
    assert wechat.send(openid)["errcode"] == 0


def test_a_connection_dropped_after_has_sent_the_message(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, cut="after")

    with pytest.raises(http.client.RemoteDisconnected):  # noqa: TID251
        wechat.send(openid)

    assert len(wechat.ctl("GET", "sent")["items"]) == 1
    assert wechat.send(openid)["errcode"] == 43101


def test_half_an_answer_is_half_an_answer(wechat):
    openid = wechat.person()
    wechat.allow(openid)
    wechat.arm(path=SEND, cut="half")

    with pytest.raises(http.client.IncompleteRead) as caught:  # noqa: TID251
        wechat.send(openid)

    assert caught.value.partial.startswith(b'{"errcode":0')
    assert len(wechat.ctl("GET", "sent")["items"]) == 1


def test_a_lost_answer_may_come_with_the_deed_done(wechat):
    openid = wechat.person()
    wechat.allow(openid, add=2)
    wechat.arm(path=SEND, errcode=-1, done=True)
    wechat.arm(path=SEND, errcode=-1)

    assert [wechat.send(openid)["errcode"] for _ in range(2)] == [-1, -1]
    assert len(wechat.ctl("GET", "sent")["items"]) == 1


def test_an_answer_may_be_no_json(wechat):
    wechat.arm(path=LOGIN, text="<html>welcome")

    reply = wechat.ask("GET", LOGIN)

    assert (reply.status, reply.content) == (200, b"<html>welcome")


def test_everything_that_was_asked_is_read_back(wechat):
    code = wechat.login_code(wechat.person())
    wechat.arm(path=LOGIN, status=500)
    wechat.ask("GET", LOGIN, {"js_code": code})
    wechat.session(code)
    wechat.token()

    first, second = wechat.ctl("GET", f"calls?path={LOGIN}")["items"]

    assert first["query"] == {"js_code": code}
    assert (first["status"], first["fault"]) == (500, "status=500")
    assert (second["status"], second["fault"]) == (200, "")
    assert second["answer"]["openid"]
    assert len(wechat.ctl("GET", "calls")["items"]) == 3
    wechat.ctl("DELETE", "calls")
    assert wechat.ctl("GET", "calls")["items"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"path": "/nothing"}),
        ("faults", {"errcode": 12345}),
        ("faults", {"cut": "never"}),
        ("faults", {"times": 0}),
        ("faults", {"unknown": 1}),
        ("limits", {"path": "/nothing"}),
        ("people", {"risk_rank": 5}),
        ("clock", {"advance_seconds": -1}),
        ("subscriptions", {"openid": "o", "template_id": "none"}),
        ("words", {"word": "x", "suggest": "perhaps"}),
    ],
)
def test_the_control_refuses_what_does_not_fit(wechat, path, body):
    reply = wechat.ask("POST", f"{PREFIX}/{path}", body=body)

    assert reply.status == 400
    assert reply.json()["error"]


def test_a_template_has_fields_of_a_known_kind(wechat):
    reply = wechat.ask("PUT", f"{PREFIX}/templates/x", body={"fields": ["nothing1"]})

    assert reply.status == 400
    assert "nothing1" in reply.content.decode()


@pytest.mark.parametrize(
    "path", ["people/oNobody/login", "people/oNobody/phone", "codes/none/use", "codes/none/expire"]
)
def test_the_control_knows_only_what_was_made(wechat, path):
    assert wechat.ask("POST", f"{PREFIX}/{path}", body={"phone": "13900000001"}).status == 404


def test_the_control_answers_only_to_names_of_this_machine(wechat):
    def status(host):
        return wechat.ask("GET", f"{PREFIX}/app", headers={"Host": host}).status

    assert [status(host) for host in ("localhost", "127.0.0.1:80", "[::1]")] == [200] * 3
    assert [status(host) for host in ("evil.example.cn", "127.0.0.1.evil.cn", "")] == [404] * 3


@pytest.mark.parametrize("origin", ["null", "https://evil.example.cn", "http://localhost:5173"])
def test_the_control_answers_to_no_page_of_a_browser(wechat, origin):
    reply = wechat.ask("POST", f"{PREFIX}/reset", body={}, headers={"Origin": origin})

    assert reply.status == 404
    assert wechat.ask("POST", f"{PREFIX}/reset", body={}).status == 200


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("10.0.0.7", 404)])
def test_the_control_answers_only_to_this_machine(address, status):
    client = create_app(World(lambda: START)).test_client()

    found = client.get(f"{PREFIX}/app", environ_base={"REMOTE_ADDR": address})

    assert found.status_code == status
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": address}).status_code == 200


def test_what_wechat_does_not_have_is_not_there(wechat):
    assert wechat.ask("GET", "/cgi-bin/nothing").status == 404
    assert wechat.ask("GET", "/healthz").json() == {"status": "ok"}


def test_the_command_serves_until_it_is_told_to_stop():
    words = [sys.executable, "-m", "relief.cli", "wechat", "--port", "0", "--seed", "7"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            base = ""
            for line in process.stdout:
                if line.startswith("ready "):
                    base = line.split()[1]
                    break
            connection = http.client.HTTPConnection(base.split("/")[2], timeout=10)  # noqa: TID251
            connection.request("GET", "/_ctl/app")
            assert connection.getresponse().status == 200
            connection.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.cn", "", "127.1"])  # noqa: S104
def test_the_command_listens_on_this_machine_only(host):
    told = CliRunner().invoke(command, ["--host", host])

    assert told.exit_code == 2
    assert "只能是本机地址" in told.output


def test_the_command_says_why_it_cannot_begin(wechat):
    port = wechat.base.rsplit(":", 1)[1].strip("/")
    words = [sys.executable, "-m", "relief.cli", "wechat", "--port", port]

    told = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True)

    assert told.returncode == 1
    assert f"无法在 127.0.0.1:{port} 上监听" in told.stderr
