"""Loading the city's regions, zones, departments, code tables and working days from `seeds/`."""

import csv
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import seeds
from relief.audit import service as audit
from relief.core import documents
from relief.core.db import Base
from relief.core.scope import subtree
from relief.core.seeding import Row, synchronise
from relief.organisation.models import (
    CalendarDay,
    CalendarYear,
    CodeEntry,
    Department,
    FunctionalZone,
    FunctionalZonePart,
    NumberDivision,
    Region,
)

Plan = list[tuple[type[Base], list[Row], list[str] | None]]


def load_seeds(session: Session, *, now: datetime) -> dict[str, int]:
    """Bring the reference tables into step with `seeds/`, and return how many rows changed.

    Loading twice changes nothing and records nothing. Regions and departments that a seed no
    longer names stay, because records speak of them.
    """
    catalogue = read_catalogue()
    zones = documents.read(seeds.path("reference/zones.yml"))["zones"]
    plan: Plan = [
        (Region, region_rows(_table("regions.csv")), None),
        (FunctionalZone, [_zone(zone) for zone in zones], None),
        (FunctionalZonePart, [part for zone in zones for part in _parts(zone)], []),
        (NumberDivision, [_division(row) for row in _table("number_divisions.csv")], None),
        (Department, [_department(entry) for entry in catalogue["departments"]], None),
        (CodeEntry, list(_codes(seeds.path("reference/codes"))), None),
        (CalendarYear, [_year(row) for row in _table("workday_years.csv")], []),
        (CalendarDay, [_day(row) for row in _table("workdays.csv")], []),
    ]
    return synchronise_all(session, plan, part="organisation", now=now)


def synchronise_all(session: Session, plan: Plan, *, part: str, now: datetime) -> dict[str, int]:
    """Bring the tables of a plan into step, in its order, and record it if rows changed.

    An entry names the model, its rows, and what may be removed, as `prune_within` does.
    """
    changes = {
        model.__tablename__: count
        for model, rows, within in plan
        if (count := synchronise(session, model, rows, prune_within=within))
    }
    if changes:
        audit.record(
            session,
            "reference_data:loaded",
            subject_type="reference_data",
            # It has no id of its own; a fixed one lets the events of a part be found together.
            subject_id=uuid.uuid5(uuid.NAMESPACE_URL, f"urn:relief:reference-data:{part}"),
            actor_id=None,
            now=now,
            details={"part": part, "changed": changes},
        )
    return changes


def read_catalogue() -> dict[str, Any]:
    """Return the city's catalogue: departments, providers, procedures, schemes, parameters."""
    catalogue: dict[str, Any] = documents.read(seeds.path("reference/catalogue.yaml"))
    return catalogue


def places() -> tuple[tuple[tuple[int, str, str], ...], tuple[tuple[str, int], ...]]:
    """Return the seeds' regions as (code, name, level) and zones as (name, county)."""
    zones = documents.read(seeds.path("reference/zones.yml"))["zones"]
    return (
        tuple((int(one["code"]), one["name"], one["level"]) for one in _table("regions.csv")),
        tuple((zone["name"], zone["statutory_parent"]) for zone in zones),
    )


def city_code() -> int:
    """Return the code of the one city of the seeds."""
    return next(int(one["code"]) for one in _table("regions.csv") if one["level"] == "city")


def region_rows(entries: list[dict[str, str]]) -> list[Row]:
    """Return the rows of the region tree, each with its range and its name from the county on."""
    names = {entry["code"]: entry["name"] for entry in entries}
    parents = {entry["code"]: entry["parent_code"] for entry in entries}
    levels = {entry["code"]: entry["level"] for entry in entries}

    def full_name(code: str) -> str:
        parent = parents[code]
        above = full_name(parent) if parent and levels[parent] != "city" else ""
        return above + names[code]

    return [
        {
            "code": int(entry["code"]),
            "code_end": subtree(int(entry["code"])).hi,
            "name": entry["name"],
            "full_name": full_name(entry["code"]),
            "level": entry["level"],
            "parent_code": int(entry["parent_code"]) if entry["parent_code"] else None,
            "year": int(entry["year"]),
        }
        for entry in entries
    ]


def _table(name: str) -> list[dict[str, str]]:
    return _read_csv(seeds.path("reference") / name)


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _zone(zone: Mapping[str, Any]) -> Row:
    return {key: value for key, value in zone.items() if key != "regions"}


def _parts(zone: Mapping[str, Any]) -> list[Row]:
    return [{"zone_code": zone["code"], "region_code": code} for code in zone["regions"]]


def _department(entry: Mapping[str, Any]) -> Row:
    return {
        "code": entry["code"],
        "abbreviation": entry["abbr"],
        "name": entry["zh"],
        "name_en": entry["en"],
        "statutory_manager": entry["statutory_manager"],
        "role": entry["role"],
        "sees_all_households": entry["sees_all_households"],
    }


def _codes(folder: Path) -> Iterator[Row]:
    """Yield the entries of every code table: one file a table, named after it."""
    for path in sorted(folder.glob("*.csv")):
        for entry in _read_csv(path):
            yield {"table": path.stem, **entry}


def _year(entry: Mapping[str, str]) -> Row:
    return {"year": int(entry["year"]), "source": entry["source"]}


def _day(entry: Mapping[str, str]) -> Row:
    return {"day": entry["date"], "kind": entry["kind"], "name": entry["name"]}


def _division(entry: Mapping[str, str]) -> Row:
    return {"code": int(entry["code"]), "name": entry["name"]}
