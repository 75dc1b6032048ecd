"""Rolls and change files as offices would export them, of people who do not exist."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from relief.registry.intake import layouts
from tests.support.files import csv_bytes, write_xlsx

MEMBER = {
    "数据截止日期": "2026-06-30",
    "县（市）区": "铁东区",
    "低保证号": "D001",
    "户主姓名": "王建国",
    "在册人员姓名": "王建国",
    "与户主关系": "户主",
}
CHANGE = {
    "变动日期": "2026-06-10",
    "变动类型": "退出",
    "县（市）区": "铁东区",
    "低保证号": "D001",
    "变动人员姓名": "王建国",
}


def _rows(layout: str, usual: dict[str, str], rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    headings = [column.heading for column in layouts.load_all()[layout].columns]
    return [headings, *([{**usual, **row}.get(h, "") for h in headings] for row in rows)]


def write_roll(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a roll of the minimum allowance (seeds/layouts/S01-roll.yml)."""
    return write_xlsx(path, _rows("S01-roll", MEMBER, rows))


def write_changes(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a change file of the minimum allowance (seeds/layouts/S01-changes.yml)."""
    path.write_bytes(csv_bytes(_rows("S01-changes", CHANGE, rows)))
    return path
