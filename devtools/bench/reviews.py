"""`relief bench --reviews`: what staff do in a city's cases, and what is done to all of them."""

import random
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from devtools.bench.laying import AMOUNT_FEN, SCHEMES
from devtools.bench.load import Client, Question, Timings
from relief.accounts import identity
from relief.accounts import queries as accounts
from relief.accounts.models import StaffSession
from relief.accounts.sign_in import BEARER
from relief.core.db import session_on
from relief.core.ids import new_id
from relief.jobs.deadlines import watch_deadlines
from relief.review.recounting import recount

# Accounts of the sample: of the lead department, of another one, and of the whole city.
READERS = ("reviewer", "insurance", "leader")
GIVES_OPINIONS, DECIDES = "reviewer", "approver"
_QUICK = "S03"  # its decision waits for no department
_PAGED = {"open case": "/v1/cases?", "past case": "/v1/cases?status=decided&"}
_PAGES = 40  # case pages of each reader
_ROUNDS = 10  # of each list
_ACTS = 60  # of each user, if there are so many
_DAY = timedelta(days=1)


def sweep(url: str, now: datetime) -> dict[str, Any]:
    """Tell of the limits that have passed by now; return seconds and what the job said."""
    began = time.perf_counter()
    with session_on(url) as session:
        said = watch_deadlines(session, now=now)
    return {"seconds": round(time.perf_counter() - began, 2), "said": said}


def count_anew(url: str, now: datetime) -> dict[str, Any]:
    """Count the clocks of all open cases anew; return seconds and how many last days moved."""
    began = time.perf_counter()
    with session_on(url) as session:
        moved = sum(1 for _ in recount(session, now=now))
    return {"seconds": round(time.perf_counter() - began, 2), "moved": moved}


def open_sessions(url: str, *, now: datetime) -> Mapping[str, str]:
    """Return a token of each account that is asked as, as after a sign-in with every factor."""
    with session_on(url) as session:
        return {
            name: open_session(session, name, now) for name in {*READERS, GIVES_OPINIONS, DECIDES}
        }


def open_session(session: Session, username: str, now: datetime) -> str:
    """Return a token of an account, as after a sign-in with every factor."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=identity.token_hash(token),
            id=new_id(now),
            account_id=accounts.account_id_of(session, username=username),
            kind=BEARER,
            created_at=now,
            last_seen_at=now,
            expires_at=now + _DAY,
            second_factor=True,
            confirmed_at=now,
        )
    )
    return token


@dataclass(frozen=True, slots=True)
class Desks:
    """Where the web server listens, and the tokens of who asks it."""

    port: int
    tokens: Mapping[str, str]

    def client(self, username: str) -> Client:
        """One connection of an account."""
        return Client(self.port, token=self.tokens[username])

    def warm(self) -> None:
        """Let everything be read once."""
        self._at_once(self._readings(), 1, Timings(), each=True)

    def measure(self, *, users: int) -> dict[str, Any]:
        """Let some users read lists and pages, then give opinions, then decide."""
        timings = Timings()
        self._at_once(self._readings(), users, timings, each=True)
        for kind, acts in (("opinion", self._opinions), ("decision", self._decisions)):
            waiting = list(acts())
            # Of few, one user leaves some to the crowd that comes after.
            share = _ACTS * users if users > 1 else min(_ACTS, max(2, len(waiting) // 4))
            chosen = waiting[:share]
            self._at_once([(kind, *one) for one in chosen], users, timings, each=False)
        return timings.as_json()

    def _at_once(
        self,
        asked: Sequence[tuple[str, str, Question]],
        users: int,
        timings: Timings,
        *,
        each: bool,
    ) -> None:
        """Let users ask at once: each of them everything, or all of them their share."""

        def work(place: int) -> list[tuple[str, float]]:
            clients = {name: self.client(name) for name in self.tokens}
            own = [*asked[place * 7 :], *asked[: place * 7]] if each else asked[place::users]
            found = []
            for kind, who, question in own:
                began = time.perf_counter()
                clients[who].ask(question)
                found.append((kind, (time.perf_counter() - began) * 1000))
            for client in clients.values():
                client.close()
            return found

        with ThreadPoolExecutor(users) as pool:
            for found in pool.map(work, range(users)):
                for kind, taken in found:
                    timings.by_kind.setdefault(kind, []).append(taken)

    def _readings(self) -> list[tuple[str, str, Question]]:
        """Return the lists of each reader, and the pages of cases in them, well mixed."""
        found: list[tuple[str, str, Question]] = []
        for who in READERS:
            client = self.client(who)
            for kind, path in self._lists(client, who):
                found += [(kind, who, ("GET", path, None))] * _ROUNDS
            for kind, path in _PAGED.items():
                found += [
                    (kind, who, ("GET", f"/v1/cases/{case}", None))
                    for case in _cases(client, path, _PAGES // len(READERS))
                ]
            client.close()
        random.Random(1).shuffle(found)  # noqa: S311  # repeatable, not secret
        return found

    def _lists(self, client: Client, who: str) -> Iterator[tuple[str, str]]:
        """Yield the lists that a reader opens, and the page after their first."""
        lists = {
            "late": "/v1/cases?late=true",
            "all": "/v1/cases?",
            "by scheme": f"/v1/cases?scheme={SCHEMES[0]}",
            "by scheme and status": f"/v1/cases?scheme={SCHEMES[0]}&status=submitted",
            "withdrawn": "/v1/cases?status=withdrawn",
            "late by scheme": f"/v1/cases?late=true&scheme={SCHEMES[0]}",
        }
        if who != "leader":
            lists["my turn"] = "/v1/my-turn?"
        for kind, path in lists.items():
            yield f"{kind} ({who})", path
            if cursor := client.ask(("GET", f"{path}&limit=50", None))["next_cursor"]:
                yield f"{kind}, next page ({who})", f"{path}&limit=50&cursor={cursor}"

    def _opinions(self) -> Iterator[tuple[str, Question]]:
        """Yield what waits for the opinion of a department."""
        body = {"outcome": "passed", "opinion": "经核对，符合条件"}
        for turn in self._turns(GIVES_OPINIONS):
            if turn["kind"] == "joint":
                path = f"/v1/cases/{turn['case']['id']}/stages/{turn['code']}/end"
                yield GIVES_OPINIONS, ("POST", path, body)

    def _decisions(self) -> Iterator[tuple[str, Question]]:
        """Yield what waits for a decision and for nothing before it."""
        body = {
            "granted": True,
            "amount_fen": AMOUNT_FEN,
            "reason": "经审核，符合条件",
            "departs": "测量用时",
        }
        for turn in self._turns(DECIDES):
            if turn["kind"] == "confirmation" and turn["case"]["scheme_code"] != _QUICK:
                yield DECIDES, ("POST", f"/v1/cases/{turn['case']['id']}/decision", body)

    def _turns(self, who: str) -> Iterator[dict[str, Any]]:
        client = self.client(who)
        cursor = ""
        while True:
            page = client.ask(("GET", f"/v1/my-turn?limit=100{cursor}", None))
            yield from page["items"]
            if not page["next_cursor"]:
                break
            cursor = f"&cursor={page['next_cursor']}"
        client.close()


def _cases(client: Client, path: str, count: int) -> list[str]:
    page = client.ask(("GET", f"{path}limit={count}", None))
    return [case["id"] for case in page["items"]]
