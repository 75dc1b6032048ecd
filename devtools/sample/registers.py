"""Writes the files of the outside registers, and what was planted in them.

Everybody stands in the household register, couples in the register of marriages, the dead in that
of deaths; beside them stand outsiders whom no list of aid names. The rest is planted, each kind
for people who are planted for nothing else and whose number is right in every file.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from devtools.sample import names, numbers
from devtools.sample.register_plants import (
    KINDS,
    Kind,
    Resident,
    Row,
    certificate,
    death,
    funeral_grant,
    marriage,
    residence,
)
from relief.registers.intake import layouts
from relief.registers.intake.layouts import RegisterLayout
from relief.registers.types import Content, Register
from relief.registry.intake.layouts import Column

FOLDER, PLANTED = "registers", "planted.csv"
DAY = date(2026, 10, 31)
_SHARE = 1_000  # one case of each kind for so many households
_OUTSIDER = 210106  # no one of the city has a number from there
_OUTSIDERS = 10**8  # their numbers begin there
_STREAM = 28
_GRANTED, _GRANTED_AFTER = 4, timedelta(days=40)  # one of so many who died was insured
_PLANTED_FORM = (
    "rule", "kind", "case", "register", "file", "rows", "person_id", "household_id", "what",
)  # fmt: skip

# Everybody who stands on a list, with the household of last. Those of other plants are left out
# of these, and so is whoever is written with another number anywhere.
_PEOPLE = """
WITH seen AS (
    SELECT p, bool_and(number_kind = 'right') AS is_right FROM row JOIN face USING (e) GROUP BY p
), now AS (
    SELECT p, max_by(h, to_m) AS h, max_by(relation, to_m) AS relation,
        max_by(village, to_m) AS village, max_by(householder, to_m) AS householder
    FROM member GROUP BY p
), relieved AS (
    SELECT face.h, max(m) AS relieved_m FROM row JOIN face USING (e)
    WHERE row.scheme = 'S26' AND fault IS NULL GROUP BY face.h
), grown AS (SELECT p, min(disability) AS disability, min(grade) AS grade FROM body GROUP BY p)
SELECT w.p, now.h, w.name, w.number, w.sex, w.born, w.role, now.relation,
    hh.spouse >= 0 AND w.role IN ('H', 'S') AS has_spouse, county_name, township_name,
    village_name, w.account,
    CASE WHEN died_m IS NULL THEN NULL ELSE make_date(died_m // 12, died_m % 12 + 1, died_day) END,
    disability, grade, relieved_m,
    now.h IN (SELECT face.h FROM row JOIN face USING (e) WHERE row.scheme = 'S28') AS helped,
    is_right AND died_m IS NULL AND w.p NOT IN (SELECT p FROM plant)
        AND now.h NOT IN (SELECT h FROM plant) AND w.p NOT IN (SELECT p FROM wedding)
        AND now.h NOT IN (SELECT joined_h FROM wedding) AS is_free
FROM who w JOIN seen USING (p) JOIN now USING (p) JOIN grown USING (p)
JOIN place USING (village) JOIN hh ON hh.h = now.h LEFT JOIN relieved ON relieved.h = now.h
ORDER BY w.p
"""


def write(
    con: duckdb.DuckDBPyConnection, folder: Path, *, households: int, seed: int
) -> Mapping[str, int]:
    """Write a file for each register, and planted.csv; return how many rows each file holds."""
    folder.mkdir()
    rng = np.random.default_rng([seed, _STREAM])
    people = [(Resident(*row[:-1]), bool(row[-1])) for row in con.execute(_PEOPLE).fetchall()]
    wanted = max(1, households // _SHARE)
    outsiders = iter(_outsiders(rng, wanted * len(KINDS) + households // 10, seed=seed))
    cases = list(_plant(rng, [one for one, is_free in people if is_free], wanted, outsiders))
    planted = {one.p for _, _, one, _ in cases}
    rows: dict[Register, list[tuple[Mapping[str, Any], int | None]]] = defaultdict(list)
    for number, (_, _, _, made) in enumerate(cases):
        for register, fields in made:
            rows[register].append((fields, number))
    for register, fields in _everyday([one for one, _ in people], planted, outsiders):
        rows[register].append((fields, None))
    counts: dict[str, int] = {}
    places: dict[tuple[int, Register, str], list[int]] = {}
    for register in Register:
        layout = next(x for x in layouts.of_register(register) if x.content is Content.WHOLE)
        order = rng.permutation(len(rows[register]))
        shuffled = [rows[register][place] for place in order]
        _write(folder / layout.file_name, layout, [fields for fields, _ in shuffled])
        counts[layout.file_name] = len(shuffled)
        for place, (_, number) in enumerate(shuffled, start=2):
            if number is not None:
                places.setdefault((number, register, layout.file_name), []).append(place)
    _write_plan(folder / PLANTED, cases, places)
    return counts


def _plant(
    rng: np.random.Generator,
    free: Sequence[Resident],
    wanted: int,
    outsiders: Iterator[Resident],
) -> Iterator[tuple[Kind, int, Resident, Sequence[Row]]]:
    """Pick people for every kind, one of a household and each for one kind only."""
    order = [free[place] for place in rng.permutation(len(free))]
    taken: set[int] = set()
    for kind in KINDS:
        fitting = (one for one in order if one.h not in taken and kind.fits(one))
        for number in range(1, wanted + 1):
            one = next(fitting, None)
            if one is None:
                break
            taken.add(one.h)
            other = _namesake(one, next(outsiders)) if kind.namesake else next(outsiders)
            yield kind, number, one, kind.make(one, other)


def _namesake(one: Resident, other: Resident) -> Resident:
    """Give an outsider the name, so that only the number tells the two apart."""
    values = {name: getattr(other, name) for name in Resident.__slots__}
    return Resident(**values | {"name": one.name})


def _everyday(
    people: Sequence[Resident], planted: set[int], outsiders: Iterator[Resident]
) -> Iterator[Row]:
    """Yield what the registers say of people without anything being odd about it."""
    heads = {one.h: one for one in people if one.role == "H"}
    for one in people:
        if one.died_on is None:
            yield residence(one, one.booklet, one.relation)
        else:
            yield death(one, one.died_on)
            yield death(one, one.died_on, "funeral")
            if one.p % _GRANTED == 0:
                yield funeral_grant(one, one.died_on + _GRANTED_AFTER)
        if one.role == "S" and one.h in heads:
            ended = min(filter(None, (one.died_on, heads[one.h].died_on)), default=None)
            yield marriage(one, heads[one.h], to_on=ended)
        if one.disability is not None and one.died_on is None and one.p not in planted:
            yield certificate(one)
    for one in outsiders:
        yield residence(one, one.booklet, "02")
        yield from (
            row for kind in KINDS if kind.kind in _OF_OUTSIDERS for row in kind.make(one, one)
        )


_OF_OUTSIDERS = frozenset({"on_payroll", "car", "two_houses", "trader", "fund", "insured"})


def _outsiders(rng: np.random.Generator, count: int, *, seed: int) -> Sequence[Resident]:
    born = np.datetime64("1960-01-01") + rng.integers(0, 14_000, count).astype("timedelta64[D]")
    is_man = rng.integers(0, 2, count)
    prefix = np.full(count, _OUTSIDER, dtype=np.int64)
    own = numbers.citizen_ids(prefix, born, is_man, seed=seed)
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    named = np.char.add(names.surnames(rng, count), names.given_names(rng, is_man, year))
    return [
        Resident(
            p=_OUTSIDERS + place, h=_OUTSIDERS + place, name=str(named[place]),
            number=str(own[place]), sex="1" if is_man[place] else "2", born=born[place].item(),
            role="H", relation="02", has_spouse=False, county="铁东区", township="", village="",
            account="", died_on=None, disability=None, grade=4,
            relieved_m=None, helped=False,
        )
        for place in range(count)
    ]  # fmt: skip


def _write(path: Path, layout: RegisterLayout, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = layout.layout.columns
    with path.open("w", encoding=layout.encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.heading for column in columns])
        for row in rows:
            told = {"data_on": DAY, **row}
            writer.writerow([_text(column, told.get(column.field or "")) for column in columns])


def _text(column: Column, value: Any) -> str:
    """Return a value in the form of the column; a code by the first word that stands for it."""
    if value is None:
        return ""
    if column.codes:
        return next(word for word, code in column.codes.items() if code == value)
    if isinstance(value, date):
        return value.strftime(column.format or "")
    if column.field == "amount":
        return f"{value // 100}.{value % 100:02d}"
    return f"{value / 100:.2f}" if column.field == "area" else str(value)


def _write_plan(
    path: Path,
    cases: Sequence[tuple[Kind, int, Resident, Sequence[Row]]],
    places: Mapping[tuple[int, Register, str], Sequence[int]],
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_PLANTED_FORM)
        for (number, register, name), rows in sorted(places.items()):
            kind, count, one, _ = cases[number]
            for rule, planted in {kind.rule: kind.planted, **kind.also}.items():
                writer.writerow(
                    [
                        rule, "planted" if planted else "near_miss", f"{kind.kind}-{count}",
                        register.value, name, " ".join(map(str, rows)), f"P{one.p + 1:07d}",
                        f"H{one.h + 1:07d}", kind.what,
                    ]
                )  # fmt: skip
