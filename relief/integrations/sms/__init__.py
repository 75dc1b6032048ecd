"""Text messages to telephones (短信): one small interface, and who stands behind it."""

import enum
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

_LONGEST_ID = 80
_CODE = re.compile(r"[A-Za-z0-9._-]{1,60}")


class Verdict(enum.Enum):
    """What a provider makes of one message."""

    ACCEPTED = enum.auto()  # it is theirs now; whether it arrived, a delivery report tells
    REFUSED = enum.auto()  # for good: it will not be taken however often it is sent
    TRY_AGAIN = enum.auto()  # surely not taken this time
    UNKNOWN = enum.auto()  # the reply was lost: it may have been taken, or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. `code`: the provider's own word for why; nothing of the telephone."""

    verdict: Verdict
    provider_id: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        # What a provider says in sentences may repeat the number that was called.
        if self.code is not None and not _CODE.fullmatch(self.code):
            object.__setattr__(self, "code", None)
        if self.provider_id is not None:
            object.__setattr__(self, "provider_id", self.provider_id[:_LONGEST_ID])


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One message that is ready: a template of ours with what stands in its places.

    `id`: of our own, for a provider that takes a key against sending twice, or gives it back.
    `values` stand in the order of the template's places; `words` is the whole of it.
    """

    id: uuid.UUID
    phone: str = field(repr=False)  # eleven digits
    template: str
    values: Sequence[str]
    words: str


class SmsSender(Protocol):
    """A provider of text messages."""

    @property
    def name(self) -> str:
        """Return under which name it is kept who took a message."""
        ...

    def send(self, text: Text) -> Reply:
        """Hand one message over, once, within a few seconds; nothing is repeated in here."""
        ...
