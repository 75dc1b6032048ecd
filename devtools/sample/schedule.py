"""When the schemes pay, as month numbers (year × 12 + month − 1)."""

from dataclasses import dataclass

FIRST = 2016 * 12  # the oldest month that may be asked for
USUAL = 2023 * 12  # where the registers of the departments usually begin
NEWEST_YEAR = 2026 * 12
LAST = 2026 * 12 + 9
YEAR_END = NEWEST_YEAR + 11


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A row every `step` months, counted from `offset`."""

    step: int = 1
    offset: int = 0


_TERM, _YEAR = Rhythm(6, 2), Rhythm(12)
RHYTHMS = {
    "S05": _YEAR, "S13": Rhythm(12, 10), "S15": _YEAR, "S17": _TERM, "S18": _TERM, "S19": _TERM,
    "S20": _YEAR, "S22": _YEAR, "S24": _YEAR, "S28": _YEAR, "S30": _YEAR, "S32": _YEAR,
}  # fmt: skip
SCHEMES = tuple(f"S{number:02d}" for number in range(1, 34))
# One row for every member of the household, and the money on the householder's row.
MONEY_TO_HOUSEHOLDER = ("S04", "S13", "S21", "S22", "S26", "S28", "S30", "S33")


def rhythm(scheme: str) -> Rhythm:
    """Return how often a scheme writes a row; every month if nothing else is said."""
    return RHYTHMS.get(scheme, Rhythm())
