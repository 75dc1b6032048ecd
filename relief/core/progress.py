"""How long work tells how far it is."""

from collections.abc import Callable

# done, total (0 if not known yet), what is being done now, in Chinese for the person waiting
Progress = Callable[[int, int, str], None]


def silent(_done: int, _total: int, _message: str) -> None:
    """Tell nobody."""
