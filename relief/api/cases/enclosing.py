"""What is handed in with a case (随案材料), over HTTP."""

import uuid
from typing import Any

from flask import Response

from relief.api.cases.acts import done
from relief.api.cases.enclosure import EnclosureFileIn, EnclosureIn
from relief.api.cases.schemas import CaseDetailOut, CaseReasonIn
from relief.core.clock import local_date
from relief.core.db import unit_of_work
from relief.review import queries
from relief.review.enclosures import acts
from relief.web import enclosures
from relief.web.blueprint import Blueprint
from relief.web.context import Permission, cipher, config, current_actor, now, requires
from relief.web.limits import takes_media

blp = Blueprint("case-enclosures", __name__, url_prefix="/v1", description="随案材料")
_ONE = "/cases/<uuid:case_id>/enclosures/<uuid:enclosure_id>"


@blp.put(_ONE)
@takes_media
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(EnclosureFileIn, location="files")
@blp.arguments(EnclosureIn, location="form")
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="已经作出决定或撤回，编号已用过，或同一个文件已经收存")
@blp.alt_response(422, description="文件不是可以接收的照片、录音或 PDF，已损坏、过大或过长")
@blp.alt_response(503, description="正在处理的文件较多")
def put_enclosure(
    files: dict[str, Any], payload: dict[str, Any], case_id: uuid.UUID, enclosure_id: uuid.UUID
) -> Any:
    """Keep a photo, recording or PDF of a case under an id that the client made; safe to repeat.

    A photo is made anew: upright, at most 2560 pixels long, without any metadata; a recording as
    MP3 of 16 kHz, mono.
    """
    title = payload["title"]
    taken = enclosures.take_in(
        files["file"].stream, case_id=case_id, enclosure_id=enclosure_id, title=title
    )
    actor, moment = current_actor(), now()
    with unit_of_work() as session:
        if taken is not None:
            acts.add(
                session,
                actor=actor,
                case_id=case_id,
                enclosure_id=enclosure_id,
                title=title,
                taken=taken,
                cipher=cipher(),
                storage=config().storage_dir,
                now=moment,
            )
        return queries.case_detail(
            session, scope=actor.scope, case_id=case_id, on=local_date(moment)
        )


@blp.get(f"{_ONE}/content")
@requires(Permission.WORK_CASES, scope="region")
@blp.response(
    200,
    {"type": "string", "format": "binary"},
    content_type="application/octet-stream",
    description="所保存的文件，类型见 media_type",
)
@blp.alt_response(206, description="Range 请求的部分；If-Range 用 ETag（文件摘要）")
@blp.alt_response(416, description="请求的部分不在文件范围内")
def get_enclosure_content(case_id: uuid.UUID, enclosure_id: uuid.UUID) -> Response:
    """Return the file, or one part of it (Range); the look is recorded."""
    return enclosures.send(case_id, enclosure_id)


@blp.post(f"{_ONE}/removal")
@requires(Permission.OPEN_CASES, scope="region")
@blp.arguments(CaseReasonIn)
@blp.response(200, CaseDetailOut)
@blp.alt_response(409, description="已经作出决定或撤回")
def remove_enclosure(
    payload: dict[str, Any], case_id: uuid.UUID, enclosure_id: uuid.UUID
) -> Response:
    """Take out what does not belong in the case; its file is deleted, that it was there stays."""
    return done(
        acts.remove,
        case_id,
        enclosure_id=enclosure_id,
        storage=config().storage_dir,
        **payload,
    )
