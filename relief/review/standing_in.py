"""For whom somebody acts in a case (代办): found when it is known whose turn they take.

The locks of close relatives hold for both, and where one of them may not be the second pair of
eyes the other may not be it either.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from relief.accounts.delegation import StandIn
from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.review.errors import NotYours
from relief.review.kin import keeping as kin
from relief.review.kin import locks
from relief.review.kin.errors import KinOfCase, StoodBack
from relief.review.models import Case, CaseStage, CaseStep
from relief.review.stages import Way
from relief.review.types import Step

# What makes somebody the first pair of eyes of a case: who entered something of it, for the family
# or of what was found out, surveyed, or gave an opinion (财会〔2012〕21号第十二条).
_FIRST = (
    Step.SUBMITTED, Step.RETURNED, Step.RESUBMITTED, Step.RESUMED, Step.HANDED_OVER, Step.ENCLOSED,
    Step.AUTHORISED, Step.MANDATE_RECORDED, Step.KIN_DECLARED, Step.FACTS_FOUND, Step.KIN_VISITED,
    Step.STAGE_ENDED, Step.SURVEYED, Step.RESURVEYED, Step.OBJECTION_UPHELD,
    Step.OBJECTION_DISMISSED,
)  # fmt: skip


def take(way: Way, actor: Actor, role: Role) -> None:
    """Keep for whom the actor takes a turn of a role: for nobody if it is their own role.

    Raises NotYours for whom no such role is; KinOfCase or StoodBack if the case is locked for
    each of those for whom they could act.
    """
    if role in actor.roles:
        way.acting_for = None
        return
    refusal: KinOfCase | StoodBack | NotYours = NotYours()
    for other in candidates(actor, role):
        try:
            locks.refuse(way.session, way.case, account_id=other.id, on=way.today)
        except (KinOfCase, StoodBack) as fault:
            refusal = _of_other(fault, other)
        else:
            way.acting_for = other.id
            return
    with kin.keeping(way):
        raise refusal


def candidates(actor: Actor, role: Role) -> list[StandIn]:
    """Return for whom somebody stands in who holds a role."""
    return [one for one in actor.acts_for if role in one.roles]


def stand_in(actor: Actor, role: Role) -> str | None:
    """Return the names for whom a role waits for the actor; None if it is their own."""
    return None if role in actor.roles else "、".join(one.name for one in candidates(actor, role))


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `case_stage` with `aid_case`: that it waits for the actor.

    It is locked neither for them nor for whom they stand in.
    """
    own = CaseStage.role.in_(actor.roles)
    others = [and_(CaseStage.role.in_(one.roles), locks.open_to(one.id)) for one in actor.acts_for]
    return and_(or_(own, *others), locks.open_to(actor.id))


def pair(way: Way, actor: Actor) -> set[uuid.UUID]:
    """Return who acts, and for whom."""
    return {actor.id, *([way.acting_for] if way.acting_for else [])}


def first_eyes_of_all(
    session: Session, cases: Collection[uuid.UUID], *steps: Step
) -> Mapping[uuid.UUID, Collection[uuid.UUID]]:
    """Return case → who had a part in it since it was submitted, or did one of `steps`, for whom.

    One query, however many cases.
    """
    rows = session.execute(
        select(CaseStep.case_id, CaseStep.actor_id, CaseStep.acting_for_id)
        .join(Case, Case.id == CaseStep.case_id)
        .where(
            CaseStep.case_id.in_(cases),
            Case.id.in_(cases),  # or all cases there ever were are read to join them
            CaseStep.step.in_((*_FIRST, *steps)),
            CaseStep.at >= Case.submitted_at,
        )
    )
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for case_id, actor_id, acting_for_id in rows:
        found[case_id] |= {one for one in (actor_id, acting_for_id) if one is not None}
    return found


def first_eyes(way: Way, *steps: Step, since: datetime | None = None) -> set[uuid.UUID]:
    """Return who did some things in a case, and for whom; without `steps`: who had a part in it."""
    begin = way.case.submitted_at if since is None else since
    rows = way.session.execute(
        select(CaseStep.actor_id, CaseStep.acting_for_id).where(
            CaseStep.case_id == way.case.id,
            CaseStep.step.in_(steps or _FIRST),
            CaseStep.at >= begin,
        )
    )
    return {one for row in rows for one in row if one is not None}


def _of_other(fault: KinOfCase | StoodBack, other: StandIn) -> KinOfCase | StoodBack:
    """Return the refusal in words that name whose lock it is."""
    why = "与申请家庭有近亲属关系" if isinstance(fault, KinOfCase) else "已声明回避"
    rule = f"您代{other.name}办理，{other.name}应当回避：{why}（民发〔2021〕57号第十一条）"
    return type(fault)(rule)
