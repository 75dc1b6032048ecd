"""Whose value of a field wins when departments disagree (以谁的数据为准), from a seed file."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seeds
from relief.core import documents


def load(path: Path | None = None) -> dict[str, list[str]]:
    """Return the schemes for each ranked field, the strongest first; each order is complete.

    A field that is not in the answer is ranked by none: its most recent record wins
    (`latest_first`). Raises ValueError if the file names a scheme twice, or one that its
    default order does not have.
    """
    document = _read(path)
    return {
        field: complete(first, document["default"]) for field, first in document["fields"].items()
    }


def latest_first(path: Path | None = None) -> frozenset[str]:
    """Return the fields whose most recent value wins, whoever sent it."""
    return frozenset(_read(path)["latest_first"])


def complete(first: Sequence[str], default: Sequence[str]) -> list[str]:
    """Return `first`, then what it leaves out of `default`.

    >>> complete(["S14"], ["S01", "S14"])
    ['S14', 'S01']
    """
    order = [*first, *(scheme for scheme in default if scheme not in first)]
    if sorted(order) != sorted(set(default)):
        message = f"not a permutation of the default order: {', '.join(first)}"
        raise ValueError(message)
    return order


@functools.cache  # a seed file: it changes with the program, and each merge asks for it
def _read(path: Path | None) -> dict[str, Any]:
    source = path or seeds.path("reference/authority.yml")
    document: dict[str, Any] = documents.read(source)
    return document
