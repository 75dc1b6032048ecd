"""The months of a yearly sum, which `aid_year` keeps in as little as says them all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_YEAR = range(1, 13)


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What came in one month, 1 to 12."""

    month: int
    times: int
    amount_fen: int


def unpack(
    months: int, *, amount_fen: int, times: Sequence[int] | None, fen: Sequence[int] | None
) -> Iterator[MonthSum]:
    """Yield the months that had aid. `times` empty: one aid in each; `fen` empty: equal parts.

    >>> [m.month for m in unpack(0b101, amount_fen=200, times=None, fen=None)]
    [1, 3]
    """
    given = [month for month in _YEAR if months >> (month - 1) & 1]
    for place, month in enumerate(given):
        yield MonthSum(
            month,
            times[place] if times else 1,
            fen[place] if fen else amount_fen // len(given),
        )
