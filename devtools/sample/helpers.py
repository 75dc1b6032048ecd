"""Helpers (帮扶责任人) who do not exist, with telephones that nobody has."""

import numpy as np

from devtools.sample import names, numbers

UNITS = (
    "区民政局",
    "街道办事处",
    "镇人民政府",
    "社区居民委员会",
    "村民委员会",
    "区住房和城乡建设局",
    "区教育局",
)
_FIRST_KEY = 90_000_000  # above the keys of the people of the sample


def invent(count: int, *, seed: int) -> list[tuple[str, str, str]]:
    """Return so many names, units and telephones, each telephone another one."""
    rng = np.random.default_rng(seed)
    is_man = rng.integers(0, 2, count)
    born = rng.integers(1966, 2003, count)
    called = np.char.add(names.surnames(rng, count), names.given_names(rng, is_man, born))
    units = np.array(UNITS)[rng.integers(0, len(UNITS), count)]
    phones = numbers.phones(np.arange(_FIRST_KEY, _FIRST_KEY + count), seed=seed)
    return [
        (str(name), str(unit), str(phone))
        for name, unit, phone in zip(called, units, phones, strict=True)
    ]
