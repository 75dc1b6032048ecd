"""The checks before a decision (事前核验) in one case, over HTTP.

Every write answers with the checks of the case as they are then.
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.checks.schemas import AuthorisationsIn, ChecksOut, FindingAnswerIn
from relief.core.db import unit_of_work
from relief.review.checks import acts, queries
from relief.review.checks.acts import Signed
from relief.review.checks.queries import ChecksOfCase
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("checks", __name__, url_prefix="/v1", description="事前核验")
_KIN = "与申请家庭有近亲属关系，或已经回避"
_ENDED = "已经作出决定，或已经撤回"


@blp.get("/cases/<uuid:case_id>/checks")
@requires(Permission.SEE_CASES, scope="region")
@blp.response(200, ChecksOut)
def get_checks(case_id: uuid.UUID) -> ChecksOfCase:
    """Return what the checks found in a case, with the answers; the look is recorded."""
    with unit_of_work() as session:
        return queries.view(session, viewer=current_actor(), case_id=case_id, now=now())


@blp.post("/cases/<uuid:case_id>/authorisations")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(AuthorisationsIn)
@blp.response(200, ChecksOut)
@blp.alt_response(403, description=_KIN)
@blp.alt_response(409, description=_ENDED)
@blp.alt_response(422, description="不是申请家庭的成员，或签署日期晚于今天")
def authorise(payload: dict[str, Any], case_id: uuid.UUID) -> Response:
    """Enter authorisations to check that came later; the case is checked again."""
    signed = [Signed(**one) for one in payload["authorisations"]]
    return _done(acts.authorise, case_id, authorisations=signed)


@blp.post("/cases/<uuid:case_id>/findings/<uuid:finding_id>/answer")
@requires(Permission.WORK_CASES, scope="region")
@blp.arguments(FindingAnswerIn)
@blp.response(200, ChecksOut)
@blp.alt_response(403, description=_KIN)
@blp.alt_response(409, description=f"{_ENDED}；或这个疑点不需要核实")
def answer_finding(payload: dict[str, Any], case_id: uuid.UUID, finding_id: uuid.UUID) -> Response:
    """Enter what verifying a doubt came to; who does so does not decide the case."""
    return _done(acts.answer, case_id, finding_id=finding_id, **payload)


def _done(act: Callable[..., object], case_id: uuid.UUID, **given: Any) -> Response:
    """Do it once for each Idempotency-Key, and answer with the checks."""
    actor, moment = current_actor(), now()

    def work() -> ChecksOfCase:
        act(session, actor=actor, case_id=case_id, now=moment, **given)
        return queries.of_case(session, scope=actor.scope, case_id=case_id)

    with unit_of_work() as session:
        return answer(session, ChecksOut, actor_id=actor.id, now=moment, work=work)
