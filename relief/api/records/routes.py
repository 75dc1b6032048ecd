"""Records that a department's system sends as they arise, over HTTP."""

from typing import Any

from flask import Response

from relief.api.records.schemas import RecordsIn, RecordsOut
from relief.core.db import unit_of_work
from relief.registry.arrivals import service
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.idempotency import answer

blp = Blueprint("records", __name__, url_prefix="/v1", description="逐条报送")


@blp.post("/records")
@requires(Permission.IMPORT_FILES, scope="city")
@blp.arguments(RecordsIn)
@blp.response(201, RecordsOut)
@blp.alt_response(409, description="正在导入这个项目的文件")
@blp.alt_response(422, description="没有这个救助项目，或没有一条记录能够入库")
def receive(payload: dict[str, Any]) -> Response:
    """Load up to a hundred records and link them to persons and households at once.

    They go the way of a file: one batch, which can be taken back; what is in stock already is
    rejected as known. Where another merge is under way, or very many people are concerned, the
    records are kept, `merged` is false, and the worker merges them.
    """
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        return answer(
            session,
            RecordsOut,
            actor_id=actor.id,
            now=moment,
            status=201,
            work=lambda: service.receive(
                session,
                payload["rows"],
                scheme_code=payload["scheme"],
                actor_id=actor.id,
                cipher=cipher(),
                storage=config().storage_dir,
                now=moment,
            ),
        )
