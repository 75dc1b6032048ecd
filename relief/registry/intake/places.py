"""What the reader must know of the city: its regions and functional zones."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.organisation.models import FunctionalZone, Region
from relief.registry.intake.errors import UnknownRegion


@dataclass(frozen=True, slots=True)
class Places:
    """Regions as (code, name, level), and zones as (name, county), ready for a job."""

    regions: tuple[tuple[int, str, str], ...]
    zones: tuple[tuple[str, int], ...]


def load(session: Session) -> Places:
    """Read them from the database, in two queries."""
    regions = session.execute(select(Region.code, Region.name, Region.level).order_by(Region.code))
    zones = session.execute(
        select(FunctionalZone.name, FunctionalZone.statutory_parent).order_by(FunctionalZone.code)
    )
    return Places(
        tuple((code, name, level.value) for code, name, level in regions),
        tuple((name, county) for name, county in zones),
    )


def check(session: Session, region_code: int | None) -> None:
    """Refuse a region that is not of this city. Raises UnknownRegion."""
    if region_code is not None and session.get(Region, region_code) is None:
        raise UnknownRegion(region=str(region_code))
