"""Objections of who signs second to fast aid that was granted (decision 27).

The aid was given and is not taken back by that: whoever granted it, and the county, are told and
see it in their lists until the explanation of the case has ended.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from relief.accounts.identity import Actor
from relief.accounts.models import Account, AccountRegion, AccountRole
from relief.accounts.types import Role
from relief.core.paging import Page, newest_first
from relief.core.scope import subtree
from relief.notifications.service import Notice
from relief.notifications.service import tell as write
from relief.review import standing_in
from relief.review.models import Case, CaseDecision, CaseStage, CaseStep
from relief.review.stages import Way
from relief.review.types import Outcome, StageStatus, Step
from relief.review.visible import case_visible
from relief.schemes.models import Scheme
from relief.schemes.types import StageKind

# Whom of the county it concerns: who decides there, and who answers for it.
_COUNTY = (Role.APPROVER, Role.LEADER)
_COUNTY_CODE = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRow:
    """An objection that is not explained yet. `own`: the reader granted the aid."""

    id: uuid.UUID
    case_id: uuid.UUID
    number: str
    scheme_name: str
    applicant_name: str
    region_code: int
    reason: str
    objected_by: str
    objected_at: datetime
    decided_by: str
    own: bool


def tell(way: Way, row: CaseStage) -> None:
    """Tell who granted the aid and the county, where a second signer has objected just now."""
    if row.kind is not StageKind.COUNTERSIGN or row.outcome is not Outcome.OBJECTED:
        return
    deciders = standing_in.first_eyes(way, Step.DECIDED)
    county = _of_county(way.session, way.case, row.department_code)
    write(
        way.session,
        [
            Notice(
                recipient_id=account,
                title="先行救助的决定被第二签字人提出异议",
                body=f"申请事项 {way.case.number}。救助不撤回，请在补充说明中答复。",
                link=f"/cases/{way.case.id}",
                dedupe_key=f"second-objection:{row.id}:{account}",
            )
            for account in sorted(deciders | county)
            if account != row.ended_by
        ],
        now=way.now,
    )


def standing(
    session: Session, *, actor: Actor, limit: int, cursor: str | None
) -> Page[ObjectionRow]:
    """Return the objections that concern the actor, the newest first. One query.

    Those to what they granted themselves or for somebody, and, of whose regions the county is, all
    of it. Raises BadCursor.
    """
    decider, objector = aliased(Account), aliased(Account)
    own = _granted_by(actor)
    query = (
        select(
            CaseStage,
            Case,
            Scheme.short_name,
            objector.display_name,
            decider.display_name,
            own.label("own"),
        )
        .join(Case, Case.id == CaseStage.case_id)
        .join(Scheme, Scheme.code == Case.scheme_code)
        .join(CaseDecision, CaseDecision.case_id == Case.id)
        .join(decider, decider.id == CaseDecision.decided_by)
        .join(objector, objector.id == CaseStage.ended_by)
        .where(
            CaseStage.kind == StageKind.COUNTERSIGN,
            CaseStage.outcome == Outcome.OBJECTED,
            ~_explained(),
            case_visible(actor.scope),
            or_(own, _in_county_of(actor)),
        )
    )
    return newest_first(session, query, CaseStage.id, limit=limit, cursor=cursor, make=_row)


def _granted_by(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        CaseStep.case_id == Case.id,
        CaseStep.step == Step.DECIDED,
        or_(CaseStep.actor_id == actor.id, CaseStep.acting_for_id == actor.id),
    )


def _in_county_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case's whole county is the actor's, who answers for it."""
    if not set(_COUNTY) & set(actor.roles):
        return false()
    return or_(
        false(),
        *(
            Case.county_code.between(-(-part.lo // _COUNTY_CODE), part.hi // _COUNTY_CODE - 1)
            for part in actor.scope.ranges
        ),
    )


def _explained() -> ColumnElement[bool]:
    after = aliased(CaseStage)
    return exists().where(
        after.case_id == CaseStage.case_id,
        after.kind == StageKind.EXPLANATION,
        after.status == StageStatus.ENDED,
        after.ended_at > CaseStage.ended_at,
    )


def _of_county(session: Session, case: Case, department_code: str) -> set[uuid.UUID]:
    """Return the leaders of the case's county, and the approvers of the department there."""
    county = case.county_code * _COUNTY_CODE
    return set(
        session.scalars(
            select(Account.id)
            .join(AccountRole, AccountRole.account_id == Account.id)
            .join(AccountRegion, AccountRegion.account_id == Account.id)
            .where(
                Account.disabled_at.is_(None),
                AccountRegion.code == str(subtree(county).lo),
                AccountRole.role.in_(_COUNTY),
                or_(
                    AccountRole.role == Role.LEADER,
                    Account.department_code == department_code,
                ),
            )
        )
    )


def _row(stage: CaseStage, case: Case, *told: Any) -> ObjectionRow:
    scheme_name, objected_by, decided_by, own = told
    assert stage.ended_at is not None  # noqa: S101  # as the table's own rule says
    return ObjectionRow(
        id=stage.id,
        case_id=case.id,
        number=case.number,
        scheme_name=scheme_name,
        applicant_name=case.applicant_name,
        region_code=case.region_code,
        reason=stage.opinion or "",
        objected_by=objected_by,
        objected_at=stage.ended_at,
        decided_by=decided_by,
        own=own,
    )
