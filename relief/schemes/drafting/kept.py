"""What the seeds may no longer say: procedures and parameters published in the console."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.core.seeding import Row
from relief.schemes.models import Parameter, Procedure
from relief.schemes.types import Origin

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A version published in the console, for whose sake the seeds' procedure is not loaded."""

    code: str
    version: int
    name: str
    valid_from: date


def kept(session: Session) -> Sequence[Kept]:
    """Return the versions published in the console, by procedure. One query."""
    rows = session.execute(
        select(Procedure.code, Procedure.version, Procedure.name, Procedure.valid_from)
        .where(Procedure.origin == Origin.CONSOLE)
        .order_by(Procedure.code, Procedure.version)
    ).all()
    return [
        Kept(code=r.code, version=r.version, name=r.name, valid_from=r.valid_from) for r in rows
    ]


def of_seeds(
    procedures: Mapping[str, Any], held: Sequence[Kept]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the seeds' procedures that may be loaded, and log those that may not.

    Once a city has published a version itself, the whole procedure is the city's: a later version
    of the seeds would otherwise take over what four eyes signed.
    """
    ours = {one.code for one in held}
    for code in sorted(ours & procedures.keys()):
        logger.warning("procedure of the seeds not loaded", extra={"procedure": code})
    return [(code, entry) for code, entry in procedures.items() if code not in ours]


def parameters_of_seeds(session: Session, rows: Sequence[Row]) -> list[Row]:
    """Return the seeds' values that may be loaded, and log those that may not. One query.

    Of a parameter, region and day of which two persons published a value, theirs holds.
    """
    published = session.execute(
        select(Parameter.name, Parameter.region_code, Parameter.valid_from).where(
            Parameter.origin == Origin.CONSOLE
        )
    )
    ours = {(row.name, row.region_code, row.valid_from) for row in published}
    loaded: list[Row] = []
    for row in rows:
        if (row["name"], row["region_code"], row["valid_from"]) in ours:
            logger.warning("parameter of the seeds not loaded", extra={"parameter": row["name"]})
        else:
            loaded.append(row)
    return loaded
