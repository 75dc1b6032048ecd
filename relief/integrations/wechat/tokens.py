"""The access token: in one row for all processes, fetched by one of them at a time.

WeChat's stable token is the same for all who ask until it runs out, so a process that does not
see what another fetched does no harm. It may still stop being taken before its time (a new
secret, a new token forced from elsewhere); then it is fetched anew, and forced if WeChat gives
the same one again. WeChat allows twenty forced tokens a day, so they are FORCE_APART.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from relief.core import locks
from relief.core.clock import Clock
from relief.core.privacy.cipher import CannotOpen, Cipher
from relief.integrations.wechat.client import Call, Caller, Reason, not_understood
from relief.integrations.wechat.errors import TokenRefused, Unreached, WeChatError
from relief.integrations.wechat.models import WeChatToken, bound

logger = logging.getLogger(__name__)

# WeChat gives a new token five minutes before the old one ends, and takes both meanwhile.
EARLY = timedelta(minutes=5)
FORCE_APART = timedelta(minutes=75)
MOST_CHARACTERS, MOST_SECONDS = 2048, 86_400
_FETCH = Call(name="stable-token", path="cgi-bin/stable_token")
_FORCE = Call(name="forced-token", path=_FETCH.path, repeatable=False)

Opened = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class _Fetched:
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The token of one mini program. `opened` opens a transaction of its own."""

    appid: str
    secret: str = field(repr=False)
    caller: Caller
    opened: Opened
    cipher: Cipher = field(repr=False)
    clock: Clock
    _gate: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def current(self, *, until: float) -> str:
        """Return the token, fetched if there is none that holds. Raises WeChatError."""
        with self._database(until) as session:
            token = self._kept(session.get(WeChatToken, self.appid))
        return token or self.other_than(None, until=until)

    def other_than(self, stale: str | None, *, until: float) -> str:
        """Return a token that is not the one WeChat refused. Raises WeChatError.

        Whoever comes while another fetches waits for that one, until `until` (monotonic).
        """
        with self._alone(until) as session:
            row = session.get(WeChatToken, self.appid) or WeChatToken(appid=self.appid)
            session.add(row)
            token = self._kept(row)
            failure = None
            if token is None or token == stale:
                # Also after a failure the row is committed: it says that a token was forced.
                token, failure = self._fetch_into(row, stale, until)
        if failure is not None:
            raise failure
        assert token is not None  # noqa: S101  # narrows for the type checker
        return token

    @contextmanager
    def _alone(self, until: float) -> Iterator[Session]:
        # The threads of a process wait here, and not each with a connection of its own.
        if not self._gate.acquire(timeout=max(until - monotonic(), 0)):
            raise Unreached(_FETCH.name, reason=Reason.NO_TIME)
        try:
            with self._database(until) as session:
                locks.hold(session, f"wechat token {self.appid}")
                yield session
        finally:
            self._gate.release()

    @contextmanager
    def _database(self, until: float) -> Iterator[Session]:
        """Open a transaction in which no statement waits longer than until `until`."""
        try:
            with self.opened() as session:
                milliseconds = max(int((until - monotonic()) * 1000), 1)
                session.execute(
                    text("SELECT set_config('statement_timeout', :wait, true)"),
                    {"wait": f"{milliseconds}ms"},
                )
                yield session
        except (OperationalError, PoolTimeout) as error:
            kind = type(error.orig if isinstance(error, OperationalError) else error).__name__
            logger.warning("WeChat: the database has no time for the token", extra={"kind": kind})
            raise Unreached(_FETCH.name, reason=Reason.NO_TIME) from None

    def _kept(self, row: WeChatToken | None) -> str | None:
        if row is None or row.sealed is None or row.expires_at is None:
            return None
        if row.expires_at <= self.clock():
            return None
        try:
            return self.cipher.open_bytes(row.sealed, associated=bound(self.appid)).decode()
        except CannotOpen:
            logger.warning("WeChat: the kept token does not open, and is fetched anew")
            return None

    def _fetch_into(
        self, row: WeChatToken, stale: str | None, until: float
    ) -> tuple[str | None, WeChatError | None]:
        forced_at = row.forced_at
        try:
            fetched = self._fetch(until, force=False)
            if fetched.token == stale:
                self._may_force(row)
                fetched = self._fetch(until, force=True)
        except WeChatError as error:
            if isinstance(error, Unreached):
                row.forced_at = forced_at  # WeChat never heard of it, and did not count it
            return None, error
        row.sealed = self.cipher.seal_bytes(fetched.token.encode(), associated=bound(self.appid))
        row.expires_at = fetched.expires_at
        return fetched.token, None

    def _may_force(self, row: WeChatToken) -> None:
        now = self.clock()
        if row.forced_at is not None and now - row.forced_at < FORCE_APART:
            raise TokenRefused(_FETCH.name, reason="a new token was forced a short while ago")
        logger.warning("WeChat: a new token is forced")
        row.forced_at = now

    def _fetch(self, until: float, *, force: bool) -> _Fetched:
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        asked_at = self.clock()
        said = self.caller.ask(_FORCE if force else _FETCH, until=until, body=body)
        try:
            token, seconds = said["access_token"], int(said["expires_in"])
        except (KeyError, TypeError, ValueError, OverflowError):
            token, seconds = "", 0
        if not _is_token(token) or not 0 < seconds <= MOST_SECONDS:
            raise not_understood(_FETCH)
        lasts = timedelta(seconds=seconds)
        logger.info("WeChat: fetched a token", extra={"seconds": seconds, "forced": force})
        return _Fetched(token, asked_at + max(lasts - EARLY, lasts / 2))


def _is_token(token: object) -> bool:
    return isinstance(token, str) and 0 < len(token) <= MOST_CHARACTERS
