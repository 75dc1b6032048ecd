"""The chart of aid by year: where each bar stands. The template draws it as SVG.

A chart made here needs no script, prints as it looks, and is read out with the table below.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 208
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 24, 26
TONES = 6  # and one more for all the smaller ones together
_REST = ""
_YEARS = 8
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One scheme's part of a bar."""

    tone: int
    name: str
    amount_fen: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One year."""

    year: int
    x: float
    width: float
    top: float
    total_fen: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line across, and the amount that it stands for."""

    y: float
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars by year, stacked by scheme."""

    bars: tuple[Bar, ...]
    rules: tuple[Rule, ...]
    legend: tuple[tuple[int, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def aid_chart(amounts: Iterable[tuple[int, str, int]]) -> Chart | None:
    """Lay out (year, scheme name, fen) as stacked bars; None if no money was given.

    The last eight years; schemes beyond the six largest share one tone.
    """
    given = [item for item in amounts if item[2] > 0]
    if not given:
        return None
    years = range(max(given)[0] - _YEARS + 1, max(given)[0] + 1)
    given = [item for item in given if item[0] in years]
    years = range(min(given)[0], years[-1] + 1)
    names = _largest(given)
    table: dict[int, dict[str, int]] = {year: defaultdict(int) for year in years}
    for year, name, fen in given:
        table[year][name if name in names else _REST] += fen
    ceiling = _ceiling(max(sum(by_name.values()) for by_name in table.values()))
    scale = (HEIGHT - TOP - BOTTOM) / ceiling
    step = (WIDTH - LEFT - RIGHT) / len(years)
    order = [*names, _REST]
    bars = tuple(
        _bar(year, table[year], order, x=LEFT + step * place, step=step, scale=scale)
        for place, year in enumerate(years)
    )
    rules = tuple(
        Rule(HEIGHT - BOTTOM - ceiling * part / _STEPS * scale, ceiling * part // _STEPS)
        for part in range(1, _STEPS + 1)
    )
    shown = {piece.tone for bar in bars for piece in bar.pieces}
    legend = tuple((tone, name or "其他项目") for tone, name in enumerate(order[:-1]))
    rest = ((TONES, "其他项目"),) if TONES in shown else ()
    return Chart(bars, rules, legend + rest)


def _largest(given: list[tuple[int, str, int]]) -> list[str]:
    totals: dict[str, int] = defaultdict(int)
    for _, name, fen in given:
        totals[name] += fen
    return sorted(totals, key=lambda name: (-totals[name], name))[:TONES]


def _bar(
    year: int, by_name: dict[str, int], order: list[str], *, x: float, step: float, scale: float
) -> Bar:
    y = float(HEIGHT - BOTTOM)
    pieces = []
    for place, name in enumerate(order):
        if fen := by_name.get(name, 0):
            height = fen * scale
            y -= height
            tone = TONES if name == _REST else place
            pieces.append(Piece(tone, name or "其他项目", fen, round(y, 2), round(height, 2)))
    width = min(step * 0.6, 56)
    return Bar(
        year=year,
        x=round(x + (step - width) / 2, 2),
        width=round(width, 2),
        top=round(y, 2),
        total_fen=sum(by_name.values()),
        pieces=tuple(pieces),
    )


def _ceiling(highest_fen: int) -> int:
    """Return the next round amount: 1, 2, 4 or 8 and noughts, in fen."""
    size = 100 * 100 * _STEPS  # at least a hundred yuan
    while True:
        for factor in (1, 2, 4, 8):
            if size * factor // 4 >= highest_fen:
                return size * factor // 4
        size *= 10
