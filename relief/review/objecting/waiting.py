"""For whom a case waits because an objection to it is not answered."""

from sqlalchemy import ColumnElement, and_, false, or_

from relief.accounts.identity import Actor
from relief.review.kin import locks
from relief.review.models import CaseStage
from relief.review.objecting.office import ANSWERING
from relief.review.objecting.queries import is_unanswered
from relief.schemes.types import StageKind


def waits_for_answer(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `case_stage` with `aid_case`: that the actor may answer for it.

    That is the notice, or the opinion that is given anew while other objections are unanswered; it
    is locked neither for them nor for whom they stand in. Whether the four eyes let them is told
    when they answer.
    """
    answering = set(ANSWERING)
    others = [locks.open_to(one.id) for one in actor.acts_for if answering & set(one.roles)]
    if not answering & set(actor.roles) and not others:
        return false()
    return and_(
        or_(CaseStage.kind == StageKind.PUBLIC_NOTICE, CaseStage.turn > 1),
        is_unanswered(),
        locks.open_to(actor.id),
        *([] if answering & set(actor.roles) else [or_(*others)]),
    )
