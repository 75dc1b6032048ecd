"""A worker process that a test kills: `python -m tests.support.doomed_texter URL STORAGE MODE`.

MODE `stuck`: its provider takes the first message, says so on standard output, and never answers.
MODE `plain`: it takes every message and says the first. What it took stands in the table `taken`,
as in the books of a provider.
"""

import sys
import threading
from pathlib import Path

import psycopg

from relief.core.clock import system_clock
from relief.integrations.sms import Reply, Text, Verdict
from relief.jobs import texting
from relief.jobs.process import stop_on_signals, unit_of_work_of
from relief.notifications.texting.sending import Post
from relief.web import frame
from tests.support.settings import CIPHER, FakeClock, make_config

TABLE = "CREATE TABLE taken (message_id uuid NOT NULL)"


class Books:
    """A provider that remembers what it took, whoever dies."""

    name = "books"

    def __init__(self, url: str, *, stuck: bool) -> None:
        self.url, self.stuck, self.told = url, stuck, False

    def send(self, text: Text) -> Reply:
        with psycopg.connect(self.url, autocommit=True) as books:
            books.execute("INSERT INTO taken VALUES (%s)", [text.id])
        if not self.told:  # nobody reads the rest, and a full pipe would stop it
            sys.stdout.write(f"{text.id}\n")
            sys.stdout.flush()
            self.told = True
        if self.stuck:
            threading.Event().wait()
        threading.Event().wait(0.002)
        return Reply(verdict=Verdict.ACCEPTED, provider_id=str(text.id))


def main(url: str, storage: str, mode: str) -> None:
    """Send until told to stop, or killed."""
    config = make_config(url, Path(storage))
    app = frame.build("relief", config=config, clock=system_clock)
    post = Post(
        unit_of_work=unit_of_work_of(app),
        clock=FakeClock(),
        cipher=CIPHER,
        sender=Books(url, stuck=mode == "stuck"),
        rules=texting.rules_of,
    )
    texting.deliver(post, stop_on_signals(), 0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
