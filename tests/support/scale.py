"""How much of a long test is run: `SCALE=0.1 make soak` runs a tenth."""

import math
import os


def scaled(count: int) -> int:
    """Return the share of `count` that SCALE asks for, at least one."""
    return max(1, math.ceil(count * float(os.environ.get("SCALE", "1"))))
