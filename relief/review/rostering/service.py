"""What a clerk does: begin an act, and let one go on that stands still. One transaction each."""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.orm import Session

from relief.accounts.identity import Actor
from relief.accounts.permissions import Permission
from relief.core.clock import local_date
from relief.core.ids import new_id
from relief.organisation import queries as organisation
from relief.review.errors import NotYours
from relief.review.recognition import rosters
from relief.review.recognition.rosters import Confirmed
from relief.review.rostering import left_out, noting
from relief.review.rostering.errors import (
    ActNotFound,
    ActNotStopped,
    ActRuns,
    MayNotEnter,
    NobodyMissing,
    TooManyNamed,
)
from relief.review.rostering.left_out import LeftOut
from relief.review.rostering.models import RosterAct, RosterPlace
from relief.review.rostering.types import ActStatus, PlaceStatus
from relief.schemes import queries as schemes
from relief.tasks import queries as tasks
from relief.tasks import service as queue

KIND = "roster-entry"
MOST = "roster_entries_max"
_DRAWS = 10  # of so many people each as an act may enter: a request ends, however many ended
_TOO_MANY = "一次批量补办最多 {most:,} 人（市级参数），这次指定了 {named:,} 人，请分几次发起"
_TOO_WIDE = "已查看的人中没有需要补办的人，还有人没有查看，请选择较小的区划"


def begin(
    session: Session,
    *,
    actor: Actor,
    scheme_code: str,
    need: str,
    now: datetime,
    region: str | None = None,
    people: Collection[uuid.UUID] | None = None,
) -> uuid.UUID:
    """Choose who is missing on a scheme's roster, and have them entered; return the act's id.

    All in the actor's scope, of a `region` or zone, or of `people` alone, up to the number that the
    parameter `roster_entries_max` sets; of those who are named, whoever is not on the roster stands
    in the act as left out, with the reason. As many statements for a thousand as for one, unless
    many are confirmed no longer. Raises SchemeNotFound, NoRoster, RegionNotFound, ParameterNotSet,
    TooManyNamed; NoDepartment; NotYours for a department that takes no part; NobodyMissing, which
    says why of each who is named; ActRuns.
    """
    rosters.of_department(actor)
    on = local_date(now)
    if not rosters.takes_part(session, scope=actor.scope, scheme_code=scheme_code, on=on):
        raise NotYours(rosters.NO_PART)
    most = int(schemes.parameter(session, MOST, on=on))
    if people is not None and len(people := set(people)) > most:
        raise TooManyNamed(_TOO_MANY.format(most=most, named=len(people)))
    ranges = organisation.ranges_of(session, codes=[region]) if region else None
    chosen, beyond = _choose(
        partial(
            rosters.drawn,
            session,
            scope=actor.scope,
            scheme_code=scheme_code,
            ranges=ranges,
            people=people,
            now=now,
        ),
        most,
    )
    left = left_out.why_not(
        session,
        scope=actor.scope,
        scheme=schemes.get_scheme(session, code=scheme_code),
        people=set(people or ()) - {one.person.id for one in chosen},
        ranges=ranges,
    )
    if not chosen:
        whys = [{"person_id": str(one), "reason": why.reason} for one, why in left.items()]
        raise NobodyMissing(_TOO_WIDE if beyond else "", conflicts=whys)
    act = RosterAct(
        id=new_id(now),
        scheme_code=scheme_code,
        department_code=actor.department_code,
        region=region,
        need=need,
        status=ActStatus.RUNNING,
        beyond=beyond,
        begun_by=actor.id,
        begun_at=now,
    )
    _begin(session, act)
    session.execute(insert(RosterPlace), _places(act.id, chosen, left.values()))
    noting.note(session, act, "begun", actor_id=actor.id, now=now)
    _queue(session, act, now)
    return act.id


def resume(session: Session, *, actor: Actor, act_id: uuid.UUID, now: datetime) -> None:
    """Let an act go on where it stood: one that was stopped, or whose task was given up.

    Raises ActNotFound, MayNotEnter, ActNotStopped.
    """
    act = own(session, actor_id=actor.id, act_id=act_id, lock=True)
    if actor.department_code != act.department_code or not actor.may(Permission.OPEN_CASES):
        raise MayNotEnter
    if not rosters.takes_part(
        session, scope=actor.scope, scheme_code=act.scheme_code, on=local_date(now)
    ):
        raise MayNotEnter
    left_behind = act.status is ActStatus.RUNNING and not tasks.is_open(
        session, kind=KIND, key=str(act_id)
    )
    if act.status is not ActStatus.STOPPED and not left_behind:
        raise ActNotStopped
    act.status = ActStatus.RUNNING
    noting.note(session, act, "resumed", actor_id=actor.id, now=now)
    _queue(session, act, now)


def own(
    session: Session, *, actor_id: uuid.UUID, act_id: uuid.UUID, lock: bool = False
) -> RosterAct:
    """Return an act that an account began; with `lock`, held to the end. Raises ActNotFound."""
    query = select(RosterAct).where(RosterAct.id == act_id, RosterAct.begun_by == actor_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    act = session.scalars(query).one_or_none()
    if act is None:
        raise ActNotFound
    return act


def _choose(
    drawn: Callable[..., Sequence[Confirmed]], most: int
) -> tuple[Sequence[Confirmed], bool]:
    """Return the first `most` who are confirmed to this day, and whether there may be more.

    Who is confirmed no longer stays among those who may be missing for good: were one draw all,
    as many of them as an act may enter would hide whoever comes behind.
    """
    chosen: list[Confirmed] = []
    after: uuid.UUID | None = None
    for _ in range(_DRAWS):
        found = drawn(limit=most + 1, after=after)
        chosen += [one for one in found if one.told]
        if len(chosen) > most:
            break
        if len(found) <= most:
            return chosen, False
        after = found[-1].person.id
    return chosen[:most], True


def _begin(session: Session, act: RosterAct) -> None:
    """Write the act, unless its clerk has one of the scheme that is not done. Raises ActRuns."""
    columns = [column.key for column in RosterAct.__table__.columns]
    begun = session.scalar(
        insert_or_not(RosterAct)
        .values({name: getattr(act, name) for name in columns})
        .on_conflict_do_nothing()
        .returning(RosterAct.id)
    )
    if begun is None:
        raise ActRuns


def _places(
    act_id: uuid.UUID, chosen: Iterable[Confirmed], left: Iterable[LeftOut]
) -> list[dict[str, object]]:
    """Return the rows of whom an act enters, and after them of whom it does not."""
    listed: list[dict[str, object]] = [
        {
            "person_id": one.person.id,
            "name": one.person.name,
            "region_code": one.place,
            "told": one.told or "",
            "status": PlaceStatus.LISTED,
            "reason": None,
        }
        for one in chosen
    ]
    not_entered: list[dict[str, object]] = [
        {
            "person_id": one.person_id,
            "name": one.name,
            "region_code": one.region_code,
            "told": "",
            "status": PlaceStatus.NOT_ENTERED,
            "reason": one.reason,
        }
        for one in left
    ]
    return [
        {"act_id": act_id, "position": position, **row}
        for position, row in enumerate([*listed, *not_entered], start=1)
    ]


def _queue(session: Session, act: RosterAct, now: datetime) -> None:
    queue.enqueue(
        session,
        kind=KIND,
        key=str(act.id),
        arguments={"act_id": str(act.id)},
        actor_id=act.begun_by,
        now=now,
    )
