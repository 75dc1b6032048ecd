"""What the worker and the scheduler process have in common."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from relief.core.db import unit_of_work

UnitOfWork = Callable[[], AbstractContextManager[Session]]
FRESH_SECONDS = 15.0


class Pulse:
    """How long ago a process's loop last went round, and what it says of itself."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beaten_at = monotonic()
        self._facts: dict[str, Any] = {}

    def beat(self, **facts: Any) -> None:
        """Note that the loop went round, and keep the newest facts."""
        self._facts |= facts
        self._beaten_at = self._monotonic()

    def alive(self) -> bool:
        """Tell whether the loop still turns."""
        return self._age() < FRESH_SECONDS

    def facts(self) -> dict[str, Any]:
        """Return the facts for a health page."""
        return {"alive": self.alive(), "last_tick_seconds": round(self._age(), 1), **self._facts}

    def _age(self) -> float:
        return self._monotonic() - self._beaten_at


def unit_of_work_of(app: Flask) -> UnitOfWork:
    """Return a transaction opener that works in any thread.

    Each has a session and a connection of its own, also inside another one.
    """

    @contextmanager
    def opened() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return opened


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set; call it in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
