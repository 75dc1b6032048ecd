"""Web processes killed while clients repeat their POSTs with an `Idempotency-Key`.

A client that got no answer sends the same request again until it gets one, and for good measure
once more: each request has exactly one effect, and every answer to it is the same.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests  # noqa: TID251  # asks our own server, as a client of it

from relief.core.clock import system_clock
from relief.core.ids import new_id
from relief.registry.merging.service import merge
from tests.integration.test_run import free_ports, status
from tests.soak.harness import PASSWORD, Stage
from tests.support.scale import scaled
from tests.support.source import number, send

CLIENTS = 4
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
EFFECTS = {
    "/v1/accounts": "SELECT count(*) FROM account WHERE display_name = %s",
    "/v1/access-requests": "SELECT count(*) FROM access_request WHERE purpose LIKE '%%' || %s",
}
RECORDED = {
    "/v1/accounts": "SELECT count(*) FROM audit_event WHERE action = 'account:created'"
    " AND subject_id = %s",
    "/v1/access-requests": "SELECT count(*) FROM audit_event WHERE action = 'access_request:asked'"
    " AND details->>'request' = %s",
}


@dataclass
class Client:
    """Sends requests of one kind, each until it is answered, and once more."""

    address: str
    path: str
    token: str
    person: str
    stop: threading.Event
    answers: dict[str, list[Any]] = field(default_factory=dict)
    broken_off: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Send until told to stop; what was begun is brought to its end."""
        while not self.stop.is_set() and not self.faults:
            # Letters only: a long number in a remark is refused, as it may be a person's.
            name = f"x{new_id(system_clock()).hex[-12:]}".translate(_LETTERS)
            self.answers[name] = [self.send(name), self.send(name)]

    def send(self, name: str) -> Any:
        """Repeat one request until it is answered."""
        body = (
            {"username": name, "display_name": name, "post": "operations", "password": PASSWORD}
            if self.path == "/v1/accounts"
            else {"person_id": self.person, "purpose": "recheck", "remark": name}
        )
        pause = threading.Event()
        for _ in range(600):
            try:
                answer = requests.post(
                    self.address + self.path,
                    data=json.dumps(body),
                    headers={
                        "Authorization": f"Bearer {self.token}",
                        "Content-Type": "application/json",
                        "Idempotency-Key": name,
                        "Connection": "close",
                    },
                    timeout=20,
                )
            except requests.RequestException as error:
                # Refused: nobody was there. Anything else: killed with our request in hand.
                self.broken_off += "refused" not in str(error)
                pause.wait(0.1)
                continue
            if answer.status_code != 201:
                self.faults.append(f"{answer.status_code} {answer.text}")
            return answer.json()
        self.faults.append("never answered")
        return None


def a_person(stage: Stage) -> str:
    """Someone whom the reviewer of the sample has in scope."""
    with stage.session() as session:
        send(session, stage.cipher, "S01", {"number": number()}, now=system_clock())
        merge(session, cipher=stage.cipher, actor_id=None, now=system_clock())
    return str(stage.sql("SELECT id FROM person"))


def kill_web_processes(stage: Stage, clients: list[Client], port: int, kills: int) -> None:
    """Kill the web server, its workers and all, while the clients ask."""
    pause = threading.Event()
    for _ in range(kills):
        web = stage.start("serve", "web", "--port", str(port))
        stage.wait(lambda: status(port) == 200, seconds=60)
        answered = sum(len(client.answers) for client in clients)
        stage.wait(
            lambda answered=answered: sum(len(client.answers) for client in clients) > answered,
            seconds=60,
        )
        pause.wait(stage.chance.uniform(0, 0.8))
        stage.kill(web)


def scenario(stage: Stage, figures: dict[str, Any], *, kills: int) -> None:
    stage.afresh()
    port, stop = free_ports(1), threading.Event()
    who = {"/v1/accounts": stage.token("sysadmin"), "/v1/access-requests": stage.token("reviewer")}
    person = a_person(stage)
    clients = [
        Client(f"http://127.0.0.1:{port}", path, who[path], person, stop)
        for path in list(EFFECTS) * (CLIENTS // 2)
    ]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        kill_web_processes(stage, clients, port, kills)
    finally:
        stop.set()
        web = stage.start("serve", "web", "--port", str(port))
        for thread in threads:
            thread.join()
    stage.stop(web)
    figures["kills"] = kills
    figures["requests"] = sum(len(client.answers) for client in clients)
    figures["broken off"] = sum(client.broken_off for client in clients)
    check(stage, clients)
    assert figures["broken off"] > 0, "no request had to be repeated"


def check(stage: Stage, clients: list[Client]) -> None:
    """One effect, one audit row and one answer for each request."""
    assert [client.faults for client in clients if client.faults] == []
    for client in clients:
        for name, (first, second) in client.answers.items():
            assert first == second
            assert stage.sql(EFFECTS[client.path], name) == 1, name
            assert stage.sql(RECORDED[client.path], first["id"]) == 1, name


@pytest.mark.rehearsal
def test_a_post_repeated_to_killed_web_processes_has_one_effect(stage, figures):
    scenario(stage, figures, kills=2)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_posts_repeated_to_many_killed_web_processes_have_one_effect(stage, figures):
    scenario(stage, figures, kills=scaled(50))
