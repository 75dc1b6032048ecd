"""Reference data that ships with the product, and where to find it.

The files are data that a city edits: each value carries its source and a confidence mark.
"""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Return the path of a seed file or folder, such as `reference/regions.csv`."""
    found = _ROOT / name
    if not found.exists():
        message = f"no such seed: {name}"
        raise FileNotFoundError(message)
    return found
