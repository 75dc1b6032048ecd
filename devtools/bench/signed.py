"""A list of thousands that an approver signs: drawn, signed, stopped on its way, gone on with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp

from devtools.bench.load import BadAnswer, Client
from devtools.bench.reviews import open_session
from relief.accounts import second_factor
from relief.accounts import service as accounts
from relief.accounts.samples import CITY, EDUCATION
from relief.accounts.types import Post, Role
from relief.core.db import session_on
from relief.core.privacy.cipher import Cipher

SCHEME = "S18"  # of those that may be decided by list, one that asks for no age and certificate
_AMOUNT_FEN = 500_00
_REASON = "经审核，符合条件"
_APPROVER = "bench-lists"
_POLL_SECONDS = 0.1
_LIMIT_SECONDS = 900


def open_desk(url: str, *, password: str, cipher: Cipher, now: datetime) -> str:
    """Make an approver of the department for the whole city, who had a part in no case; a token."""
    with session_on(url) as session:
        account = accounts.create_account(
            session,
            username=_APPROVER,
            display_name="清单审批测量用",
            post=Post.OPERATIONS,
            password=password,
            department_code=EDUCATION,
            roles=[Role.APPROVER],
            regions=[CITY],
            actor_id=None,
            now=now,
        )
        secret = pyotp.random_base32()
        second_factor.enrol(session, account_id=account.id, secret=secret, cipher=cipher, now=now)
        return open_session(session, _APPROVER, now)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the web server listens, and who signs; a worker runs beside it."""

    port: int
    token: str

    def measure(self) -> dict[str, Any]:
        """Draw, sign, stop after the first cases and resume; return cases and seconds of each."""
        client = Client(self.port, token=self.token)
        began = time.perf_counter()
        drawn = client.ask(
            (
                "POST",
                "/v1/decision-lists",
                {"scheme": SCHEME, "amount_fen": _AMOUNT_FEN, "reason": _REASON},
            )
        )
        figures = {
            "listed": drawn["listed"],
            "left_out": drawn["left_out"],
            "draw_seconds": _since(began),
        }
        path = f"/v1/decision-lists/{drawn['id']}"
        began = time.perf_counter()
        client.ask(("POST", f"{path}/sign", {"digest": drawn["digest"]}))
        figures["sign_seconds"] = _since(began)
        self._wait(client, path, lambda told: told["decided"] > 0)
        stopping = time.perf_counter()
        client.ask(("POST", f"{path}/stop", {}))
        stopped = self._wait(client, path, lambda told: not told["working"])
        figures["stop_seconds"] = _since(stopping)
        figures["decided_when_stopped"] = stopped["decided"]
        worked = _since(began)
        began = time.perf_counter()
        client.ask(("POST", f"{path}/resume", {}))
        ended = self._wait(client, path, lambda told: told["ended_at"] is not None)
        figures["decide_seconds"] = round(worked + _since(began), 2)
        figures["decided"], figures["not_decided"] = ended["decided"], ended["not_decided"]
        client.close()
        return figures

    def _wait(self, client: Client, path: str, until: Callable[[Any], bool]) -> Any:
        deadline = time.perf_counter() + _LIMIT_SECONDS
        while not until(told := client.ask(("GET", path, None))):
            if time.perf_counter() > deadline:
                message = f"the list stands still: {told}"
                raise BadAnswer(message)
            time.sleep(_POLL_SECONDS)
        return told


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 2)
