"""What the audit trail costs a write: 16 writers, on a server of their own.

Three ways in turn, several rounds, so that a neighbour's load falls on all of them: the business
row alone, with its audit row, and with its audit row while a sealer runs beside the writers in
a process of its own, every second (the job does it every twenty).
"""

import json
import multiprocessing
import secrets
import statistics
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import make_url

from relief.audit import sealing, verifying
from relief.audit.seal_keys import SealKeys
from relief.core.clock import Clock
from relief.core.db import session_on, snapshot_on
from relief.core.ids import new_id

WRITERS, ROUNDS, SECONDS = 16, 3, 6.0
_EVERY = 1.0
_TABLE = "CREATE TABLE bench_business (id uuid PRIMARY KEY, amount_fen bigint, at timestamptz)"
_BUSINESS = "INSERT INTO bench_business VALUES (%s, %s, %s)"
_AUDIT = (
    "INSERT INTO audit_event (id, occurred_at, actor_id, action, subject_type, subject_id,"
    " request_id, details, region_code) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_DETAILS = json.dumps({"purpose": "recheck", "grounds": [str(uuid.UUID(int=3))]})


@dataclass(slots=True)
class _Way:
    audited: bool
    sealed: bool
    rates: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, float]:
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return {
            "writes_per_second": round(statistics.median(self.rates)),
            "p50_ms": round(cuts[49], 2),
            "p99_ms": round(cuts[98], 2),
        }


def measure(url: str, clock: Clock) -> dict[str, Any]:
    """Return writes a second and their times for each way, and the pace of sealer and check."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(_TABLE)
    key = secrets.token_bytes(32)
    ways = {
        "business row": _Way(audited=False, sealed=False),
        "and audit row": _Way(audited=True, sealed=False),
        "and audit row, sealer running": _Way(audited=True, sealed=True),
    }
    pace: list[float] = []
    for _ in range(ROUNDS):
        for way in ways.values():
            _run(plain, key, way, clock)
            if way.audited and not way.sealed:
                pace.append(_seal_all(url, key, clock()))
    _seal_all(url, key, clock())
    return {
        "writers": WRITERS,
        **{name: way.as_json() for name, way in ways.items()},
        "sealed_events_per_second": round(statistics.median(pace)),
        **_verify(url, key, clock()),
    }


def _run(url: str, key: bytes, way: _Way, clock: Clock) -> None:
    stop = threading.Event()
    done: list[list[float]] = [[] for _ in range(WRITERS)]
    writers = [
        threading.Thread(target=_write, args=(url, stop, clock, times), kwargs={"way": way})
        for times in done
    ]
    spawn = multiprocessing.get_context("spawn")
    sealer_stop = spawn.Event()
    sealer = spawn.Process(target=_seal_on, args=(url, key, clock, sealer_stop), daemon=True)
    if way.sealed:
        sealer.start()
        time.sleep(2 * _EVERY)  # until it has imported what it needs
    for writer in writers:
        writer.start()
    started = time.perf_counter()
    stop.wait(SECONDS)
    stop.set()
    for writer in writers:
        writer.join()
    way.rates.append(sum(map(len, done)) / (time.perf_counter() - started))
    way.milliseconds += [one for times in done for one in times]
    if way.sealed:
        sealer_stop.set()
        sealer.join()


def _write(url: str, stop: threading.Event, clock: Clock, times: list[float], *, way: _Way) -> None:
    with psycopg.connect(url) as connection:
        while not stop.is_set():
            now, started = clock(), time.perf_counter()
            subject = new_id(now)
            connection.execute(_BUSINESS, (subject, 100, now))
            if way.audited:
                row = (new_id(now), now, subject, "bench:written", "bench", subject, "r" * 32)
                connection.execute(_AUDIT, (*row, _DETAILS, 210302001001))
            connection.commit()
            times.append((time.perf_counter() - started) * 1000)


def _seal_on(url: str, key: bytes, clock: Clock, stop: Any) -> None:
    while not stop.wait(_EVERY):
        _seal_all(url, key, clock())


def _seal_all(url: str, key: bytes, now: datetime) -> float:
    """Seal what there is and return the events a second."""
    started = time.perf_counter()
    with session_on(url) as session:
        sealed = sealing.seal(session, keys=SealKeys.of(key), now=now)
    return sealed.events / (time.perf_counter() - started)


def _verify(url: str, key: bytes, now: datetime) -> dict[str, Any]:
    started = time.perf_counter()
    with snapshot_on(url) as session:
        report = verifying.verify(session, keys=SealKeys.of(key), anchor=None, now=now)
    return {
        "verified_events": report.events,
        "verified_events_per_second": round(report.events / (time.perf_counter() - started)),
        "whole": report.whole,
    }
