"""What the page of a case needs for going to the home: to survey it, or of kin by the county."""

from typing import TYPE_CHECKING, Any

from relief.accounts.identity import Actor
from relief.attachments.media.types import MediaKind
from relief.review.kin import queries as kin
from relief.review.objecting.queries import investigators
from relief.review.rows import CaseDetail

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def of_page(
    session: "Session", detail: CaseDetail, actor: Actor, *, locked: bool
) -> dict[str, Any]:
    """Return who may go to the home, which stage waits for a survey, and what may be its sheet.

    One query for a case of kin, and one where a survey is waited for by the actor's department.
    """
    visitors = (
        kin.visitors(session, department_code=detail.lead, region_code=detail.case.region_code)
        if detail.kin
        else ()
    )
    return {
        "visitors": [one for one in visitors if one[0] != actor.id],
        "may_visit": actor.id in {one for one, _ in visitors},
        **_survey(session, detail, actor, locked=locked),
    }


def _survey(
    session: "Session", detail: CaseDetail, actor: Actor, *, locked: bool
) -> dict[str, Any]:
    due = [one for one in detail.stages if one.survey_by and one.ended_at is None]
    if not due or locked or due[0].department_code != actor.department_code:
        return {"survey_due": due[0] if due else None, "surveyors": (), "sheets": ()}
    there = investigators(
        session, department_code=due[0].department_code, region_code=detail.case.region_code
    )
    return {
        "survey_due": due[0],
        "surveyors": [one for one in there if one[0] != actor.id]
        if actor.id in {one for one, _ in there}
        else (),
        "sheets": [
            (one.id, one.title)
            for one in detail.enclosures
            if one.removed_at is None and one.kind is not MediaKind.SOUND
        ],
    }
