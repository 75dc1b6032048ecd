"""What goes wrong on demand, for the next calls of an endpoint."""

import enum
from dataclasses import dataclass
from typing import Final

EVERY_PATH: Final = "*"


class Cut(enum.StrEnum):
    """When the connection is dropped."""

    BEFORE = "before"  # nothing has happened
    AFTER = "after"  # it has happened, and nobody is told
    HALF = "half"  # it has happened, and half of the answer arrives


@dataclass
class Fault:
    """One trouble. What is not set goes as usual; a delay comes before everything else.

    `errcode` and `status` answer without doing anything; with `done` the call has its effect and
    the answer is lost all the same. `text` is sent as it is, for an answer that is no JSON.
    """

    path: str
    times: int | None = 1  # None: until it is taken away
    delay_seconds: float = 0.0
    errcode: int | None = None
    errmsg: str = ""
    status: int | None = None
    text: str | None = None
    cut: Cut | None = None
    done: bool = False

    @property
    def answers_itself(self) -> bool:
        """Tell whether the endpoint's own answer is replaced."""
        return self.errcode is not None or self.status is not None or self.text is not None

    @property
    def spares(self) -> bool:
        """Tell whether the call has no effect."""
        return self.cut is Cut.BEFORE or (self.answers_itself and not self.done)

    def words(self) -> str:
        """Say in a few words what it does, for who reads back."""
        parts = {
            "delay": self.delay_seconds or None,
            "errcode": self.errcode,
            "status": self.status,
            "text": self.text,
            "cut": self.cut and self.cut.value,
            "done": self.done or None,
        }
        return " ".join(f"{name}={value}" for name, value in parts.items() if value is not None)


class Faults:
    """The armed ones; of those that fit, the first one armed strikes first."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Let it strike from the next call on."""
        self.armed.append(fault)

    def take(self, path: str) -> Fault | None:
        """Return the fault that strikes this call, and count it."""
        for fault in self.armed:
            if fault.path in {path, EVERY_PATH}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.armed.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Take away what is armed."""
        self.armed.clear()
