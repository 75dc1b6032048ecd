"""Decisions while web processes and the database are killed, each asked for until it is answered.

A client that got no answer sends the same decision with the same `Idempotency-Key`; now and then
it does not wait for the answer at all. Of every tenth decision the answer is lost for certain: its
client hangs up without reading when the decision stands in the database, and asks again by the key.
Each case is decided once: one decision, one entitlement, one row of each kind in the trail, one
message in the outbox, one telling that is due with its reminders, and one answer, whoever asks for
it how often.
"""

import contextlib
import json
import queue
import random
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection  # noqa: TID251  # hangs up on our own server
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import requests  # noqa: TID251  # asks our own server, as a client of it

from devtools.bench.copying import copy_cases
from devtools.bench.templates import Walker, make_staff
from relief.core.clock import system_clock
from tests.integration.test_run import free_ports, status
from tests.soak.harness import PASSWORD, Stage
from tests.soak.test_repeated_posts import a_person
from tests.support.scale import scaled

CLIENTS = 4
SCHEME = "S01"  # several departments, a notice, and a telling after the decision
IMPATIENT = 0.1  # so many do not wait for their first answer
UNHEARD = 10  # of so many one is not listened to, whatever chance does
TRIES = 900
PEOPLE = """
INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', uuidv7(), 'citizen_id', NULL, 'phone', NULL, 'account', NULL, 'health', NULL))).*
FROM person p, generate_series(2, %s)
"""
COPIES = """
SELECT row_number() OVER (ORDER BY p.id) AS n, %s::uuid AS template, p.id AS person, 0 AS days,
    'SOAK-' || row_number() OVER (ORDER BY p.id) AS number
FROM person p WHERE p.id <> %s
"""
COUNTS = {
    "decisions": "SELECT count(*) FROM case_decision",
    "entitlements": "SELECT count(*) FROM entitlement",
    "audit rows": "SELECT count(*) FROM audit_event WHERE action = 'case:decided'",
    "audit rows of entitlements": "SELECT count(*) FROM audit_event"
    " WHERE action = 'entitlement:opened'",
    "lines of timelines": "SELECT count(*) FROM case_step WHERE step = 'decided'",
    "answers kept": "SELECT count(*) FROM idempotency_record WHERE sealed IS NOT NULL",
    "outbox rows": "SELECT count(*) FROM outbox_message WHERE dedupe_key LIKE 'decided:%'",
    "tellings due": "SELECT count(*) FROM case_stage WHERE kind = 'telling' AND status = 'open'",
    "tellings with reminders": "SELECT count(DISTINCT m.stage_id) FROM case_reminder m"
    " JOIN case_stage s ON s.id = m.stage_id WHERE s.kind = 'telling' AND m.told_at IS NULL",
}
DECISION = {
    "granted": True,
    "amount_fen": 56400,
    "reason": "符合条件",
    "departs": "规则没有涵盖的情形",
}
# Of each case one of everything: sums alone could hide one too many beside one too few.
HALVES = """
SELECT count(*) FROM aid_case c
WHERE c.status <> 'decided'
    OR (SELECT count(*) FROM case_decision d JOIN entitlement e ON e.decision_id = d.id
        WHERE d.case_id = c.id AND e.person_id = c.person_id) <> 1
    OR (SELECT count(*) FROM audit_event a
        WHERE a.subject_id = c.id AND a.action = 'case:decided') <> 1
    OR (SELECT count(*) FROM case_stage s
        WHERE s.case_id = c.id AND s.kind = 'telling' AND s.status = 'open') <> 1
    OR (SELECT count(*) FROM outbox_message o JOIN case_decision d
        ON o.dedupe_key = 'decided:' || d.id
        WHERE d.case_id = c.id AND o.recipient_id = c.entered_by) <> 1
    OR (SELECT count(*) FROM case_step t WHERE t.case_id = c.id) <> c.steps
"""
# As many reminders of the one telling as of any other.
UNEVEN = """
SELECT count(DISTINCT planned) - 1 FROM (
    SELECT count(*) AS planned FROM case_reminder m JOIN case_stage s ON s.id = m.stage_id
    WHERE s.kind = 'telling' GROUP BY m.case_id
) x
"""
STANDS = "SELECT count(*) FROM case_decision WHERE case_id = %s"
MADE = "SELECT jsonb_object_agg(case_id, extract(epoch FROM decided_at)) FROM case_decision"


@dataclass
class Client:
    """Decides cases one after the other, each until it is answered, and asks once more."""

    address: str
    token: str
    cases: "queue.SimpleQueue[tuple[int, str]]"
    chance: random.Random
    stands: Callable[[str], bool]  # the decision of a case is in the database
    answers: dict[str, Any] = field(default_factory=dict)
    broken_off: int = 0
    not_waited_for: int = 0
    unheard: int = 0
    replayed: int = 0
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Decide until none is left."""
        while not self.faults:
            try:
                place, case = self.cases.get_nowait()
            except queue.Empty:
                return
            if place % UNHEARD == 0:
                answer = self.send_unheard(case)
            else:
                answer = self.send(case, impatient=self.chance.random() < IMPATIENT)
            if answer != self.send(case, impatient=False):
                self.faults.append(f"{case}: another answer to the same key")
            self.answers[case] = answer

    def send_unheard(self, case: str) -> Any:
        """Let the answer be lost: hang up when the decision stands, then ask again by the key."""
        pause = threading.Event()
        for _ in range(TRIES):
            with contextlib.suppress(OSError), contextlib.closing(self.asked(case)):
                for _ in range(40):
                    if self.stands(case):
                        break
                    pause.wait(0.05)
            if self.stands(case):
                self.unheard += 1
                return self.send(case, impatient=False, lost=True)
            pause.wait(0.1)  # it was killed before the decision stood
        self.faults.append(f"{case}: never decided")
        return None

    def send(self, case: str, *, impatient: bool, lost: bool = False) -> Any:
        """Repeat one decision until it is answered. `lost`: it was served, and nobody heard it."""
        pause, last = threading.Event(), ""
        for _ in range(TRIES):
            began = system_clock()
            try:
                answer = self.post(case, 20 if not impatient else self.chance.uniform(0.01, 0.2))
            except requests.RequestException as error:
                # Refused: nobody was there. Anything else: our request may have been served.
                last = str(error)
                lost = lost or "refused" not in str(error)
                self.not_waited_for += impatient
                self.broken_off += not impatient and "refused" not in str(error)
                pause.wait(0 if impatient else 0.1)
                impatient = False
                continue
            if answer.status_code >= 500:  # the database is down; it may have died in a commit
                lost, last = True, f"{answer.status_code} {answer.text}"
                pause.wait(0.1)
                continue
            if answer.status_code != 200:
                self.faults.append(f"{case}: {answer.status_code} {answer.text}")
                return None
            told = answer.json()
            decided_at = datetime.fromisoformat(told["decision"]["decided_at"])
            self.replayed += lost and decided_at < began
            return told
        self.faults.append(f"{case}: never answered, at last {last}")
        return None

    def post(self, case: str, seconds: float) -> requests.Response:
        """Send one decision once."""
        return requests.post(
            self.address + path_of(case),
            json=DECISION,
            headers=self.headers(case),
            timeout=seconds,
        )

    def asked(self, case: str) -> HTTPConnection:
        """Send one decision once, and do not listen."""
        server = urlsplit(self.address)
        line = HTTPConnection(str(server.hostname), server.port, timeout=20)
        try:
            headers = self.headers(case) | {"Content-Type": "application/json"}
            line.request("POST", path_of(case), json.dumps(DECISION), headers)
        except OSError:
            line.close()
            raise
        return line

    def headers(self, case: str) -> dict[str, str]:
        """The key of each case is its own."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": case,
            "Connection": "close",
        }


def path_of(case: str) -> str:
    """Where a case is decided."""
    return f"/v1/cases/{case}/decision"


def prepare(stage: Stage, count: int) -> Sequence[str]:
    """Return so many cases that wait for nothing but the decision: one made, the others its copies.

    The first is brought there by the services, as everybody's would be.
    """
    person = uuid.UUID(a_person(stage))
    with stage.session() as session:
        now = system_clock()
        walker = Walker(session, make_staff(session, password=PASSWORD, now=now), now)
        walker.now -= timedelta(days=14)
        template = walker.submit(person, SCHEME)
        walker.go_on(template)
    with psycopg.connect(stage.url) as connection:
        connection.execute(PEOPLE, [count])
        # The copies have no number of their own, and the first is on the scheme's list.
        connection.execute(
            "UPDATE check_rule SET valid_to = '2026-01-01' WHERE code IN ('A01', 'A05')"
        )
        copied = copy_cases(connection, COPIES, [template, person])
        found = connection.execute("SELECT id::text FROM aid_case").fetchall()
    assert (copied, len(found)) == (count - 1, count)
    return [case for (case,) in found]


class Killer:
    """Kills while the clients work, at moments that chance decides."""

    def __init__(self, stage: Stage, port: int, clients: Sequence[Client]) -> None:
        self.stage, self.port, self.clients = stage, port, clients
        self.ended = 0
        self.web = self.start()

    def start(self) -> Any:
        """Start the web server; it answers when this returns."""
        web = self.stage.start("serve", "web", "--port", str(self.port))
        self.stage.wait(lambda: status(self.port) == 200, seconds=60)
        return web

    def look_after(self) -> None:
        """Start the server again if it has ended, as whoever runs it does.

        It ends of its own accord when a worker dies twice within some seconds.
        """
        if self.web.poll() is not None:
            self.ended += 1
            self.web = self.start()

    def reached(self, target: int) -> bool:
        """So many were answered, or something went wrong."""
        self.look_after()
        return self.decided() >= target or bool(self.faults())

    def decided(self) -> int:
        """How many were answered."""
        return sum(len(client.answers) for client in self.clients)

    def faults(self) -> list[str]:
        """What went wrong."""
        return [fault for client in self.clients for fault in client.faults]

    def go(self, *, count: int, kills: int, databases: int) -> dict[str, int]:
        """Kill so often, spread over the decisions; return how often what was killed."""
        doom: list[Callable[[], str]] = [self.process] * kills + [self.database] * databases
        self.stage.chance.shuffle(doom)
        pause = threading.Event()
        done: dict[str, int] = {}
        for number, kill in enumerate(doom):
            after = int(count * (number + self.stage.chance.random()) / (len(doom) + 1))
            target = max(after, self.decided() + 1)
            self.stage.wait(lambda target=target: self.reached(target), seconds=120)
            assert self.faults() == []
            assert self.decided() < count, "a kill that no decision met proves nothing"
            pause.wait(self.stage.chance.uniform(0, 0.3))
            what = kill()
            done[what] = done.get(what, 0) + 1
        return done

    def process(self) -> str:
        """Kill one worker of the server, which it replaces; or the server, workers and all."""
        self.look_after()
        server = psutil.Process(self.web.pid)
        workers = [one for one in server.children() if one.cmdline() == server.cmdline()]
        if workers and self.stage.chance.random() < 0.5:
            worker = self.stage.chance.choice(workers)
            worker.kill()
            return "workers killed"
        self.stage.kill(self.web)
        self.web = self.start()
        return "servers killed"

    def database(self) -> str:
        """Kill the database under the running server, which finds it again where it was."""
        before = self.stage.owner_url
        self.stage.kill_database()
        self.stage.recover()
        if self.stage.owner_url != before:  # somebody took its port meanwhile
            self.stage.kill(self.web)
            self.web = self.start()
        return "databases killed"


def scenario(
    stage: Stage, figures: dict[str, Any], *, count: int, kills: int, databases: int
) -> None:
    stage.afresh()
    port, cases = free_ports(1), queue.SimpleQueue[tuple[int, str]]()
    for placed in enumerate(prepare(stage, count)):
        cases.put(placed)

    def stands(case: str) -> bool:
        with contextlib.suppress(psycopg.OperationalError):  # the database was killed
            return bool(stage.sql(STANDS, case))
        return False

    token = stage.token("approver")
    clients = [
        Client(
            f"http://127.0.0.1:{port}",
            token,
            cases,
            random.Random(stage.seed + number),  # noqa: S311  # no secret
            stands,
        )
        for number in range(CLIENTS)
    ]
    killer = Killer(stage, port, clients)
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        figures |= killer.go(count=count, kills=kills, databases=databases)
        stage.wait(lambda: killer.reached(count), seconds=900)
    except BaseException:
        for client in clients:
            client.faults.append("ended with the test")
        raise
    finally:
        for thread in threads:
            thread.join()
    stage.stop(killer.web)
    figures["servers ended of themselves"] = killer.ended
    figures["broken off"] = sum(client.broken_off for client in clients)
    figures["not waited for"] = sum(client.not_waited_for for client in clients)
    figures["replies hung up on"] = sum(client.unheard for client in clients)
    figures["lost replies replayed"] = sum(client.replayed for client in clients)
    made = sum(figures.get(f"{what} killed", 0) for what in ("workers", "servers", "databases"))
    assert made == kills + databases
    check(stage, figures, killer, count)


def check(stage: Stage, figures: dict[str, Any], killer: Killer, count: int) -> None:
    """One of everything for each case, and each lost reply told again."""
    assert killer.faults() == []
    assert killer.decided() == count
    found = {what: stage.sql(query) for what, query in COUNTS.items()}
    figures |= found
    assert found == dict.fromkeys(COUNTS, count)
    assert stage.sql(HALVES) == 0
    assert stage.sql(UNEVEN) == 0
    told = {
        case: datetime.fromisoformat(answer["decision"]["decided_at"]).timestamp()
        for client in killer.clients
        for case, answer in client.answers.items()
    }
    assert stage.sql(MADE) == pytest.approx(told)
    # Those that kills and impatience lost come on top of those that were lost for certain.
    certain = len(range(0, count, UNHEARD))
    assert figures["replies hung up on"] == certain
    assert figures["lost replies replayed"] >= certain, "a reply was lost and not told again"


@pytest.mark.rehearsal
def test_decisions_under_kills_are_made_once(stage, figures):
    scenario(stage, figures, count=60, kills=2, databases=1)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_three_thousand_decisions_under_many_kills_are_made_once(stage, figures):
    scenario(stage, figures, count=scaled(3000), kills=scaled(60), databases=scaled(2))
