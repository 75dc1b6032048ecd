"""Reads generated department files back by their layouts, apart from the code that wrote them."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from python_calamine import CalamineWorkbook

import seeds

SCHEMES = [f"S{number:02d}" for number in range(1, 34)]
COMMON = yaml.safe_load(seeds.path("layouts/_common.yml").read_text("utf-8"))["codes"]


def layout_of(scheme: str) -> dict[str, Any]:
    return yaml.safe_load(seeds.path(f"layouts/{scheme}.yml").read_text("utf-8"))


def lines(folder: Path, layout: dict[str, Any]) -> list[list[Any]]:
    """All lines of a file, titles and totals too."""
    path = folder / layout["file_name"]
    if layout["format"] == "xlsx":
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    text = path.read_bytes().decode(layout["encoding"])
    return list(csv.reader(io.StringIO(text), delimiter=layout["delimiter"]))


def rows(folder: Path, layout: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The rows of people, by the number the spreadsheet shows, as field → value."""
    first = layout["title_rows"] + 1
    body = lines(folder, layout)[first:]
    if layout["totals_row"] and body and body[-1][0] == layout["totals_row"]:
        body = body[:-1]
    return {
        number: {c["field"]: v for c, v in zip(layout["columns"], line, strict=True) if c["field"]}
        for number, line in enumerate(body, first + 1)
    }


def day_of(column: dict[str, Any], value: Any) -> date:
    """What a date or period says; raises if the layout does not tell how to read it."""
    if "codes" in column:
        return date.fromisoformat(column["codes"][value])
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(int(value)) if isinstance(value, float) else value
    return datetime.strptime(text, column["format"]).date()  # noqa: DTZ007  # a day, no instant


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))
