"""Asks the running staff API what staff ask it, and notes how long each answer took."""

import http.client  # noqa: TID251  # loads a server of its own, on this machine
import json
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from relief.core.clock import local_date, system_clock

Question = tuple[str, str, Mapping[str, Any] | None]  # method, path, body


class BadAnswer(Exception):
    """A request that should have worked did not."""


@dataclass
class Timings:
    """Milliseconds by kind of question."""

    by_kind: dict[str, list[float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, float]]:
        """Return p50, p95 and p99 of each kind and of all."""
        everything = [value for values in self.by_kind.values() for value in values]
        return {
            kind: _shape(values) for kind, values in [*self.by_kind.items(), ("all", everything)]
        }


def _shape(values: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "count": len(values),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
    }


class Client:
    """One signed-in user on one kept connection: who signs in, or holds a token."""

    def __init__(
        self, port: int, username: str = "", password: str = "", *, token: str | None = None
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)  # noqa: TID251
        self._headers = {"Content-Type": "application/json"}
        if token is None:
            sent = {"username": username, "password": password}
            token = self.ask(("POST", "/v1/sign-in", sent))["token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, question: Question) -> Any:
        """Send one request and return its JSON. Raises BadAnswer."""
        try:
            return self._send(question)
        except ConnectionError:
            # A connection that was idle for long may be closed by the server, before or while
            # the next request is written; browsers open another then.
            self._connection.close()
            return self._send(question)

    def _send(self, question: Question) -> Any:
        method, path, body = question
        self._connection.request(
            method, path, json.dumps(body) if body is not None else None, self._headers
        )
        response = self._connection.getresponse()
        data = response.read()
        if response.status >= HTTPStatus.BAD_REQUEST:
            message = f"{method} {path}: {response.status} {data[:300]!r}"
            raise BadAnswer(message)
        return json.loads(data)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def staff_questions(client: Client) -> Iterator[tuple[str, Question]]:
    """Yield the lists, searches and pages that staff open, on what this registry holds."""
    first = client.ask(("GET", "/v1/households?limit=50", None))
    homes = first["items"]
    cursor = first["next_cursor"]
    today = local_date(system_clock()).isoformat()
    for home in homes[:40]:
        name = home["householder_name"]
        county = f"{home['region_code'][:6]}000000"
        address = (home["address"] or "街道")[-6:]
        yield "list", ("GET", f"/v1/households?limit=50&region={county}", None)
        yield "list next page", ("GET", f"/v1/households?limit=50&cursor={cursor}", None)
        yield "list by scheme", ("GET", f"/v1/households?scheme=S01&region={county}", None)
        yield "list by category", ("GET", "/v1/households?category=extreme_hardship", None)
        yield "search name", ("POST", "/v1/households/search", {"name": name})
        yield "search part of a name", ("POST", "/v1/households/search", {"name": name[-1:]})
        yield "search address", ("POST", "/v1/households/search", {"address": address})
        yield "household page", ("GET", f"/v1/households/{home['id']}", None)
        yield "as believed", ("GET", f"/v1/households/{home['id']}/as-of?believed_on={today}", None)
        yield "as true", ("GET", f"/v1/households/{home['id']}/as-of?true_on=2025-06-30", None)


def measure(
    port: int, username: str, password: str, *, users: int, rounds: int
) -> tuple[Timings, float]:
    """Let some users ask everything `rounds` times at once; return timings and requests/s."""
    timings, lock = Timings(), threading.Lock()
    scout = Client(port, username, password)
    questions = list(staff_questions(scout))
    scout.close()

    def work(offset: int) -> None:
        client = Client(port, username, password)
        for number in range(rounds * len(questions)):
            kind, question = questions[(number * 7 + offset * 13) % len(questions)]
            started = time.perf_counter()
            client.ask(question)
            taken = (time.perf_counter() - started) * 1000
            with lock:
                timings.by_kind.setdefault(kind, []).append(taken)
        client.close()

    started = time.perf_counter()
    _at_once(work, users)
    total = users * rounds * len(questions)
    return timings, total / (time.perf_counter() - started)


def crowd(
    port: int, username: str, password: str, *, users: int, asked: int, pause_seconds: float
) -> tuple[Timings, float]:
    """Let many users ask `asked` questions each, and read for a while between two of them."""
    timings, lock = Timings(), threading.Lock()
    scout = Client(port, username, password)
    questions = list(staff_questions(scout))
    clients = [Client(port, username, password) for _ in range(users)]
    scout.close()

    def work(offset: int) -> None:
        chance = random.Random(offset)  # noqa: S311  # repeatable, not secret
        time.sleep(chance.uniform(0, pause_seconds))
        for _ in range(asked):
            kind, question = chance.choice(questions)
            started = time.perf_counter()
            clients[offset].ask(question)
            taken = (time.perf_counter() - started) * 1000
            with lock:
                timings.by_kind.setdefault(kind, []).append(taken)
            time.sleep(chance.uniform(0, 2 * pause_seconds))
        clients[offset].close()

    started = time.perf_counter()
    _at_once(work, users)
    return timings, users * asked / (time.perf_counter() - started)


def _at_once(work: Callable[[int], None], users: int) -> None:
    with ThreadPoolExecutor(users) as pool:
        for _ in pool.map(work, range(users)):  # raises what one of them raised
            pass
