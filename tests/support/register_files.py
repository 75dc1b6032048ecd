"""Files of outside registers, as an office would send them."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from relief.registers.intake import layouts
from relief.registers.types import Content, Register

DAY = date(2026, 10, 31)


def layout(register: Register, content: Content = Content.WHOLE) -> layouts.RegisterLayout:
    """Return the layout of a register's whole or change files."""
    return next(one for one in layouts.of_register(register) if one.content is content)


def write(
    folder: Path,
    register: Register,
    *rows: dict[str, str],
    content: Content = Content.WHOLE,
    day: date = DAY,
    after: Sequence[Sequence[str]] = (),
    name: str = "register.csv",
) -> Path:
    """Write one file; a row maps fields to texts, `data_on` is `day` if a row does not say.

    `after`: rows below, as they stand.
    """
    columns = layout(register, content).layout.columns
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading for column in columns])
        for row in rows:
            cells = {"data_on": day.isoformat(), "name": "张三"} | row
            writer.writerow([cells.get(column.field or "", "") for column in columns])
        writer.writerows(after)
    return path
