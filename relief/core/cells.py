"""Cells that leave the platform in a file: none may act as a formula where it is opened.

Every cell of every export goes through `safe_row`; what comes back is read with `unguarded`.
"""

from collections.abc import Sequence
from typing import TypeVar

# What spreadsheets take for the beginning of a formula, in half and in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARD = "'"

Cell = TypeVar("Cell")


def safe_row(cells: Sequence[Cell]) -> list[Cell | str]:
    """Return a row that may be written: text is guarded, and a number stays a number."""
    return [guarded(cell) if isinstance(cell, str) else cell for cell in cells]


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("王建国"), guarded("'=1")
    ("'=1+1", '王建国', "''=1")
    """
    return f"{_GUARD}{text}" if _would_act(text) else text


def unguarded(text: str) -> str:
    """Return what was written: the opposite of `guarded`.

    >>> unguarded("'=1+1"), unguarded("'王")
    ('=1+1', "'王")
    """
    return text[1:] if text.startswith(_GUARD) and _would_act(text) else text


def _would_act(text: str) -> bool:
    """Tell whether a text is a formula, or would be read back as the guarded form of one."""
    return text.lstrip(_GUARD).startswith(FORMULA_STARTS)
