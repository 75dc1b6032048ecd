"""People and households that do not exist, alike to those a city helps.

Households come from patterns (a widow alone, a couple with a child, grandparents with the
grandchildren of a son who left …) in such shares that one household has 2.41 people.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from devtools.sample import names, numbers
from devtools.sample.names import Ints, Strings
from devtools.sample.places import Places

TODAY = np.datetime64("2026-11-01")
_DAYS_A_YEAR = 365.2425
MINORITIES = ("05", "17")  # their names are written with a dot
MANCHU_COUNTY = 210323  # 岫岩满族自治县
_MEN, _TWINS = 0.515, 0.02
_FROM_ELSEWHERE, _FROM_GONE = 0.08, 0.03


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of household: its share, its head's age, and who else lives there.

    Roles: S spouse, K child, A grown-up child, G grandchild, F and M the head's parents.
    """

    share: float
    youngest: int
    oldest: int
    roles: str = ""
    men: float = 0.7


PATTERNS = (
    Pattern(18.2, 60, 92, men=0.5),
    Pattern(12.0, 30, 59, men=0.75),
    Pattern(0.3, 6, 16, men=0.5),  # children in a home: each on a register of its own
    Pattern(13.0, 55, 86, "S", men=0.9),
    Pattern(7.5, 26, 50, "K", men=0.35),
    Pattern(3.0, 58, 78, "G", men=0.45),
    Pattern(3.5, 55, 85, "A", men=0.5),
    Pattern(13.0, 27, 52, "SK", men=0.92),
    Pattern(5.2, 52, 80, "SA", men=0.95),
    Pattern(3.0, 56, 76, "SG", men=0.95),
    Pattern(2.0, 28, 48, "KK", men=0.3),
    Pattern(5.5, 29, 50, "SKK", men=0.92),
    Pattern(4.3, 30, 52, "SKM", men=0.92),
    Pattern(2.0, 56, 75, "SGG", men=0.95),
    Pattern(3.0, 30, 50, "SKKM", men=0.92),
    Pattern(2.0, 30, 50, "SKFM", men=0.95),
    Pattern(2.5, 30, 50, "SKKFM", men=0.95),
)
HOME_CHILD = 2  # the pattern of children in a home

_SMALL_CHILD = 3  # years
# relation to the head by (role, is a man), and to the head's wife or husband when that one is
# the householder instead
_RELATION = {
    "H": ("02", "02"), "S": ("12", "11"), "K": ("30", "20"), "A": ("30", "20"),
    "G": ("42", "41"), "F": ("51", "51"), "M": ("52", "52"),
}  # fmt: skip
_OTHER_RELATION = {**_RELATION, "H": ("12", "11"), "S": ("02", "02")}


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody, as columns. Person p of household h; heads and spouses by person number."""

    persons: pa.Table
    households: pa.Table


def people(rng: np.random.Generator, places: Places, count: int, *, seed: int) -> Population:
    """Make `count` households and everyone in them."""
    share = np.array([p.share for p in PATTERNS])
    pattern = rng.choice(len(PATTERNS), count, p=share / share.sum())
    # Heads first in the numbering of each household, so that a household's people are together.
    size = np.array([1 + len(p.roles) for p in PATTERNS])[pattern]
    first = np.cumsum(size) - size
    total = int(size.sum())
    household = np.repeat(np.arange(count), size)
    role = np.array(["H" + p.roles for p in PATTERNS])[pattern]
    letters = np.array(list("".join(role.tolist())))
    is_man, age = _sex_and_age(rng, pattern, household, letters, first)
    born = TODAY - np.maximum(age * _DAYS_A_YEAR, 20).astype("timedelta64[D]")
    born = _twins(rng, letters, household, born)

    village = places.draw(rng, count)
    county = places.county[village]
    surname = names.surnames(rng, count)[household]
    married_in = np.isin(letters, ["S", "M"])
    surname[married_in] = names.surnames(rng, int(married_in.sum()))
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    name = np.char.add(surname, names.given_names(rng, is_man, year)).astype("<U12")
    ethnicity = _ethnicity(rng, county)[household]
    dotted = np.flatnonzero(np.isin(ethnicity, MINORITIES))
    name[dotted] = names.dotted_names(rng, len(dotted))
    _namesakes(
        rng, pattern, county, is_man[first], [(first, name), (first, born), (first, ethnicity)]
    )

    prefix = _prefix(rng, county[household])
    index = np.arange(total, dtype=np.int64)
    spouse = np.where(np.char.startswith(role, "HS"), first + 1, -1)
    table = pa.table({
        "p": index, "h": household, "role": letters, "sex": np.where(is_man == 1, "1", "2"),
        "name": name, "born": born.astype("datetime64[D]"), "ethnicity": ethnicity,
        "number": numbers.citizen_ids(prefix, born, is_man, seed=seed),
        "odd_prefix": np.isin(prefix, numbers.ABOLISHED_PREFIXES),
        "phone": numbers.phones(index * 2, seed=seed),
        "old_phone": numbers.phones(index * 2 + 1, seed=seed),
        "account": numbers.accounts(index, seed=seed),
        "relation": _relations(_RELATION, letters, is_man),
        "other_relation": _relations_to_spouse(letters, is_man, is_man[first[household]]),
        "luck": rng.random(total), "luck2": rng.random(total),
    })  # fmt: skip
    households = pa.table({
        "h": np.arange(count), "size": size, "pattern": pattern, "head": first, "spouse": spouse,
        "village": village, "county": county, "old_village": places.near(rng, village),
        "urban": places.urban[village],
        "chance": rng.random(count), "chance3": rng.random(count),
    })  # fmt: skip
    return Population(persons=table, households=households)


def _sex_and_age(
    rng: np.random.Generator, pattern: Ints, household: Ints, letters: Strings, first: Ints
) -> tuple[Ints, Any]:
    """Give everyone a sex, and an age in years that fits the head's."""
    low = np.array([p.youngest for p in PATTERNS])[pattern]
    high = np.array([p.oldest for p in PATTERNS])[pattern]
    head_age = low + (high - low) * rng.random(len(pattern))
    head_man = rng.random(len(pattern)) < np.array([p.men for p in PATTERNS])[pattern]
    own_head_age, own_head_man = head_age[household], head_man[household]

    total = len(household)
    draw = rng.random(total)
    older = np.select(
        [letters == "S", letters == "K", letters == "A", letters == "G", letters == "F"],
        [draw * 6 - 3, -(21 + draw * 14), -(22 + draw * 10), -(45 + draw * 15), 23 + draw * 9],
        22 + draw * 9,
    )
    related = np.minimum(own_head_age + older, 98.5)
    # A child younger than its parent allows is a small one, but not all of them born on one day:
    # a place gives out 499 numbers a day and sex, which a province would exceed.
    related = np.where(related < 0, draw * _SMALL_CHILD, related)
    age = np.where(letters == "H", own_head_age, related)
    man = rng.random(total) < _MEN
    man = np.where(letters == "S", ~own_head_man, man)
    man = np.where(letters == "F", True, np.where(letters == "M", False, man))  # noqa: FBT003  # values
    man[first] = head_man
    return man.astype(np.int64), age


def _twins(rng: np.random.Generator, letters: Strings, household: Ints, born: Any) -> Any:
    """Let one pair of children in fifty be twins."""
    younger = np.flatnonzero(
        (letters[1:] == "K") & (letters[:-1] == "K") & (household[1:] == household[:-1])
    )
    chosen = younger[rng.random(len(younger)) < _TWINS]
    if not len(chosen):
        chosen = younger[:1]
    born[chosen + 1] = born[chosen]
    return born


def _namesakes(
    rng: np.random.Generator, pattern: Ints, county: Ints, head_man: Ints, columns: list[Any]
) -> None:
    """Give a few people of different counties one name and one birth date."""
    alone = np.flatnonzero(pattern < HOME_CHILD)
    rng.shuffle(alone)
    pairs = max(1, len(alone) // 200)
    left, right = alone[:pairs], alone[pairs : 2 * pairs]
    fits = (
        (county[left] != county[right])
        & (pattern[left] == pattern[right])
        & (head_man[left] == head_man[right])
    )
    for first, column in columns:
        column[first[right[fits]]] = column[first[left[fits]]]


def _ethnicity(rng: np.random.Generator, county: Ints) -> Strings:
    """Draw each household's ethnicity; 岫岩 (210323) is a Manchu county."""
    draw = rng.random(len(county))
    manchu = np.where(county == MANCHU_COUNTY, 0.72, 0.12)
    rest = (draw - manchu) / (1 - manchu)
    choice = np.searchsorted([0.004, 0.006, 0.014, 0.019, 0.026, 0.032], rest)
    minority = np.array(["05", "17", "03", "10", "02", "38", "01"])[np.clip(choice, 0, 6)]
    return np.where(draw < manchu, "11", minority)


def _prefix(rng: np.random.Generator, county: Ints) -> Ints:
    """Draw where a number was first given: mostly here, 8 % elsewhere, 3 % a place long gone."""
    draw = rng.random(len(county))
    other = np.array(numbers.OTHER_PREFIXES)[
        rng.integers(0, len(numbers.OTHER_PREFIXES), len(draw))
    ]
    gone = np.array(numbers.ABOLISHED_PREFIXES)[rng.integers(0, 3, len(draw))]
    return np.select(
        [draw < _FROM_ELSEWHERE, draw < _FROM_ELSEWHERE + _FROM_GONE], [other, gone], county
    )


def _relations(table: dict[str, tuple[str, str]], letters: Strings, is_man: Ints) -> Strings:
    """Look up everyone's relation to the householder."""
    out = np.empty(len(letters), dtype="<U2")
    for letter, by_sex in table.items():
        where = letters == letter
        out[where] = np.array(by_sex)[is_man[where]]
    return out


def _relations_to_spouse(letters: Strings, is_man: Ints, head_man: Ints) -> Strings:
    """Look up everyone's relation when the head's wife or husband is the householder."""
    out = _relations(_OTHER_RELATION, letters, is_man)
    for letter, parent_in_law in (("F", ("55", "53")), ("M", ("56", "54"))):
        where = letters == letter
        out[where] = np.array(parent_in_law)[head_man[where]]
    return out
