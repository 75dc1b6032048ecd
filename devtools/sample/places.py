"""Where people live: the villages and communities of the city, with invented streets."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from devtools.sample.names import Ints

_ENDINGS = (
    ("社区居民委员会", "社区"), ("社区居委会", "社区"), ("村民委员会", "村"), ("村村委会", "村"),
    ("居民委员会", "社区"), ("居委会", "社区"), ("村委会", "村"), ("委员会", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """The villages, in the order of their codes."""

    code: Ints
    county: Ints
    urban: Any
    weight: Any
    table: pa.Table

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """Draw villages, large ones more often."""
        return rng.choice(len(self.code), count, p=self.weight)

    def near(self, rng: np.random.Generator, village: Ints) -> Ints:
        """Draw another village of the same county for each."""
        low = np.searchsorted(self.county, self.county[village], side="left")
        high = np.searchsorted(self.county, self.county[village], side="right")
        other = low + (rng.random(len(village)) * (high - low)).astype(np.int64)
        return np.where(other == village, np.where(other + 1 < high, other + 1, low), other)


def load(regions: Path, rng: np.random.Generator) -> Places:
    """Read the region tree; the sizes of villages are drawn, not known."""
    with regions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    name = {int(row["code"]): row["name"] for row in rows}
    villages = sorted(int(row["code"]) for row in rows if row["level"] == "village")
    code = np.array(villages, dtype=np.int64)
    weight = rng.lognormal(0.0, 0.6, len(code))
    urban = np.array([_short(name[c]).endswith("社区") for c in villages])
    table = pa.table(
        {
            "village": np.arange(len(code)),
            "code": code,
            "county_code": code // 10**6,
            "urban": urban,
            "county_name": [name[c // 10**6 * 10**6] for c in villages],
            "township_name": [name[c // 1000 * 1000] for c in villages],
            "village_name": [name[c] for c in villages],
            "short_name": [_short(name[c]) for c in villages],
        }
    )
    return Places(code, code // 10**6, urban, weight / weight.sum(), table)


def _short(name: str) -> str:
    """Return what people write in an address: 永泉村 for 永泉村村委会."""
    for ending, instead in _ENDINGS:
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if instead and stem.endswith(instead[-1]) else stem + instead
    return name
