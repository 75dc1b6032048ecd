"""A progress bar on a terminal; on anything else, a line now and then."""

import sys
import time
from dataclasses import dataclass
from typing import TextIO

WIDTH = 30
LINE_SECONDS = 5.0


@dataclass
class Bar:
    """Shows (done, total, message); callable, so that it is a `core.progress.Progress`."""

    out: TextIO | None = None
    last: float = float("-inf")
    message: str = ""
    open_line: bool = False

    def __call__(self, done: int, total: int, message: str) -> None:
        """Show how far the work is."""
        out = self.out or sys.stdout
        share = min(1.0, done / total) if total else 0.0
        if out.isatty():
            filled = round(share * WIDTH)
            picture = "█" * filled + "·" * (WIDTH - filled)
            out.write(f"\r\x1b[K[{picture}] {share:4.0%} {message}")
            self.open_line = True
        elif message != self.message or time.monotonic() - self.last > LINE_SECONDS:
            self.last = time.monotonic()
            out.write(f"  {message} {share:.0%}\n" if total else f"  {message}\n")
        self.message = message
        out.flush()

    def close(self) -> None:
        """End the line."""
        if self.open_line:
            out = self.out or sys.stdout
            out.write("\n")
            out.flush()
            self.open_line = False
