"""Writing into the trail what happened to an act: in each county of its people.

An auditor of a county reads what names that county. An act may reach over several, or over a
functional zone that is no region: so each county has a row of its own, with its own numbers.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relief.audit import service as audit
from relief.core.scope import county_of
from relief.review.rostering.left_out import NOWHERE
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.types import PlaceStatus

_COUNTY = 10**6
Counts = Mapping[PlaceStatus, int]


def note(
    session: Session, act: RosterAct, verb: str, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    """Write it, with how many people of each county it concerns. One query.

    `actor_id` None: the platform did it. The region is that which the act was narrowed to, where
    it is a county or a part of one; else the county.
    """
    for county, counts in _by_county(session, act.id).items():
        audit.record(
            session,
            f"roster_act:{verb}",
            subject_type="roster_act",
            subject_id=act.id,
            actor_id=actor_id,
            now=now,
            details={"scheme": act.scheme_code, **_told(verb, counts)},
            region_code=_region(act, county),
        )


def _by_county(session: Session, act_id: uuid.UUID) -> Mapping[int, Counts]:
    """Return county → how many of its people stand where, in the order of counties."""
    county = (RosterPlace.region_code // _COUNTY).label("county")
    rows = session.execute(
        select(county, RosterPlace.status, func.count())
        # Whoever was named and is not of the clerk's concern has no county that they may learn.
        .where(RosterPlace.act_id == act_id, RosterPlace.region_code != NOWHERE)
        .group_by(county, RosterPlace.status)
        .order_by(county)
    )
    found: dict[int, dict[PlaceStatus, int]] = {}
    for code, status, count in rows:
        found.setdefault(code, dict.fromkeys(PlaceStatus, 0))[status] = count
    return found


def _told(verb: str, counts: Counts) -> Mapping[str, int]:
    if verb == "begun":
        # Who is not entered from the beginning was named in vain.
        left_out = counts[PlaceStatus.NOT_ENTERED]
        return {"people": counts[PlaceStatus.LISTED], "left_out": left_out}
    if verb == "done":
        ended: Sequence[PlaceStatus] = (PlaceStatus.ENTERED, PlaceStatus.NOT_ENTERED)
        return {status.value: counts[status] for status in ended}
    return {}


def _region(act: RosterAct, county: int) -> int:
    """Return the region that the act names, if it lies in the county; else the county."""
    if act.region is not None and act.region.isdecimal():
        named = int(act.region)
        if county_of(named) == county:
            return named
    return county * _COUNTY
