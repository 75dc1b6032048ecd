"""What the page of a case needs for the objections to it."""

from typing import TYPE_CHECKING, Any

from relief.accounts.identity import Actor
from relief.console.labels import LABELS
from relief.review.objecting import queries
from relief.review.rows import CaseDetail
from relief.review.types import StageStatus
from relief.schemes.types import StageKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def of_page(
    session: "Session", detail: CaseDetail, actor: Actor, *, locked: bool
) -> dict[str, Any]:
    """Return the newest notice of a case, who may survey its home anew, and what forms offer.

    One query, where an objection waits for an answer.
    """
    given = [
        stage
        for stage in detail.stages
        if stage.kind is StageKind.PUBLIC_NOTICE and stage.status is not StageStatus.LEFT_OUT
    ]
    notice = given[-1] if given else None
    unanswered = sum(one.in_time and one.answered_at is None for one in detail.objections)
    there = (
        queries.investigators(
            session, department_code=notice.department_code, region_code=detail.case.region_code
        )
        if notice and unanswered
        else ()
    )
    return {
        "notice": notice,
        "unanswered": unanswered,
        "of_notice": notice is not None
        and not locked
        and notice.department_code == actor.department_code,
        "investigators": [one for one in there if one[0] != actor.id],
        "may_survey": actor.id in {one for one, _ in there},
        "channels": list(LABELS["objection_channel"].items()),
        "told_ways": list(LABELS["objector_told"].items()),
    }
