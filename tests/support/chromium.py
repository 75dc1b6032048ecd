"""A browser as people have it, without a window: Chromium, driven over a pipe.

Nothing is installed for it: its protocol is JSON, one message after the other, ended by a zero.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess  # starts the browser
import sys
import time
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATH = next(filter(None, map(shutil.which, NAMES)), None)
MISSING = "no Chromium on this machine (Debian: apt install chromium)"
# The protocol's places: the browser reads orders from 3, and answers into 4.
_START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);"
    " os.execv(sys.argv[3], sys.argv[3:])"
)
_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--window-size=1200,1000", "--remote-debugging-pipe",
)  # fmt: skip
_SECONDS = 90.0  # on a busy machine
_HIGH = 10  # above what is put in the protocol's places


class Chromium:
    """One browser with one page. What its console complains of is in `faults`."""

    def __init__(self, folder: Path, address: str) -> None:
        assert PATH, MISSING
        self.address, self.sent, self.rest = address, 0, b""
        self.page: str | None = None  # the session in which orders are given, once there is one
        self.faults: list[Any] = []
        ours, theirs = _pipe(), _pipe()
        self.out, self.back = ours[1], theirs[0]
        self.process = subprocess.Popen(
            [
                sys.executable, "-c", _START, str(ours[0]), str(theirs[1]),
                PATH, *_SWITCHES, f"--user-data-dir={folder}", "about:blank",
            ],
            pass_fds=(ours[0], theirs[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(ours[0])
        os.close(theirs[1])
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.page = attached["sessionId"]
        for part in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{part}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page = None
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        for end in (self.out, self.back):
            os.close(end)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, method: str, **params: Any) -> Any:
        """Give an order and return its answer."""
        self.sent += 1
        order: dict[str, Any] = {"id": self.sent, "method": method, "params": params}
        if self.page:
            order["sessionId"] = self.page
        os.write(self.out, json.dumps(order).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self.sent:
                assert "error" not in told, (method, told["error"])
                return told["result"]

    def sign_in(self, token: str) -> None:
        """Be somebody: keep their session's cookie instead of the last one's."""
        self.call(
            "Network.setCookie", name="relief_session", value=token, url=self.address, httpOnly=True
        )

    def open(self, path: str) -> None:
        """Go to a page by its address."""
        self.run("window.before = true")
        self.call("Page.navigate", url=self.address + path)
        self._arrive()

    def press(self, action: str, **fields: str) -> None:
        """Fill in the form with this action, as by hand, and press its first button.

        The browser itself keeps a form back that is not complete. Then this fails.
        """
        form = f"document.querySelector('form[method=post][action={json.dumps(action)}]')"
        assert self.run(f"!!{form}"), f"no such form: {action}"
        for name, value in fields.items():
            self._fill(f"{form}.elements.namedItem({json.dumps(name)})", name, value)
        valid = f"[...{form}.elements].filter(one => !one.checkValidity()).map(one => one.name)"
        assert self.run(valid) == []
        self.run("window.before = true")
        self.run(f"{form}.querySelector('button').click()")
        self._arrive()

    @property
    def path(self) -> str:
        """Where the browser is."""
        return str(self.run("location.pathname"))

    @property
    def text(self) -> str:
        """What people see of the page."""
        return str(self.run("document.body.innerText"))

    def rows(self, heading: str) -> list[list[str]]:
        """Return the table of a section as it is shown: its rows, and their cells."""
        found = self.run(
            f"[...document.querySelectorAll('section[aria-labelledby={heading}] tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.innerText))"
        )
        return list(found)

    def run(self, script: str) -> Any:
        """Evaluate a script in the page; return its value."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, (script, told)
        return told["result"].get("value")

    def _fill(self, field: str, name: str, value: str) -> None:
        """Fill in one field: type into it, or choose what it offers."""
        kind = self.run(f"{field}?.type ?? ({field} && 'radio')")
        assert kind, f"no such field: {name}"
        if kind in {"radio", "checkbox"}:
            chosen = f"[{field}].flat().map(one => one instanceof RadioNodeList ? [...one] : [one])"
            chosen += f".flat().find(one => one.value === {json.dumps(value)})"
            assert self.run(f"!!{chosen}"), f"{name} does not offer {value}"
            self.run(f"{chosen}.click()")
        elif kind == "select-one":
            self.run(f"{field}.value = {json.dumps(value)}")
            assert self.run(f"{field}.value") == value, f"{name} does not offer {value}"
        elif kind == "date":
            self.run(f"{field}.value = {json.dumps(value)}")
        else:
            self.run(f"{field}.focus(), {field}.select()")
            self.call("Input.insertText", text=value)
            assert self.run(f"{field}.value") == value, f"{name} takes less than it was given"

    def _arrive(self) -> None:
        """Wait until another page than before is there, whole."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(AssertionError):  # between two pages there is none
                if self.run("!window.before && document.readyState === 'complete'"):
                    return
            select.select([], [], [], 0.02)
        raise AssertionError(f"no other page came after {self.path}")

    def _next(self) -> dict[str, Any]:
        """Return the browser's next message, and keep what its console complains of."""
        while b"\0" not in self.rest:
            assert select.select([self.back], [], [], _SECONDS)[0], "the browser is silent"
            part = os.read(self.back, 1 << 16)
            assert part, "the browser is gone"
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        if told.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"}:
            self.faults.append(told["params"])
        return told


def _pipe() -> tuple[int, int]:
    """Return both ends of a pipe, out of the way of the protocol's places."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _HIGH) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]
