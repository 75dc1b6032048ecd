"""What the stand-in knows: one app, the people who use it, and all that it was asked."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from devtools.wechat.events import Callback, Event
from devtools.wechat.faults import Faults
from devtools.wechat.ids import Ids
from devtools.wechat.limits import Limits
from devtools.wechat.refusals import FOREIGN_OPENID, INVALID_OPENID, NOT_SEEN_LATELY, Refusal
from relief.core.clock import Clock

CODE_LIFE = timedelta(minutes=5)
SEEN_LATELY = timedelta(hours=2)
MOST_CALLS = 20_000  # what is read back; older calls are forgotten


@dataclass(frozen=True)
class AppSettings:
    """The app as its owner registered it. These are invented; real ones never come here."""

    appid: str = "wx5a11ded0c0ffee00"
    secret: str = "5a11ded0c0ffee005a11ded0c0ffee00"  # noqa: S105  # of the stand-in
    original_id: str = "gh_5a11ded0c0ff"


@dataclass
class Person:
    """Someone who uses the mini program. `home` is the app that the openid belongs to."""

    openid: str
    home: str
    unionid: str | None = None
    risky: bool = False
    risk_rank: int = 0
    session_key: str | None = None
    seen_at: datetime | None = None


@dataclass
class Code:
    """What `wx.login` or the phone button hands out: good once, and not for long."""

    kind: str
    openid: str
    appid: str
    expires_at: datetime
    phone: str = ""
    country: str = "86"
    used: bool = False


@dataclass
class Template:
    """A template of subscription messages. `fields` in their order, such as `thing1`."""

    fields: tuple[str, ...]
    long_term: bool = False
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Subscription:
    """What one person allowed for one template."""

    left: int = 0
    banned: bool = False


@dataclass
class Tokens:
    """The tokens of one way of getting them: each with the moment at which it ends."""

    ends: dict[str, datetime] = field(default_factory=dict)
    current: str = ""
    forced: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Image:
    """An answer that is no JSON."""

    content: bytes
    kind: str

    def words(self) -> str:
        """Say what it is, for who reads back."""
        return f"{self.kind}, {len(self.content)} bytes"


@dataclass
class Noted:
    """One request and what became of it."""

    rid: str
    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    body: str
    answer: Any = None
    status: int = 0
    fault: str = ""

    def shown(self) -> dict[str, Any]:
        """Return what the control API tells."""
        answer = self.answer.words() if isinstance(self.answer, Image) else self.answer
        return {**vars(self), "at": self.at.isoformat(), "answer": answer}


class World:
    """The state. Whoever reads or changes it holds `lock`."""

    def __init__(
        self, clock: Clock, *, seed: int | None = None, app: AppSettings | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.pushing = threading.Lock()  # one at a time tells what waits, so that it stays in order
        self.busy: Counter[str] = Counter()  # of calls that go on, which a reset does not end
        self._clock = clock
        self.app = app or AppSettings()
        self.reset(seed)

    def reset(self, seed: int | None) -> None:
        """Forget everything, and begin the ids anew."""
        self.seed = seed
        self.ids = Ids(seed)
        self.ahead = timedelta(0)
        self.people: dict[str, Person] = {}
        self.codes: dict[str, Code] = {}
        self.tokens = {"token": Tokens(), "stable": Tokens()}
        self.templates: dict[str, Template] = {}
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self.words: dict[str, tuple[str, int]] = {}
        self.pages: set[str] | None = None
        self.whitelist: set[str] | None = None
        self.faults = Faults()
        self.limits = Limits()
        self.calls: deque[Noted] = deque(maxlen=MOST_CALLS)
        self.sent: list[dict[str, Any]] = []
        self.callback: Callback | None = None
        self.events: deque[Event] = deque()
        self.deliveries: list[dict[str, Any]] = []
        self.verdicts: deque[tuple[str, int]] = deque()
        self.drawn: list[dict[str, Any]] = []
        self.origins: dict[str, str] = {}

    def now(self) -> datetime:
        """Return the machine's time and what the clock was advanced by."""
        return self._clock() + self.ahead

    def person(self, openid: object) -> Person:
        """Return one of this app's people. Raises Refusal."""
        found = self.people.get(openid) if isinstance(openid, str) else None
        if found is None or found.home != self.app.appid:
            raise Refusal(INVALID_OPENID)
        return found

    def present(self, openid: object) -> Person:
        """Return a person who used the app of late, as the content checks want. Raises Refusal."""
        found = self.people.get(openid) if isinstance(openid, str) else None
        if found is None:
            raise Refusal(INVALID_OPENID)
        if found.home != self.app.appid:
            raise Refusal(FOREIGN_OPENID)
        if found.seen_at is None or self.now() - found.seen_at > SEEN_LATELY:
            raise Refusal(NOT_SEEN_LATELY)
        return found

    def subscription(self, openid: str, template: str) -> Subscription:
        """Return what the person allowed for the template; nothing, at first."""
        return self.subscriptions.setdefault((openid, template), Subscription())


@dataclass(frozen=True)
class Call:
    """A request as a contract sees it: the query as sent, and the body if there must be one."""

    query: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    client: str = ""


Answer = Mapping[str, Any] | Image
Handler = Callable[[World, Call], Answer]


@dataclass(frozen=True)
class Contract:
    """One endpoint. `serial` names what only one call at a time may work on."""

    path: str
    method: str
    handler: Handler
    needs_token: bool = True
    bare: bool = False  # answers without errcode when all is well
    content_type: str = "application/json; charset=utf-8"
    serial: Callable[[Call], str] | None = None
