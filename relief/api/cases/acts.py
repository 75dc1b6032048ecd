"""Doing one thing in a case, and answering with the case as it is then."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response

from relief.api.cases.schemas import CaseDetailOut
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review import queries
from relief.review.rows import CaseDetail
from relief.web.context import current_actor, now
from relief.web.idempotency import answer


def done(act: Callable[..., object], case_id: uuid.UUID, **given: Any) -> Response:
    """Do it once for each Idempotency-Key, and answer with the case."""
    actor, moment = current_actor(), now()

    def work() -> CaseDetail:
        act(session, actor=actor, case_id=case_id, now=moment, **given)
        return queries.case_detail(
            session, scope=actor.scope, case_id=case_id, on=local_date(moment)
        )

    with unit_of_work() as session:
        return answer(session, CaseDetailOut, actor_id=actor.id, now=moment, work=work)
