"""The helpers of the sample city: invented, brought through the acts of the real service."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from relief.accounts.samples import acting_as
from relief.core.clock import local_date
from relief.core.privacy.cipher import Cipher
from relief.registry.models import Household
from relief.visits import coverage, helpers
from relief.visits.files import loading
from relief.visits.models import Helper, HelperAssignment

Invent = Callable[[int], Sequence[tuple[str, str, str]]]

STEWARD = "steward"
_EACH = 8  # households of one helper, neighbours
_NOBODY_EVERY, _LEFT_EVERY = 12, 25  # of households one has nobody; of helpers one has left
_SINCE = timedelta(days=200)
_AT_ONCE = 5_000


def load_sample_helpers(session: Session, cipher: Cipher, *, invent: Invent, now: datetime) -> int:
    """Give most households of the sample a helper, as its steward by file; return how many.

    `invent`: returns so many names, units and telephones. Some helpers have left since. Where
    there is any assignment already, nothing is done. Raises ParameterNotSet.
    """
    if session.scalar(select(HelperAssignment.id).limit(1)) is not None:
        return 0
    steward = acting_as(session, STEWARD)
    homes = session.scalars(
        select(Household.number).order_by(Household.region_code, Household.id)
    ).all()
    helped = [number for place, number in enumerate(homes, start=1) if place % _NOBODY_EVERY]
    people = invent(-(-len(helped) // _EACH))
    since = (local_date(now) - _SINCE).isoformat()
    rows = iter(
        {
            "row": place + 2, "number": number, "from_on": since,
            **dict(zip(("name", "unit", "phone"), people[place // _EACH], strict=True)),
        }
        for place, number in enumerate(helped)
    )  # fmt: skip
    assigned = 0
    while some := list(islice(rows, _AT_ONCE)):
        report = loading.assign(
            session, cipher, {"rows": some, "odd": []}, scope=steward.scope,
            actor_id=steward.id, now=now,
        )  # fmt: skip
        assigned += report.assigned
    for helper_id in session.scalars(select(Helper.id).order_by(Helper.id)).all()[::_LEFT_EVERY]:
        helpers.leave(
            session, actor=steward, helper_id=helper_id, left_on=local_date(now),
            reason="调离原单位", now=now,
        )  # fmt: skip
    coverage.recount(session, now=now)
    return assigned
