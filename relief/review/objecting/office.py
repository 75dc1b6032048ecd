"""Whose notice it is, and who of that office acts on what is objected to it."""

from relief.accounts.identity import Actor
from relief.accounts.types import Role
from relief.review import stages, standing_in
from relief.review.errors import NotYours
from relief.review.models import CaseStage
from relief.review.objecting.errors import NoNotice
from relief.review.stages import Way
from relief.review.types import StageStatus
from relief.schemes.types import StageKind

OFFICE = (Role.CLERK, Role.REVIEWER, Role.APPROVER)
ANSWERING = (Role.REVIEWER, Role.APPROVER)


def notice_of(way: Way) -> CaseStage:
    """Return the newest notice that was given of a case. Raises NoNotice."""
    given = [
        row
        for row in stages.rows_of(way)
        if row.kind is StageKind.PUBLIC_NOTICE and row.status is not StageStatus.LEFT_OUT
    ]
    if not given:
        raise NoNotice
    return max(given, key=lambda row: row.turn)


def enter(way: Way, actor: Actor, *roles: Role) -> CaseStage:
    """Return the notice of a case, for someone of its office who holds one of some roles.

    Raises NoNotice, NotYours; KinOfCase or StoodBack for whom it is locked for whom they stand in.
    """
    notice = notice_of(way)
    held = [role for role in roles if role in actor.roles] or [
        role for role in roles if role in actor.roles_in_cases
    ]
    if actor.department_code != notice.department_code or not held:
        raise NotYours
    standing_in.take(way, actor, held[0])
    return notice
