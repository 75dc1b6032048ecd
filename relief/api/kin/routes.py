"""Close-relative filing by staff (近亲属备案), over HTTP."""

from typing import Any

from flask import Response

from relief.api.kin.schemas import KinFilingIn, KinFilingStateOut
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review.kin import filing
from relief.review.kin.filing import Relative
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("kin", __name__, url_prefix="/v1", description="工作人员近亲属备案")


@blp.get("/me/kin-filing")
@requires(Permission.SIGNED_IN, scope="own")
@blp.response(200, KinFilingStateOut)
def get_filing() -> Any:
    """Tell what the caller filed last, and whether this year's filing is still owed."""
    with unit_of_work() as session:
        return filing.state(session, account_id=current_actor().id, on=local_date(now()))


@blp.post("/me/kin-filing")
@requires(Permission.SIGNED_IN, scope="own")
@blp.arguments(KinFilingIn)
@blp.response(200, KinFilingStateOut)
@blp.alt_response(422, description="身份证号不正确，或没有这种亲属关系")
def file(payload: dict[str, Any]) -> Response:
    """File one's close relatives, or that there are none; the last filing counts."""
    actor, moment = current_actor(), now()

    def work() -> Any:
        filing.file(
            session,
            account_id=actor.id,
            own_number=payload["own_number"],
            relatives=[Relative(**one) for one in payload["relatives"]],
            cipher=cipher(),
            now=moment,
        )
        return filing.state(session, account_id=actor.id, on=local_date(moment))

    with unit_of_work() as session:
        return answer(session, KinFilingStateOut, actor_id=actor.id, now=moment, work=work)
